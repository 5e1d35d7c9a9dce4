"""Try a rule on the crossings of last month: whom would it have referred? Nothing that was recorded changes by it.

Checks that look at the document, the record or the party are made again on what was stored then, as of the time of each
crossing. Checks that look at faces and lists are weighed anew as they came out then: galleries and lists have changed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.outcomes import Finding, Outcome, Severity
from borders.core.checks import CHECKS_OF_STEP
from borders.core.record_checks import (
    MANIFEST_CHECKS,
    MOVEMENT_CHECKS,
    PARTY_CHECKS,
    PROTECTION_CHECKS,
)
from borders.core.rules import Rule, RuleRefused, govern
from borders.models import CheckRule, Crossing, Inspection, RuleTest
from borders.queries import as_rule, party_of, rules_in_force
from borders.record_queries import holder_of
from borders.services.advice import latest_round
from borders.services.findings import as_finding
from borders.services.rules import RULE_ROLES
from borders.services.steps.context import StepContext, StepInput
from borders.services.steps.document import check_what_was_read
from borders.services.steps.record import as_member, check_past, check_the_party
from travelers.core.checks import DOCUMENT_CHECKS

DAYS = 31
BATCH = 500
BUDGET_S = 20.0
SAMPLES_KEPT = 5
_PAST = {check.code for check in (*MOVEMENT_CHECKS, *MANIFEST_CHECKS, *PROTECTION_CHECKS)}
_PARTY = {check.code for check in PARTY_CHECKS}
_DOCUMENT = {check.code for check in DOCUMENT_CHECKS}


def run_rule_test(
    *,
    actor: Actor,
    at: datetime,
    rule_id: UUID,
    days: int = DAYS,
    budget_s: float = BUDGET_S,
    progress: Callable[[int, int], None] | None = None,
) -> RuleTest:
    """Try one version of a rule on the crossings of the days before `at`, newest first, and keep the answer.

    Reads in batches, each in a transaction of its own, and stops after budget_s: the answer then says how many of the
    crossings it looked at. progress: told examined and all. Raises RuleRefused(unknown_rule), PermissionDenied.
    """
    if actor.user_id is None or not actor.has(*RULE_ROLES):
        raise PermissionDenied
    row = CheckRule.objects.filter(id=rule_id).first()
    if row is None:
        raise RuleRefused("unknown_rule")
    begun = time.perf_counter()
    since = at - timedelta(days=days)
    crossings = Crossing.objects.filter(occurred_at__gte=since, occurred_at__lt=at)
    total = crossings.count()
    rules = {**rules_in_force(), row.code: as_rule(row)}
    counts = dict.fromkeys(("examined", "referred", "newly", "referred_before", "informed"), 0)
    samples: list[str] = []
    for inspection, crossed_at in _inspections(since, at):
        finding = _again(inspection, crossed_at, row.code, rules)
        before = _in_force_then(inspection)
        counts["examined"] += 1
        if finding is not None and _refers(finding):
            counts["referred"] += 1
            counts["newly"] += not any(_refers(f) for code, f in before.items() if code != row.code)
            if len(samples) < SAMPLES_KEPT and actor.reaches(inspection.port_id):
                samples.append(str(inspection.id))
        elif finding is not None and finding.outcome is Outcome.FAIL:
            counts["informed"] += 1
        counts["referred_before"] += row.code in before and _refers(before[row.code])
        if counts["examined"] % 100 == 0:
            if progress is not None:
                progress(counts["examined"], total)
            if time.perf_counter() - begun > budget_s:
                break
    return _keep(actor, at, row, since, total, counts, samples, (time.perf_counter() - begun) * 1e3)


def _inspections(since: datetime, until: datetime) -> Iterator[tuple[Inspection, datetime]]:
    """Yield the inspections behind the crossings, newest first."""
    upper, latest_id = until, None
    while True:
        rows = Crossing.objects.filter(occurred_at__gte=since, occurred_at__lte=upper).order_by(
            "-occurred_at", "-id"
        )
        batch = list(rows.values_list("occurred_at", "id", "inspection_id")[: BATCH + 50])
        if latest_id is not None:  # crossings at the very moment at which the batch before ended
            batch = [r for r in batch if (r[0], r[1]) < (upper, latest_id)]
        else:
            batch = [r for r in batch if r[0] < until]
        batch = batch[:BATCH]
        if not batch:
            return
        found = Inspection.objects.select_related("port__country", "reading__corrects").prefetch_related(
            "findings"
        )
        by_id = found.in_bulk([inspection_id for _, _, inspection_id in batch])
        for occurred_at, _, inspection_id in batch:
            yield by_id[inspection_id], occurred_at
        upper, latest_id = batch[-1][0], batch[-1][1]


def _in_force_then(inspection: Inspection) -> dict[str, Finding]:
    return {row.code: as_finding(row) for row in inspection.findings.all() if row.superseded_at is None}


def _refers(finding: Finding) -> bool:
    return (
        finding.outcome in (Outcome.FAIL, Outcome.UNDETERMINED)
        and finding.check.severity is not Severity.INFORM
    )


def _again(inspection: Inspection, crossed_at: datetime, code: str, rules: dict[str, Rule]) -> Finding | None:
    """Return what the rule says of one crossing, None where the check was not made then and cannot be made now."""
    at = inspection.ready_at or crossed_at
    context = StepContext(inspection, latest_round(inspection_id=inspection.id), rules=rules)
    given = StepInput(context, at)
    if code in _DOCUMENT:
        found = {f.code: f for f in check_what_was_read(given)}.get(code)
    elif code in _PAST or code in _PARTY:
        members = list(party_of(inspection=inspection))
        party = [as_member(member, at) for member in members]
        country = inspection.port.country
        if code in _PARTY:
            findings = check_the_party(inspection, party, country, given)
        else:
            # the document's holder crossed by this very crossing: what lies before it is what counts
            holder = (
                holder_of(reading=inspection.reading, country_code=country.code, at=at)
                if inspection.reading
                else None
            )
            findings = check_past(given, members, party, country, holder)
        found = {f.code: f for f in findings}.get(code)
    else:
        stored = _in_force_then(inspection).get(code)
        found = _as_declared(stored) if stored is not None else None
    return govern([found], rules)[0] if found is not None else None


def _as_declared(stored: Finding) -> Finding:
    """Return a stored finding as its check would weigh it without any rule."""
    declared = {c.code: c for checks in CHECKS_OF_STEP.values() for c in checks}.get(stored.code)
    return stored if declared is None else replace(stored, check=declared)


@transaction.atomic
def _keep(
    actor: Actor,
    at: datetime,
    row: CheckRule,
    since: datetime,
    total: int,
    counts: dict[str, int],
    samples: list[str],
    elapsed_ms: float,
) -> RuleTest:
    test = RuleTest.objects.create(
        rule=row,
        since=since,
        until=at,
        crossings=max(total, counts["examined"]),
        samples=samples,
        elapsed_ms=round(elapsed_ms, 1),
        run_by_id=actor.user_id,
        run_at=at,
        **counts,
    )
    record(
        actor=actor,
        at=at,
        action="rule.tested",
        object_type="rule",
        object_id=row.id,
        detail={"code": row.code, "version": row.version, "examined": test.examined, "inspections": samples},
    )
    return test


def said_of(test: RuleTest) -> str:
    """Return what a test found, in one sentence."""
    text = f"This rule would have referred {test.referred:,} of {test.examined:,} travellers"
    if test.referred:
        text += f", {test.newly:,} of them for nothing else"
    if test.informed:
        text += f", and told the officer something of {test.informed:,} more"
    text += f"; the rule of that time referred {test.referred_before:,}."
    if test.examined < test.crossings:
        text += f" Looked at: the newest {test.examined:,} of {test.crossings:,} crossings."
    return text
