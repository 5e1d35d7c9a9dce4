"""How far an index that stands outside the rows has come: what is newer is searched from the rows themselves."""

from django.db import models

from audit.models import new_id


class GalleryIndex(models.Model):
    """The index of one gallery in one shared backend. `version`: of the gallery, up to which the index holds every change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gallery = models.ForeignKey("biometrics.Gallery", on_delete=models.CASCADE, related_name="indexes")
    backend = models.CharField(max_length=20)
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "gallery indexes"
        constraints = (
            models.UniqueConstraint(fields=("gallery", "backend"), name="gallery_index_once_per_backend"),
        )

    def __str__(self) -> str:
        return f"{self.backend} {self.gallery_id}"
