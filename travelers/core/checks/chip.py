"""The chip: does it prove itself genuine, unaltered and not a copy, and does it name the same holder as the page?

What chip authentication found comes in as ChipFacts (travelers.core.checks.chip_facts). "Not read" is never PASS.
"""

from collections.abc import Mapping
from datetime import date, datetime

from biometrics.core.mrz.layouts import FieldName
from biometrics.core.mrz.names import TransliterationError, is_mrz_name_of
from biometrics.core.mrz.parse import Mrz, MrzFormatError, parse_mrz
from biometrics.core.outcomes import (
    AS_DELIVERED,
    Check,
    Finding,
    Parameter,
    Settings,
    Severity,
    value_of,
)
from travelers.core.checks.chip_facts import Mechanism, MechanismFact, MechanismResult
from travelers.core.checks.facts import (
    DocumentFacts,
    ReadingSource,
    ReviewReason,
    failed,
    failed_unless_doubtful,
    not_applicable,
    passed,
    undetermined,
)
from travelers.core.checks.issue import issue_date_of
from travelers.core.codes import normalise_code
from travelers.core.data.issuers import ISSUERS
from travelers.core.numbers import normalise_document_number

CHIP_EXPECTED = Check(
    "CHIP.EXPECTED",
    "A chip that this issuer puts into such documents is there and can be read.",
    Severity.REVIEW,
    "table of issuers (travelers/core/data/issuers.py)",
    parameters=(
        Parameter(
            "after_years",
            1,
            "Years after an issuer's first chip from which one is expected.",
            unit="years",
            most=20,
        ),
    ),
)
CHIP_SIGNATURE = Check(
    "CHIP.SIGNATURE",
    "The security object of the chip is well formed and its signature holds.",
    Severity.BLOCK,
    "Doc 9303-10; Doc 9303-11, passive authentication; Doc 9303-12",
)
CHIP_HASHES = Check(
    "CHIP.HASHES",
    "Every data group that was read is the one that the issuer signed.",
    Severity.BLOCK,
    "Doc 9303-10; Doc 9303-11, passive authentication",
)
CHIP_CHAIN = Check(
    "CHIP.CHAIN",
    "The document signer was certified by a trusted authority of its State, in force at issue.",
    Severity.BLOCK,
    "Doc 9303-12",
)
CHIP_REVOCATION = Check(
    "CHIP.REVOCATION", "The document signer is on no revocation list.", Severity.BLOCK, "Doc 9303-12"
)
CHIP_COUNTRY = Check(
    "CHIP.COUNTRY",
    "Authority, signer and document are of one State, and the signer signs such documents.",
    Severity.BLOCK,
    "Doc 9303-12",
)
CHIP_CLONE = Check(
    "CHIP.CLONE",
    "The chip proved that it is no copy.",
    Severity.BLOCK,
    "Doc 9303-11, active authentication and chip authentication",
)
CHIP_COMMON = Check(
    "CHIP.COMMON", "The chip's two lists of data groups agree.", Severity.REVIEW, "Doc 9303-10; Doc 9303-11"
)
CHIP_ZONE = Check(
    "CHIP.ZONE",
    "The zone in the chip is the zone on the page.",
    Severity.BLOCK,
    "Doc 9303-10, data group 1",
)
CHIP_PRINTED = Check(
    "CHIP.PRINTED",
    "The printed fields are those in the chip.",
    Severity.BLOCK,
    "Doc 9303-10, data group 1; Doc 9303-3 section 6",
)

CHIP_CHECKS: tuple[Check, ...] = (
    CHIP_EXPECTED,
    CHIP_SIGNATURE,
    CHIP_HASHES,
    CHIP_CHAIN,
    CHIP_REVOCATION,
    CHIP_COUNTRY,
    CHIP_CLONE,
    CHIP_COMMON,
    CHIP_ZONE,
    CHIP_PRINTED,
)
_OF_ONE_MECHANISM: tuple[tuple[Check, Mechanism], ...] = (
    (CHIP_SIGNATURE, Mechanism.SIGNATURE),
    (CHIP_HASHES, Mechanism.HASHES),
    (CHIP_CHAIN, Mechanism.CHAIN),
    (CHIP_REVOCATION, Mechanism.REVOCATION),
    (CHIP_COUNTRY, Mechanism.COUNTRY),
)
_NEVER = frozenset(
    {MechanismResult.INVALID, MechanismResult.MALFORMED, MechanismResult.REVOKED, MechanismResult.EXPIRED}
)


def check_chip(
    facts: DocumentFacts, *, at: datetime, settings: Settings = AS_DELIVERED
) -> tuple[Finding, ...]:
    """Return the findings of CHIP_CHECKS, in their order. at: aware time of the crossing."""
    if not facts.chip.attempted:
        return tuple(not_applicable(check, "chip_not_attempted") for check in CHIP_CHECKS)
    expected = check_expected(facts, at=at, settings=settings)
    if not facts.chip.read:
        return (expected, *(not_applicable(check, "chip_not_read") for check in CHIP_CHECKS[1:]))
    zone = _zone_of(facts, at)
    return (
        expected,
        *(
            judge_mechanism(check, facts.chip.mechanisms.get(mechanism))
            for check, mechanism in _OF_ONE_MECHANISM
        ),
        check_clone(facts.chip.mechanisms),
        judge_mechanism(CHIP_COMMON, facts.chip.mechanisms.get(Mechanism.COMMON)),
        check_chip_zone(facts, zone),
        check_chip_printed(facts, zone),
    )


def check_expected(facts: DocumentFacts, *, at: datetime, settings: Settings = AS_DELIVERED) -> Finding:
    """Tell whether a chip is missing where the issuer has one. The booth tried to read it."""
    if facts.chip.read:
        return passed(CHIP_EXPECTED)
    issuer = ISSUERS.get(normalise_code(facts.issuing_state)) if facts.has_document else None
    if issuer is None or issuer.chip_since is None or not facts.document_code.startswith("P"):
        return not_applicable(CHIP_EXPECTED, "no_chip_expected")
    issued = issue_date_of(facts)
    first = issuer.chip_since + int(value_of(CHIP_EXPECTED, "after_years", settings))
    # without a day of issue: nothing that is in force is older than the issuer's longest validity
    year = issued.year if issued else at.year - issuer.adult_years
    if year <= first:
        return not_applicable(CHIP_EXPECTED, "older_than_chips")
    return failed_unless_doubtful(
        facts, CHIP_EXPECTED, "absent_or_unreadable", FieldName.ISSUING_STATE, since=issuer.chip_since
    )


def judge_mechanism(check: Check, fact: MechanismFact | None) -> Finding:
    """Return the finding of one mechanism. Without a trust anchor nothing is told: neither genuine nor forged."""
    if fact is None:
        return undetermined(check, "not_checked")
    reason = (fact.code or fact.result.value).lower()[:40]
    if fact.result is MechanismResult.VALID:
        return passed(check, code=fact.code)
    if fact.result in _NEVER:
        return failed(check, reason, result=fact.result.value)
    if fact.result is MechanismResult.NOT_PRESENT:
        return not_applicable(check, reason)
    return undetermined(check, reason, result=fact.result.value)


def check_clone(mechanisms: Mapping[Mechanism, MechanismFact]) -> Finding:
    """Judge active and chip authentication: one that fails names a copy; one that holds is enough."""
    both = (Mechanism.ACTIVE_AUTHENTICATION, Mechanism.CHIP_AUTHENTICATION)
    facts = [mechanisms[m] for m in both if m in mechanisms]
    for fact in facts:
        if fact.result in _NEVER:
            return failed(CHIP_CLONE, (fact.code or fact.result.value).lower()[:40])
    if any(fact.result is MechanismResult.VALID for fact in facts):
        return passed(CHIP_CLONE)
    open_facts = [f for f in facts if f.result is not MechanismResult.NOT_PRESENT]
    if open_facts:
        return undetermined(CHIP_CLONE, (open_facts[0].code or "not_performed").lower()[:40])
    return not_applicable(CHIP_CLONE, "chip_has_no_such_proof")


def _zone_of(facts: DocumentFacts, at: datetime) -> Mrz | None:
    try:
        return parse_mrz(facts.chip.dg1_lines, at=at)
    except MrzFormatError:
        return None


def check_chip_zone(facts: DocumentFacts, zone: Mrz | None) -> Finding:
    """Compare the zone in the chip with the page. A layout may differ in nothing; keyed data by their elements.

    zone: of DG1, None where it is missing or does not parse.
    """
    if zone is None:
        return (
            undetermined(CHIP_ZONE, "no_zone_in_chip")
            if not facts.chip.dg1_lines
            else failed(CHIP_ZONE, "not_parsed")
        )
    if facts.source is ReadingSource.CHIP and facts.reason != ReviewReason.PAGE_NOT_READ:
        return not_applicable(CHIP_ZONE, "no_page")
    if not facts.has_document or facts.source is ReadingSource.CHIP:
        return undetermined(CHIP_ZONE, "page_not_read")
    different = [name for name, same in _elements(facts, zone) if not same]
    if not different:
        return passed(CHIP_ZONE)
    return failed_unless_doubtful(facts, CHIP_ZONE, "different", *_FIELDS, fields=different)


_FIELDS = (
    FieldName.DOCUMENT_CODE,
    FieldName.ISSUING_STATE,
    FieldName.NAMES,
    FieldName.DOCUMENT_NUMBER,
    FieldName.NATIONALITY,
    FieldName.BIRTH_DATE,
    FieldName.SEX,
    FieldName.EXPIRY_DATE,
)


def _elements(facts: DocumentFacts, zone: Mrz) -> tuple[tuple[str, bool], ...]:
    truncated = facts.names_truncated or zone.names_truncated
    return (
        ("document_code", facts.document_code == zone.document_code),
        ("issuing_state", normalise_code(facts.issuing_state) == normalise_code(zone.issuing_state)),
        ("primary_identifier", _same_words(facts.primary_identifier, zone.primary_identifier, truncated)),
        (
            "secondary_identifier",
            _same_words(facts.secondary_identifier, zone.secondary_identifier, truncated),
        ),
        (
            "document_number",
            normalise_document_number(facts.document_number)
            == normalise_document_number(zone.document_number),
        ),
        ("nationality", normalise_code(facts.nationality) == normalise_code(zone.nationality)),
        ("birth_date", facts.birth_date_raw == zone.birth_date.raw),
        ("sex", _sex(facts.sex) == _sex(zone.sex)),
        ("expiry_date", facts.expiry_date_raw == (zone.expiry_date.raw if zone.expiry_date else "")),
    )


def _sex(sex: str) -> str:
    return sex if sex in ("M", "F") else ""


def _same_words(a: str, b: str, truncated: bool) -> bool:
    if a == b:
        return True
    try:
        return is_mrz_name_of(a, b, truncated=truncated) or is_mrz_name_of(b, a, truncated=truncated)
    except TransliterationError:
        return False


def check_chip_printed(facts: DocumentFacts, zone: Mrz | None) -> Finding:
    """Compare the printed fields with the chip, by the rules of transliteration, truncation and unknown dates."""
    if zone is None or not facts.printed:
        return not_applicable(CHIP_PRINTED, "no_zone_in_chip" if zone is None else "not_printed")
    different = [name for name, same in _printed_elements(facts, zone) if not same]
    if different:
        return failed(CHIP_PRINTED, "different", fields=different)
    return passed(CHIP_PRINTED)


def _printed_elements(facts: DocumentFacts, zone: Mrz) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for name in ("primary_identifier", "secondary_identifier"):
        printed = facts.printed.get(name, "").strip()
        if printed:
            found.append((name, _is_name(getattr(zone, name), printed, zone.names_truncated)))
    number = normalise_document_number(facts.printed.get("document_number", ""))
    if number:
        found.append(("document_number", number == normalise_document_number(zone.document_number)))
    for name, raw in (
        ("birth_date", zone.birth_date.raw),
        ("expiry_date", zone.expiry_date.raw if zone.expiry_date else ""),
    ):
        day = _day(facts.printed.get(name, ""))
        if day is not None and len(raw) == 6:
            found.append((name, _may_be(raw, day)))
    return found


def _is_name(read: str, printed: str, truncated: bool) -> bool:
    try:
        return is_mrz_name_of(read, printed, truncated=truncated)
    except TransliterationError:
        return True  # a letter without a form in the zone tells nothing


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _may_be(raw: str, day: date) -> bool:
    expected = f"{day:%y%m%d}"
    return all(
        raw[i : i + 2] == expected[i : i + 2] or "<" in raw[i : i + 2] or (i and raw[i : i + 2] == "00")
        for i in (0, 2, 4)
    )
