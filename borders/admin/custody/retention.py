"""Retention classes: how long what is kept, proposed by one data protection officer and approved by another."""

import re
from collections.abc import Mapping, Sequence

import django_filters
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Section, Tone, badge, show, show_time
from audit.admin.filters import ChoiceFilter
from audit.core.actor import Role
from borders.admin.custody.words import words_of
from borders.core.retention import RetentionCode
from borders.models import RetentionClass
from borders.services.custody import RetentionRefused, decide_retention, propose_retention
from watchlists.admin.acts import Act, ActingAdmin, Refused

TONES = {"ACTIVE": Tone.GOOD, "PROPOSED": Tone.WARN, "RETIRED": Tone.QUIET, "REJECTED": Tone.BAD}
PERIOD = re.compile(r"(?:(\d+) ?y\w*)? ?(?:(\d+) ?m\w*)? ?(?:(\d+) ?d\w*)?", re.ASCII | re.IGNORECASE)


class RetentionClassFilter(django_filters.FilterSet):
    state = ChoiceFilter("state", label="State", choices=RetentionClass.State.choices)
    code = ChoiceFilter(
        "code", label="Class", choices=[(c.value, c.value.capitalize()) for c in RetentionCode]
    )


@admin.register(RetentionClass)
class RetentionClassAdmin(ActingAdmin):
    read_roles = frozenset({Role.DATA_PROTECTION, Role.SUPERVISOR})
    page_ordering = ("code", "-version", "id")
    filterset_class = RetentionClassFilter
    list_display = ("class_name", "period", "start_event", "state_mark", "legal_basis", "version")
    list_note = (
        "Images have a period of their own only where one was approved; else they go with their record."
    )

    @display(description="Class")
    def class_name(self, row: RetentionClass) -> str:
        return row.get_code_display()

    @display(description="Kept for")
    def period(self, row: RetentionClass) -> str:
        parts = ((row.years, "year"), (row.months, "month"), (row.days, "day"))
        return " ".join(f"{n} {unit}{'s' if n > 1 else ''}" for n, unit in parts if n)

    @display(description="State")
    def state_mark(self, row: RetentionClass) -> str:
        return badge(row.get_state_display(), TONES[row.state])

    def sections(self, request: HttpRequest, row: RetentionClass) -> list[Section]:
        return [
            Section(
                str(row),
                [
                    Fact("Kept for", self.period(row)),
                    Fact("Counted from", row.get_start_event_display()),
                    Fact("Legal basis", row.legal_basis),
                    Fact("State", self.state_mark(row)),
                    Fact("Why", show(row.reason)),
                ],
            ),
            Section(
                "Two persons",
                [
                    Fact("Proposed by", show(row.proposed_by and str(row.proposed_by))),
                    Fact("Proposed at", show_time(row.proposed_at)),
                    Fact("Decided by", show(row.decided_by and str(row.decided_by))),
                    Fact("Decided at", show_time(row.decided_at)),
                ],
            ),
        ]

    def acts(self, request: HttpRequest, row: RetentionClass) -> Sequence[Act]:
        if not request.actor.has(Role.DATA_PROTECTION):
            return ()
        if row.state == RetentionClass.State.PROPOSED:
            blocked = words_of("own_proposal") if row.proposed_by_id == request.actor.user_id else ""
            return (
                Act("approve", "Approve", "Put in force", "The next sweep erases by it.", blocked=blocked),
                Act(
                    "reject",
                    "Reject",
                    "Reject",
                    "It is kept, and never in force.",
                    main=False,
                    sign="cancel",
                    blocked=blocked,
                ),
            )
        if row.state == RetentionClass.State.ACTIVE:
            note = (
                "Another data protection officer approves it. What is due: manage.py erase_expired --dry-run."
            )
            return (
                Act("propose", "Propose another period", "Propose", note, main=False, sign="edit",
                    reason="Legal basis and why", reason_required=True, second="3 years 6 months 1 day"),
            )  # fmt: skip
        return ()

    def perform(self, request: HttpRequest, row: RetentionClass, act: Act, given: Mapping[str, str]) -> str:
        now = timezone.now()
        try:
            if act.code == "propose":
                years, months, days = read_period(given["second"])
                made = propose_retention(
                    actor=request.actor,
                    at=now,
                    code=row.code,
                    years=years,
                    months=months,
                    days=days,
                    legal_basis=given["reason"],
                    reason=given["reason"],
                )
                return f"Version {made.version} is proposed."
            made = decide_retention(
                actor=request.actor, at=now, retention_id=row.id, approve=act.code == "approve"
            )
            return f"Version {made.version} is {made.get_state_display().lower()}."
        except RetentionRefused as refusal:
            raise Refused(words_of(refusal.code)) from None


def read_period(text: str) -> tuple[int, int, int]:
    """Return years, months and days of "3 years 6 months 1 day". Raises RetentionRefused: period_empty."""
    found = PERIOD.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise RetentionRefused("period_empty")
    years, months, days = (min(int(part or 0), 9999) for part in found.groups())
    return years, months, days
