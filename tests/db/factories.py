"""Rows for tests, made straight in the tables: small functions, every argument with a plain default."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from django.conf import settings

from audit.models import new_id
from biometrics.models import CapturedImage, Comparison, Gallery, OperatingPoint, Template
from borders.models import (
    Booth,
    Crossing,
    Decision,
    Inspection,
    InspectionFinding,
    InspectionStep,
    Officer,
    Referral,
    Stay,
)
from travelers.models import DocumentReading, TravelDocument, Traveler
from watchlists.models import (
    EntryDocument,
    EntryName,
    Hit,
    Screening,
    VersionEntry,
    Watchlist,
    WatchlistEntry,
    WatchlistVersion,
)

ENGINE, ENGINE_VERSION = "sface", "of the tests"
SURNAMES = ("ERIKSSON", "MUSTER", "SPECIMEN", "EXAMPLE", "MODEL")


def draw_picture(*, width: int = 120, height: int = 150, shade: int = 180) -> bytes:
    """Return a plain JPEG."""
    image = np.full((height, width, 3), shade, np.uint8)
    cv2.circle(image, (width // 2, height // 2), min(width, height) // 3, (90, 120, 160), -1)
    return cv2.imencode(".jpg", image)[1].tobytes()


def make_image(
    *, at: datetime, kind: str = "FACE", content: bytes | None = None, width: int = 120, height: int = 150
) -> CapturedImage:
    """Store an image; content None: a drawn one of this size."""
    content = draw_picture(width=width, height=height) if content is None else content
    image_id = new_id()
    path = Path(settings.IMAGE_STORE_DIR) / image_id.hex
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return CapturedImage.objects.create(
        id=image_id,
        kind=kind,
        key=image_id.hex,
        sha256="0" * 64,
        media_type="image/jpeg" if content[:2] == b"\xff\xd8" else "image/png",
        byte_count=len(content),
        width=width,
        height=height,
        captured_at=at,
    )


def make_template(
    *, image: CapturedImage, at: datetime, box: Sequence[float] = (30, 40, 90, 110)
) -> Template:
    return Template.objects.create(
        image=image,
        engine=ENGINE,
        engine_version=ENGINE_VERSION,
        vector=b"\0" * 512,
        dimension=128,
        face_count=1,
        box=list(box),
        created_at=at,
    )


def make_operating_point(
    *,
    proposed_by: Officer,
    approved_by: Officer,
    at: datetime,
    purpose: str = "VERIFICATION",
    threshold: float = 0.36,
) -> OperatingPoint:
    """Return the point in force for a purpose of the tests' engine, made once."""
    return OperatingPoint.objects.get_or_create(
        purpose=purpose,
        engine=ENGINE,
        engine_version=ENGINE_VERSION,
        version=1,
        defaults={
            "threshold": threshold,
            "target": "FMR 1e-4",
            "provenance": "Made up for the tests.",
            "state": "ACTIVE",
            "proposed_by": proposed_by.user,
            "proposed_at": at,
            "approved_by": approved_by.user,
            "approved_at": at,
        },
    )[0]


def make_comparison(
    *,
    probe: Template,
    point: OperatingPoint,
    at: datetime,
    reference: Template | None = None,
    score: float = 0.71,
) -> Comparison:
    """reference None: a search in the gallery of the watchlists."""
    gallery = None
    if reference is None:
        gallery = Gallery.objects.get_or_create(
            name="watchlist", engine=ENGINE, engine_version=ENGINE_VERSION
        )[0]
    return Comparison.objects.create(
        kind="VERIFICATION" if reference else "IDENTIFICATION",
        probe=probe,
        reference=reference,
        gallery=gallery,
        gallery_version=gallery and gallery.version,
        operating_point=point,
        threshold=point.threshold,
        score=score,
        outcome="PASS" if score >= point.threshold else "FAIL",
        elapsed_ms=1.5,
        at=at,
    )


def make_traveler(*, at: datetime, number: int = 0, **fields: Any) -> Traveler:
    return Traveler.objects.create(
        **{
            "primary_identifier": SURNAMES[number % len(SURNAMES)],
            "secondary_identifier": "ANNA MARIA" if number == 0 else f"ANNA {chr(65 + number % 26)}",
            "birth_date": date(1974, 8, 12),
            "birth_date_raw": "740812",
            "sex": "F",
            "nationality": "UTO",
            "created_at": at,
            **fields,
        }
    )


def make_document(
    *, traveler: Traveler, at: datetime, document_number: str = "L898902C3", issuing_state: str = "UTO"
) -> TravelDocument:
    return TravelDocument.objects.create(
        traveler=traveler,
        document_code="P",
        issuing_state=issuing_state,
        document_number=document_number,
        expiry_date=date(2032, 4, 15),
        created_at=at,
    )


def make_reading(
    *, traveler: Traveler, at: datetime, document_number: str = "L898902C3", **fields: Any
) -> DocumentReading:
    """Return a reading of a TD3 zone; lines, doubtful and the like as given."""
    return DocumentReading.objects.create(
        **{
            "source": "MRZ",
            "status": "ACCEPTED",
            "layout": "TD3",
            "reader_version": "of the tests",
            "elapsed_ms": 12,
            "read_at": at,
            "document_code": "P",
            "issuing_state": "UTO",
            "document_number": document_number,
            "primary_identifier": traveler.primary_identifier,
            "secondary_identifier": traveler.secondary_identifier,
            "nationality": traveler.nationality,
            "birth_date": traveler.birth_date,
            "sex": traveler.sex,
            "expiry_date": date(2032, 4, 15),
            **fields,
        }
    )


def make_inspection(
    *,
    booth: Booth,
    officer: Officer,
    at: datetime,
    number: int = 0,
    traveler: Traveler | None = None,
    **fields: Any,
) -> Inspection:
    """Return an inspection that waits for the officer, advised CLEAR, unless told otherwise."""
    traveler = traveler or make_traveler(at=at, number=number)
    reading = fields.pop("reading", None) or make_reading(
        traveler=traveler, at=at, document_number=f"L{number:08d}"
    )
    return Inspection.objects.create(
        **{
            "port": booth.port,
            "booth": booth,
            "officer": officer,
            "client_reference": new_id().hex,
            "request_sha256": "0" * 64,
            "direction": "ENTRY",
            "conveyance": "UT 815",
            "state": "READY",
            "opened_at": at,
            "deadline_at": at + timedelta(seconds=5),
            "ready_at": at + timedelta(seconds=1),
            "reading": reading,
            "traveler": traveler,
            "advice": "CLEAR",
            **fields,
        }
    )


def make_finding(
    *, inspection: Inspection, code: str = "DOCUMENT.EXPIRED", outcome: str = "FAIL", **fields: Any
) -> InspectionFinding:
    return InspectionFinding.objects.create(
        **{
            "inspection": inspection,
            "step": "CHECK_DOCUMENT",
            "code": code,
            "outcome": outcome,
            "severity": "REVIEW",
            "route": "SECOND_LINE",
            "found_at": inspection.opened_at,
            **fields,
        }
    )


def make_step(
    *, inspection: Inspection, step: str = "READ", state: str = "DONE", **fields: Any
) -> InspectionStep:
    return InspectionStep.objects.create(
        **{
            "inspection": inspection,
            "step": step,
            "state": state,
            "elapsed_ms": 41.5,
            "finished_at": inspection.opened_at,
            **fields,
        }
    )


def make_decision(*, inspection: Inspection, officer: Officer, **fields: Any) -> Decision:
    return Decision.objects.create(
        **{
            "inspection": inspection,
            "line": "FIRST",
            "outcome": "CLEARED",
            "advice": inspection.advice or "CLEAR",
            "override": False,
            "decided_by": officer.user,
            "decided_at": inspection.opened_at + timedelta(seconds=20),
            **fields,
        }
    )


def make_referral(*, inspection: Inspection, officer: Officer, **fields: Any) -> Referral:
    return Referral.objects.create(
        **{
            "inspection": inspection,
            "route": "SECOND_LINE",
            "reasons": [{"code": "DOCUMENT.EXPIRED", "outcome": "FAIL", "route": "SECOND_LINE"}],
            "opened_by": officer.user,
            "opened_at": inspection.opened_at,
            "due_at": inspection.opened_at + timedelta(hours=1),
            **fields,
        }
    )


def make_crossing(
    *,
    booth: Booth,
    officer: Officer,
    at: datetime,
    number: int = 0,
    first_line: str = "CLEARED",
    **fields: Any,
) -> Crossing:
    """Return a crossing with its cleared inspection, first decision and document. fields: of the inspection."""
    crossing_id = new_id()
    inspection = make_inspection(
        booth=booth, officer=officer, at=at, number=number, state="CLEARED", crossing_id=crossing_id, **fields
    )
    document = make_document(
        traveler=inspection.traveler,
        at=at,
        document_number=inspection.reading.document_number,
        issuing_state=inspection.reading.issuing_state,
    )
    Inspection.objects.filter(id=inspection.id).update(document=document)
    make_decision(inspection=inspection, officer=officer, outcome=first_line)
    return Crossing.objects.create(
        id=crossing_id,
        occurred_at=at,
        received_at=at,
        direction=inspection.direction,
        transport_mode="AIR",
        conveyance=inspection.conveyance,
        port=booth.port,
        booth=booth,
        officer=officer,
        inspection=inspection,
        traveler=inspection.traveler,
        document=document,
    )


def make_stay(*, crossing: Crossing, allowed_until: date | None = None, **fields: Any) -> Stay:
    return Stay.objects.create(
        **{
            "traveler": crossing.traveler,
            "country_code": "UTO",
            "entry_id": crossing.id,
            "entered_at": crossing.occurred_at,
            "entry_port": crossing.port,
            "allowed_until": allowed_until,
            **fields,
        }
    )


def make_entry(
    *,
    proposed_by: Officer,
    approved_by: Officer,
    at: datetime,
    action: str = "SECOND_LINE",
    source_id: str = "E-1",
) -> WatchlistEntry:
    """Return an entry of the list of the tests, which is in force."""
    watchlist, _ = Watchlist.objects.get_or_create(
        name="Wanted persons",
        defaults={
            "kind": "PERSON",
            "owner_unit": "Police",
            "legal_basis": "Border act, 12",
            "created_at": at,
        },
    )
    version, _ = WatchlistVersion.objects.get_or_create(
        watchlist=watchlist,
        number=1,
        defaults={
            "state": "ACTIVE",
            "sha256": "0" * 64,
            "proposed_by": proposed_by.user,
            "proposed_at": at,
            "approved_by": approved_by.user,
            "approved_at": at,
        },
    )
    Watchlist.objects.filter(id=watchlist.id).update(active_version=version)
    entry = WatchlistEntry.objects.create(
        version=version,
        source_id=source_id,
        action=action,
        reason="Wanted for questioning",
        legal_basis="Border act, 12",
        owner_unit="Police",
        valid_from=at - timedelta(days=30),
        valid_until=at + timedelta(days=30),
        review_by=(at + timedelta(days=30)).date(),
        birth_dates=["1974-08-12"],
        watchlist=watchlist,
        content_hash=hashlib.sha256(source_id.encode()).hexdigest(),
    )
    VersionEntry.objects.create(version=version, entry=entry)
    EntryName.objects.create(entry=entry, primary_identifier="ERICSON", secondary_identifier="ANNA M")
    EntryDocument.objects.create(entry=entry, issuing_state="UTO", document_number="L898902C3")
    return entry


def make_screening(*, inspection: Inspection, at: datetime, list_versions: Mapping[str, int]) -> Screening:
    return Screening.objects.create(
        reading=inspection.reading,
        port_id=inspection.port_id,
        inspection_id=inspection.id,
        status="CHECKED",
        list_versions=dict(list_versions),
        key_version=1,
        candidate_count=3,
        elapsed_ms=2.5,
        at=at,
    )


def make_hit(
    *, inspection: Inspection, entry: WatchlistEntry, at: datetime, silent: bool = False, **fields: Any
) -> Hit:
    screening = make_screening(
        inspection=inspection, at=at, list_versions={str(entry.version.watchlist_id): 1}
    )
    return Hit.objects.create(
        **{
            "screening": screening,
            "entry": entry,
            "kind": "NAME",
            "silent": silent,
            "score": 14.2,
            "explanation": [
                {"about": "name", "rule": "close", "bits": 9.3, "presented": "ERIKSSON", "listed": "ERICSON"},
                {
                    "about": "birth_date",
                    "rule": "same",
                    "bits": 6.1,
                    "presented": "1974-08-12",
                    "listed": "1974-08-12",
                },
                {"about": "sex", "rule": "differs", "bits": -1.2, "presented": "F", "listed": "M"},
            ],
            "found_at": at,
            **fields,
        }
    )
