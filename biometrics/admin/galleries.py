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
        counts = row.members.aggregate(
            enrolled=Count("id", filter=Q(removed_version__isnull=True)),
            subjects=Count("subject_id", distinct=True, filter=Q(removed_version__isnull=True)),
            removed=Count("id", filter=Q(removed_version__isnull=False)),
        )
        return [
            Section(
                f"Gallery {row.name}",
                [
                    Fact("Engine", f"{row.engine} {row.engine_version}"),
                    Fact("Version", row.version),
                    Fact("Templates enrolled", counts["enrolled"]),
                    Fact("Persons", counts["subjects"]),
                    Fact("Templates removed", counts["removed"]),
                ],
                note="The version rises by one with every template enrolled or removed. Templates themselves are never shown.",
            )
        ]
