"""The first page: a few figures of the supervisor's own ports today (UTC), each with what it counts."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from audit.core.actor import Actor, Role
from audit.services.witness import conflicts
from borders.models import (
    Crossing,
    Decision,
    DecisionReview,
    Inspection,
    OutboxMessage,
    PortOfEntry,
    Referral,
)
from borders.services.escalation import count_silent_cases
from watchlists.models import Hit, SelfTestRun
from watchlists.queries import self_test_alarm

CONFLICTS_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. alarm: somebody should look; says so in `note` too."""

    title: str
    value: str
    note: str
    sign: str
    link: str
    alarm: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the figures to the context of the admin's first page (UNFOLD["DASHBOARD_CALLBACK"])."""
    actor, now = request.actor.acting_as(frozenset({Role.SUPERVISOR})), timezone.now()
    if actor.has(Role.SUPERVISOR):
        ports = PortOfEntry.objects.filter(id__in=actor.port_ids).order_by("code")
        context |= {"figures": figures(actor=actor, at=now), "ports": list(ports), "as_of": now}
    return context


def figures(*, actor: Actor, at: datetime) -> list[Figure]:
    """Return the figures of the actor's ports from midnight UTC to `at`."""
    today = datetime.combine(at.astimezone(UTC).date(), time.min, UTC)
    ports = actor.port_ids
    crossings = Crossing.objects.filter(
        port_id__in=ports, occurred_at__gte=today, occurred_at__lte=at
    ).aggregate(
        entries=Count("id", filter=Q(direction="ENTRY")), exits=Count("id", filter=Q(direction="EXIT"))
    )
    inspections = Inspection.objects.filter(
        # whoever was taken anew is counted with the inspection that followed
        ~Q(state="RETAKEN"),
        port_id__in=ports,
        opened_at__gte=today,
        opened_at__lte=at,
    ).aggregate(advised=Count("id", filter=~Q(advice="")), refer=Count("id", filter=Q(advice="REFER")))
    waiting = Inspection.objects.filter(
        port_id__in=ports, state__in=("RECEIVED", "PROCESSING", "READY")
    ).aggregate(machine=Count("id", filter=~Q(state="READY")), officer=Count("id", filter=Q(state="READY")))
    decided = Decision.objects.filter(
        inspection__port_id__in=ports, decided_at__gte=today, decided_at__lte=at
    ).aggregate(overrides=Count("id", filter=Q(override=True)), all=Count("id"))
    referrals = (
        Referral.objects.filter(inspection__port_id__in=ports)
        .exclude(state="CLOSED")
        .aggregate(open=Count("id"), overdue=Count("id", filter=Q(due_at__lt=at)))
    )
    reviews = DecisionReview.objects.filter(port_id__in=ports, state="WAITING").aggregate(
        waiting=Count("id"), overdue=Count("id", filter=Q(due_at__lt=at))
    )
    hits = Hit.objects.filter(state__in=("OPEN", "CLAIMED"), screening__port_id__in=ports)
    if not actor.has(Role.LIST_OWNER):
        hits = hits.filter(silent=False).exclude(entry__action="SILENT")
    rewritten = conflicts(streams=[str(port) for port in ports], since=at - CONFLICTS_SHOWN)
    silent = count_silent_cases(port_ids=ports, at=at)
    messages = OutboxMessage.objects.filter(dead=True)
    if not actor.has(Role.LIST_OWNER):
        messages = messages.exclude(topic=OutboxMessage.Topic.OWNER_NOTICE)
    dead = messages.count()
    tested, missed = SelfTestRun.objects.filter(at__lte=at).order_by("-at").first(), self_test_alarm(at=at)
    day = at.astimezone(UTC).date().isoformat()
    return [
        Figure(
            "Entries",
            f"{crossings['entries']:,}",
            "recorded today",
            "login",
            _to("crossing", direction="ENTRY", since=day),
        ),
        Figure(
            "Exits",
            f"{crossings['exits']:,}",
            "recorded today",
            "logout",
            _to("crossing", direction="EXIT", since=day),
        ),
        Figure(
            "Waiting",
            f"{waiting['machine'] + waiting['officer']:,}",
            f"{waiting['machine']} for the machine, {waiting['officer']} for an officer",
            "hourglass_top",
            _to("inspection", state="waiting"),
        ),
        Figure(
            "Advice to refer",
            f"{inspections['refer'] / inspections['advised']:.0%}" if inspections["advised"] else "—",
            f"{inspections['refer']} of {inspections['advised']} inspections advised today",
            "flag",
            _to("inspection", advice="REFER", since=day),
        ),
        Figure(
            "Overrides",
            f"{decided['overrides']:,}",
            f"of {decided['all']} decisions today",
            "front_hand",
            _to("decision", override="yes", since=day),
            alarm=decided["overrides"] > 0,
        ),
        Figure(
            "Referrals overdue",
            f"{referrals['overdue']:,}",
            f"of {referrals['open']} open",
            "alarm",
            _to("referral", show="overdue"),
            alarm=referrals["overdue"] > 0,
        ),
        Figure(
            "Protection unanswered",
            f"{silent:,}",
            "go to the protection desk or call it: the cases are its own"
            if silent
            else "cases past their time",
            "shield_person",
            _to("referral", show="overdue", route="PROTECTION"),
            alarm=silent > 0,
        ),
        Figure(
            "Reviews waiting",
            f"{reviews['waiting']:,}",
            f"overrides and refusals; {reviews['overdue']} overdue",
            "rate_review",
            _to("decisionreview", **({"show": "overdue"} if reviews["overdue"] else {})),
            alarm=reviews["overdue"] > 0,
        ),
        Figure(
            "Hits to answer",
            f"{hits.count():,}",
            "on watchlists, at your ports",
            "notification_important",
            reverse("admin:watchlists_hit_changelist"),
        ),
        *(
            [
                Figure(
                    "Audit trail doubted",
                    f"{rewritten:,}",
                    "heads that booths kept and the trail does not hold: tell the data protection officer",
                    "gpp_maybe",
                    f"{reverse('admin:audit_auditentry_changelist')}?{urlencode({'action': 'audit.head_conflict'})}",
                    alarm=True,
                )
            ]
            if rewritten
            else []
        ),
        Figure(
            "Messages given up",
            f"{dead:,}",
            "in the whole system: a person must look" if dead else "in the whole system",
            "outbox",
            _to("outboxmessage", show="dead"),
            alarm=dead > 0,
        ),
        Figure(
            "Screening self-test",
            f"{tested.found} of {tested.screened}" if tested else "—",
            missed or "made-up persons found today",
            "health_and_safety",
            reverse("admin:watchlists_selftestrun_changelist"),
            alarm=bool(missed),
        ),
    ]


def _to(model_name: str, **filters: str) -> str:
    return f"{reverse(f'admin:borders_{model_name}_changelist')}?{urlencode(filters)}"
