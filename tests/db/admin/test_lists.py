"""The lists: scoped, audited, cheap, and closed against names in URLs."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import Booth, Crossing, Officer
from tests.db.admin.conftest import DESK_QUERIES
from tests.db.factories import (
    make_crossing,
    make_decision,
    make_document,
    make_entry,
    make_finding,
    make_hit,
    make_inspection,
    make_reading,
    make_referral,
    make_stay,
    make_traveler,
)

# of a supervisor who owns lists; who else may open what stands in tests/db/permissions/matrix.txt
LISTS = [
    pytest.param(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist", id=m._meta.label_lower)
    for m, a in admin.site._registry.items()
    if not a.read_roles.isdisjoint({Role.SUPERVISOR, Role.LIST_OWNER})
]


def crossings_url(query: str = "") -> str:
    return reverse("admin:borders_crossing_changelist") + query


def rows_of(browser: Client, url: str) -> list[object]:
    response = browser.get(url)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


@pytest.fixture
def two_ports(
    booth: Booth, land_booth: Booth, alice: Officer, charlie: Officer, at: datetime
) -> tuple[Crossing, Crossing]:
    """A crossing at Bob's airport and one at Charlie's land post."""
    return (
        make_crossing(booth=booth, officer=alice, at=at, number=0),
        make_crossing(booth=land_booth, officer=charlie, at=at, number=1),
    )


def test_supervisor_sees_the_crossings_of_the_own_port_only(
    bobs_browser: Client, two_ports: tuple[Crossing, Crossing]
) -> None:
    assert rows_of(bobs_browser, crossings_url()) == [two_ports[0]]


def test_supervisor_of_another_port_sees_nothing_of_it(
    charlies_browser: Client, two_ports: tuple[Crossing, Crossing]
) -> None:
    assert rows_of(charlies_browser, crossings_url()) == [two_ports[1]]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_for_a_supervisor(
    bobs_browser: Client, two_ports: tuple[Crossing, Crossing], name: str
) -> None:
    assert bobs_browser.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_no_list_opens_for_an_officer_without_staff_status(sign_in, alice: Officer, name: str) -> None:
    assert sign_in(alice, staff=False).get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", LISTS)
def test_no_list_opens_for_staff_without_a_role_at_a_post(sign_in, alice: Officer, name: str) -> None:
    alice.assignments.all().delete()
    assert sign_in(alice).get(reverse(name)).status_code == 403


def test_no_list_opens_for_a_superuser_without_a_post(sign_in, alice: Officer) -> None:
    alice.assignments.all().delete()
    alice.user.is_superuser = True
    alice.user.save()
    assert sign_in(alice).get(crossings_url()).status_code == 403


def test_list_writes_one_audit_row_with_the_ids_shown(
    bobs_browser: Client, bob: Officer, two_ports: tuple[Crossing, Crossing]
) -> None:
    bobs_browser.get(crossings_url("?direction=ENTRY"))
    entry = AuditEntry.objects.get(action="crossing.listed")
    assert (entry.kind, entry.actor, entry.object_id) == ("READ", bob.user, str(two_ports[0].id))
    assert entry.detail == {"filters": ["direction"], "found_by_term": False}


def test_list_is_not_shown_when_its_audit_row_cannot_be_written(
    bobs_browser: Client, two_ports: tuple[Crossing, Crossing], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**values: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(AuditEntry.objects, "create", fail)
    with pytest.raises(DatabaseError):
        bobs_browser.get(crossings_url())


def test_lookup_of_ones_own_is_refused(bobs_browser: Client, two_ports: tuple[Crossing, Crossing]) -> None:
    for query in ("?q=ERIKSSON", "?traveler__primary_identifier=ERIKSSON", "?p=2", "?e=1"):
        assert bobs_browser.get(crossings_url(query)).status_code == 400


def test_wrong_filter_value_is_said_and_shows_no_row(
    bobs_browser: Client, two_ports: tuple[Crossing, Crossing]
) -> None:
    response = bobs_browser.get(crossings_url("?nationality=%3Cb%3E"))
    assert response.context["cl"].result_list == []
    assert "Letters and digits of a code only." in response.content.decode()


@pytest.mark.parametrize(
    "term", ["eriksson", "Eriksson, Anna", "eriksson anna maria", "L0000 0000", "ERIK", "Eriksson,"]
)
def test_traveller_is_found_by_name_or_number_without_either_in_the_address(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime, term: str
) -> None:
    wanted = make_crossing(booth=booth, officer=alice, at=at, number=0)
    make_crossing(booth=booth, officer=alice, at=at, number=1)
    response = bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": term})
    assert (response.status_code, response["Location"]) == (302, crossings_url())
    assert rows_of(bobs_browser, crossings_url()) == [wanted]


def test_search_ends_with_an_empty_term(bobs_browser: Client, two_ports: tuple[Crossing, Crossing]) -> None:
    bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": "nobody"})
    assert rows_of(bobs_browser, crossings_url()) == []
    bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": ""})
    assert rows_of(bobs_browser, crossings_url()) == [two_ports[0]]


def test_search_is_refused_to_the_unauthorised(sign_in, alice: Officer) -> None:
    assert sign_in(alice).post(reverse("admin:borders_crossing_find"), {"term": "x"}).status_code == 403


def test_search_term_stands_in_no_audit_row(
    bobs_browser: Client, two_ports: tuple[Crossing, Crossing]
) -> None:
    bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": "eriksson"})
    bobs_browser.get(crossings_url())
    entry = AuditEntry.objects.get(action="crossing.listed")
    assert entry.detail["found_by_term"] is True
    assert "eriksson" not in str(entry.detail).lower()


def test_site_wide_search_is_closed(bobs_browser: Client) -> None:
    assert bobs_browser.get(reverse("admin:search"), {"s": "Eriksson"}).status_code == 404


def test_pages_follow_one_another_without_gap_or_repeat(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    made = [
        make_crossing(booth=booth, officer=alice, at=at - timedelta(minutes=n // 2), number=n)
        for n in range(120)
    ]
    expected = sorted(made, key=lambda c: (c.occurred_at, c.id), reverse=True)
    seen: list[object] = []
    url: str | None = ""
    while url is not None:
        change_list = bobs_browser.get(crossings_url(url)).context["cl"]
        seen += change_list.result_list
        latest, url = change_list, change_list.next_url
    assert seen == expected
    back = bobs_browser.get(crossings_url(latest.previous_url)).context["cl"]
    assert list(back.result_list) == expected[50:100]


def test_oldest_first_turns_the_order(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    older = make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=1), number=0)
    newer = make_crossing(booth=booth, officer=alice, at=at, number=1)
    assert rows_of(bobs_browser, crossings_url("?order=oldest")) == [older, newer]


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WyJ4IiwgInkiXQ", "W10", "eyJhIjoxfQ", "é"])
def test_strange_cursor_is_refused(bobs_browser: Client, cursor: str) -> None:
    assert (
        bobs_browser.get(reverse("admin:borders_crossing_changelist"), {"after": cursor}).status_code == 400
    )


def test_filters_of_a_supervisor_narrow_the_crossings(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    plain = make_crossing(booth=booth, officer=alice, at=at, number=0)
    odd = make_crossing(
        booth=booth, officer=alice, at=at - timedelta(days=1), number=1, direction="EXIT", advice="REFER"
    )
    make_finding(inspection=odd.inspection, code="PARTY.MINOR_ACCOMPANIED", route="PROTECTION")
    make_decision(
        inspection=odd.inspection, officer=alice, line="SECOND", override=True, reason="Parents came"
    )
    for query, rows in {
        "direction=EXIT": [odd],
        f"port={booth.port_id}": [plain, odd],
        f"officer={alice.id}": [plain, odd],
        "advice=REFER": [odd],
        "override=yes": [odd],
        "override=no": [plain],
        "outcome=CLEARED": [plain, odd],
        "finding=PARTY.MINOR_ACCOMPANIED": [odd],
        "route=PROTECTION": [odd],
        "nationality=uto": [plain, odd],
        f"since={at:%Y-%m-%d}": [plain],
        f"until={at - timedelta(days=1):%Y-%m-%d}": [odd],
        f"since={at:%Y-%m-%d}&since_time={at:%H:%M}&until={at:%Y-%m-%d}&until_time={at:%H:%M}": [plain],
        f"since={at:%Y-%m-%d}&since_time={at + timedelta(minutes=1):%H:%M}": [],
        f"until={at:%Y-%m-%d}&until_time={at - timedelta(minutes=1):%H:%M}": [odd],
    }.items():
        assert rows_of(bobs_browser, crossings_url(f"?{query}")) == rows, query


def test_a_time_without_a_day_is_one_of_today(bobs_browser: Client, booth: Booth, alice: Officer) -> None:
    now = timezone.now()
    today = make_crossing(booth=booth, officer=alice, at=now, number=0)
    make_crossing(booth=booth, officer=alice, at=now - timedelta(days=1), number=1)

    assert rows_of(bobs_browser, crossings_url("?since_time=00:00")) == [today]


@pytest.mark.parametrize("typed", ["UA 417", "ua0417", "UA417", "1974-08-12", "Eriksson 1974-08-12"])
@pytest.mark.parametrize("model_name", ["crossing", "inspection"])
def test_crossings_are_found_by_flight_and_by_birth_date(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime, typed: str, model_name: str
) -> None:
    eriksson = make_traveler(at=at, primary_identifier="ERIKSSON", birth_date=date(1974, 8, 12))
    other = make_traveler(at=at, primary_identifier="ERIKSSON", birth_date=date(1980, 1, 1))
    rows = []
    for number, (traveler, flight) in enumerate(((eriksson, "UA 0417"), (other, "UA 4170"))):
        reading = make_reading(
            traveler=traveler, at=at, document_number=f"L{number}", birth_date=traveler.birth_date
        )
        crossing = make_crossing(
            booth=booth,
            officer=alice,
            at=at,
            number=number,
            traveler=traveler,
            reading=reading,
            conveyance=flight,
        )
        rows.append(crossing if model_name == "crossing" else crossing.inspection)
    bobs_browser.post(reverse(f"admin:borders_{model_name}_find"), {"term": typed})

    assert rows_of(bobs_browser, reverse(f"admin:borders_{model_name}_changelist")) == rows[:1]


def test_a_crossing_is_found_by_its_id_and_that_of_its_inspection(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    wanted = make_crossing(booth=booth, officer=alice, at=at, number=0)
    make_crossing(booth=booth, officer=alice, at=at, number=1)

    for typed in (str(wanted.id), wanted.inspection_id.hex.upper()):
        bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": typed})
        assert rows_of(bobs_browser, crossings_url("")) == [wanted]


def test_port_of_another_supervisor_is_no_choice(bobs_browser: Client, land_booth: Booth) -> None:
    response = bobs_browser.get(crossings_url(f"?port={land_booth.port_id}"))
    assert "port" in response.context["cl"].filterset.form.errors


# what each page costs besides its rows: session, account, officer, posts, two savepoints, the audit row; the filters' choices;
# where no index leads by port, a savepoint more and the limit of time within it
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("borders_crossing", 12),
        ("borders_inspection", 12),
        ("borders_decision", 11),
        ("borders_referral", 11),
        ("borders_stay", 9),
        ("travelers_traveler", 12),
        ("travelers_traveldocument", 12),
        ("travelers_documentreading", 12),
        ("watchlists_hit", 13),
    ],
)
def test_list_of_fifty_costs_as_many_queries_as_a_list_of_one(
    bobs_browser: Client,
    booth: Booth,
    alice: Officer,
    bob: Officer,
    at: datetime,
    django_assert_num_queries,
    name: str,
    queries: int,
) -> None:
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at)
    for n in range(50):
        crossing = make_crossing(booth=booth, officer=alice, at=at - timedelta(minutes=n), number=n)
        make_finding(inspection=crossing.inspection)
        make_stay(crossing=crossing)
        make_referral(inspection=crossing.inspection, officer=alice)
        make_hit(inspection=crossing.inspection, entry=entry, at=at)
    url = reverse(f"admin:{name}_changelist")
    # beside the page's own: is a second factor due, and the session's time (saved within a savepoint)
    with django_assert_num_queries(queries + DESK_QUERIES):
        response = bobs_browser.get(url)
    assert len(response.context["cl"].result_list) == 50


def test_waiting_inspections_are_listed_with_their_age(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    make_crossing(booth=booth, officer=alice, at=at, number=0)
    waiting = make_inspection(booth=booth, officer=alice, at=at, number=1, state="PROCESSING", advice="")
    assert rows_of(bobs_browser, reverse("admin:borders_inspection_changelist") + "?state=waiting") == [
        waiting
    ]


def test_open_referrals_come_first_and_overdue_ones_are_marked(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    made = make_inspection(booth=booth, officer=alice, at=at, state="REFERRED", advice="REFER")
    late = make_referral(inspection=made, officer=alice, due_at=at - timedelta(days=3000))
    closed = {
        "state": "CLOSED",
        "acknowledged_by": alice.user,
        "acknowledged_at": at,
        "closed_at": at,
        "answer": "Done",
    }
    make_referral(inspection=made, officer=alice, route="PROTECTION", **closed)
    url = reverse("admin:borders_referral_changelist")
    assert rows_of(bobs_browser, url) == [late]
    assert "overdue by" in bobs_browser.get(url).content.decode()
    assert len(rows_of(bobs_browser, f"{url}?show=all")) == 2


def test_overstayers_are_filtered(bobs_browser: Client, booth: Booth, alice: Officer, at: datetime) -> None:
    first = make_crossing(booth=booth, officer=alice, at=at, number=0)
    second = make_crossing(booth=booth, officer=alice, at=at, number=1)
    over = make_stay(crossing=first, allowed_until=at.date() - timedelta(days=3000))
    make_stay(crossing=second)
    url = reverse("admin:borders_stay_changelist")
    assert rows_of(bobs_browser, f"{url}?show=overstayed") == [over]


def test_traveller_never_inspected_at_the_port_is_not_listed(bobs_browser: Client, at: datetime) -> None:
    make_document(traveler=make_traveler(at=at), at=at)
    assert rows_of(bobs_browser, reverse("admin:travelers_traveler_changelist")) == []


@pytest.mark.parametrize(
    ("kept", "term"),
    [("MUELLER", "Müller"), ("MULLER", "müller"), ("OCONNOR", "O'Connor"), ("D ARTAGNAN", "d-artagnan")],
)
def test_name_is_found_in_each_form_that_the_zone_gives_it(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime, kept: str, term: str
) -> None:
    traveler = make_traveler(at=at, primary_identifier=kept)
    wanted = make_crossing(booth=booth, officer=alice, at=at, traveler=traveler)
    bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": term})
    assert rows_of(bobs_browser, crossings_url()) == [wanted]


@pytest.mark.parametrize("query", ["", "?order=oldest", "?since=2026-11-01", "?direction=ENTRY"])
def test_pages_of_several_ports_follow_one_another_too(
    bobs_browser: Client,
    bob: Officer,
    booth: Booth,
    land_booth: Booth,
    alice: Officer,
    at: datetime,
    query: str,
) -> None:
    post = bob.assignments.get(role="SUPERVISOR")
    bob.assignments.create(port=land_booth.port, role="SUPERVISOR", valid_from=post.valid_from)
    booths = (booth, land_booth, booth)
    made = [
        make_crossing(booth=booths[n % 3], officer=alice, at=at - timedelta(minutes=n // 2), number=n)
        for n in range(75)
    ]
    expected = sorted(made, key=lambda c: (c.occurred_at, c.id), reverse=query != "?order=oldest")
    first = bobs_browser.get(crossings_url(query)).context["cl"]
    second = bobs_browser.get(crossings_url(first.next_url)).context["cl"]
    assert [*first.result_list, *second.result_list] == expected
    assert second.next_url is None
    back = bobs_browser.get(crossings_url(second.previous_url)).context["cl"]
    assert list(back.result_list) == expected[:50]
