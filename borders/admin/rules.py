"""The rules: what each check does here in plain words, and the verbs that change it, each for two persons."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from audit.admin import Fact, ReadOnlyModelAdmin, Section, Table, Tone, badge, show_time
from biometrics.core.outcomes import Route, Severity
from borders.admin.marks import SEVERITY_WORDS
from borders.core.checks import CHECKS_OF_STEP
from borders.core.rules import CHECKS, Rule, RuleRefused, in_words, parse_parameters
from borders.models import CheckRule, Inspection, RuleTest
from borders.queries import as_rule, rules_in_force
from borders.services.rule_tests import run_rule_test, said_of
from borders.services.rules import approve_rule, propose_rule, reject_rule

STATE_TONES = {"ACTIVE": Tone.GOOD, "PROPOSED": Tone.WARN, "RETIRED": Tone.QUIET, "REJECTED": Tone.BAD}
VERSIONS_SHOWN = 20
HOW_MANY = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
REFUSALS = {
    "unknown_rule": "There is no such check.",
    "unknown_parameter": "The check has no such value",
    "bad_value": "This value is not of its kind",
    "out_of_range": "This value is out of its range",
    "too_many": "The list is too long",
    "too_long": "The text is too long",
    "reason_required": "Say why the rule changes.",
    "unchanged": "The rule is in force like this already.",
    "not_proposed": "This version is not proposed any more.",
    "second_person_required": "Another supervisor has to approve what you proposed.",
    "protection_stays": "A check that protects people can be tuned, and not switched off.",
}


@admin.register(CheckRule)
class CheckRuleAdmin(ReadOnlyModelAdmin):
    object_type = "rule"
    page_ordering = ("code", "-version", "id")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show every check with what is in force for it, those with a row and those as delivered."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET", "HEAD"))
        if not self.has_view_permission(request):
            raise PermissionDenied
        in_force = rules_in_force()
        proposed = set(
            CheckRule.objects.filter(state=CheckRule.State.PROPOSED).values_list("code", flat=True)
        )
        sections = [
            Section(
                step.replace("_", " ").capitalize(),
                table=Table(
                    ("Check", "What is expected", "If not", "In force", ""),
                    [self.row_of(code.code, in_force, proposed) for code in checks],
                ),
            )
            for step, checks in CHECKS_OF_STEP.items()
            if checks
        ]
        return self.page(request, "Rules", "admin/audit/detail.html", {"sections": sections})

    def row_of(self, code: str, in_force: dict[str, Rule], proposed: set[str]) -> tuple[Any, ...]:
        rule = in_force.get(code, Rule(code, 0))
        check = CHECKS[code]
        act = badge("Switched off", Tone.QUIET, "toggle_off")
        if rule.enabled:
            act = SEVERITY_WORDS[rule.severity or check.severity]
            if check.route is Route.PROTECTION:
                act = f"{act} (protection)"
        return (
            Fact("", code, self.check_url(code)),
            check.statement,
            act,
            f"Version {rule.version}" if rule.version else "As delivered",
            badge("Proposal", Tone.WARN, "pending_actions") if code in proposed else "",
        )

    def check_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show one check: the rule in force in plain words, the form for another, the versions and their tests."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET", "HEAD"))
        if not self.has_view_permission(request):
            raise PermissionDenied
        check = CHECKS.get(code)
        if check is None:
            raise Http404
        rule = rules_in_force().get(code, Rule(code, 0))
        rows = list(
            CheckRule.objects.filter(code=code)
            .select_related("proposed_by", "decided_by")
            .prefetch_related("tests")
            .order_by("-version")[:VERSIONS_SHOWN]
        )
        values = {p.name: rule.parameters.get(p.name, p.default) for p in check.parameters}
        context = {
            "check": check,
            "words": in_words(rule),
            "version": rule.version,
            "enabled": rule.enabled,
            "severity": (rule.severity or check.severity).value,
            "severities": [(s.value, SEVERITY_WORDS[s]) for s in Severity],
            "protects": check.route is Route.PROTECTION,
            "parameters": check.parameters,
            "values": json.dumps(values, indent=1, ensure_ascii=False),
            "versions": [self.version_of(request, row) for row in rows],
            "propose_url": reverse("admin:borders_checkrule_propose", args=(code,)),
            "list_url": self.list_url(),
        }
        return self.page(request, code, "admin/borders/rule.html", context)

    def version_of(self, request: HttpRequest, row: CheckRule) -> dict[str, Any]:
        tests = sorted(row.tests.all(), key=lambda t: t.run_at, reverse=True)
        return {
            "row": row,
            "state": badge(row.get_state_display(), STATE_TONES[row.state]),
            "words": in_words(as_rule(row)),
            "proposed": f"{row.proposed_by} {show_time(row.proposed_at)}",
            "decided": f"{row.decided_by} {show_time(row.decided_at)}" if row.decided_by else "",
            "is_proposed": row.state == CheckRule.State.PROPOSED,
            "is_mine": row.proposed_by_id == request.actor.user_id,
            "urls": {
                verb: reverse(f"admin:borders_checkrule_{verb}", args=(row.id,))
                for verb in ("approve", "reject", "test")
            },
            "tests": [self.test_of(request, test) for test in tests[:3]],
        }

    def test_of(self, request: HttpRequest, test: RuleTest) -> dict[str, Any]:
        samples = [UUID(text) for text in test.samples]
        within = Inspection.objects.filter(id__in=samples, port_id__in=request.actor.port_ids)
        shown = list(within.values_list("id", flat=True))
        return {
            "said": said_of(test),
            "when": show_time(test.run_at),
            "since": f"{test.since:%Y-%m-%d}",
            "until": f"{test.until:%Y-%m-%d}",
            "here": f"Here {'is' if len(shown) == 1 else 'are'} {HOW_MANY.get(len(shown), len(shown))}:",
            "samples": [(str(i), self.link_to(request, Inspection, i)) for i in shown],
        }

    # verbs

    def propose_view(self, request: HttpRequest, code: str) -> HttpResponse:
        def propose() -> str:
            check = CHECKS.get(code)
            if check is None:
                raise RuleRefused("unknown_rule")
            sent = parse_parameters(request.POST.get("parameters", ""))
            delivered = {
                p.name: list(p.default) if isinstance(p.default, tuple) else p.default
                for p in check.parameters
            }
            changed = {
                name: value
                for name, value in sent.items()
                if name not in delivered or value != delivered[name]
            }
            severity = request.POST.get("severity", "")
            row = propose_rule(
                actor=request.actor,
                at=timezone.now(),
                code=code,
                enabled=request.POST.get("enabled") == "on",
                severity="" if severity == check.severity else severity,
                parameters=changed,
                reason=request.POST.get("reason", ""),
            )
            return f"Version {row.version} is proposed. Another supervisor has to approve it."

        return self.act(request, code, propose)

    def approve_view(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        def approve() -> str:
            row = approve_rule(actor=request.actor, at=timezone.now(), rule_id=rule_id)
            return f"Version {row.version} is in force for every inspection from now on."

        return self.act(request, self.code_of(rule_id), approve)

    def reject_view(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        def reject() -> str:
            row = reject_rule(actor=request.actor, at=timezone.now(), rule_id=rule_id)
            return f"Version {row.version} is turned down."

        return self.act(request, self.code_of(rule_id), reject)

    def test_view(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        def test() -> str:
            return said_of(run_rule_test(actor=request.actor, at=timezone.now(), rule_id=rule_id))

        return self.act(request, self.code_of(rule_id), test)

    def act(self, request: HttpRequest, code: str, verb: Callable[[], str]) -> HttpResponse:
        """Run one verb and show the check again with what came of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(("POST",))
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            messages.success(request, verb())
        except RuleRefused as refusal:
            said = REFUSALS.get(refusal.code, refusal.code)
            messages.error(request, said if said.endswith(".") else f"{said}: {refusal.field}.")
        return HttpResponseRedirect(self.check_url(code) if code in CHECKS else self.list_url())

    def code_of(self, rule_id: UUID) -> str:
        return CheckRule.objects.filter(id=rule_id).values_list("code", flat=True).first() or ""

    # pages and addresses

    def page(self, request: HttpRequest, title: str, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        common = self.admin_site.each_context(request)
        return TemplateResponse(
            request, template, {**common, "opts": self.opts, "title": title, "media": self.media, **context}
        )

    def check_url(self, code: str) -> str:
        return reverse("admin:borders_checkrule_check", args=(code,))

    def sections(self, request: HttpRequest, row: CheckRule) -> list[Section]:
        return [
            Section(
                str(row),
                [
                    Fact("Check", row.code, self.check_url(row.code)),
                    Fact("State", badge(row.get_state_display(), STATE_TONES[row.state])),
                    Fact("Why", row.reason),
                    Fact("Proposed", f"{row.proposed_by} {show_time(row.proposed_at)}"),
                    Fact(
                        "Decided",
                        f"{row.decided_by} {show_time(row.decided_at)}" if row.decided_by else "Not yet",
                    ),
                ],
            ),
            Section("In words", table=Table(("",), [(line,) for line in in_words(as_rule(row))])),
        ]

    def get_urls(self) -> list[URLPattern]:
        label = "borders_checkrule"
        return [
            path("check/<str:code>/", self.guard(self.check_view), name=f"{label}_check"),
            path("check/<str:code>/propose/", self.guard(self.propose_view), name=f"{label}_propose"),
            path("<uuid:rule_id>/approve/", self.guard(self.approve_view), name=f"{label}_approve"),
            path("<uuid:rule_id>/reject/", self.guard(self.reject_view), name=f"{label}_reject"),
            path("<uuid:rule_id>/test/", self.guard(self.test_view), name=f"{label}_test"),
            *super().get_urls(),
        ]
