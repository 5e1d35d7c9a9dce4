"""What the pipeline asks of the record for one traveller, timed part by part."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from borders.core.record_checks import (
    Announced,
    PartyMember,
    Post,
    check_manifest,
    check_movement,
    check_protection,
    check_stay,
)
from borders.models import Inspection, PortOfEntry
from borders.queries import rules_in_force
from borders.record_queries import announced_for, history_of, holder_of
from travelers.models import DocumentReading, TravelDocument


@dataclass(frozen=True, slots=True)
class Subject:
    """One traveller at a booth: a reading of their document, not stored, and the inspection that it would belong to."""

    reading: DocumentReading
    inspection: Inspection


def prepare(document_ids: list[UUID]) -> list[Subject]:
    """Return subjects for documents that have crossed."""
    port = PortOfEntry.objects.order_by("code").first()
    subjects = []
    for document in TravelDocument.objects.filter(id__in=document_ids).select_related("traveler"):
        holder = document.traveler
        reading = DocumentReading(
            source="MRZ",
            status="ACCEPTED",
            document_code=document.document_code,
            issuing_state=document.issuing_state,
            document_number=document.document_number,
            primary_identifier=holder.primary_identifier,
            secondary_identifier=holder.secondary_identifier,
            birth_date=holder.birth_date,
            nationality=holder.nationality,
        )
        inspection = Inspection(port=port, direction="EXIT", conveyance="UA417", reading=reading)
        subjects.append(Subject(reading, inspection))
    return subjects


def ask(subject: Subject, at: datetime) -> dict[str, float]:
    """Ask and judge as the record step does for somebody who travels alone; return milliseconds by part."""
    elapsed: dict[str, float] = {}

    def timed(name: str, read: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        found = read()
        elapsed[name] = (time.perf_counter() - begun) * 1e3
        return found

    reading, inspection = subject.reading, subject.inspection
    timed("rules in force", rules_in_force)
    holder = timed("holder, stay, crossings", lambda: holder_of(reading=reading, country_code="UTO", at=at))
    history = timed(
        "companions, documents, use elsewhere",
        lambda: history_of(
            reading=reading, holder=holder, inspection=inspection, minor_below_years=18, at=at
        ),
    )
    announced = timed("manifest", lambda: announced_for(inspection=inspection, reading=reading, at=at))

    def judge() -> None:
        post = Post(inspection.port.code, inspection.port.latitude, inspection.port.longitude)
        member = PartyMember(inspection.id, reading.primary_identifier, reading.birth_date)
        check_stay(
            entering=False,
            identified=True,
            own_national=False,
            open_stay=holder.open_stay if holder else None,
            at=at,
        )
        check_movement(history=history, post=post, at=at)
        check_manifest(booth=_announced(reading), manifest=announced.passengers if announced else None)
        check_protection(
            subject=member,
            party=[member],
            party_travelers=(),
            history=history,
            entering=False,
            observations=(),
            booking=announced.sharing if announced else (),
            minor_below_years=18,
            at=at,
        )

    timed("the rules themselves", judge)
    return elapsed


def _announced(row: Any) -> Announced:
    return Announced(
        row.document_number,
        row.issuing_state,
        row.primary_identifier,
        row.secondary_identifier,
        row.birth_date,
    )
