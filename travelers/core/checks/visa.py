"""A visa or permit against the passport that it lies in, and its digital seal."""

from datetime import datetime

from biometrics.core.mrz.checks import compare_check_digits
from biometrics.core.mrz.layouts import FieldName, select_layout
from biometrics.core.mrz.names import TransliterationError, is_mrz_name_of
from biometrics.core.mrz.parse import Mrz, MrzFormatError, parse_mrz
from biometrics.core.outcomes import Check, Finding, Severity
from travelers.core.checks.chip_facts import MechanismResult
from travelers.core.checks.facts import (
    DocumentFacts,
    failed,
    failed_unless_doubtful,
    not_applicable,
    passed,
    undetermined,
)
from travelers.core.codes import normalise_code
from travelers.core.numbers import normalise_document_number

VISA_ZONE = Check(
    "VISA.ZONE",
    "The zone of the visa or permit is one, and its check digits are right.",
    Severity.BLOCK,
    "Doc 9303-7 section 4.2; Doc 9303-3 section 4.9",
)
VISA_HOLDER = Check(
    "VISA.HOLDER",
    "Visa or permit and passport name the same holder.",
    Severity.BLOCK,
    "Doc 9303-7 section 4.2; Doc 9303-3 section 6",
)
VISA_PASSPORT = Check(
    "VISA.PASSPORT",
    "The visa or permit was given for this passport.",
    Severity.BLOCK,
    "Doc 9303-7 section 4.2; Doc 9303-13 for seals",
)
VISA_EXPIRED = Check(
    "VISA.EXPIRED", "The visa or permit is in force.", Severity.BLOCK, "Doc 9303-7 section 4.2"
)
VISA_SEAL = Check(
    "VISA.SEAL",
    "The digital seal of the visa or document was signed by its State, and says what is printed.",
    Severity.BLOCK,
    "Doc 9303-13",
)
VISA_CHECKS: tuple[Check, ...] = (VISA_ZONE, VISA_HOLDER, VISA_PASSPORT, VISA_EXPIRED, VISA_SEAL)

_HOLDER_FIELDS = (FieldName.NAMES, FieldName.BIRTH_DATE, FieldName.NATIONALITY, FieldName.SEX)


def check_visa(facts: DocumentFacts, *, at: datetime) -> tuple[Finding, ...]:
    """Return the findings of VISA_CHECKS, in their order. at: aware time of the crossing."""
    visa = facts.visa
    if visa is None:
        return tuple(not_applicable(check, "no_visa") for check in VISA_CHECKS)
    lines = visa.lines or (visa.seal.zone_lines if visa.seal else ())
    try:
        zone: Mrz | None = parse_mrz(lines, at=at)
    except MrzFormatError:
        zone = None
    return (
        _check_zone(lines, zone),
        _check_holder(facts, zone),
        _check_passport(facts, zone, visa.seal.passport_number if visa.seal else ""),
        _check_expired(zone, at),
        _check_seal(facts),
    )


def _check_zone(lines: tuple[str, ...], zone: Mrz | None) -> Finding:
    layout = select_layout(lines)
    if not lines:
        return not_applicable(VISA_ZONE, "no_zone")
    if zone is None or layout is None:
        return failed(VISA_ZONE, "not_parsed")
    wrong = [digit.field.value for digit in compare_check_digits(layout, lines) if not digit.holds]
    return failed(VISA_ZONE, "wrong_check_digits", fields=wrong) if wrong else passed(VISA_ZONE)


def _check_holder(facts: DocumentFacts, zone: Mrz | None) -> Finding:
    if zone is None:
        return undetermined(VISA_HOLDER, "visa_not_read")
    if not facts.has_document:
        return undetermined(VISA_HOLDER, "passport_not_read")
    truncated = facts.names_truncated or zone.names_truncated
    same = {
        "primary_identifier": _same_name(facts.primary_identifier, zone.primary_identifier, truncated),
        # a visa may leave out given names that do not fit, never have others
        "secondary_identifier": _same_name(facts.secondary_identifier, zone.secondary_identifier, truncated),
        "birth_date": not zone.birth_date.raw or _same_known(facts.birth_date_raw, zone.birth_date.raw),
        "nationality": normalise_code(zone.nationality) == normalise_code(facts.nationality),
    }
    different = [name for name, holds in same.items() if not holds]
    if different:
        return failed_unless_doubtful(facts, VISA_HOLDER, "different", *_HOLDER_FIELDS, fields=different)
    return passed(VISA_HOLDER)


def _same_name(a: str, b: str, truncated: bool) -> bool:
    if a == b:
        return True
    try:
        return is_mrz_name_of(a, b, truncated=truncated) or is_mrz_name_of(b, a, truncated=truncated)
    except TransliterationError:
        return False


def _same_known(a: str, b: str) -> bool:
    unknown = ("<<", "00")
    return all(
        a[i : i + 2] == b[i : i + 2] or a[i : i + 2] in unknown or b[i : i + 2] in unknown for i in (0, 2, 4)
    )


def _check_passport(facts: DocumentFacts, zone: Mrz | None, sealed_number: str) -> Finding:
    """Look for the passport's number where visas have it: in the seal, the number field, or the optional data."""
    if not facts.has_document or not facts.document_number:
        return undetermined(VISA_PASSPORT, "passport_not_read")
    number = normalise_document_number(facts.document_number)
    if sealed_number:
        if normalise_document_number(sealed_number) == number:
            return passed(VISA_PASSPORT, source="seal")
        return failed_unless_doubtful(facts, VISA_PASSPORT, "other_passport", FieldName.DOCUMENT_NUMBER)
    if zone is None:
        return undetermined(VISA_PASSPORT, "visa_not_read")
    optional = normalise_document_number(zone.optional_data + zone.optional_data_2)
    if number in (normalise_document_number(zone.document_number), optional) or number in optional:
        return passed(VISA_PASSPORT, source="zone")
    if len(optional) >= len(number) and zone.document_code.startswith("V"):
        return failed_unless_doubtful(facts, VISA_PASSPORT, "other_passport", FieldName.DOCUMENT_NUMBER)
    # the issuer prints the number of the visa itself: nothing to compare
    return not_applicable(VISA_PASSPORT, "number_of_passport_not_in_visa")


def _check_expired(zone: Mrz | None, at: datetime) -> Finding:
    if zone is None:
        return undetermined(VISA_EXPIRED, "visa_not_read")
    if zone.expiry_date is None or zone.expiry_date.date is None:
        return undetermined(VISA_EXPIRED, "expiry_date_unknown")
    days = (at.date() - zone.expiry_date.date).days
    return failed(VISA_EXPIRED, "expired", days=days) if days > 0 else passed(VISA_EXPIRED)


def _check_seal(facts: DocumentFacts) -> Finding:
    visa = facts.visa
    if visa is None or visa.seal is None:
        return not_applicable(VISA_SEAL, "no_seal")
    seal = visa.seal
    reason = (seal.code or seal.signature.value).lower()[:40]
    if seal.signature in (
        MechanismResult.NO_TRUST_ANCHOR,
        MechanismResult.UNDETERMINED,
        MechanismResult.NOT_PRESENT,
    ):
        return undetermined(VISA_SEAL, reason)
    if seal.signature is not MechanismResult.VALID:
        return failed(VISA_SEAL, reason)
    if visa.lines and seal.zone_lines and not _is_same_zone(visa.lines, seal.zone_lines):
        return failed(VISA_SEAL, "sealed_zone_differs")
    return passed(VISA_SEAL)


def _is_same_zone(printed: tuple[str, ...], sealed: tuple[str, ...]) -> bool:
    """Compare line by line; a seal holds the zone without its last fillers (Doc 9303-13)."""
    return len(printed) == len(sealed) and all(
        a.rstrip("<").startswith(b.rstrip("<")) for a, b in zip(printed, sealed, strict=True)
    )
