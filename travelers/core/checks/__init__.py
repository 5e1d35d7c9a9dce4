"""The document checks: every rule applied to a travel document, and the function that applies them."""

from datetime import datetime

from biometrics.core.outcomes import AS_DELIVERED, Check, Finding, Settings
from travelers.core.checks import chip, issue, issuer, printed, validity, visa, zone
from travelers.core.checks.chip import CHIP_CHECKS
from travelers.core.checks.chip_facts import ChipFacts, Mechanism, MechanismFact, MechanismResult
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
from travelers.core.checks.issue import ISSUE_CHECKS
from travelers.core.checks.issuer import ISSUER_CHECKS
from travelers.core.checks.printed import PRINTED_CHECKS
from travelers.core.checks.validity import VALIDITY_CHECKS
from travelers.core.checks.visa import VISA_CHECKS
from travelers.core.checks.visa_facts import SealFacts, VisaFacts
from travelers.core.checks.zone import ZONE_CHECKS

# exactly what check_document gives, in its order; HOLDER_CHECKS belong to the record, and to check_holder
DOCUMENT_CHECKS: tuple[Check, ...] = (
    *ZONE_CHECKS,
    *VALIDITY_CHECKS,
    *ISSUE_CHECKS,
    *ISSUER_CHECKS,
    *PRINTED_CHECKS,
    *CHIP_CHECKS,
    *VISA_CHECKS,
)


def check_document(
    facts: DocumentFacts, *, at: datetime, settings: Settings = AS_DELIVERED
) -> tuple[Finding, ...]:
    """Apply every check that needs the document alone.

    facts: one reading, or none. at: aware time of the crossing. settings: values of the rules in force.
    Returns one finding for each of DOCUMENT_CHECKS, in that order; check_holder needs the record and is asked
    for itself.
    """
    return (
        zone.check_read(facts),
        zone.check_form(facts),
        zone.check_digits(facts),
        zone.check_composite(facts),
        zone.check_issuing_state(facts),
        zone.check_nationality(facts),
        zone.check_specimen(facts),
        validity.check_present(facts),
        validity.check_keyed(facts),
        validity.check_expired(facts, at=at),
        validity.check_dates(facts, at=at),
        issue.check_issued(facts, at=at),
        issue.check_validity(facts, at=at, settings=settings),
        issue.check_remaining(facts, at=at, settings=settings),
        issuer.check_number_format(facts, settings=settings),
        issuer.check_number_series(facts, settings=settings),
        issuer.check_blank(facts, settings=settings),
        issuer.check_type(facts, settings=settings),
        issuer.check_fantasy(facts, at=at, settings=settings),
        printed.check_name(facts),
        printed.check_birth_date(facts),
        printed.check_document_number(facts),
        printed.check_expiry_date(facts),
        printed.check_nationality(facts),
        printed.check_sex(facts),
        *chip.check_chip(facts, at=at, settings=settings),
        *visa.check_visa(facts, at=at),
    )


__all__ = [
    "CHIP_CHECKS",
    "DOCUMENT_CHECKS",
    "DOCUMENT_HOLDER",
    "HOLDER_CHECKS",
    "ISSUER_CHECKS",
    "ISSUE_CHECKS",
    "PRINTED_CHECKS",
    "PRINTED_FIELDS",
    "VALIDITY_CHECKS",
    "VISA_CHECKS",
    "ZONE_CHECKS",
    "CheckDigitFact",
    "ChipFacts",
    "DocumentFacts",
    "EarlierHolder",
    "Mechanism",
    "MechanismFact",
    "MechanismResult",
    "ReadingSource",
    "ReadingStatus",
    "ReviewReason",
    "SealFacts",
    "VisaFacts",
    "check_document",
    "check_holder",
    "digits_kept_by_correction",
    "fields_as_read",
]
