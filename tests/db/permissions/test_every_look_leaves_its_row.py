"""Every page of matrix.txt that shows somebody leaves its row in the trail: who, in which role, why, what, whence, which fields.

Each GET is asked by one who is let in, at the own port. A new page without its row, or with a row that says too little, fails,
unless looks.py says why it shows nobody; and what is said there is held to the columns that the page reads.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from audit.admin.base import trail_name
from audit.core.actor import system_actor
from audit.core.sharing import Scope
from audit.models import AuditEntry, new_id
from audit.services import record_read
from borders.api.urls import router
from borders.console.views import inspections
from borders.models import CorrectionRequest, RefusalGround, RefusalNotice
from borders.services.refusal_notices import authority_of
from tests.db.factories import make_decision, make_hit, make_inspection, make_referral
from tests.db.permissions import table, walk
from tests.db.permissions.cells import asked, url_of
from tests.db.permissions.looks import SHOWS_NOBODY, personal_columns_of, watched
from tests.db.permissions.table import Line
from tests.db.permissions.world import World, label_of

pytestmark = pytest.mark.django_db

LINES = [x for x in table.read_table() if "GET" in x.methods]
ADDRESSES = {address.name: address for address in walk.addresses()}
# a file must have been made before: asked in a test of its own
ELSEWHERE = {"admin:borders_datasubject_download": "tests/db/admin/test_data_protection_desk.py"}
# of objects in a state of their own: which of the furnished ones they show
OF_FURNISHED = {
    "inspection-refusal-notice-file": "refused",
    "console:notice": "refused",
    "console:notice-file": "refused",
    "correction-request-answer-letter": "answered",
    "admin:borders_correctionrequest_answer": "answered",
    "admin:watchlists_hit_image": "face",
}
# what the trail calls an object otherwise than by its model
WORDS = {
    "BoothDevice": "device",
    "CheckRule": "rule",
    "DataSubject": "traveler",
    "DeduplicationRun": "deduplication",
    "DocumentReading": "reading",
    "PortOfEntry": "port",
    "TravelDocument": "document",
}
# tables whose rows are told with another object
PARTS = {
    "AdjudicationReview": "adjudication",
    "CapturedImage": "inspection",
    "ChipVerification": "chip",
    "EntryDocument": "watchlist_entry",
    "EntryName": "watchlist_entry",
    "InspectionFinding": "finding",
    "InspectionStep": "step",
    "Template": "inspection",
}
# read for what it is not shown of: when a file is due, where a refusal was, whose name a screening of ours holds
READ_BESIDE: Mapping[str, frozenset[str]] = {
    "borders.datasubject": frozenset({"borders_stay", "travelers_traveldocument"}),
    "borders.refusalnotice": frozenset({"borders_decision"}),
    "borders.stay": frozenset({"borders_crossing"}),
    "watchlists.hit": frozenset({"travelers_documentreading"}),
    "watchlists.lead": frozenset({"travelers_documentreading"}),
}
EXPORT = {"purpose": "redress", "file_format": "csv", "reference": "UT/1"}
USUAL_PURPOSE = "border_control"


@dataclass(frozen=True, slots=True)
class Look:
    """One request. who: label of the actor. role: "" of a system. pk: of the object in the address, "" where there is none.

    shows: somebody, so that it leaves a row. beside: a page of one row, whose fields name what it shows of other objects.
    """

    name: str
    client: Client
    url: str
    who: str
    role: str
    port: str
    pk: str = ""
    shows: bool = True
    beside: bool = False
    purpose: str = USUAL_PURPOSE
    data: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return "POST" if self.data else "GET"


@pytest.fixture
def unpainted_pages() -> None:
    """Here they are painted: what is read on the way belongs to what is shown."""


@pytest.fixture
def furnished(world: World) -> World:
    """The world, with an object of the right state for each page that shows one in that state alone."""
    now, booth = timezone.now(), world.booths["own"]
    officer, second = world.officers["all", "own"], world.officers["second", "own"]
    waiting = make_inspection(booth=booth, officer=officer, at=now, number=7, state="REFERRED")
    make_referral(inspection=waiting, officer=officer)
    refused = make_inspection(booth=booth, officer=officer, at=now, number=8, state="REFUSED")
    refusal = make_decision(
        inspection=refused, officer=second, line="SECOND", outcome="REFUSED", reason="No visa"
    )
    grounds = [{"code": "NO_VISA", "legal_basis": "Border act, 6"}]
    RefusalGround.objects.create(country=booth.port.country, **grounds[0])
    RefusalNotice.objects.create(
        decision=refusal,
        reference="UTAIR-N-1",
        grounds=grounds,
        authority=authority_of(booth.port.country),
        appeal_until=date(2027, 1, 1),
        issued_by=second.user,
        issued_at=now,
    )
    answered = CorrectionRequest.objects.get(pk=world.objects["borders.correctionrequest"].pk)
    answered.pk, answered.reference, answered.state = new_id(), "UTAIR-C-2", CorrectionRequest.State.REFUSED
    answered.reason, answered.decided_at, answered.decided_by = "Nothing shown", now, second.user
    answered.save(force_insert=True)
    face = make_hit(
        inspection=waiting,
        entry=world.objects["watchlists.watchlistentry"],
        at=now,
        comparison=world.objects["biometrics.comparison"],
    )
    return replace(world, objects=world.objects | {"refused": refused, "answered": answered, "face": face})


@pytest.mark.parametrize("area", table.WALKED)
def test_every_page_that_shows_somebody_leaves_its_row(furnished: World, area: str) -> None:
    wrong = [found for look in looks_of(furnished, area) for found in check(look)]
    assert not wrong, report(wrong)


@pytest.mark.parametrize("kind", ["changelist", "change", "export"])
def test_the_pages_of_every_model_leave_their_rows(furnished: World, kind: str) -> None:
    wrong = [found for look in looks_at_models(furnished, kind) for found in check(look)]
    assert not wrong, report(wrong)


def test_every_file_that_is_taken_out_leaves_its_row(furnished: World) -> None:
    wrong = []
    for form in looks_at_models(furnished, "export"):
        look = replace(form, data=EXPORT, purpose=EXPORT["purpose"], shows=True)
        wrong += check(look)
    assert not wrong, report(wrong)


def test_every_search_of_a_list_leaves_its_row(furnished: World) -> None:
    wrong, searched = [], 0
    for look in looks_at_models(furnished, "changelist"):
        if not admin.site._registry[apps.get_model(look.name)].find:
            continue
        with transaction.atomic():
            look.client.post(f"{look.url}find/", {"term": "ERIKSSON"})
            wrong += check(look, found_by_term=True)
            transaction.set_rollback(True)
        searched += 1
    assert not wrong, report(wrong)
    assert searched >= 2


def test_the_walk_sees_what_is_not_told(furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
    look = next(x for x in looks_of(furnished, "console") if x.name == "console:inspection")
    assert check(look) == []
    assert ["leaves a row" in fault or "reads" in fault for fault in check(replace(look, shows=False))] == [
        True
    ] * 2
    monkeypatch.setattr(inspections, "record_read", lambda **row: record_read(**{**row, "fields": ()}))
    assert ["fields is empty" in fault for fault in check(look)] == [True]
    monkeypatch.setattr(inspections, "record_read", lambda **row: None)
    assert ["no row" in fault for fault in check(look)] == [True]


def test_the_watch_sees_a_select_of_a_name() -> None:
    name = '"travelers_traveler"."primary_identifier"'
    assert personal_columns_of(f'SELECT "travelers_traveler"."id", {name} FROM x') == {name.replace('"', "")}
    assert personal_columns_of(f'SELECT COUNT(*) FROM "travelers_traveler" WHERE {name} = %s') == set()
    assert personal_columns_of('SELECT "borders_portofentry"."name" FROM "borders_portofentry"') == set()


def test_desk_and_api_call_an_object_by_one_name() -> None:
    called = {(model.__name__, page.object_type) for model, page in admin.site._registry.items()}
    for _, view_set, _ in router.registry:
        rows = view_set(action="list", request=None).scoped_queryset(system_actor("tests"))
        called.add((rows.model.__name__, view_set.object_type))
    usual = {(model.__name__, trail_name(model)) for model in apps.get_models()}
    assert dict(called - usual) == WORDS
    assert len(called) == len(dict(called))


def test_what_is_said_to_show_nobody_is_there() -> None:
    assert set(SHOWS_NOBODY) - {x.name for x in LINES} == set(), "pages that are no more"


def looks_of(world: World, area: str) -> Iterator[Look]:
    """Yield a request to each address of an area: by a person, and by a system where one may ask it."""
    for line in LINES:
        if line.area != area or line.name in ELSEWHERE:
            continue
        there, label = world, label_of(line.name) or ""
        if line.name in OF_FURNISHED:
            there = replace(world, objects={**world.objects, label: world.objects[OF_FURNISHED[line.name]]})
        url, row = url_of(there, ADDRESSES[line.name]), there.objects.get(label)
        look = look_of(world, line, url, str(row.pk) if row is not None and str(row.pk) in url else "")
        yield look
        if line.scope:
            yield replace(look, client=world.system(Scope(line.scope)), who="partner:POLICE", role="")


def looks_at_models(world: World, kind: str) -> Iterator[Look]:
    """Yield a request to the page of this kind of each model of the desk that has one."""
    for line in LINES:
        if line.area != "models":
            continue
        app_label, model_name = line.name.split(".")
        pk = str(world.objects[line.name].pk) if kind == "change" else ""
        try:
            url = reverse(f"admin:{app_label}_{model_name}_{kind}", args=[pk] if pk else [])
        except NoReverseMatch:
            continue
        look = look_of(world, line, url, pk)
        # the form that asks for the purpose lists nobody yet
        shows = look.shows and kind != "export"
        yield replace(look, shows=shows, beside=shows and kind == "change")


def look_of(world: World, line: Line, url: str, pk: str) -> Look:
    shows = line.name not in SHOWS_NOBODY
    # of a page that is said to show nobody, what is shown to whoever may see most
    role = min(line.allowed) if shows else "all"
    officer, port = world.officers[role, "own"], str(world.ports["own"].id)
    client = world.client(line.area, role, "own")
    return Look(line.name, client, url, officer.badge_number, role, port, pk, shows)


def check(look: Look, *, found_by_term: bool = False) -> list[str]:
    """Return what is wrong with the rows that a request leaves."""
    known = set(AuditEntry.objects.filter(kind="READ").values_list("id", flat=True))
    with watched() as columns, asked(look.client, look.method, look.url, look.data or None) as response:
        if response.streaming:
            b"".join(response.streaming_content)
        rows = list(AuditEntry.objects.filter(kind="READ").exclude(id__in=known))
    wrong = [fault for row in rows for fault in faults(look, row)]
    if not look.shows:
        if rows:
            wrong.append("leaves a row: it need not be excused in looks.py")
        if columns:
            wrong.append(f"shows nobody, and yet reads {sorted(columns)}")
    elif response.status_code != 200:
        wrong.append(f"nothing to see ({response.status_code}): furnish an object that it shows")
    elif not rows:
        wrong.append("no row: record the look, or say in looks.py why it shows nobody")
    elif look.pk and not any(names(row, look.pk) for row in rows):
        wrong.append("no row names the object")
    elif found_by_term and not any(row.detail.get("found_by_term") for row in rows):
        wrong.append("no row says that a term was looked for")
    if look.beside:
        told = {name.partition(".")[0] for row in rows for name in row.fields} | {
            row.object_type for row in rows
        }
        read = (
            {column.partition(".")[0] for column in columns}
            - told_of(told)
            - READ_BESIDE.get(look.name, frozenset())
        )
        wrong += [f"fields name nothing of {table}, which it reads" for table in sorted(read)]
    return [f"{look.method} {look.name} as {look.role or look.who}: {fault}" for fault in wrong]


def told_of(words: Collection[str]) -> set[str]:
    """Return the tables that belong to objects by the names which the trail has for them."""
    return {model._meta.db_table for model in apps.get_models() if word_of(model) in words}


def word_of(model: type[Model]) -> str:
    return PARTS.get(model.__name__) or WORDS.get(model.__name__) or trail_name(model)


def faults(look: Look, row: AuditEntry) -> Iterator[str]:
    """Yield what a row does not say, or says otherwise than it was."""
    expected = {"actor_label": look.who, "roles": look.role, "port_id": look.port, "purpose": look.purpose}
    for name, value in expected.items():
        if str(getattr(row, name)) != value and not (name == "roles" and look.role == "all"):
            yield f"{row.action}: {name} is {getattr(row, name)!r}, not {value!r}"
    for name in ("origin", "fields", "object_type"):
        if not getattr(row, name):
            yield f"{row.action}: {name} is empty"
    if not row.object_id and "ids" not in row.detail:
        yield f"{row.action}: names no object"


def names(row: AuditEntry, pk: str) -> bool:
    return pk == row.object_id or pk in row.detail.get("ids", ()) or pk in row.detail.values()


def report(wrong: Sequence[str]) -> str:
    return f"{len(wrong)} are wrong:\n" + "\n".join(wrong)
