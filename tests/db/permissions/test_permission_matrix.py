"""Every address, page and command × every role × own port, another post, another country: as matrix.txt declares, and no other.

What is found is listed whole, so that one run names every cell that differs.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from audit.core.actor import Role
from audit.core.sharing import Scope
from tests.db.permissions import table, walk
from tests.db.permissions.cells import Answer, ask, url_of
from tests.db.permissions.table import Line
from tests.db.permissions.walk import Address
from tests.db.permissions.world import PLACES, WORTHLESS, World, label_of

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CLOSED = frozenset(".0x")
# lists whose page does not show our object: the trail grows by every look, the rules' page lists checks, and persons are
# looked for by name, never leafed through
NOT_ROWS = ("audit.auditentry", "borders.checkrule", "borders.datasubject")
# rows of which our object is no such: owners of lists see the messages to owners, and ours is about an inspection
OTHER_ROWS = {("borders.outboxmessage", Role.LIST_OWNER)}
# who answers for all of it, wherever the role is held
EVERY_ROW = {
    ("audit.auditentry", Role.DATA_PROTECTION),
    ("borders.overstaynotice", Role.DATA_PROTECTION),
}
LINES = table.read_table()
ADDRESSES = {address.name: address for address in walk.addresses()}
OF_AREA = {area: [x for x in LINES if x.area == area] for area in table.AREAS}
PUBLIC = {(x.name, m) for x in LINES if x.reach == "public" for m in x.methods}


def test_every_address_has_its_line() -> None:
    declared = {x.name for x in LINES if x.area in table.WALKED}
    assert set(ADDRESSES) - declared == set(), "new addresses: give each a line in matrix.txt"
    assert declared - set(ADDRESSES) == set(), "lines of addresses that are no more"


def test_every_model_of_the_admin_has_its_line() -> None:
    declared = {x.name for x in OF_AREA["models"]}
    assert {m._meta.label_lower for m in walk.models()} == declared


def test_every_model_of_the_admin_has_a_row_to_ask_for(world: World) -> None:
    assert [x.name for x in OF_AREA["models"] if x.name not in world.objects] == []


def test_every_command_has_its_line() -> None:
    assert {x.name for x in OF_AREA["commands"]} == walk.commands()


def test_every_role_is_a_column() -> None:
    assert set(table.ROLES.values()) == set(Role) - {Role.SYSTEM}


def test_every_scope_opens_something() -> None:
    assert {x.scope for x in LINES if x.scope} == {s.value for s in Scope}


@pytest.mark.parametrize("area", table.WALKED)
def test_each_role_gets_what_is_declared(world: World, area: str) -> None:
    wrong = [found for line in OF_AREA[area] for found in check_line(world, line)]
    assert not wrong, report(wrong)


def check_line(world: World, line: Line) -> Iterator[str]:
    address = ADDRESSES[line.name]
    url, nothing = url_of(world, address), url_of(world, address, absent=True)
    for role in table.ROLES.values():
        for place in PLACES:
            client = world.client(line.area, role, place)
            expected = expected_letter(line, address, role, place)
            for method in line.methods:
                answer = ask(client, method, url)
                if not fits(line, answer, expected):
                    yield cell(line.name, method, role, place, expected, answer)
                elif expected == "0" and url != nothing and not same(answer, ask(client, method, nothing)):
                    yield cell(line.name, method, role, place, "as if absent", answer)
                elif (
                    expected == "y"
                    and method == "GET"
                    and hidden(line, role, place)
                    and shows(world, line, answer)
                ):
                    yield cell(line.name, method, role, place, "not listed", answer)


def fits(line: Line, answer: Answer, expected: str) -> bool:
    # to be told that there is nothing is as closed as to be refused; a list of applications depends on what is in it
    as_closed = expected == "." and answer.letter == "0"
    return answer.letter == expected or as_closed or (line.name == "admin:app_list" and answer.letter in "0y")


def expected_letter(line: Line, address: Address, role: Role, place: str) -> str:
    if role not in line.allowed:
        return "."
    if line.reach in ("absent", "leave"):
        return "0" if line.reach == "absent" else "-"
    return "0" if hidden(line, role, place) and has_object(address) else "y"


def hidden(line: Line, role: Role, place: str) -> bool:
    """Tell whether our object is out of reach of a person at that place."""
    if (line.name, role) in OTHER_ROWS:
        return True
    if (line.name, role) in EVERY_ROW:
        return False
    return place == "abroad" if line.reach == "country" else place != "own" and line.reach == "port"


def has_object(address: Address) -> bool:
    return any(name.endswith("id") for name in address.parameters)


def shows(world: World, line: Line, answer: Answer) -> bool:
    row = world.objects.get(label_of(line.name) or line.name)
    return row is not None and (str(row.pk).encode() in answer.body or str(row.pk) in answer.listed)


def same(one: Answer, other: Answer) -> bool:
    return (one.status, one.body, one.headers) == (other.status, other.body, other.headers)


@pytest.mark.parametrize("area", table.WALKED)
def test_a_method_that_is_not_declared_does_nothing(world: World, area: str) -> None:
    """Asked by somebody who holds every role at the port, so that nothing but the method stands in the way."""
    wrong = []
    for line_name, methods in declared_methods(area).items():
        url, client = url_of(world, ADDRESSES[line_name]), world.client(area, "all", "own")
        for method in METHODS:
            if method in methods or (method == "HEAD" and "GET" in methods) or (line_name, method) in PUBLIC:
                continue
            answer = ask(client, method, url)
            if answer.letter not in CLOSED and not harmless(method, answer):
                wrong.append(cell(line_name, method, "all", "own", "nothing", answer))
    assert not wrong, report(wrong)


def harmless(method: str, answer: Answer) -> bool:
    """Tell whether this is Django's own answer to OPTIONS, which names the methods and shows nothing."""
    return method == "OPTIONS" and answer.status in (200, 204) and not answer.body


def declared_methods(area: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in OF_AREA[area]:
        found.setdefault(line.name, set()).update(line.methods)
    return found


@pytest.mark.parametrize("area", table.WALKED)
def test_head_shows_no_more_than_get(world: World, area: str) -> None:
    wrong = []
    for line in OF_AREA[area]:
        if "GET" not in line.methods:
            continue
        url = url_of(world, ADDRESSES[line.name])
        for role in (
            min(line.allowed or {Role.OFFICER}),
            next((r for r in Role if r not in line.allowed and r != Role.SYSTEM), None),
        ):
            if role is None:
                continue
            got = ask(world.client(area, role, "own"), "HEAD", url)
            if got.letter not in (expected_letter(line, ADDRESSES[line.name], role, "own"), "x") or got.body:
                wrong.append(cell(line.name, "HEAD", role, "own", "as GET, without a body", got))
    assert not wrong, report(wrong)


@pytest.mark.parametrize("how", WORTHLESS)
def test_nobody_gets_anything_by_a_worthless_sign_in(world: World, how: str) -> None:
    wrong = []
    for area in table.WALKED:
        for name, declared in declared_methods(area).items():
            url, client = url_of(world, ADDRESSES[name]), world.worthless(area, how)
            for method in METHODS if how == "none" else sorted(declared):
                answer = ask(client, method, url)
                if (name, method) in PUBLIC or (method == "HEAD" and (name, "GET") in PUBLIC):
                    continue
                if answer.letter not in "-x" and not harmless(method, answer):
                    wrong.append(cell(name, method, how, "own", "sign in first", answer))
    assert not wrong, report(wrong)


def test_the_desk_is_closed_to_accounts_without_staff_status(world: World) -> None:
    client = world.client("admin", "plain", "own")
    wrong = []
    for line in OF_AREA["admin"]:
        for method in line.methods:
            answer = ask(client, method, url_of(world, ADDRESSES[line.name]))
            if answer.letter != "-" and line.reach != "public":
                wrong.append(cell(line.name, method, "plain", "own", "sign in first", answer))
    assert not wrong, report(wrong)


def test_the_pages_of_every_model_show_rows_to_whom_they_are_declared(world: World) -> None:
    wrong = [found for line in OF_AREA["models"] for found in check_model(world, line)]
    assert not wrong, report(wrong)


def check_model(world: World, line: Line) -> Iterator[str]:
    app_label, _, model_name = line.name.partition(".")
    row = world.objects[line.name]

    def page(kind: str, absent: bool = False) -> str:
        parameters = ("object_id",) if kind in ("change", "delete", "history") else ()
        return url_of(
            world, Address(f"admin:{app_label}_{model_name}_{kind}", "", "admin", parameters), absent=absent
        )

    for role in table.ROLES.values():
        for place in PLACES:
            client = world.client("admin", role, place)
            may = role in line.allowed
            listing = ask(client, "GET", page("changelist"))
            if listing.letter != ("y" if may else "."):
                yield cell(line.name, "changelist", role, place, "y" if may else ".", listing)
            with contextlib.suppress(NoReverseMatch):  # where a list can be taken out, by the same persons
                taken = ask(client, "GET", reverse(f"admin:{app_label}_{model_name}_export"))
                if taken.letter not in ("y" if may else ".0"):
                    yield cell(line.name, "export", role, place, "y" if may else ".", taken)
            seen = may and not hidden(line, role, place)
            if may and (str(row.pk) in listing.listed) != seen and line.name not in NOT_ROWS:
                yield cell(line.name, "changelist", role, place, "listed" if seen else "not listed", listing)
            detail = ask(client, "GET", page("change"))
            expected = "y" if seen else "0" if may else "."
            if detail.letter != expected:
                yield cell(line.name, "change", role, place, expected, detail)
            elif expected == "0" and not same(detail, ask(client, "GET", page("change", absent=True))):
                yield cell(line.name, "change", role, place, "as if absent", detail)


def test_no_page_of_a_model_adds_changes_or_deletes(world: World) -> None:
    """Asked by somebody who holds every role at the port."""
    wrong, client = [], world.client("admin", "all", "own")
    for line in OF_AREA["models"]:
        app_label, _, model_name = line.name.partition(".")
        for kind in ("add", "delete", "history", "change", "changelist"):
            parameters = ("object_id",) if kind in ("change", "delete", "history") else ()
            url = url_of(world, Address(f"admin:{app_label}_{model_name}_{kind}", "", "admin", parameters))
            for method in (
                ("GET", "POST")
                if kind in ("add", "delete", "history")
                else ("POST", "PUT", "PATCH", "DELETE")
            ):
                answer = ask(client, method, url)
                if answer.letter not in CLOSED:
                    wrong.append(cell(line.name, f"{method} {kind}", "all", "own", "nothing", answer))
    assert not wrong, report(wrong)


def test_a_system_may_call_what_its_scopes_say(world: World) -> None:
    wrong = []
    for line in OF_AREA["api"]:
        url = url_of(world, ADDRESSES[line.name])
        for scope in Scope:
            for method in line.methods:
                answer = ask(world.system(scope), method, url)
                expected = "y" if line.scope == scope or line.reach == "public" else "."
                if answer.letter != expected:
                    wrong.append(cell(line.name, method, scope, "own", expected, answer))
    for area in (a for a in table.WALKED if a != "api"):
        for line in OF_AREA[area]:
            if line.reach == "public":
                continue
            answer = ask(
                world.system(Scope.CROSSINGS_READ), line.methods[0], url_of(world, ADDRESSES[line.name])
            )
            if answer.letter not in "-x":
                wrong.append(cell(line.name, line.methods[0], "system", "own", "sign in first", answer))
    assert not wrong, report(wrong)


def cell(name: str, method: str, who: Any, place: str, expected: str, answer: Answer) -> str:
    return (
        f"{name} {method} as {who} at {place}: {expected} expected, {answer.letter} ({answer.status}) found"
    )


def report(wrong: list[str]) -> str:
    return f"{len(wrong)} cells differ:\n" + "\n".join(wrong[:200])
