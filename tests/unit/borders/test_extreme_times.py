"""Times and dates at the ends of the calendar, or with offsets no database takes, are refused by name at every way in."""

import base64
import json
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.core.management.base import CommandError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from audit.admin.filters import UntilDayFilter
from audit.api.filters import MomentFilter
from audit.api.pagination import TimePagination
from audit.api.problems import Problem
from audit.core.times import MomentRefused, read_moment
from audit.management.commands import restore_backup
from biometrics.management.commands import measure_accuracy
from borders.admin.accounts.forms import WITHIN
from borders.admin.replay import parse_moment
from borders.core.edifact import EdifactRefused
from borders.core.manifests import ManifestRefused, parse_manifest
from borders.core.paxlst import read_passenger_list
from borders.core.redress import CorrectionRefused, clean_asked
from borders.core.requests import Demands, InspectionRequest, RequestRefused, check_request
from borders.management.commands import erase_expired, partners, prune_audit, publish_statistics
from tests.unit.borders.test_paxlst import AT, BODY, interchange
from travelers.core.checks.issue import _add_years
from travelers.core.chip.result import Verdict
from travelers.core.chip.signer_rules import judge_validity
from watchlists.core.importers.dates import read_moment as read_listed

OUTSIDE = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59Z",
    "1899-12-31T23:59:59Z",
    "2200-01-01T00:30:00+00:15",
    "2199-12-31T23:30:00-01:00",
]
MANIFEST = {"conveyance": "UT 1", "port": "UTOAP", "direction": "ENTRY", "passengers": []}


def test_an_offset_that_postgresql_does_not_take_is_brought_to_utc() -> None:
    assert read_moment("2026-11-20T23:59:00+23:59") == datetime(2026, 11, 20, tzinfo=UTC)
    assert read_moment("2026-11-20T00:00:01+00:00:00.5").tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "code"),
    [(text, "date_out_of_range") for text in OUTSIDE]
    + [("", "invalid"), ("noon", "invalid"), (None, "invalid"), ("9999-12-31", "offset_missing")],
)
def test_a_time_from_outside_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(MomentRefused) as refused:
        read_moment(text)
    assert refused.value.code == code


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_manifest_of_an_extreme_time_is_refused(text: str) -> None:
    with pytest.raises(ManifestRefused) as refused:
        parse_manifest(MANIFEST | {"scheduled_at": text})
    assert (refused.value.code, refused.value.field) == ("bad_date", "scheduled_at")


@pytest.mark.parametrize(
    "given", ["000101010000+1400:205", "999912312359-1200:205", "00010101:102", "999912312359:203"]
)
def test_a_passenger_list_of_an_extreme_time_is_refused(given: str) -> None:
    with pytest.raises(EdifactRefused) as refused:
        read_passenger_list(interchange(*BODY[:5], f"DTM+189:{given.replace('+', '?+')}"), at=AT)
    assert refused.value.code == "bad_date"


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_filter_and_a_cursor_of_an_extreme_time_are_refused(text: str) -> None:
    with pytest.raises(Exception, match="outside"):
        MomentFilter().field.clean(text)
    cursor = base64.urlsafe_b64encode(f"{text}~{'0' * 32}".encode()).decode().rstrip("=")
    page = TimePagination()
    page.ordering = ("-at", "-id")
    page.request = Request(APIRequestFactory().get("/"))
    with pytest.raises(Problem) as refused:
        page._behind(cursor)
    assert refused.value.code == "cursor_invalid"


def test_a_filter_brings_every_offset_to_utc() -> None:
    assert MomentFilter().field.clean("2026-11-20T23:59:00+23:59").tzinfo is UTC


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_moment_of_a_replay_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="The moment is a date"):
        parse_moment(text)


def test_a_list_up_to_the_last_day_of_the_calendar_leaves_nothing_out() -> None:
    day = UntilDayFilter("at")
    day.parent = SimpleNamespace(form=SimpleNamespace(cleaned_data={}))
    rows = object()
    assert day.filter(rows, date.max) is rows


@pytest.mark.parametrize("day", [date(1, 1, 1), date.max])
def test_a_post_from_or_to_the_ends_of_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(Exception, match="Ensure this value"):
        forms.DateField(validators=WITHIN).clean(day)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31"])
def test_an_extreme_date_is_refused_in_corrections_and_printed_fields(text: str) -> None:
    with pytest.raises(CorrectionRefused) as refused:
        clean_asked(record_type="STAY", field="allowed_until", value=text)
    assert refused.value.code == "bad_value"
    request = InspectionRequest("a", "ENTRY", page_image=b"-", printed={"expiry_date": text})
    with pytest.raises(RequestRefused) as at_booth:
        check_request(request, Demands(needs_conveyance=False, asks_purpose=False, asks_address=False))
    assert (at_booth.value.code, at_booth.value.field) == ("bad_date", "printed.expiry_date")


@pytest.mark.parametrize("text", OUTSIDE)
def test_commands_refuse_an_extreme_time(text: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError):
        restore_backup.aware(text)
    with pytest.raises(CommandError):
        prune_audit.read_time(text, "--at")
    with pytest.raises(CommandError):
        erase_expired.Command().read_time({"at": text, "dry_run": True})
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps({"valid_from": text, "valid_until": text}))
    with pytest.raises(CommandError, match="valid_from"):
        partners.read_terms(terms)


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_commands_refuse_an_extreme_month(month: str) -> None:
    with pytest.raises(CommandError, match="month_invalid"):
        publish_statistics.Command().handle(country="UTO", month=month)
    with pytest.raises(CommandError, match="month_not_yyyy_mm"):
        measure_accuracy.Command().parse(month, AT)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_list_of_an_extreme_time_says_none(text: str) -> None:
    assert read_listed(text) is None


def test_a_signer_valid_for_ever_is_judged() -> None:
    """RFC 5280 section 4.1.2.5: 99991231235959Z has no well-defined end."""
    for_ever = SimpleNamespace(
        not_before=datetime(1, 1, 1, tzinfo=UTC), not_after=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    )
    verdict, _ = judge_validity(
        for_ever,
        anchor=None,
        signed_at=None,
        issue_date=date(2026, 1, 1),
        at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    assert verdict is Verdict.VALID


def test_a_document_issued_on_the_last_day_of_the_calendar_is_judged() -> None:
    assert _add_years(date(9999, 12, 31), 10) == date(9999, 12, 31)
