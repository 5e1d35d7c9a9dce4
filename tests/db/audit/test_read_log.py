"""Every look at personal data leaves a row: each address is walked while the cursor is watched.

A request that answers 200 and that selected a personal column must have written an audit row. A new address, admin list or
detail page is walked on the day it is born; what it selects is read from the statement, not declared.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.api import urls as api_urls
from borders.console import urls as console_urls
from borders.models import Officer, PortOfEntry
from tests.db.conftest import make_officer, open_session
from tests.db.factories import (
    make_crossing,
    make_document,
    make_entry,
    make_finding,
    make_hit,
    make_referral,
    make_stay,
)

pytestmark = pytest.mark.django_db

PERSONAL = frozenset(
    {
        *(
            "primary_identifier",
            "secondary_identifier",
            "birth_date",
            "birth_dates",
            "birth_date_raw",
            "birth_places",
        ),
        *(
            "document_number",
            "personal_number",
            "lines",
            "lines_read",
            "printed",
            "printed_read",
            "visa_lines",
        ),
        *("address_of_stay", "remarks", "name", "surname", "given_names", "number", "vector", "key", "der"),
    }
)
# names of places, of lists, of offices, of certificates of States: of no person
NOT_PERSONAL = re.compile(
    r"(auditblock|portofentry|country|protectionservice|partner|watchlist|watchlistversion|travelparty|trust\w+|trustedcertificate"
    r"|revocationlist|gallery|checkrule|auth_\w+|authtoken|django_\w+)$"
)
SELECTED = re.compile(r'"(\w+)"\."(\w+)"')


def personal_tables(statement: str) -> set[str]:
    """Return the personal tables whose personal columns a statement brings back: what stands between SELECT and FROM."""
    if not statement.lstrip().upper().startswith("SELECT"):
        return set()
    listed = re.split(r"\bFROM\b", statement, maxsplit=1)[0]
    return {
        table
        for table, column in SELECTED.findall(listed)
        if column in PERSONAL
        and not NOT_PERSONAL.search(table.split("_", 1)[-1])
        and not NOT_PERSONAL.search(table)
    }


@contextmanager
def watched() -> Iterator[set[str]]:
    found: set[str] = set()

    def watch(execute: Callable[..., Any], sql: str, *further: Any) -> Any:
        found.update(personal_tables(sql))
        return execute(sql, *further)

    with connection.execute_wrapper(watch):
        yield found


def check(ask: Callable[[], Any]) -> tuple[int, set[str], int]:
    """Ask, and return the status, the personal tables looked at, and how many audit rows it left."""
    before = AuditEntry.objects.count()
    with watched() as tables:
        response = ask()
        if hasattr(response, "render") and not response.is_rendered:
            response.render()
        if response.streaming:
            b"".join(response.streaming_content)
    return response.status_code, set(tables), AuditEntry.objects.count() - before


@pytest.fixture
def world(airport, booth, alice, bob, operating_points):
    """One of everything at the airport. operating_points: pages of figures ask for them."""
    at = timezone.now()
    crossing = make_crossing(booth=booth, officer=alice, at=at)
    inspection = crossing.inspection
    make_stay(crossing=crossing)
    make_finding(inspection=inspection)
    make_document(traveler=crossing.traveler, at=at)
    referral = make_referral(inspection=inspection, officer=alice)
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at)
    make_hit(inspection=inspection, entry=entry, at=at)
    return {"inspection": inspection, "crossing": crossing, "referral": referral}


def reader(port: PortOfEntry, role: Role) -> Client:
    """Return the browser of somebody who holds this role alone."""
    n = Officer.objects.count()
    user = make_officer(f"reader{n}", f"UT-{7000 + n}", port, role).user
    user.is_staff = True
    user.save(update_fields=("is_staff",))
    client = Client()
    client.force_login(user)
    return client


def ids_of_everything() -> dict[str, list[str]]:
    """Return the key of a row of every model that has one, by the name of the model."""
    found = {}
    for model in apps.get_models():
        row = model._base_manager.values_list("pk", flat=True).first()
        if row is not None:
            found[model._meta.model_name] = str(row)
    return found


def addresses(patterns: list[Any], keys: dict[str, str]) -> Iterator[str]:
    """Yield each address with the key of a fitting object, and with that of each other one where none fits by name."""
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            continue
        path = str(pattern.pattern)
        if "^" in path or path in ("", ".*"):
            continue
        names = list(pattern.pattern.converters)
        if not names:
            yield path
            continue
        filled = path.replace("<str:kind>", "page").replace("<str:act>", "close")
        for key in keys.values():
            yield re.sub(r"<uuid:\w+>", key, filled)


def unlogged(client: Client, prefix: str, paths: set[str]) -> tuple[list[str], int]:
    """Return the addresses that showed a person without a row, and how many showed one at all."""
    silent, looked = [], 0
    for path in sorted(paths):
        status, tables, rows = check(lambda path=path: client.get(f"{prefix}{path}"))
        if status == 200 and tables:
            looked += 1
            if not rows:
                silent.append(f"{path}: {sorted(tables)}")
    return silent, looked


def test_every_api_address_logs_what_it_shows(world, api_client, bob, booth):
    keys = {name: key for name, key in ids_of_everything().items() if len(key) == 36}
    paths = set(addresses(api_urls.urlpatterns, keys))
    silent, looked = unlogged(api_client(bob, booth), "/api/v1/", paths)
    assert silent == []
    assert looked >= 12


def test_every_console_page_logs_what_it_shows(world, bob, booth):
    token = "of the walk"
    open_session(bob, booth, token)
    client = Client()
    client.cookies["booth"] = token
    keys = {n: k for n, k in ids_of_everything().items() if n in ("inspection", "protectioncase")}
    silent, looked = unlogged(client, "/booth/", set(addresses(console_urls.urlpatterns, keys)))
    assert silent == []
    looks = AuditEntry.objects.filter(kind="READ")
    assert set(looks.filter(fields=[]).values_list("action", flat=True)) == set()
    assert looked >= 2


@pytest.mark.parametrize(("role", "at_least"), [(Role.SUPERVISOR, 8), (Role.DATA_PROTECTION, 1)])
def test_every_admin_list_and_page_logs_what_it_shows(world, airport, role, at_least):
    client = reader(airport, role)
    paths = {reverse("admin:index")}
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths.add(reverse(f"{name}_changelist"))
        row = model._base_manager.values_list("pk", flat=True).first()
        for pattern in model_admin.get_urls():
            if not pattern.name or not str(pattern.pattern):
                continue
            arguments = [row] * len(pattern.pattern.regex.groupindex or pattern.pattern.converters)
            if row is not None or not arguments:
                try:
                    paths.add(reverse(f"admin:{pattern.name}", args=arguments))
                except Exception:  # an address that takes something else than a row
                    continue
    silent, looked = unlogged(client, "", paths)
    assert silent == []
    assert looked >= at_least


def test_search_in_the_admin_logs_what_it_shows(world, airport):
    searched = 0
    for model, model_admin in admin.site._registry.items():
        if not getattr(model_admin, "find", None):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        client = reader(airport, sorted(model_admin.read_roles)[-1])
        client.post(reverse(f"{name}_find"), {"term": "ERIKSSON"})
        status, tables, rows = check(
            lambda name=name, client=client: client.get(reverse(f"{name}_changelist"))
        )
        searched += 1
        assert status == 200
        assert rows or not tables, name
    assert searched >= 2


def test_the_watch_sees_a_select_of_a_name():
    name = '"travelers_traveler"."primary_identifier"'
    assert personal_tables(f'SELECT "travelers_traveler"."id", {name} FROM x') == {"travelers_traveler"}
    assert personal_tables(f'SELECT COUNT(*) FROM "travelers_traveler" WHERE {name} = %s') == set()
    assert personal_tables('SELECT "borders_portofentry"."name" FROM "borders_portofentry"') == set()


def test_row_says_which_fields_were_shown(world, api_client, bob, booth):
    api_client(bob, booth).get(f"/api/v1/crossings/{world['crossing'].id}/")
    look = AuditEntry.objects.get(action="crossing.read")
    assert {"occurred_at", "direction", "traveler_id"} <= set(look.fields)
    assert look.port_id == booth.port_id


def test_row_of_an_admin_list_names_its_columns(world, bob):
    bob.user.is_staff = True
    bob.user.save(update_fields=("is_staff",))
    client = Client()
    client.force_login(bob.user)
    client.get(reverse("admin:borders_crossing_changelist"))
    assert AuditEntry.objects.get(action="crossing.listed").fields
