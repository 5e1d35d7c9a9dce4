"""What officers say about pictures: of somebody else, or of no use."""

from django.conf import settings
from django.db import models

from audit.models import append_only, new_id
from borders.models.inspections import Inspection


class CaptureFault(models.Model):
    """An officer says that a picture of an inspection is wrong. The traveller is taken anew; nothing is cleared from this one."""

    class Fault(models.TextChoices):
        PAGE_OF_ANOTHER = "PAGE_OF_ANOTHER", "Page of somebody else"
        FACE_OF_ANOTHER = "FACE_OF_ANOTHER", "Face of somebody else in the picture"
        PAGE_OF_NO_USE = "PAGE_OF_NO_USE", "Page of no use"
        FACE_OF_NO_USE = "FACE_OF_NO_USE", "Face of no use"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="capture_faults")
    fault = models.CharField(max_length=15, choices=Fault)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("inspection", "fault"), name="capture_fault_once"),)
        triggers = append_only("capture_fault")

    def __str__(self) -> str:
        return str(self.fault)
