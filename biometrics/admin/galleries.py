"""Galleries for supervisors: how many are enrolled, never a vector."""

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest

from audit.admin import Fact, ReadOnlyModelAdmin, Section
from biometrics.models import Gallery


@admin.register(Gallery)
class GalleryAdmin(ReadOnlyModelAdmin):
    page_ordering = ("name", "engine", "engine_version", "id")
    list_display = ("name", "engine", "engine_version", "version")

    def sections(self, request: HttpRequest, row: Gallery) -> list[Section]:
        enrolled = Q(removed_version__isnull=True)
        limited = Q(valid_from__isnull=False) | Q(valid_until__isnull=False)
        counts = row.members.aggregate(
            enrolled=Count("id", filter=enrolled),
            limited=Count("id", filter=enrolled & limited),
            subjects=Count("subject_id", distinct=True, filter=enrolled),
            removed=Count("id", filter=~enrolled),
        )
        return [
            Section(
                f"Gallery {row.name}",
                [
                    Fact("Engine", f"{row.engine} {row.engine_version}"),
                    Fact("Version", row.version),
                    Fact("Templates enrolled", counts["enrolled"]),
                    Fact("Of these with a validity", counts["limited"]),
                    Fact("Persons", counts["subjects"]),
                    Fact("Templates removed", counts["removed"]),
                ],
                note="The version rises with every enrolment and removal. Templates themselves are never shown.",
            )
        ]
