"""The document checks: every rule applied to a travel document, and the function that applies them."""

from datetime import datetime

from biometrics.core.outcomes import Check, Finding
from travelers.core.checks import printed, validity, zone
from travelers.core.checks.facts import (
    PRINTED_FIELDS,
    CheckDigitFact,
    DocumentFacts,
    ReadingSource,
    ReadingStatus,
    ReviewReason,
    digits_kept_by_correction,
    fields_as_read,
)
from travelers.core.checks.holder import DOCUMENT_HOLDER, HOLDER_CHECKS, EarlierHolder, check_holder
from travelers.core.checks.printed import PRINTED_CHECKS
from travelers.core.checks.validity import VALIDITY_CHECKS
from travelers.core.checks.zone import ZONE_CHECKS

# exactly what check_document gives, in its order; HOLDER_CHECKS belong to the record, and to check_holder
DOCUMENT_CHECKS: tuple[Check, ...] = (*ZONE_CHECKS, *VALIDITY_CHECKS, *PRINTED_CHECKS)


def check_document(facts: DocumentFacts, *, at: datetime) -> tuple[Finding, ...]:
    """Apply every check that needs the document alone.

    facts: one reading, or none. at: aware time of the crossing. Returns one finding for each of ZONE_CHECKS,
    VALIDITY_CHECKS and PRINTED_CHECKS, in that order; check_holder needs the record and is asked for itself.
    """
    return (
        zone.check_read(facts),
        zone.check_digits(facts),
        zone.check_composite(facts),
        zone.check_issuing_state(facts),
        zone.check_nationality(facts),
        zone.check_specimen(facts),
        validity.check_present(facts),
        validity.check_keyed(facts),
        validity.check_expired(facts, at=at),
        validity.check_dates(facts, at=at),
        printed.check_name(facts),
        printed.check_birth_date(facts),
        printed.check_document_number(facts),
        printed.check_expiry_date(facts),
        printed.check_nationality(facts),
        printed.check_sex(facts),
    )


__all__ = [
    "DOCUMENT_CHECKS",
    "DOCUMENT_HOLDER",
    "HOLDER_CHECKS",
    "PRINTED_CHECKS",
    "PRINTED_FIELDS",
    "VALIDITY_CHECKS",
    "ZONE_CHECKS",
    "CheckDigitFact",
    "DocumentFacts",
    "EarlierHolder",
    "ReadingSource",
    "ReadingStatus",
    "ReviewReason",
    "check_document",
    "check_holder",
    "digits_kept_by_correction",
    "fields_as_read",
]
