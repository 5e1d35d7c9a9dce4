"""Keep findings: one in force for each check of an inspection, the earlier ones beside it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from audit.models import new_id
from audit.services import store_rows
from biometrics.core.outcomes import Check, Finding, Outcome, Route, Severity
from borders.core.pipeline import Step
from borders.models import InspectionFinding

NO_COMPARISONS: Mapping[str, UUID] = MappingProxyType({})


def write_findings(
    *,
    inspection_id: UUID,
    found: Iterable[tuple[Step, Iterable[Finding], Mapping[str, UUID]]],
    at: datetime,
    is_first: bool = False,
) -> None:
    """Put the findings of steps in force and supersede those of the same checks.

    found: a step, what it found, and the code of the check to the evidence. is_first: there are none of these checks yet.
    """
    # texts once, not once a row
    held_by, found_at = str(inspection_id), str(at)
    rows = [
        {
            "id": str(new_id()),
            "inspection_id": held_by,
            "step": step,
            "code": f.code,
            "outcome": f.outcome,
            "severity": f.check.severity,
            "route": f.check.route,
            "reason": f.reason,
            "rule_version": f.check.version,
            "detail": dict(f.detail),
            "comparison_id": comparisons.get(f.code),
            "found_at": found_at,
            "superseded_at": None,
        }
        for step, findings, comparisons in found
        for f in findings
    ]
    if not rows:
        return
    if not is_first:
        InspectionFinding.objects.filter(
            inspection_id=inspection_id, code__in=[row["code"] for row in rows], superseded_at__isnull=True
        ).update(superseded_at=at)
    store_rows(InspectionFinding, rows)


def findings_in_force(*, inspection_id: UUID) -> list[Finding]:
    """Return the findings of an inspection that nothing has superseded, in the order in which they were
    found.
    """
    rows = InspectionFinding.objects.filter(inspection_id=inspection_id, superseded_at__isnull=True).order_by(
        "found_at", "id"
    )
    return [as_finding(row) for row in rows]


def as_finding(row: InspectionFinding) -> Finding:
    """Return a stored finding as a value; severity and route as they were when it was found."""
    check = Check(row.code, "", Severity(row.severity), "", Route(row.route), (), row.rule_version)
    return Finding(check, Outcome(row.outcome), row.reason, row.detail)
