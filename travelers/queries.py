"""Named reads of travellers, documents and readings."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from audit.core.actor import Actor
from audit.queries.prepared import path_cursor
from biometrics.core.mrz import CheckDigitVerdict
from travelers.core.checks import (
    CheckDigitFact,
    ChipFacts,
    DocumentFacts,
    EarlierHolder,
    ReadingSource,
    ReadingStatus,
    VisaFacts,
    digits_kept_by_correction,
    fields_as_read,
)
from travelers.models import (
    DocumentReading,
    RevocationList,
    TravelDocument,
    Traveler,
    TrustedCertificate,
    TrustStoreVersion,
)

EARLIER_HOLDERS_LOOKED_AT = 50

_ELEMENTS = (
    "document_code",
    "issuing_state",
    "document_number",
    "primary_identifier",
    "secondary_identifier",
    "names_truncated",
    "nationality",
    "birth_date",
    "birth_date_raw",
    "sex",
    "expiry_date",
    "expiry_date_raw",
)


def document_facts(
    *,
    reading: DocumentReading | None,
    printed: Mapping[str, str] | None = None,
    accept_specimens: bool = False,
    chip: ChipFacts | None = None,
    visa: VisaFacts | None = None,
) -> DocumentFacts:
    """Return what the document checks look at. reading: None when nothing was read or keyed at all.

    printed: of the visual zone. chip, visa: what else the traveller presented.
    """
    besides: dict[str, Any] = {
        "printed": dict(printed or {}),
        "accept_specimens": accept_specimens,
        "issue_date": _day((printed or {}).get("issue_date", "")),
        "chip": chip or ChipFacts(),
        "visa": visa,
    }
    if reading is None:
        return DocumentFacts(**besides)
    elements: dict[str, Any] = {name: getattr(reading, name) for name in _ELEMENTS}
    if reading.source == DocumentReading.Source.MRZ and reading.repairs:
        elements |= fields_as_read(reading.lines_read, at=reading.read_at) or {}
    cells = [*reading.doubtful, *((r["line"], r["position"]) for r in reading.repairs)]
    return DocumentFacts(
        source=ReadingSource(reading.source),
        status=ReadingStatus(reading.status),
        reason=reading.reason,
        layout=reading.layout,
        doubtful=frozenset((line, position) for line, position in cells),
        repaired=bool(reading.repairs),
        check_digits=_check_digits(reading),
        lines=tuple(reading.lines_read),
        **elements,
        **besides,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _check_digits(reading: DocumentReading) -> tuple[CheckDigitFact, ...]:
    if reading.corrects is not None:
        changed = {name for name in _ELEMENTS if getattr(reading, name) != getattr(reading.corrects, name)}
        return digits_kept_by_correction(_check_digits(reading.corrects), changed)
    return tuple(
        CheckDigitFact(d["field"], d["printed"], d["computed"], CheckDigitVerdict(d["verdict"]))
        for d in reading.check_digits
    )


_EARLIER_HOLDERS = f"""
SELECT DISTINCT primary_identifier, secondary_identifier, birth_date FROM travelers_documentreading r
WHERE issuing_state = %(issuing_state)s AND document_number = %(document_number)s
    AND document_code = %(document_code)s AND status = 'ACCEPTED' AND source <> 'DECLARED' AND read_at <= %(before)s
    AND id <> %(own)s AND id IS DISTINCT FROM %(corrected)s
    AND NOT EXISTS (SELECT FROM travelers_documentreading c WHERE c.corrects_id = r.id)
ORDER BY primary_identifier, secondary_identifier, birth_date LIMIT {EARLIER_HOLDERS_LOOKED_AT}
"""


def earlier_holders(*, reading: DocumentReading, before: datetime) -> tuple[EarlierHolder, ...]:
    """Return who earlier accepted readings of the same document named, each once, at most
    EARLIER_HOLDERS_LOOKED_AT.

    before: readings up to this time. A reading that an officer corrected, and the readings that the given one
    corrects, do not count.
    """
    if not reading.document_number:
        return ()
    with path_cursor() as cursor:
        cursor.execute(
            _EARLIER_HOLDERS,
            {
                "issuing_state": reading.issuing_state,
                "document_number": reading.document_number,
                "document_code": reading.document_code,
                "before": before,
                "own": reading.id,
                "corrected": reading.corrects_id,
            },
        )
        same = cursor.fetchall()
    return tuple(EarlierHolder(*row) for row in same)


def travelers_in_reach(*, actor: Actor) -> QuerySet[Traveler]:
    """Return the travellers who were inspected or have crossed at a port of the actor."""
    if actor.everywhere:
        return Traveler.objects.all()
    # crossings and inspections stand above this package, and are known here by the names of their relations
    # alone
    ports = list(actor.port_ids)
    crossed = Traveler.objects.filter(crossings__port_id__in=ports).values("id")
    inspected = Traveler.objects.filter(inspections__port_id__in=ports).values("id")
    return Traveler.objects.filter(Q(id__in=crossed) | Q(id__in=inspected))


def is_withheld(*, state: str, path: str = "id") -> Func:
    """Return the condition that a State must not learn of a traveller: its own, by nationality or document, who asked for
    protection. path: from the row to the traveller's id.

    Asked of a function of the database: whoever must not learn of them does not see the cases either.
    """
    return Func(F(path), Value(state), function="borders_withheld", output_field=BooleanField())


def documents_in_reach(*, actor: Actor) -> QuerySet[TravelDocument]:
    """Return the documents that were inspected or have crossed at a port of the actor."""
    if actor.everywhere:
        return TravelDocument.objects.all()
    ports = list(actor.port_ids)
    crossed = TravelDocument.objects.filter(crossings__port_id__in=ports).values("id")
    inspected = TravelDocument.objects.filter(inspections__port_id__in=ports).values("id")
    return TravelDocument.objects.filter(Q(id__in=crossed) | Q(id__in=inspected))


def expiring_certificates(
    *, version: TrustStoreVersion, at: datetime, within: timedelta
) -> QuerySet[TrustedCertificate]:
    """Return the certificates of a version that run out within a time, the first to run out first."""
    return version.certificates.filter(not_after__gt=at, not_after__lte=at + within).order_by(
        "not_after", "id"
    )


def outdated_revocation_lists(*, version: TrustStoreVersion, at: datetime) -> QuerySet[RevocationList]:
    """Return the revocation lists of a version that should have been followed by another."""
    return version.revocation_lists.filter(next_update__lt=at).order_by("next_update", "id")
