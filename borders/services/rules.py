"""Rules: proposed by one supervisor, approved by another, then in force for every inspection that begins afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max

from audit.core.actor import Actor, Role
from audit.services import record
from biometrics.core.outcomes import Severity
from borders.core.rules import CHECKS, Rule, RuleRefused, check_rule
from borders.models import CheckRule

RULE_ROLES = frozenset({Role.SUPERVISOR})
REASON_LONGEST = 500
# any constant number: two proposals at once would both take the next version
ADVISORY_LOCK = 7_202_611_004


@transaction.atomic
def propose_rule(
    *,
    actor: Actor,
    at: datetime,
    code: str,
    enabled: bool,
    severity: str,
    parameters: Mapping[str, Any],
    reason: str,
) -> CheckRule:
    """Propose how a check is to be applied. severity: "" as delivered. parameters: what differs from what is delivered.

    Raises RuleRefused (code, field): unknown_rule, unknown_parameter, bad_value, out_of_range, too_many,
    protection_stays, reason_required, too_long, unchanged.
    """
    _require(actor)
    said = " ".join(reason.split())
    if not said:
        raise RuleRefused("reason_required", "reason")
    if len(said) > REASON_LONGEST:
        raise RuleRefused("too_long", "reason")
    try:
        weight = Severity(severity) if severity else None
    except ValueError:
        raise RuleRefused("bad_value", "severity") from None
    rule = check_rule(Rule(code, 0, enabled, weight, parameters))
    if _is_in_force(rule):
        raise RuleRefused("unchanged")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    latest = CheckRule.objects.filter(code=code).aggregate(latest=Max("version"))["latest"] or 0
    row = CheckRule.objects.create(
        code=code,
        version=latest + 1,
        enabled=enabled,
        severity=severity,
        parameters=dict(rule.parameters),
        reason=said,
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    _note(actor, at, row, "rule.proposed")
    return row


@transaction.atomic
def approve_rule(*, actor: Actor, at: datetime, rule_id: UUID) -> CheckRule:
    """Put a proposed rule in force and retire the version before it. Raises RuleRefused: not_proposed, second_person_required."""
    row = _lock_proposed(actor, rule_id)
    if row.proposed_by_id == actor.user_id:
        raise RuleRefused("second_person_required")
    check_rule(
        Rule(row.code, row.version, row.enabled, None, row.parameters)
    )  # the program may have changed since
    CheckRule.objects.filter(code=row.code, state=CheckRule.State.ACTIVE).update(
        state=CheckRule.State.RETIRED
    )
    _decide(actor, at, row, CheckRule.State.ACTIVE, "rule.approved")
    return row


@transaction.atomic
def reject_rule(*, actor: Actor, at: datetime, rule_id: UUID) -> CheckRule:
    """Turn a proposed rule down; who proposed it may take it back. Raises RuleRefused: not_proposed."""
    row = _lock_proposed(actor, rule_id)
    _decide(actor, at, row, CheckRule.State.REJECTED, "rule.rejected")
    return row


def _require(actor: Actor) -> None:
    if actor.user_id is None or not actor.has(*RULE_ROLES):
        raise PermissionDenied


def _lock_proposed(actor: Actor, rule_id: UUID) -> CheckRule:
    _require(actor)
    row = CheckRule.objects.select_for_update().filter(id=rule_id).first()
    if row is None or row.state != CheckRule.State.PROPOSED:
        raise RuleRefused("not_proposed")
    return row


def _is_in_force(rule: Rule) -> bool:
    row = CheckRule.objects.filter(code=rule.code, state=CheckRule.State.ACTIVE).first()
    if row is None:
        return rule.enabled and rule.severity in (None, CHECKS[rule.code].severity) and not rule.parameters
    return (row.enabled, row.severity, row.parameters) == (
        rule.enabled,
        rule.severity.value if rule.severity else "",
        dict(rule.parameters),
    )


def _decide(actor: Actor, at: datetime, row: CheckRule, state: str, action: str) -> None:
    row.state, row.decided_by_id, row.decided_at = state, actor.user_id, at
    row.save(update_fields=("state", "decided_by", "decided_at"))
    _note(actor, at, row, action)


def _note(actor: Actor, at: datetime, row: CheckRule, action: str) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="rule",
        object_id=row.id,
        detail={"code": row.code, "version": row.version, "enabled": row.enabled, "severity": row.severity},
    )
