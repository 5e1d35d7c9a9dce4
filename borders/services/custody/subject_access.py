"""Give a person all that is kept of them: every row of the map of personal data, their images, to whom data were given."""

import io
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyzipper
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Model

from audit.core.actor import Actor, Role
from audit.services import record_read
from biometrics.models import CapturedImage
from biometrics.services.images import ImageMissing, read_content
from borders.core.personal_data import ERASED, Scope
from borders.core.retention import file_due
from borders.models import Disclosure, Erasure, LegalHold
from borders.services.custody.disclosures import record_disclosure
from borders.services.custody.due import facts_of
from borders.services.custody.periods import check_may_govern, periods_in_force
from borders.services.custody.scope import NOBODY_ID, gather, inspections_of, rows_of
from travelers.models import Traveler

# what would tell a person that somebody silently looks for them, and what is a third person's
WITHHELD = (
    "watchlists.TravelerKey",
    "watchlists.TravelerSearchForm",
    "watchlists.MatchException",
    "watchlists.Adjudication",
    "watchlists.Lead",
    "watchlists.Hit",
    "watchlists.Screening",
    "borders.FacilitatorCase",
    "biometrics.IdentificationOpinion",
    "biometrics.IdentificationReview",
)
PASSPHRASE_BYTES = 18
# of officers and machines, not of the person
HIDDEN_COLUMNS = frozenset(
    {"officer", "decided_by", "opened_by", "acknowledged_by", "read_by", "asked_by", "subject_key"}
)

# what a file tells besides the rows of tables
TOLD_BESIDES = ("disclosures", "erased_before", "images", "kept_until", "legal_holds")


class SubjectUnknown(LookupError):
    """There is no such traveller, or they were erased."""

    code = "subject_unknown"


@dataclass(frozen=True, slots=True)
class SubjectExport:
    """A zip, encrypted with AES-256 (WinZip AE-2) that any common tool opens, unless `passphrase` is empty.

    passphrase: told to the subject another way than the file. tables: of which there are rows in it.
    """

    content: bytes
    passphrase: str
    rows: int
    images: int
    tables: tuple[str, ...] = ()


@transaction.atomic
def export_subject(
    *, actor: Actor, at: datetime, traveler_id: UUID, reference: str, passphrase: str | None = ""
) -> SubjectExport:
    """Return a traveller's whole record. reference: the file number of their request. passphrase: of the file; "" for one that is
    made up here, None for a file that is not encrypted.

    Leaves a look for every kind of object, and a disclosure to the subject. Raises SubjectUnknown, PermissionDenied, ValueError
    without a reference.
    """
    if not actor.has(Role.SYSTEM):
        check_may_govern(actor)
    if not reference.strip():
        raise ValueError("reference_missing")
    traveler = Traveler.objects.filter(id=traveler_id).exclude(id=NOBODY_ID).first()
    if traveler is None:
        raise SubjectUnknown
    inspections = inspections_of(traveler_id)
    gathered = gather(inspection_ids=inspections, traveler_id=traveler_id)
    tables = {}
    for label, table in ERASED.items():
        if label not in WITHHELD and gathered.ids[table.scope]:
            model = apps.get_model(label)
            rows = [_as_json(row) for row in rows_of(model, table, gathered.ids[table.scope]).order_by("pk")]
            if rows:
                tables[label] = rows
    due = file_due(facts_of(traveler), periods=periods_in_force())
    about = {
        "subject": str(traveler_id),
        "made_at": at,
        "reference": reference.strip(),
        "kept_until": {"at": due.at, "class": due.code.value},
        "legal_holds": [
            {"authority": h.authority, "placed_at": h.placed_at, "review_on": h.review_on}
            for h in LegalHold.objects.filter(traveler_id=traveler_id, lifted_at__isnull=True)
        ],
        "disclosures": [
            {
                "recipient": d.recipient,
                "purpose": d.purpose,
                "legal_basis": d.legal_basis,
                "fields": d.fields,
                "given_at": d.given_at,
            }
            for d in Disclosure.objects.filter(traveler_id=traveler_id).order_by("given_at", "id")
        ],
        "erased_before": [
            {"what": e.subject, "at": e.erased_at, "class": e.retention}
            for e in Erasure.objects.filter(subject_id=traveler_id).order_by("erased_at")
        ],
        "not_included": "What searches of lists found is not part of this file: it is the list owner's, who answers requests.",
        "tables": tables,
    }
    if passphrase == "":
        passphrase = secrets.token_urlsafe(PASSPHRASE_BYTES)
    content, images = _pack(about, gathered.ids[Scope.IMAGES], passphrase)
    count = sum(len(rows) for rows in tables.values())
    record_read(
        actor=actor,
        at=at,
        object_type="traveler",
        object_ids=[traveler_id],
        action="exported_to_subject",
        detail={
            "reference": reference.strip()[:60],
            "rows": count,
            "images": images,
            "tables": sorted(tables),
        },
        fields=fields_told(tables),
    )
    record_disclosure(
        actor=actor,
        at=at,
        traveler_ids=[traveler_id],
        recipient="The subject",
        purpose="subject_access",
        legal_basis="Regulation (EU) 2016/679 Article 15",
        fields=sorted(tables),
        reference=reference.strip(),
    )
    return SubjectExport(content, passphrase or "", count, images, tuple(sorted(tables)))


def fields_told(tables: Iterable[str]) -> list[str]:
    """Return what a file with rows of these tables tells, for the trail: each column as "borders.Crossing.conveyance", and what
    stands in it besides.
    """
    columns = [
        f"{label}.{column.name}" for label in tables for column in _columns_told(apps.get_model(label))
    ]
    return sorted([*columns, *TOLD_BESIDES])


def _pack(about: dict[str, Any], image_ids: list[UUID], passphrase: str | None) -> tuple[bytes, int]:
    file = io.BytesIO()
    images = 0
    with pyzipper.AESZipFile(
        file, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES if passphrase else None
    ) as packed:
        if passphrase:
            packed.setpassword(passphrase.encode())
        packed.writestr("record.json", json.dumps(about, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False))
        for image in CapturedImage.objects.filter(id__in=image_ids).order_by("captured_at", "id"):
            try:
                content = read_content(image=image)
            except ImageMissing:
                continue
            ending = re.sub(r"[^a-z0-9]", "", image.media_type.split("/")[-1])
            packed.writestr(f"images/{image.kind.lower()}-{image.id}.{ending}", content)
            images += 1
    return file.getvalue(), images


def _columns_told(model: type[Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if column.name not in HIDDEN_COLUMNS]


def _as_json(row: Model) -> dict[str, Any]:
    """Return a row with every column that is about the person; templates and chip files lie sealed and are told by their size."""
    shown: dict[str, Any] = {}
    for column in _columns_told(type(row)):
        value = getattr(row, column.attname)
        if isinstance(column, models.BinaryField):
            value = None if value is None else {"bytes": len(bytes(value))}
        shown[column.name] = value
    return shown


__all__ = ["SubjectExport", "SubjectUnknown", "export_subject", "fields_told"]
