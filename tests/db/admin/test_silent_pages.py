"""Two worlds alike but for whom the silent entries name: whoever owns no list fetches the same in both, from every address.

In one of them Anna is silently sought three times over; her hits were found, told, looked at and answered; one message about
them was given up, another waits. In the other the entries name somebody who never comes, and the owner opens the same lists in
vain. Compared are whole answers: pages of the desk that links lead to, lists in each of their formats, lists of the API,
metrics, lines of the log. Ids go by the order in which an answer names them; what is drawn anew (tokens of forms, nonces) is
left out; the clock stands.
"""

import io
import logging
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
import yaml
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client, override_settings
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from audit.core.actor import Actor, Role
from audit.models import AuditEntry, new_id
from audit.queries.trail import shown_trail
from biometrics.models import OperatingPoint
from borders.api.views import inspections as views
from borders.models import Booth, Country, Inspection, Officer, OutboxMessage, OwnerContact, PortOfEntry
from borders.queries import actor_of_user
from borders.services.notifications import announce_notices, deliver_due
from borders.services.outbox import publish
from borders.services.pipeline import process_inspection
from deploy.launcher.configuration import CHECKOUT
from tests.db.api.conftest import ANNA, entry_of_anna
from tests.db.conftest import make_officer, open_session
from tests.db.factories import make_comparison, make_image, make_operating_point, make_template
from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
from watchlists.core.screening import Action
from watchlists.models import Hit, OwnerNotice, Watchlist
from watchlists.services.lists import activate_version, create_watchlist, propose_version
from watchlists.services.tending import tend

pytestmark = pytest.mark.django_db

Answers = dict[str, tuple[Any, ...]]
Sought = tuple[str, PersonName, BirthDate]

ALL_BUT_OWNER = set(Role) - {Role.LIST_OWNER, Role.SYSTEM}
# the second refuses for good, the third does not answer
CONTACTS = {
    "Unit 1": {"email": "unit@border.invalid"},
    "Unit 2": {"webhook_url": "http://unit.border.invalid/"},
    "Unit 3": {"webhook_url": "http://127.0.0.1:9/"},
}
THE_SOUGHT: Sought = ("L898902C3", PersonName("ERIKSSON", "ANNA MARIA"), BirthDate(1974, 8, 12))
NOBODY: Sought = ("L898902C9", PersonName("OESTGARD", "ELSE INGER"), BirthDate(1981, 2, 3))
OLE: Sought = ("L898902C5", PersonName("BERG", "OLE"), BirthDate(1960, 1, 1))
DRAWN = re.compile(
    rb"(?<=csrfmiddlewaretoken\" value=\")[^\"]+|(?<=nonce=\")[^\"]+|(?<=X-CSRFToken\": \")[^\"]+"
)
NONCE = re.compile(r"nonce-[A-Za-z0-9+/=_-]+")
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b")
CURSOR = re.compile(rb"(?<=[?;&]after=)[A-Za-z0-9_-]+|(?<=[?;&]before=)[A-Za-z0-9_-]+")
LINK = re.compile(rb"(?:href|src|hx-get|data-url)=\"(/[^\"#]*)")
# pages without anything of a traveller or a list; files are fetched by themselves
LEFT_ALONE = (
    "logout",
    "jsi18n",
    "password_change",
    "checkrule",
    "retentionclass",
    "_export",
    "_post?",
    "search",
)
# of each kind of page so many are opened; of those that tell of travellers, lists and acts as many as there are here
PAGES_A_KIND, OF_THESE = 1, 4
MANY = (
    *("admin:borders_inspection_change", "admin:borders_outboxmessage_change"),
    *("admin:watchlists_watchlist_change", "admin:audit_auditentry_change"),
)
FILES = (
    *("borders_inspection", "borders_crossing", "borders_outboxmessage", "borders_disclosure"),
    *("watchlists_hit", "watchlists_watchlist", "watchlists_watchlistversion", "watchlists_matchexception"),
    *("audit_auditentry", "biometrics_comparison"),
)
PASSING = ("audit-head", "challenge", "schema")


def without_ids(text: str) -> str:
    """Return a text with its ids numbered in the order in which they come."""
    seen: dict[str, str] = {}
    return ID.sub(lambda found: seen.setdefault(found[0], f"#{len(seen)}"), text)


def shape_of(response: Any) -> tuple[Any, ...]:
    """Return all that an answer tells."""
    headers = {
        name: NONCE.sub("nonce", without_ids(value))
        for name, value in response.headers.items()
        if name not in ("X-Request-ID", "Content-Length")  # of the whole answer, whose length stands beside
    }
    content = content_of(response)
    return response.status_code, headers, sorted(response.cookies), len(content), content


def content_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("image/"):
        return f"image of {len(body)} octets"
    if "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in sorted(book.namelist()))
    # a cursor holds time and id of a row that stands on the page
    return without_ids(CURSOR.sub(b"", DRAWN.sub(b"", body)).decode())


def crawl(client: Client, *starts: str) -> Answers:
    """Return what the pages of the desk answer that links lead to, some of each kind."""
    found: Answers = {}
    opened: dict[str, int] = {}
    waiting = list(starts)
    for address in waiting:
        response = client.get(address)
        # by the way there: ids differ between the worlds
        found[f"{len(found)} {without_ids(address)}"] = shape_of(response)
        links = () if response.streaming else LINK.findall(response.content)
        for link in (found_link.decode().replace("&amp;", "&") for found_link in links):
            kind = kind_of(link)
            if link in waiting or not kind.startswith("admin:") or any(word in kind for word in LEFT_ALONE):
                continue
            opened[kind] = opened.get(kind, 0) + 1
            if opened[kind] <= (OF_THESE if kind.startswith(MANY) else PAGES_A_KIND):
                waiting.append(link)
    return found


def kind_of(link: str) -> str:
    """Return the name of the view that a link leads to, with the names of what it asks for."""
    parts = urlsplit(link)
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        return ""
    asked = [key for key, _ in parse_qsl(parts.query) if key != "_changelist_filters"]
    return f"{name}?{','.join(asked)}"


def files(client: Client) -> Answers:
    """Return lists as files, in both formats."""
    found = {}
    for name in FILES:
        for file_format in ("csv", "xlsx"):
            form = {"purpose": "investigation", "reference": "C-2026/7", "file_format": file_format}
            found[f"{name}.{file_format}"] = shape_of(client.post(reverse(f"admin:{name}_export"), form))
    return found


class Listener(logging.Handler):
    """Keeps what is logged, without what passes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = record.msg if isinstance(record.msg, dict) else {"text": record.getMessage()}
        kept = {k: v for k, v in said.items() if k not in ("request_id", "pid", "timestamp")}
        self.lines.append(without_ids(f"{record.name} {record.levelname} {sorted(kept.items())}"))


class Scene:
    """The places and persons, and what is done in each of the two worlds."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        utopia = Country.objects.create(code="UTO", name="Utopia")
        port = PortOfEntry.objects.create(country=utopia, code="UTAIR", name="Utopia Airport", kind="AIR")
        self.booth = Booth.objects.create(port=port, code="A1")
        self.alice = make_officer("alice", "UT-0001", port, Role.OFFICER)
        self.bob = make_officer("bob", "UT-0002", port, Role.SUPERVISOR, Role.LIST_OWNER)
        self.charlie = make_officer("charlie", "UT-0003", port, Role.LIST_OWNER)
        self.dora = make_officer("dora", "UT-0007", port, *ALL_BUT_OWNER)
        self.sam = make_officer("sam", "UT-0008", port, Role.SUPERVISOR)
        OperatingPoint.objects.create(
            purpose="NAME_SCREENING", engine=SCORE_ENGINE, engine_version=SCORE_VERSION, version=1,
            threshold=12.0, target="of the tests", provenance="of the tests", state="ACTIVE",
            proposed_by=self.alice.user, proposed_at=at, approved_by=self.bob.user, approved_at=at,
        )  # fmt: skip

    def actor_of(self, officer: Officer) -> Actor:
        return actor_of_user(user=officer.user, at=self.at, origin="127.0.0.1")

    def desk_of(self, officer: Officer) -> Client:
        officer.user.is_staff = True
        officer.user.save(update_fields=("is_staff",))
        client = Client()
        client.force_login(officer.user)
        return client

    def program_of(self, officer: Officer) -> APIClient:
        token = f"token of {officer.badge_number}"
        open_session(officer, self.booth, token)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    def put_in_force(self, name: str, unit: str, whom: Sought, action: Action) -> None:
        number, person, born = whom
        watchlist = create_watchlist(
            actor=self.actor_of(self.bob), at=self.at, name=name, kind=Watchlist.Kind.PERSON,
            owner_unit=unit, legal_basis="Act 1",
        )  # fmt: skip
        entry = ProposedEntry(
            source_id="1", action=action, reason="Sought", legal_basis="Act 1", owner_unit=unit,
            valid_from=self.at - timedelta(days=1), valid_until=self.at + timedelta(days=1),
            review_by=date(2030, 1, 1), names=(person,), documents=(ListedDocument(number, "UTO"),),
            birth_dates=(born,),
        )  # fmt: skip
        version = propose_version(
            actor=self.actor_of(self.bob), at=self.at, watchlist=watchlist, entries=[entry], sha256="0" * 64
        )
        activate_version(actor=self.actor_of(self.charlie), at=self.at, version_id=version.id)

    def sweep(self) -> None:
        tend(at=self.at)
        announce_notices(at=self.at)
        deliver_due(at=self.at)

    def travel(self, *, sought: bool) -> str:
        """Anna comes and goes on, and two others; return the id of her inspection."""
        booth, ids = self.program_of(self.alice), []
        for number, person, born in (
            THE_SOUGHT,
            ("L898902C4", PersonName("ERIKSEN", "ANNE"), BirthDate(1981, 2, 3)),
            OLE,
        ):
            keyed = ANNA | {
                "document_number": number,
                "primary_identifier": person.primary_identifier,
                "secondary_identifier": person.secondary_identifier,
                "birth_date": f"{born.year}-{born.month:02d}-{born.day:02d}",
            }
            sent = entry_of_anna(keyed=keyed, client_reference=f"r-{number}")
            ids.append(booth.post("/api/v1/inspections/?wait_s=5", sent).json()["id"])
        live = make_template(image=make_image(at=self.at), at=self.at)
        Inspection.objects.filter(id=ids[0]).update(live_template=live)
        # what a search of the lists' gallery leaves: of a silent entry its candidate and its score
        point = make_operating_point(
            proposed_by=self.alice, approved_by=self.bob, at=self.at, purpose="WATCHLIST_IDENTIFICATION"
        )
        make_comparison(probe=live, point=point, at=self.at, score=0.9 if sought else 0.1)
        answer = {"outcome": "CLEARED", "reason": "Spoke with the traveller."}
        assert booth.post(f"/api/v1/inspections/{ids[0]}/decision/", answer).status_code in (200, 201)
        return ids[0]

    def answer_hits(self) -> None:
        """The owner of the lists opens his pages, and answers what there is to answer."""
        desk = self.desk_of(self.bob)
        for name in ("ownernotice", "hit"):
            desk.get(reverse(f"admin:watchlists_{name}_changelist"))
        for notice in OwnerNotice.objects.order_by("id")[:2]:
            desk.get(reverse("admin:watchlists_ownernotice_change", args=[notice.id]))
        answers = iter(("FALSE_MATCH", "TRUE_MATCH"))
        for hit in Hit.objects.filter(silent=True).order_by("id")[:2]:
            desk.get(reverse("admin:watchlists_hit_change", args=[hit.id]))
            claim, answer = (
                reverse("admin:watchlists_hit_act", args=[hit.id, code]) for code in ("claim", "answer")
            )
            assert desk.post(claim).status_code == 302
            assert desk.post(answer, {"choice": next(answers), "reason": "Compared"}).status_code == 302
            hit.refresh_from_db()
            assert hit.state not in ("OPEN", "CLAIMED")

    def play(self, *, sought: bool) -> dict[str, Any]:
        """Return what everybody but the owners fetched in one of the worlds."""
        for unit, contact in CONTACTS.items():
            OwnerContact.objects.create(owner_unit=unit, **contact)
            self.put_in_force(f"List of {unit}", unit, THE_SOUGHT if sought else NOBODY, Action.SILENT)
        self.put_in_force("Open list", "Unit 4", OLE, Action.SECOND_LINE)
        self.sweep()
        listener = Listener()
        logging.getLogger().addHandler(listener)
        try:
            anna = self.travel(sought=sought)
            self.sweep()
        finally:
            logging.getLogger().removeHandler(listener)
        self.answer_hits()
        assert Hit.objects.filter(silent=True).exists() == sought
        assert OutboxMessage.objects.filter(dead=True).exists() == sought
        assert Hit.objects.filter(silent=False).exists()
        dora = self.desk_of(self.dora)
        replays = [reverse("admin:borders_inspection_replay", args=[anna])]
        seen: dict[str, Any] = {
            "log": listener.lines,
            "pages": crawl(dora, reverse("admin:index"), *replays),
            "files": files(dora),
            "api": self.fetch_lists(anna),
            "metrics": metrics(),
        }
        if sought:  # and now the owner looks at the traveller as well
            desk = self.desk_of(self.bob)
            for address in (reverse("admin:borders_inspection_change", args=[anna]), *replays):
                assert desk.get(address).status_code == 200
        sam = self.desk_of(self.sam)
        seen["after a look"] = {
            name: shape_of(sam.get(address))
            for name, address in {
                "evidence": reverse("admin:borders_inspection_change", args=[anna]),
                "replay": replays[0],
                "trail": reverse("admin:audit_auditentry_changelist"),
            }.items()
        }
        return seen

    def fetch_lists(self, anna: str) -> Answers:
        described = yaml.safe_load((CHECKOUT / "openapi.yaml").read_text())["paths"]
        lists = [p for p, acts in described.items() if "get" in acts and "{" not in p]
        client = self.program_of(self.dora)
        addresses = [p for p in lists if not any(word in p for word in PASSING)]
        addresses.append(f"/api/v1/inspections/{anna}/")
        return {without_ids(address): shape_of(client.get(address)) for address in addresses}


def metrics() -> list[str]:
    """Return the lines of metrics that tell of the state of things, with the addresses of which there are counts."""
    lines = Client().get("/metrics/").content.decode().splitlines()
    state = [
        line
        for line in lines
        if re.match(r"bmis_(waiting|parked|oldest|watchlist|audit_head)", line) and "audit_row" not in line
    ]
    routes = {found[1] for line in lines if (found := re.search(r'route="([^"]*)"', line))}
    return [*(without_ids(line) for line in state), *sorted(routes - {"metrics/"})]


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What was seen in the world in which Anna is sought, and in the other."""
    at = timezone.now()
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

    def work(row: Any, place: Any = None) -> None:
        publish(inspection_id=row.id, send=lambda i: process_inspection(inspection_id=i, clock=timezone.now))

    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        override_settings(STORAGES=settings.STORAGES | plain),
        time_machine.travel(at, tick=False),
        transaction.atomic(),
    ):
        patch.setattr(views, "enqueue_on_commit", work)
        patch.setattr(time, "perf_counter", lambda: 0.0)  # how long a step took differs from world to world
        scene = Scene(at)
        seen = []
        for sought in (True, False):
            with transaction.atomic():
                seen.append(scene.play(sought=sought))
                transaction.set_rollback(True)
        yield seen[0], seen[1]
        transaction.set_rollback(True)


def differing(worlds: tuple[dict[str, Any], dict[str, Any]], part: str) -> list[str]:
    """Return what is not the same, by the way there; the first line of what differs with it."""
    one, other = (world[part] for world in worlds)
    if one.keys() != other.keys():
        return sorted(one.keys() ^ other.keys())
    told = []
    for name, answer in one.items():
        if answer != other[name]:
            lines = zip(answer[-1].splitlines(), other[name][-1].splitlines(), strict=False)
            told.append(f"{name}: {next((pair for pair in lines if pair[0] != pair[1]), 'length')}")
    return told


def test_no_page_of_the_desk_differs(worlds: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert differing(worlds, "pages") == []
    answers = [answer for world in worlds for answer in world["pages"].values()]
    assert sum(status == 200 for status, *_ in answers) > 150
    assert all(status in (200, 302) for status, *_ in answers)


@pytest.mark.parametrize(("part", "least"), [("files", 18), ("api", 10), ("after a look", 3)])
def test_no_file_and_no_list_of_the_api_differs_nor_anything_once_the_owner_has_looked(
    worlds: tuple[dict[str, Any], dict[str, Any]], part: str, least: int
) -> None:
    assert differing(worlds, part) == []
    assert sum(status == 200 for status, *_ in worlds[0][part].values()) >= least


@pytest.mark.parametrize("part", ["log", "metrics"])
def test_no_metric_and_no_line_of_the_log_differs(
    worlds: tuple[dict[str, Any], dict[str, Any]], part: str
) -> None:
    assert worlds[0][part] == worlds[1][part]
    assert len(worlds[0][part]) >= 4


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ({Role.SUPERVISOR}, {"inspection of an officer"}),
        ({Role.DATA_PROTECTION}, {"inspection of an officer", "inspection of an owner"}),
        ({Role.LIST_OWNER}, {"inspection of an officer", "inspection of an owner", "hit of an owner"}),
    ],
)
def test_who_sees_that_an_owner_looked(roles: set[Role], seen: set[str]) -> None:
    for object_type, role in (("inspection", "OFFICER"), ("inspection", "LIST_OWNER"), ("hit", "LIST_OWNER")):
        AuditEntry.objects.create(
            kind="READ", at=timezone.now(), action="read", actor_label="UT-0001", purpose="border_control",
            object_type=object_type, roles=role, object_id=f"{object_type} of an {role.lower().replace('list_', '')}",
        )  # fmt: skip
    rows = shown_trail(AuditEntry.objects.all(), actor=Actor(label="UT-0002", roles=frozenset(roles)))
    assert set(rows.values_list("object_id", flat=True)) == seen


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.SUPERVISOR, {"inspection.received"}),
        (Role.ADMINISTRATOR, {"inspection.received"}),
        (Role.LIST_OWNER, {"owner.notice"}),
    ],
)
def test_messages_to_owners_are_for_owners(role: Role, seen: set[str]) -> None:
    now = timezone.now()
    for topic in ("inspection.received", "owner.notice"):
        OutboxMessage.objects.create(topic=topic, object_id=new_id(), created_at=now, next_attempt_at=now)
    page = admin.site._registry[OutboxMessage]
    rows = page.scope(OutboxMessage.objects.all(), Actor(label="UT-0002", roles=frozenset({role})))
    assert set(rows.values_list("topic", flat=True)) == seen
