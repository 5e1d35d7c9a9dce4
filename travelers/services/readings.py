"""Verbs on readings, travellers and documents."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.core.actor import Actor
from audit.models import new_id
from audit.queries.prepared import PreparedQuery
from audit.services import record, store, store_unless_known
from biometrics.core.mrz import (
    CheckDigitVerdict,
    Mrz,
    MrzFormatError,
    MrzReading,
    ReadingStatus,
    parse_mrz,
)
from biometrics.models import CapturedImage, Template
from biometrics.services.mrz import reader_version
from travelers.core.checks import ReviewReason
from travelers.core.keyed import KeyedFields, normalise_keyed
from travelers.core.numbers import normalise_document_number
from travelers.models import DocumentReading, Enrolment, TravelDocument, Traveler


class HolderUnknown(LookupError):
    """The reading names nobody, so there is no holder to register."""

    code = "holder_unknown"


class TemplateTaken(ValueError):
    """The template stands for another traveller already."""

    code = "template_taken"


class AlreadyCorrected(ValueError):
    """Another correction of the same reading came first."""

    code = "already_corrected"


@transaction.atomic
def record_mrz_reading(
    *, actor: Actor, at: datetime, image: CapturedImage, reading: MrzReading
) -> DocumentReading:
    """Store what one page gave; what could not be read or parsed is a row with its reason."""
    status, reason, mrz = _judge_reading(reading, at)
    row = DocumentReading.objects.create(
        image=image,
        source=DocumentReading.Source.MRZ,
        status=status,
        reason=reason,
        layout=mrz.layout.value if mrz else reading.layout or "",
        lines_read=list(reading.lines_read),
        lines=list(reading.lines),
        confidences=[[round(float(c), 3) for c in line] for line in reading.confidences],
        doubtful=[list(cell) for cell in reading.doubtful],
        repairs=[asdict(repair) for repair in reading.repairs],
        check_digits=[
            {
                "field": finding.digit.field.value,
                "printed": finding.digit.printed,
                "computed": finding.digit.computed,
                "verdict": finding.verdict.value,
            }
            for finding in reading.findings
        ],
        reader_version=reader_version(),
        elapsed_ms=round(sum(reading.elapsed_ms.values()), 2),
        read_at=at,
        **(_data_elements(mrz) if mrz else {}),
    )
    record(
        actor=actor,
        at=at,
        action="reading.recorded",
        object_type="reading",
        object_id=row.id,
        detail={"source": row.source, "status": row.status, "reason": row.reason, "image": str(image.id)},
    )
    return row


@transaction.atomic
def record_chip_reading(
    *,
    actor: Actor,
    at: datetime,
    lines: Sequence[str],
    page: DocumentReading | None = None,
    image: CapturedImage | None = None,
) -> DocumentReading | None:
    """Store what data group 1 of a chip says, where no page could be read; None where it does not parse.

    page: the reading of the page that failed, None where no page was shown; its image is kept with this reading. Whether
    the group is the one that its State signed is for the checks of the chip to say.
    """
    try:
        mrz = parse_mrz(lines, at=at)
    except MrzFormatError:
        return None
    holds = mrz.all_check_digits_hold
    reason = ReviewReason.PAGE_NOT_READ if page is not None else ""
    if not holds:
        reason = reason or ReviewReason.WRONG_CHECK_DIGITS
    row = DocumentReading.objects.create(
        image=image,
        source=DocumentReading.Source.CHIP,
        status=DocumentReading.Status.ACCEPTED if holds else DocumentReading.Status.REVIEW,
        reason=reason,
        layout=mrz.layout.value,
        lines_read=list(lines),
        lines=list(lines),
        check_digits=[
            {
                "field": digit.field.value,
                "printed": digit.printed,
                "computed": digit.computed,
                "verdict": (
                    CheckDigitVerdict.HOLDS if digit.holds else CheckDigitVerdict.WRONG_AS_PRINTED
                ).value,
            }
            for digit in mrz.check_digits
        ],
        read_at=at,
        **_data_elements(mrz),
    )
    record(
        actor=actor,
        at=at,
        action="reading.recorded",
        object_type="reading",
        object_id=row.id,
        detail={"source": row.source, "status": row.status, "page": str(page.id) if page else None},
    )
    return row


def _judge_reading(reading: MrzReading, at: datetime) -> tuple[str, str, Mrz | None]:
    """Return status and reason of the row, and the zone where it parses."""
    if reading.status is ReadingStatus.UNREADABLE:
        reason = reading.reason.value if reading.reason else "unreadable"
        return DocumentReading.Status.UNREADABLE, reason, None
    try:
        mrz = parse_mrz(reading.lines, at=at)
    except MrzFormatError:
        return DocumentReading.Status.UNREADABLE, ReviewReason.NOT_PARSED, None
    if reading.status is ReadingStatus.ACCEPTED:
        return DocumentReading.Status.ACCEPTED, "", mrz
    return DocumentReading.Status.REVIEW, _review_reason(reading), mrz


def _review_reason(reading: MrzReading) -> str:
    if reading.repairs:
        return ReviewReason.REPAIRED
    verdicts = {finding.verdict for finding in reading.findings}
    if CheckDigitVerdict.WRONG_AS_PRINTED in verdicts and not reading.doubtful:
        return ReviewReason.WRONG_CHECK_DIGITS
    return ReviewReason.DOUBTFUL


def _data_elements(mrz: Mrz) -> dict[str, Any]:
    return {
        "document_code": mrz.document_code,
        "issuing_state": mrz.issuing_state,
        "document_number": normalise_document_number(mrz.document_number),
        "primary_identifier": mrz.primary_identifier,
        "secondary_identifier": mrz.secondary_identifier,
        "names_truncated": mrz.names_truncated,
        "nationality": mrz.nationality,
        "birth_date": mrz.birth_date.date,
        "birth_date_raw": mrz.birth_date.raw,
        "sex": mrz.sex,
        "expiry_date": mrz.expiry_date.date if mrz.expiry_date else None,
        "expiry_date_raw": mrz.expiry_date.raw if mrz.expiry_date else "",
    }


def record_keyed_reading(
    *,
    actor: Actor,
    at: datetime,
    fields: KeyedFields,
    source: DocumentReading.Source,
    image: CapturedImage | None = None,
    corrects: DocumentReading | None = None,
    reading_id: UUID | None = None,
) -> DocumentReading:
    """Store what an officer keyed: from a document (KEYED) or as the person declares it (DECLARED).

    corrects: the reading that this one replaces. reading_id: the key to give it, where something refers to it already.
    Raises KeyedFieldsRefused (code, field), AlreadyCorrected.
    """
    if source not in (DocumentReading.Source.KEYED, DocumentReading.Source.DECLARED):
        raise ValueError("a keyed reading is KEYED or DECLARED")
    kept = normalise_keyed(fields)
    row = DocumentReading(
        id=reading_id or new_id(),
        image=image,
        source=source,
        status=DocumentReading.Status.ACCEPTED,
        corrects=corrects,
        read_by_id=actor.user_id,
        read_at=at,
        birth_date_raw=f"{kept.birth_date:%y%m%d}" if kept.birth_date else "",
        expiry_date_raw=f"{kept.expiry_date:%y%m%d}" if kept.expiry_date else "",
        **asdict(kept),
    )
    # only what replaces another can fail for somebody else's act
    with transaction.atomic(savepoint=corrects is not None):
        try:
            with transaction.atomic(savepoint=corrects is not None):
                store(row)
        except IntegrityError as error:
            if corrects is None or not DocumentReading.objects.filter(corrects=corrects).exists():
                raise
            raise AlreadyCorrected from error
        record(
            actor=actor,
            at=at,
            action="reading.corrected" if corrects else "reading.recorded",
            object_type="reading",
            object_id=row.id,
            detail={"source": row.source, "corrects": str(corrects.id) if corrects else None},
        )
    return row


def register_holder(
    *, actor: Actor, at: datetime, reading: DocumentReading
) -> tuple[Traveler, TravelDocument | None]:
    """Return the traveller whom a reading names, and the document; both are created when first seen.

    The same issuing State, document code and number are the same document, and its traveller the one first
    recorded with it. Without a document number a new traveller is created each time. The traveller's row is then locked
    until the end of the transaction: one crossing of a traveller at a time. Raises HolderUnknown for a reading that names
    nobody.
    """
    if reading.status == DocumentReading.Status.UNREADABLE or not reading.primary_identifier:
        raise HolderUnknown
    with transaction.atomic(savepoint=False):
        if not reading.document_number or reading.source == DocumentReading.Source.DECLARED:
            return _create_traveler(actor, at, reading), None
        known = _find_document(reading)
        if known is None:
            created = _create_holder(actor, at, reading)
            if created is not None:
                return created
            known = _find_document(reading)
            if known is None:  # gone again, which no act of the system does
                raise TravelDocument.DoesNotExist
        return known.traveler, known


_DOCUMENT = PreparedQuery(
    lambda **document: (
        TravelDocument.objects.select_for_update(no_key=True, of=("traveler",))
        .select_related("traveler")
        .filter(**document)
    ),
    issuing_state=str,
    document_number=str,
    document_code=str,
)


def _find_document(reading: DocumentReading) -> TravelDocument | None:
    return _DOCUMENT.first(
        issuing_state=reading.issuing_state,
        document_number=reading.document_number,
        document_code=reading.document_code,
    )


def _create_holder(
    actor: Actor, at: datetime, reading: DocumentReading
) -> tuple[Traveler, TravelDocument] | None:
    """Store document and traveller; None where another worker has just stored this document."""
    traveler = _make_traveler(at, reading)
    document = TravelDocument(
        traveler=traveler,
        document_code=reading.document_code,
        issuing_state=reading.issuing_state,
        document_number=reading.document_number,
        expiry_date=reading.expiry_date,
        created_at=at,
    )
    # the unique constraint decides between two workers. The document goes first: who loses leaves no traveller. That it refers to
    # somebody is checked at the commit
    if not store_unless_known(document, by=("issuing_state", "document_number", "document_code")):
        return None
    store(traveler)
    _record_traveler(actor, at, reading, traveler)
    record(
        actor=actor,
        at=at,
        action="document.registered",
        object_type="document",
        object_id=document.id,
        detail={"traveler": str(traveler.id), "reading": str(reading.id)},
    )
    return traveler, document


def _create_traveler(actor: Actor, at: datetime, reading: DocumentReading) -> Traveler:
    traveler = _make_traveler(at, reading)
    store(traveler)
    _record_traveler(actor, at, reading, traveler)
    return traveler


def _make_traveler(at: datetime, reading: DocumentReading) -> Traveler:
    return Traveler(
        primary_identifier=reading.primary_identifier,
        secondary_identifier=reading.secondary_identifier,
        birth_date=reading.birth_date,
        birth_date_raw=reading.birth_date_raw,
        sex=reading.sex,
        nationality=reading.nationality,
        created_at=at,
    )


def _record_traveler(actor: Actor, at: datetime, reading: DocumentReading, traveler: Traveler) -> None:
    record(
        actor=actor,
        at=at,
        action="traveler.registered",
        object_type="traveler",
        object_id=traveler.id,
        detail={"reading": str(reading.id)},
    )


@transaction.atomic
def link_enrolment(*, actor: Actor, at: datetime, traveler: Traveler, template: Template) -> Enrolment:
    """Let a face template stand for a traveller; doing it again changes nothing. Raises TemplateTaken."""
    enrolment, created = Enrolment.objects.get_or_create(
        template=template, defaults={"traveler": traveler, "enrolled_at": at}
    )
    if enrolment.traveler_id != traveler.id:
        raise TemplateTaken
    if created:
        record(
            actor=actor,
            at=at,
            action="enrolment.linked",
            object_type="traveler",
            object_id=traveler.id,
            detail={"template": str(template.id), "enrolment": str(enrolment.id)},
        )
    return enrolment
