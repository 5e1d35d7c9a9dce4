"""Printed fields that the machine read from the page image, beside those that the booth's own reader sent.

`read` is what the step READ_PRINTED stores: {"fields": {name: {"status", "value", "score", "corners"}}, "reason"};
{} where it was not tried. What the booth sent always wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from biometrics.core.outcomes import Finding, Outcome, Severity
from biometrics.core.viz import FieldStatus

# which fields stand behind a check of the printed zone
FIELDS_OF_CHECK: Mapping[str, tuple[str, ...]] = {
    "VIZ.NAME": ("primary_identifier", "secondary_identifier"),
    "VIZ.BIRTH_DATE": ("birth_date",),
    "VIZ.DOCUMENT_NUMBER": ("document_number",),
    "VIZ.EXPIRY_DATE": ("expiry_date",),
    "VIZ.NATIONALITY": ("nationality",),
    "VIZ.SEX": ("sex",),
}
# with these from the booth, the page is not read again
ENOUGH: frozenset[str] = frozenset({"primary_identifier", "document_number", "birth_date", "expiry_date"})
SURE = (FieldStatus.AGREES, FieldStatus.DIFFERS, FieldStatus.READ)
NOT_PRINTED = "not_printed"


def needs_reading(sent: Mapping[str, str]) -> bool:
    """Tell whether the page is worth reading, given what the booth sent."""
    return any(not sent.get(name, "").strip() for name in ENOUGH)


def values_in_force(
    *, sent: Mapping[str, str], read: Mapping[str, Any], is_corrected: bool = False
) -> dict[str, str]:
    """Return the printed fields to compare with.

    is_corrected: the reading in force is an officer's correction. What was read from the page was read beside
    the machine's reading, so only what differed from that still speaks: keying a forged page again must not
    clear it.
    """
    kept = (FieldStatus.DIFFERS,) if is_corrected else SURE
    fields = read.get("fields", {})
    return {name: f["value"] for name, f in fields.items() if f["status"] in kept} | dict(sent)


def explain_from_page(
    findings: Iterable[Finding], *, sent: Mapping[str, str], read: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Return the findings, those of the printed zone with what the page gave.

    A field that was looked for and is not known for sure is UNDETERMINED, which informs and refers nobody: most
    pages carry a field or two that no text reader gets. A field that was compared carries where it stands.
    """
    if not read:
        return tuple(findings)
    return tuple(_explain(finding, sent, read) for finding in findings)


def _explain(finding: Finding, sent: Mapping[str, str], read: Mapping[str, Any]) -> Finding:
    names = [name for name in FIELDS_OF_CHECK.get(finding.code, ()) if not sent.get(name, "").strip()]
    fields = {name: read["fields"][name] for name in names if name in read["fields"]}
    if not names or finding.outcome is Outcome.UNDETERMINED:
        return finding
    if finding.outcome is Outcome.NOT_APPLICABLE:
        if finding.reason != NOT_PRINTED:
            return finding
        is_doubtful = any(f["status"] == FieldStatus.DOUBTFUL for f in fields.values())
        reason = read["reason"] or ("doubtful_on_page" if is_doubtful else "not_found_on_page")
        return Finding(replace(finding.check, severity=Severity.INFORM), Outcome.UNDETERMINED, reason)
    seen = {
        name: {"score": f["score"], "corners": f["corners"]}
        for name, f in fields.items()
        if f["status"] in SURE
    }
    return replace(finding, detail={**finding.detail, "read_from_page": seen}) if seen else finding
