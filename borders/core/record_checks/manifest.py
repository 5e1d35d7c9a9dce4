"""The advance passenger manifest against the document at the booth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from biometrics.core.mrz.names import TransliterationError, mrz_name_forms
from biometrics.core.outcomes import Check, Finding, Outcome, Severity
from travelers.core.codes import normalise_code
from travelers.core.numbers import normalise_document_number

MANIFEST_LISTED = Check(
    "MANIFEST.LISTED",
    "The conveyance announced this traveller with this document.",
    Severity.REVIEW,
    "WCO/IATA/ICAO guidelines on advance passenger information",
)
MANIFEST_CHECKS: tuple[Check, ...] = (MANIFEST_LISTED,)


@dataclass(frozen=True, slots=True)
class Announced:
    """One passenger as the carrier announced them, or one document as the booth has it. birth_date None: unknown."""

    document_number: str
    issuing_state: str
    primary_identifier: str
    secondary_identifier: str
    birth_date: date | None
    nationality: str = ""


def check_manifest(*, booth: Announced | None, manifest: Sequence[Announced] | None) -> Finding:
    """Compare the document at the booth with what the carrier announced.

    booth: None where nothing was read. manifest: passengers that agree with the booth in number, or in name or birth
    date; None where no manifest of the conveyance came. A carrier's typing error in one field is no alarm by itself
    in the other direction: a passenger found by number is compared in birth date and name, one found by name and
    birth date in number.
    """
    if manifest is None:
        return Finding(MANIFEST_LISTED, Outcome.NOT_APPLICABLE, "no_manifest")
    if booth is None:
        return Finding(MANIFEST_LISTED, Outcome.UNDETERMINED, "identity_unknown")
    number = normalise_document_number(booth.document_number)
    by_number = [m for m in manifest if number and normalise_document_number(m.document_number) == number]
    if by_number:
        different = min((_differences(booth, m) for m in by_number), key=len)
        if different:
            return Finding(MANIFEST_LISTED, Outcome.FAIL, "announced_otherwise", {"fields": different})
        return Finding(MANIFEST_LISTED, Outcome.PASS)
    by_person = [m for m in manifest if not set(_differences(booth, m)) & {"name", "birth_date"}]
    if by_person:
        return Finding(
            MANIFEST_LISTED, Outcome.FAIL, "other_document_announced", {"fields": ["document_number"]}
        )
    return Finding(MANIFEST_LISTED, Outcome.FAIL, "not_announced")


def _differences(booth: Announced, announced: Announced) -> list[str]:
    found = []
    if booth.birth_date and announced.birth_date and booth.birth_date != announced.birth_date:
        found.append("birth_date")
    if not _same_surname(booth.primary_identifier, announced.primary_identifier):
        found.append("name")
    states = {normalise_code(s) for s in (booth.issuing_state, announced.issuing_state) if s}
    if len(states) > 1:
        found.append("issuing_state")
    return found


def _same_surname(a: str, b: str) -> bool:
    """Compare surnames as carriers write them: without spaces, cut, in any form of the zone; an empty one is no difference."""
    if not a or not b:
        return True
    forms_a, forms_b = _joined_forms(a), _joined_forms(b)
    return any(x.startswith(y) or y.startswith(x) for x in forms_a for y in forms_b)


def _joined_forms(name: str) -> frozenset[str]:
    try:
        return frozenset(form.replace("<", "") for form in mrz_name_forms(name))
    except TransliterationError:
        return frozenset({"".join(name.upper().split())})
