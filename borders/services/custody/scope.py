"""Gather by ids all that belongs to inspections, or to a traveller."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from biometrics.models import CapturedImage, SubjectKey, Template
from borders.core.personal_data import Scope, Table
from borders.models import Crossing, Inspection, Stay
from travelers.models import ChipReading, ChipVerification, DocumentReading, TravelDocument, Traveler
from watchlists.models import Screening

# stands for everybody erased where a row must name a traveller
NOBODY_ID = UUID("00000000-0000-7000-8000-000000000000")


@dataclass(slots=True)
class Gathered:
    """ids: of each scope. keys: slot and id of data keys. files: keys of images in the store."""

    ids: dict[Scope, list[UUID]] = field(default_factory=dict)
    keys: list[tuple[int, UUID]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def gather(*, inspection_ids: Iterable[UUID], traveler_id: UUID | None = None) -> Gathered:
    """Return what belongs to these inspections, and the traveller's own rows where one is given."""
    inspections = list(inspection_ids)
    rows = Inspection.objects.filter(id__in=inspections)
    images, chips, readings, parties = set(), set(), set(), set()
    for row in rows.values(
        "page_image", "face_image", "chip", "reading", "chip_verification__portrait", "party"
    ):
        images |= {row["page_image"], row["face_image"], row["chip_verification__portrait"]}
        chips.add(row["chip"])
        readings.add(row["reading"])
        parties.add(row["party"])
    images |= set(
        ChipVerification.objects.filter(chip_id__in=chips - {None}).values_list("portrait", flat=True)
    )
    images.discard(None)
    readings |= set(DocumentReading.objects.filter(image_id__in=images).values_list("id", flat=True))
    readings = _with_corrections(readings - {None})
    templates = Template.objects.filter(image_id__in=images).values_list("id", flat=True)
    screenings = Screening.objects.filter(Q(inspection_id__in=inspections) | Q(reading_id__in=readings))
    crossings = Crossing.objects.filter(inspection_id__in=inspections).values_list("id", flat=True)
    shared = Inspection.objects.filter(party_id__in=parties - {None}, erased_at__isnull=True).exclude(
        id__in=inspections
    )
    found = Gathered(
        {
            Scope.INSPECTIONS: inspections,
            Scope.READINGS: list(readings),
            Scope.IMAGES: list(images),
            Scope.TEMPLATES: list(templates),
            Scope.CHIPS: list(chips - {None}),
            Scope.SCREENINGS: list(screenings.values_list("id", flat=True)),
            Scope.CROSSINGS: list(crossings),
            Scope.PARTIES: list(parties - {None} - set(shared.values_list("party_id", flat=True))),
            Scope.TRAVELERS: [] if traveler_id is None else [traveler_id],
        }
    )
    ends = found.ids[Scope.CROSSINGS]
    stays = Stay.objects.filter(Q(entry_id__in=ends) | Q(exit_id__in=ends)).values_list("id", flat=True)
    documents = TravelDocument.objects.filter(traveler_id__in=found.ids[Scope.TRAVELERS])
    found.ids[Scope.RECORDS] = [
        *inspections,
        *readings,
        *ends,
        *stays,
        *found.ids[Scope.TRAVELERS],
        *documents.values_list("id", flat=True),
    ]
    keys = SubjectKey.objects.filter(
        Q(kind=SubjectKey.Kind.INSPECTION, subject_id__in=inspections)
        | Q(images__in=images)
        | Q(chips__in=ChipReading.objects.filter(id__in=chips - {None}))
    )
    found.keys = list(keys.distinct().values_list("slot", "id"))
    found.files = list(CapturedImage.objects.filter(id__in=images).values_list("key", flat=True))
    return found


def inspections_of(traveler_id: UUID) -> list[UUID]:
    """Return the inspections of a traveller, those too that led to no crossing and showed one of their documents."""
    mine = Q(traveler_id=traveler_id) | Q(crossings__traveler_id=traveler_id)
    for document in TravelDocument.objects.filter(traveler_id=traveler_id):
        mine |= Q(
            traveler__isnull=True,
            reading__issuing_state=document.issuing_state,
            reading__document_number=document.document_number,
            reading__document_code=document.document_code,
        )
    return list(
        Inspection.objects.filter(mine, erased_at__isnull=True).distinct().values_list("id", flat=True)
    )


def rows_of(model: type[Model], table: Table, ids: list[UUID]) -> QuerySet[Any]:
    """Return the rows of a table of the map that belong to these ids."""
    if table.lookup == "entry_or_exit":
        return model._default_manager.filter(Q(entry_id__in=ids) | Q(exit_id__in=ids))
    rows = model._default_manager.filter(**{table.lookup: ids})
    if "__" in table.lookup.removesuffix("__in"):  # an UPDATE or DELETE joins nothing
        rows = model._default_manager.filter(pk__in=rows.values("pk"))
    return rows


def nobody() -> Traveler:
    """Return the traveller who stands for everybody erased."""
    return Traveler.objects.get_or_create(
        id=NOBODY_ID, defaults={"primary_identifier": "ERASED", "created_at": "1970-01-01T00:00:00Z"}
    )[0]


def _with_corrections(readings: set[UUID]) -> set[UUID]:
    """Return readings with those that they correct and that correct them."""
    known, fresh = set(readings), set(readings)
    while fresh:
        linked = DocumentReading.objects.filter(Q(corrected_by__in=fresh) | Q(corrects__in=fresh))
        fresh = set(linked.values_list("id", flat=True)) - known
        known |= fresh
    return known
