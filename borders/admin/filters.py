"""Filters of the border's lists. They stand in the URL, so none of them takes a name or a number of a person."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.admin.filters import (
    ANY,
    CapitalsFilter,
    ChoiceFilter,
    FromDayFilter,
    MinuteFilter,
    UntilDayFilter,
    narrowed,
    with_any_of,
)
from audit.core.actor import Actor
from biometrics.core.outcomes import Outcome, Route, Severity
from borders.core.checks import CHECKS_OF_STEP
from borders.core.recommendation import Advice
from borders.core.rules import CHECKS
from borders.models import (
    Decision,
    Inspection,
    InspectionFinding,
    Officer,
    OutboxMessage,
    PortOfEntry,
    PostAssignment,
    Referral,
    Stay,
)
from borders.models.inspections import Direction
from travelers.models import Traveler

ADVICES = [(Advice.CLEAR.value, "Clear"), (Advice.REFER.value, "Refer")]
ROUTES = [(Route.SECOND_LINE.value, "Second line"), (Route.PROTECTION.value, "Protection")]
FINDING_CODES = [(c.code, c.code) for checks in CHECKS_OF_STEP.values() for c in checks]
# who was refused or withdrew did not cross
CROSSED = [("CLEARED", "Cleared to cross"), ("REFERRED", "Referred, then cleared")]
YES_NO = [("yes", "Yes"), ("no", "No")]
AGAINST = Q(outcome__in=(Outcome.FAIL, Outcome.UNDETERMINED), superseded_at__isnull=True)


def ports_in_reach(request: Any) -> QuerySet[PortOfEntry]:
    return PortOfEntry.objects.filter(id__in=_reach_of(request)).order_by("code")


def officers_in_reach(request: Any) -> QuerySet[Officer]:
    at_ports = Q(port_id__in=_reach_of(request)) | Q(country__ports__in=_reach_of(request))
    posted = PostAssignment.objects.filter(at_ports).values("officer_id")
    return Officer.objects.filter(id__in=posted).order_by("badge_number")


def _reach_of(request: Any) -> frozenset[UUID]:
    """Return the ports where the person holds a role of this very page: held at one port, it offers nothing of another."""
    actor: Actor = getattr(request, "page_actor", request.actor)
    return actor.port_ids


def findings_against() -> QuerySet[InspectionFinding]:
    """Return the findings in force that came out as FAIL or UNDETERMINED."""
    return InspectionFinding.objects.filter(AGAINST)


class NationalityFilter(CapitalsFilter):
    """The nationality of the traveller behind a row."""

    def __init__(self, **options: Any):
        super().__init__("traveler_id", **options)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        travelers = Traveler.objects.filter(nationality=value.upper()).values_list("id", flat=True)
        return narrowed(qs, with_any_of("traveler_id", travelers))


class EvidenceFilter(django_filters.FilterSet):
    """What lists of inspections and crossings have in common. inspection: lookup from the row to its inspection."""

    inspection = ""

    def find_finding(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return narrowed(rows, self.leading_to(findings_against().filter(code=value)))

    def find_route(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        # by their codes, for which there is an index; which of them refer where may have changed since
        codes = [code for code, check in CHECKS.items() if check.route == value]
        referring = findings_against().filter(route=value, code__in=codes).exclude(severity=Severity.INFORM)
        return narrowed(rows, self.leading_to(referring))

    def find_override(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        overrides = Decision.objects.filter(override=True)
        if value == "yes":
            return narrowed(rows, self.leading_to(overrides))
        return rows.exclude(Exists(overrides.filter(inspection_id=OuterRef(self.inspection_column))))

    def find_outcome(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return narrowed(rows, self.leading_to(Decision.objects.filter(outcome=value)))

    def leading_to(self, rows: QuerySet[Any]) -> Q:
        """Return the condition that findings or decisions belong to the inspection of a row."""
        return with_any_of(self.inspection_column, rows.values_list("inspection_id", flat=True))

    @property
    def inspection_column(self) -> str:
        return f"{self.inspection}_id" if self.inspection else "id"


class CrossingFilter(EvidenceFilter):
    inspection = "inspection"

    since = FromDayFilter("occurred_at", label="From", time="since_time")
    since_time = MinuteFilter(day="since", label="From time (UTC)")
    until = UntilDayFilter("occurred_at", label="To", time="until_time")
    until_time = MinuteFilter(day="until", label="To time (UTC)")
    direction = ChoiceFilter("direction", label="Direction", choices=Direction.choices)
    port = django_filters.ModelChoiceFilter("port", label="Port", queryset=ports_in_reach, empty_label=ANY)
    officer = django_filters.ModelChoiceFilter(
        "officer", label="Officer", queryset=officers_in_reach, empty_label=ANY
    )
    advice = ChoiceFilter("inspection__advice", label="Advice", choices=ADVICES)
    outcome = ChoiceFilter(label="Decided", method="find_outcome", choices=CROSSED)
    override = ChoiceFilter(label="Override", method="find_override", choices=YES_NO)
    finding = ChoiceFilter(label="Finding against", method="find_finding", choices=FINDING_CODES)
    route = ChoiceFilter(label="Referred to", method="find_route", choices=ROUTES)
    nationality = NationalityFilter(label="Nationality", max_length=3)


class InspectionFilter(EvidenceFilter):
    since = FromDayFilter("opened_at", label="From", time="since_time")
    since_time = MinuteFilter(day="since", label="From time (UTC)")
    until = UntilDayFilter("opened_at", label="To", time="until_time")
    until_time = MinuteFilter(day="until", label="To time (UTC)")
    state = ChoiceFilter(
        "state",
        label="State",
        choices=[("waiting", "Waiting for an answer"), *Inspection.State.choices],
        method="find_state",
    )
    direction = ChoiceFilter("direction", label="Direction", choices=Direction.choices)
    port = django_filters.ModelChoiceFilter("port", label="Port", queryset=ports_in_reach, empty_label=ANY)
    officer = django_filters.ModelChoiceFilter(
        "officer", label="Officer", queryset=officers_in_reach, empty_label=ANY
    )
    advice = ChoiceFilter("advice", label="Advice", choices=ADVICES)
    override = ChoiceFilter(label="Override", method="find_override", choices=YES_NO)
    finding = ChoiceFilter(label="Finding against", method="find_finding", choices=FINDING_CODES)
    route = ChoiceFilter(label="Referred to", method="find_route", choices=ROUTES)

    def find_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "waiting":
            return rows.filter(state__in=("RECEIVED", "PROCESSING", "READY"))
        return rows.filter(state=value)


class DecisionFilter(django_filters.FilterSet):
    since = FromDayFilter("decided_at", label="From", time="since_time")
    since_time = MinuteFilter(day="since", label="From time (UTC)")
    until = UntilDayFilter("decided_at", label="To", time="until_time")
    until_time = MinuteFilter(day="until", label="To time (UTC)")
    override = ChoiceFilter(label="Override", method="find_override", choices=YES_NO)
    outcome = ChoiceFilter("outcome", label="Decided", choices=Decision.Outcome.choices)
    line = ChoiceFilter("line", label="Line", choices=Decision.Line.choices)
    port = django_filters.ModelChoiceFilter("port", label="Port", queryset=ports_in_reach, empty_label=ANY)

    def find_override(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(override=value == "yes")


class ReferralFilter(django_filters.FilterSet):
    show = ChoiceFilter(
        label="Show",
        method="find_shown",
        empty_label="Open",
        choices=(("overdue", "Overdue"), ("closed", "Closed"), ("all", "All")),
    )
    route = ChoiceFilter("route", label="To", choices=ROUTES)
    since = FromDayFilter("due_at", label="Due from")
    until = UntilDayFilter("due_at", label="to")
    port = django_filters.ModelChoiceFilter("port", label="Port", queryset=ports_in_reach, empty_label=ANY)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("show") else rows.exclude(state=Referral.State.CLOSED)

    def find_shown(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "overdue":
            return rows.exclude(state=Referral.State.CLOSED).filter(due_at__lt=timezone.now())
        return rows.filter(state=Referral.State.CLOSED) if value == "closed" else rows


class StayFilter(django_filters.FilterSet):
    show = ChoiceFilter(
        label="Show",
        method="find_shown",
        choices=(
            ("open", "Open"),
            ("overstayed", "Open and overstayed"),
            ("closed", "Closed"),
            ("anomaly", "Anomalies"),
        ),
    )
    anomaly = ChoiceFilter("anomaly", label="Anomaly", choices=Stay.Anomaly.choices)
    since = FromDayFilter("entered_at", label="Entered from")
    until = UntilDayFilter("entered_at", label="to")
    nationality = NationalityFilter(label="Nationality", max_length=3)

    def find_shown(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        is_open = Q(exit_id__isnull=True, anomaly="")
        return {
            "open": rows.filter(is_open),
            "overstayed": rows.filter(is_open, allowed_until__lt=timezone.now().date()),
            "closed": rows.filter(exit_id__isnull=False, anomaly=""),
            "anomaly": rows.exclude(anomaly=""),
        }[value]


class OutboxFilter(django_filters.FilterSet):
    show = ChoiceFilter(
        label="Show",
        method="find_shown",
        choices=(("dead", "Given up"), ("waiting", "Waiting"), ("done", "Done")),
    )
    topic = ChoiceFilter("topic", label="Topic", choices=OutboxMessage.Topic.choices)

    def find_shown(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return {
            "dead": rows.filter(dead=True),
            "waiting": rows.filter(done_at__isnull=True, dead=False),
            "done": rows.filter(done_at__isnull=False),
        }[value]
