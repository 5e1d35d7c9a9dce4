"""Officers: the accounts, whether they can sign in, where they are posted, and what an administrator does to them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Table, Tone, badge, show, show_time
from audit.admin.filters import ChoiceFilter, CodeFilter
from audit.core.actor import Actor, Role
from borders.admin.accounts.forms import AccountForm, PostForm
from borders.admin.accounts.words import active_mark, force_mark, words_of
from borders.models import AccountChange, BoothSession, Officer, PostAssignment
from borders.services.accounts import (
    ADMINISTRATORS,
    AccountRefused,
    close_account,
    end_sessions,
    give_post,
    governs,
    is_locked_out,
    lift_lockout,
    officers_in_reach,
    open_account,
    renew_password,
    reopen_account,
    take_second_factor,
)
from borders.services.second_factor import has_second_factor
from watchlists.admin.acts import Act, ActingAdmin, Refused

ROLES = PostAssignment._meta.get_field("role").choices
TOLD_ONCE = (
    "Code for {badge}: {code} – told once, good for a day. "
    "With it and the user name the officer chooses a password at {address}"
)
PROPOSED = "Proposed. Another administrator has to approve it, under Account changes."


class OfficerFilter(django_filters.FilterSet):
    badge = CodeFilter("badge_number", label="Badge", max_length=20, lookup_expr="istartswith")
    role = ChoiceFilter(label="Role now", method="find_role", choices=ROLES)
    account = ChoiceFilter(
        label="Account", method="find_account", choices=(("open", "Active"), ("closed", "Not active"))
    )

    def find_role(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        now = timezone.now()
        posts = PostAssignment.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=now), role=value, valid_from__lte=now
        )
        return rows.filter(id__in=posts.values("officer_id"))

    def find_account(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(user__is_active=value == "open")


@admin.register(Officer)
class OfficerAdmin(AuditedModelAdmin, ActingAdmin):
    """Badge numbers, accounts and posts; who the person behind a badge is, the service knows."""

    read_roles = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
    page_ordering = ("badge_number", "id")
    usual_sort = "Badge"
    filterset_class = OfficerFilter
    list_select_related = ("user",)
    list_display = ("badge_number", "account", "in_use")
    detail_template = "admin/watchlists/acting.html"
    change_list_template = "admin/borders/officers.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css", "borders/admin.css")}

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return rows.filter(id__in=officers_in_reach(actor.port_ids).values("id"))

    @display(description="Account")
    def account(self, row: Officer) -> str:
        return row.user.get_username()

    @display(description="State")
    def in_use(self, row: Officer) -> str:
        return active_mark(row.user.is_active)

    def sections(self, request: HttpRequest, row: Officer) -> list[Section]:
        now = timezone.now()
        ports = self.actor_of(request).port_ids
        posts = (
            row.assignments.filter(Q(port_id__in=ports) | Q(country__ports__in=ports))
            .select_related("port", "country")
            .distinct()
            .order_by("-valid_from", "id")
        )
        live = BoothSession.objects.filter(officer=row, ended_at__isnull=True, expires_at__gt=now)
        signed_in = ", ".join(str(s.booth) for s in live.select_related("booth__port").order_by("started_at"))
        locked = is_locked_out(user=row.user, at=now)
        return [
            Section(
                row.badge_number,
                [
                    Fact("Account", self.account(row)),
                    Fact("State", active_mark(row.user.is_active)),
                    Fact(
                        "Password",
                        "chosen" if row.user.has_usable_password() else badge("Not chosen yet", Tone.WARN),
                    ),
                    Fact("Second factor", "enrolled" if has_second_factor(user=row.user) else "none"),
                    Fact(
                        "Wrong passwords",
                        badge("Locked out", Tone.BAD, "lock") if locked else "not locked out",
                    ),
                    Fact("May open the desk", show(row.user.is_staff)),
                    Fact("Signed in at booths", signed_in or show(None)),
                    Fact("Latest sign-in at the desk", show_time(row.user.last_login)),
                ],
            ),
            Section(
                "Posts at your ports",
                table=Table(
                    ("Where", "Role", "From", "Until", "State"),
                    [
                        (
                            Fact("", str(p.port or p.country), self.link_to(request, PostAssignment, p.id)),
                            p.get_role_display(),
                            show_time(p.valid_from),
                            show_time(p.valid_until),
                            force_mark(p),
                        )
                        for p in posts
                    ],
                ),
            ),
            Section("Changes that wait", table=self._waiting(request, row)),
        ]

    def _waiting(self, request: HttpRequest, row: Officer) -> Table:
        waiting = row.changes.filter(state=AccountChange.State.PROPOSED).order_by("proposed_at")
        return Table(
            ("What", "Role", "Proposed"),
            [
                (
                    Fact("", c.get_kind_display(), self.link_to(request, AccountChange, c.id)),
                    c.get_role_display(),
                    show_time(c.proposed_at),
                )
                for c in waiting
            ],
        )

    # what an administrator does

    def detail_context(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        context = dict(super().detail_context(request, row))
        if is_administrator(request):
            context["links"] = [
                ("Give a post", reverse("admin:borders_officer_post", args=(row.pk,)), "assignment_ind")
            ]
        return context

    def acts(self, request: HttpRequest, row: Officer) -> Sequence[Act]:
        if not is_administrator(request):
            return ()
        now = timezone.now()
        own = words_of(AccountRefused("own_account")) if row.user_id == request.actor.user_id else ""
        second = governs(row, now)
        why = {"reason": "Why (another administrator approves)", "reason_required": True} if second else {}
        found = [
            Act("password", "New password", "Take the password away",
                "Sessions end. You get a code by which the officer chooses a password.", main=False, sign="key", blocked=own,
                **why),
            Act("second_factor", "Second factor", "Take the second factor away",
                "The officer enrols anew with the next sign-in.", main=False, sign="phonelink_erase", blocked=own, **why),
            Act("sessions", "Sessions", "End all sessions", "At booths and at desks, at once.", main=False, sign="logout",
                blocked=own),
        ]  # fmt: skip
        if is_locked_out(user=row.user, at=now):
            found.append(
                Act("unlock", "Locked out", "Let the name try again", "Wrong passwords are forgotten.", sign="lock_open",
                    blocked=own)
            )  # fmt: skip
        if row.user.is_active:
            found.append(
                Act("close", "Account", "Close this account", "Nobody signs in with it; sessions end at once.", main=False,
                    sign="block", blocked=own)
            )  # fmt: skip
        else:
            found.append(Act("reopen", "Account", "Open this account again", main=False, blocked=own, **why))
        return found

    def perform(self, request: HttpRequest, row: Officer, act: Act, given: Mapping[str, str]) -> str:
        who = {"actor": request.actor, "at": timezone.now(), "officer_id": row.id}
        try:
            match act.code:
                case "password":
                    code, change = renew_password(**who, reason=given["reason"])
                    return PROPOSED if change else tell_code(request, row, code)
                case "second_factor":
                    change = take_second_factor(**who, reason=given["reason"])
                    return PROPOSED if change else "The second factor is taken away."
                case "sessions":
                    return f"{end_sessions(**who)} sessions are ended."
                case "unlock":
                    lift_lockout(**who)
                    return "The name may try again."
                case "close":
                    close_account(**who)
                    return "The account is closed."
            change = reopen_account(**who, reason=given["reason"])
            return PROPOSED if change else "The account is open again."
        except AccountRefused as refusal:
            raise Refused(words_of(refusal)) from None

    # forms

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Open an account: the form, then its page with the code."""
        if not is_administrator(request):
            raise PermissionDenied
        form = AccountForm(request, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                officer, code = open_account(
                    actor=request.actor,
                    at=timezone.now(),
                    username=form.cleaned_data["username"],
                    badge_number=form.cleaned_data["badge_number"],
                    post=form.post(),
                    reason=form.cleaned_data["reason"],
                )
            except AccountRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, words_of(refusal))
            else:
                messages.success(request, tell_code(request, officer, code))
                return HttpResponseRedirect(reverse("admin:borders_officer_change", args=(officer.pk,)))
        return self.form_page(request, form, "Open an account", "person_add", "Open")

    def post_view(self, request: HttpRequest, officer_id: UUID) -> HttpResponse:
        """Give an officer a post."""
        if not is_administrator(request):
            raise PermissionDenied
        row = self.get_row(request, str(officer_id))
        form = PostForm(request, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = give_post(
                    actor=request.actor,
                    at=timezone.now(),
                    officer_id=row.pk,
                    post=form.post(),
                    reason=form.cleaned_data["reason"],
                )
            except AccountRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, words_of(refusal))
            else:
                proposed = isinstance(made, AccountChange)
                messages.success(request, PROPOSED if proposed else "The post is given.")
                return HttpResponseRedirect(reverse("admin:borders_officer_change", args=(row.pk,)))
        self.record_look(request, [row.pk], fields=("badge_number",))
        return self.form_page(request, form, f"Give {row} a post", "assignment_ind", "Give")

    def form_page(
        self, request: HttpRequest, form: forms.Form, title: str, sign: str, button: str
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": title,
            "form": form,
            "sign": sign,
            "button": button,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/borders/account_form.html", context, status=status)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_open = {"may_open": is_administrator(request)}
        return super().changelist_view(request, {**(extra_context or {}), **may_open})

    def get_urls(self) -> list[URLPattern]:
        return [
            path("open/", self.guard(self.open_view), name="borders_officer_open"),
            path("<uuid:officer_id>/post/", self.guard(self.post_view), name="borders_officer_post"),
            *super().get_urls(),
        ]


def is_administrator(request: HttpRequest) -> bool:
    """Tell whether the person is an administrator somewhere."""
    return bool(request.actor.acting_as(ADMINISTRATORS).has(*ADMINISTRATORS))


def tell_code(request: HttpRequest, officer: Officer, code: str) -> str:
    address = request.build_absolute_uri(reverse("account:password"))
    return TOLD_ONCE.format(badge=officer.badge_number, code=code, address=address)
