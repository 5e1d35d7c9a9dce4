"""The first page and the sidebar."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from borders.admin.dashboard import figures
from borders.admin.navigation import GROUPS, navigation
from borders.models import Booth, Officer, OutboxMessage
from tests.db.factories import make_crossing, make_decision, make_inspection, make_referral


def test_figures_count_the_own_ports_today(
    booth: Booth,
    land_booth: Booth,
    alice: Officer,
    charlie: Officer,
    bob: Officer,
    at: datetime,
    actor_of: Any,
) -> None:
    make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=1), number=0)
    make_crossing(booth=booth, officer=alice, at=at - timedelta(days=1), number=1)
    make_crossing(booth=land_booth, officer=charlie, at=at, number=2)
    odd = make_inspection(booth=booth, officer=alice, at=at - timedelta(hours=2), number=3, advice="REFER")
    make_decision(inspection=odd, officer=alice, override=True, reason="Known crew")
    make_inspection(booth=booth, officer=alice, at=at, number=4, state="RECEIVED", advice="")
    make_referral(inspection=odd, officer=alice, due_at=at - timedelta(minutes=1))
    OutboxMessage.objects.create(
        topic="inspection.received",
        object_id=odd.id,
        created_at=at,
        next_attempt_at=at,
        dead=True,
        failure="refused",
    )
    shown = {f.title: f.value for f in figures(actor=actor_of(bob), at=at)}
    assert shown == {
        "Entries": "1",
        "Exits": "0",
        "Waiting": "2",
        "Advice to refer": "50%",
        "Overrides": "1",
        "Referrals overdue": "1",
        "Protection unanswered": "0",
        "Reviews waiting": "0",
        "Hits to answer": "0",
        "Messages given up": "1",
        "Screening self-test": "—",
    }


def test_figures_of_an_empty_day_claim_nothing(bob: Officer, at: datetime, actor_of: Any) -> None:
    shown = {f.title: f.value for f in figures(actor=actor_of(bob), at=at)}
    assert shown["Advice to refer"] == "—"


def test_first_page_shows_the_figures(bobs_browser: Client) -> None:
    shown = bobs_browser.get(reverse("admin:index")).content.decode()
    assert "Referrals overdue" in shown
    assert "Utopia Airport" in shown


def test_every_filter_behind_a_figure_is_known_to_its_list(
    bobs_browser: Client, bob: Officer, at: datetime, actor_of: Any
) -> None:
    for figure in figures(actor=actor_of(bob), at=at):
        response = bobs_browser.get(figure.link)
        assert response.status_code == 200
        assert not response.context["cl"].filterset.form.errors


def test_first_page_shows_no_figure_to_an_officer(sign_in, alice: Officer) -> None:
    assert "Referrals overdue" not in sign_in(alice).get(reverse("admin:index")).content.decode()


def test_every_page_stands_in_the_sidebar() -> None:
    placed = [(app_label, model_name) for _, entries in GROUPS for app_label, model_name, _, _ in entries]
    assert sorted(placed) == sorted((m._meta.app_label, m._meta.model_name) for m in admin.site._registry)


def test_sidebar_of_a_supervisor_names_every_page(bob: Officer, actor_of: Any) -> None:
    request = RequestFactory().get("/")
    bob.user.is_staff = True
    request.user, request.actor = bob.user, actor_of(bob)
    assert len(navigation(request)) == len(GROUPS) + 1


def test_sidebar_of_an_officer_is_empty(alice: Officer, actor_of: Any) -> None:
    request = RequestFactory().get("/")
    request.user, request.actor = alice.user, actor_of(alice)
    assert navigation(request) == []


def test_audit_trail_is_filtered_by_its_columns(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    made = make_crossing(booth=booth, officer=alice, at=at)
    bobs_browser.get(reverse("admin:borders_crossing_change", args=(made.id,)))
    url = reverse("admin:audit_auditentry_changelist")
    for query in (
        "kind=READ",
        "action=crossing.read",
        "actor=UT-0002",
        "object_type=crossing",
        f"object_id={made.id}",
    ):
        assert str(made.id) in bobs_browser.get(f"{url}?{query}").content.decode()
