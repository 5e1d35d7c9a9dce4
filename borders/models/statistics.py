"""Tables of crossings as they were published, once for each country and month."""

from django.db import models

from audit.models import append_only, new_id
from borders.models.places import Country


class StatisticsRelease(models.Model):
    """The tables of one month, fit for anybody's eyes. Never changed: two versions of a table could be subtracted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="statistics")
    month = models.DateField(help_text="Its first day")
    tables = models.JSONField(help_text="Direction -> attribute -> table")
    method_version = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("country", "month"), name="statistics_release_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="statistics_release_month"),
        )
        triggers = append_only("statistics_release")

    def __str__(self) -> str:
        return f"{self.country_id} {self.month:%Y-%m}"
