"""Exports of what is on the screen: the same rows and columns, on the record, and never half of a list."""

import csv
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.admin import CrossingAdmin
from borders.models import Booth, Crossing, Disclosure, Officer
from tests.db.admin.conftest import DESK_QUERIES
from tests.db.factories import (
    make_crossing,
    make_decision,
    make_finding,
    make_referral,
    make_stay,
    make_traveler,
)

ASKED = {"purpose": "investigation", "reference": "C-2026/7", "file_format": "csv"}
LISTS = [
    pytest.param(
        f"admin:{m._meta.app_label}_{m._meta.model_name}_export", shown.read_roles, id=m._meta.label_lower
    )
    for m, shown in admin.site._registry.items()
]


def export_url(query: str = "") -> str:
    return reverse("admin:borders_crossing_export") + query


def body_of(response: HttpResponse) -> bytes:
    assert response.status_code == 200, response.content.decode()
    return b"".join(response.streaming_content)


def table_of(response: HttpResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body_of(response).decode("utf-8"), newline="")))


@pytest.fixture
def three(booth: Booth, land_booth: Booth, alice: Officer, charlie: Officer, at: datetime) -> list[Crossing]:
    """Two crossings at Bob's airport, the newer first, and one at Charlie's land post."""
    made = [
        make_crossing(booth=booth, officer=alice, at=at, number=0, advice="REFER"),
        make_crossing(booth=booth, officer=alice, at=at - timedelta(hours=1), number=1, direction="EXIT"),
        make_crossing(booth=land_booth, officer=charlie, at=at, number=2),
    ]
    make_finding(inspection=made[0].inspection)
    return made


def test_csv_holds_the_columns_and_rows_of_the_screen(bobs_browser: Client, three: list[Crossing]) -> None:
    response = bobs_browser.post(export_url(), ASKED)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "crossings-" in response["Content-Disposition"]
    headers, *rows = table_of(response)
    assert headers == [
        "Time", "Direction", "Port", "Traveller", "Document", "Officer", "Advice", "Override", "Findings against",
    ]  # fmt: skip
    assert [row[1] for row in rows] == ["Entry", "Exit"]
    assert rows[0][0] == "2026-11-20 09:00:00"
    assert rows[0][6:] == ["Refer", "", "DOCUMENT.EXPIRED"]


def test_everybody_in_a_file_is_entered_into_the_register_of_disclosures(
    bobs_browser: Client, three: list[Crossing]
) -> None:
    body_of(bobs_browser.post(export_url(), ASKED))
    rows = Disclosure.objects.all()
    assert {r.traveler_id for r in rows} == {c.traveler_id for c in three[:2]}
    assert {(r.purpose, r.reference, r.given_by) for r in rows} == {("investigation", "C-2026/7", "UT-0002")}
    assert "crossing.traveller" in rows[0].fields


@pytest.mark.parametrize(
    "shown", [a for a in admin.site._registry.values() if a.subject_lookup], ids=lambda a: a.opts.label_lower
)
def test_the_person_of_a_row_is_found_in_every_list_that_leads_to_persons(shown: Any) -> None:
    field = shown.model._default_manager.values_list(shown.subject_lookup, flat=True).query.output_field
    assert field.get_internal_type() in ("UUIDField", "ForeignKey")


@pytest.mark.parametrize(
    ("query", "directions"),
    [("?direction=EXIT", ["Exit"]), ("?order=oldest", ["Exit", "Entry"]), ("?advice=REFER", ["Entry"])],
)
def test_export_keeps_filters_and_order(
    bobs_browser: Client, three: list[Crossing], query: str, directions: list[str]
) -> None:
    _, *rows = table_of(bobs_browser.post(export_url(query), ASKED))
    assert [row[1] for row in rows] == directions


def test_export_keeps_the_search(bobs_browser: Client, three: list[Crossing]) -> None:
    bobs_browser.post(reverse("admin:borders_crossing_find"), {"term": "muster"})
    _, *rows = table_of(bobs_browser.post(export_url(), ASKED))
    assert [row[1] for row in rows] == ["Exit"]


def test_export_writes_who_what_and_why(bobs_browser: Client, bob: Officer, three: list[Crossing]) -> None:
    bobs_browser.post(export_url("?since=2026-11-01"), ASKED)
    entry = AuditEntry.objects.get(action="crossing.exported")
    assert (entry.kind, entry.actor, entry.purpose) == ("READ", bob.user, "investigation")
    told = entry.detail
    assert (told["rows"], told["filters"], told["reference"]) == (2, {"since": "2026-11-01"}, "C-2026/7")
    assert (told["first_id"], told["last_id"]) == (str(three[0].id), str(three[1].id))
    assert set(told["ids"]) == {str(three[0].id), str(three[1].id)}
    assert {"time", "traveller"} <= set(entry.fields)


def test_without_an_audit_row_nothing_is_exported(
    bobs_browser: Client, three: list[Crossing], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**values: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(AuditEntry.objects, "create", fail)
    with pytest.raises(DatabaseError):
        bobs_browser.post(export_url(), ASKED)


@pytest.mark.parametrize(
    "given", [{"purpose": ""}, {"purpose": "curiosity"}, {"file_format": "pdf"}, {"reference": "=cmd()"}]
)
def test_export_without_a_proper_purpose_is_refused(
    bobs_browser: Client, three: list[Crossing], given: dict[str, str]
) -> None:
    response = bobs_browser.post(export_url(), ASKED | given)
    assert response.status_code == 422
    assert response.context["form"].errors
    assert not AuditEntry.objects.filter(action="crossing.exported").exists()


def test_a_list_that_is_too_long_is_refused_whole(
    bobs_browser: Client, three: list[Crossing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CrossingAdmin, "rows_most", 1)
    response = bobs_browser.post(export_url(), ASKED)
    assert response.status_code == 422
    assert "more than 1 rows" in response.context["problem"]
    assert not AuditEntry.objects.filter(action="crossing.exported").exists()
    assert len(table_of(bobs_browser.post(export_url("?direction=EXIT"), ASKED))) == 2


def test_formulas_in_the_record_are_defused(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    odd = make_traveler(at=at, primary_identifier="=HYPERLINK(1)", secondary_identifier="")
    make_crossing(booth=booth, officer=alice, at=at, traveler=odd)
    _, row = table_of(bobs_browser.post(export_url(), ASKED))
    assert row[3].startswith("'=HYPERLINK")
    book = body_of(bobs_browser.post(export_url(), ASKED | {"file_format": "xlsx"}))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK" in sheet
    assert "<f>" not in sheet


def test_workbook_says_what_it_is(bobs_browser: Client, three: list[Crossing]) -> None:
    book = body_of(bobs_browser.post(export_url("?direction=EXIT"), ASKED | {"file_format": "xlsx"}))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        about = parts.read("xl/worksheets/sheet2.xml").decode()
        rows = parts.read("xl/worksheets/sheet1.xml").decode().count("<row ")
    assert rows == 2
    for told in ("Direction: Exit", "UT-0002", "Investigation of a case", "C-2026/7"):
        assert told in about


def test_export_of_many_rows_asks_the_database_in_chunks(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        make_crossing(booth=booth, officer=alice, at=at - timedelta(minutes=n), number=n)
    with django_assert_max_num_queries(17 + DESK_QUERIES):
        rows = table_of(bobs_browser.post(export_url(), ASKED))
    assert len(rows) == 61


def test_form_tells_the_filters_in_use(bobs_browser: Client, three: list[Crossing]) -> None:
    shown = bobs_browser.get(export_url("?direction=EXIT"))
    assert shown.context["filters"] == [("Direction", "Exit")]


def test_export_is_refused_to_an_officer(sign_in: Any, alice: Officer) -> None:
    assert sign_in(alice).get(export_url()).status_code == 403
    assert sign_in(alice).post(export_url(), ASKED).status_code == 403


def test_export_with_a_lookup_of_ones_own_is_refused(bobs_browser: Client) -> None:
    assert bobs_browser.post(export_url("?traveler__primary_identifier=ERIKSSON"), ASKED).status_code == 400


@pytest.mark.parametrize(("name", "read_roles"), LISTS)
def test_every_list_can_be_exported(
    bobs_browser: Client,
    bob: Officer,
    booth: Booth,
    alice: Officer,
    at: datetime,
    name: str,
    read_roles: frozenset[Role],
) -> None:
    held = set(bob.assignments.values_list("role", flat=True))
    for role in read_roles - held:
        bob.assignments.create(port=booth.port, role=role, valid_from=at - timedelta(days=365))
    crossing = make_crossing(booth=booth, officer=alice, at=at)
    make_stay(crossing=crossing)
    make_referral(inspection=crossing.inspection, officer=alice)
    make_decision(inspection=crossing.inspection, officer=alice, line="SECOND")
    rows = table_of(bobs_browser.post(reverse(name), ASKED))
    assert all(len(row) == len(rows[0]) for row in rows)
