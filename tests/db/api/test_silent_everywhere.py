"""What becomes of a silent hit after the booth's answer changes nothing that anybody but its owners can fetch, count or read."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from audit.admin.entries import AuditEntryAdmin
from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from borders.models import Booth, Officer, OwnerContact, PortOfEntry
from borders.services.notifications import announce_notices, deliver_due
from deploy.launcher.configuration import CHECKOUT
from tests.db.api.test_silent_hits import inspect, list_with  # noqa: F401 (a fixture)
from tests.db.conftest import make_officer
from watchlists.core.screening import Action
from watchlists.models import Hit, OwnerNotice
from watchlists.services.tending import tend

# what changes with every answer, whoever is sought
PASSING = re.compile(rb"\b[A-Za-z0-9]{64}\b|\d\d:\d\d(:\d\d)?( UTC)?|\d+ (seconds?|minutes?) ago")
SCRIPT, TAG = re.compile(rb"<script.*?</script>|<style.*?</style>", re.DOTALL), re.compile(rb"<[^>]*>")
LINK = re.compile(rb"(?:href|action|value|data-[a-z]+)=\"([^\"]*)\"")
HEADERS_PASSING = {
    "Date",
    "X-Request-ID",
    "Set-Cookie",
    "Expires",
    "Last-Modified",
    "Content-Length",
    "Content-Security-Policy",
}


@pytest.fixture
def dora(airport: PortOfEntry) -> Officer:
    """All roles at the port but the one that owns lists."""
    roles = set(Role) - {Role.LIST_OWNER, Role.SYSTEM}
    return make_officer("dora", "UT-0007", airport, *roles)


@pytest.fixture
def silent(
    as_alice: APIClient,
    worker: None,
    list_with: Callable[[Action], None],  # noqa: F811
) -> Callable[[], None]:
    """Two travellers were screened; calling it does all that the sweep does about the one who is silently sought."""
    OwnerContact.objects.get_or_create(owner_unit="Unit 1", defaults={"email": "unit@border.invalid"})
    list_with(Action.SILENT)
    sweep()  # what a new list brings with it, and the self-test of the day
    inspect(as_alice, "L898902C3")
    inspect(as_alice, "L898902C4")

    def follow_up() -> None:
        sweep()
        assert Hit.objects.filter(silent=True).exists()
        assert OwnerNotice.objects.exists()

    return follow_up


def sweep() -> None:
    now = timezone.now()
    tend(at=now)
    announce_notices(at=now)
    deliver_due(at=now)


def fetch(client: Any, address: str, **data: str) -> tuple[Any, ...]:
    """Return status, headers and body of an answer, without what passes."""
    answer = client.post(address, data) if data else client.get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: value for name, value in answer.headers.items() if name not in HEADERS_PASSING}
    if "html" in answer.headers.get("Content-Type", ""):
        # what is read and where it leads; tokens of forms and of scripts differ with every answer
        body = b"\n".join([TAG.sub(b" ", SCRIPT.sub(b"", body)), *LINK.findall(body)])
    return address, answer.status_code, headers, PASSING.sub(b"", body)


@pytest.fixture
def doras_desk(dora: Officer) -> Client:
    dora.user.is_staff = True
    dora.user.save()
    client = Client()
    client.force_login(dora.user)
    return client


def test_nothing_in_an_export_changes(doras_desk: Client, silent: Callable[[], None]) -> None:
    names = (
        "borders_inspection",
        "borders_crossing",
        "borders_decision",
        "borders_referral",
        "watchlists_hit",
    )
    addresses = [reverse(f"admin:{name}_export") for name in names]
    form = {"purpose": "investigation", "reference": "C-2026/7", "file_format": "csv"}
    before = [fetch(doras_desk, address, **form) for address in addresses]
    assert [status for _, status, _, _ in before].count(200) >= 4
    silent()
    after = [fetch(doras_desk, address, **form) for address in addresses]
    assert [one[3] for one in before] == [one[3] for one in after]
    assert [len(one[3]) for one in before] == [len(one[3]) for one in after]


def test_nothing_in_the_api_changes(
    dora: Officer, booth: Booth, api_client: Callable[..., APIClient], silent: Callable[[], None]
) -> None:
    described = yaml.safe_load((CHECKOUT / "openapi.yaml").read_text())["paths"]
    passing = ("audit-head", "challenge", "schema", "sessions/current")
    lists = [
        p
        for p, acts in described.items()
        if "get" in acts and "{" not in p and not any(w in p for w in passing)
    ]
    client = api_client(dora, booth)
    ids = [row["id"] for row in client.get("/api/v1/inspections/").json()["results"]]
    addresses = [*lists, *(f"/api/v1/inspections/{i}/" for i in ids)]
    before = [fetch(client, address) for address in addresses]
    silent()
    after = [fetch(client, address) for address in addresses]
    assert len(ids) == 2
    assert sum(status == 200 for _, status, _, _ in before) > 8
    # the whole answer, its headers (an ETag would be one) and its length
    assert [one[0] for one, other in zip(before, after, strict=True) if one != other] == []


def test_ids_of_what_is_silent_answer_as_those_of_nothing(
    dora: Officer,
    booth: Booth,
    api_client: Callable[..., APIClient],
    doras_desk: Client,
    silent: Callable[[], None],
) -> None:
    silent()
    client, hit = api_client(dora, booth), Hit.objects.filter(silent=True)[0]
    kinds = {
        "hits": [hit.id],
        "watchlist-entries": [hit.entry_id],
    }
    nothing = "01930000-0000-7000-8000-00000000dead"
    for kind, (found,) in kinds.items():
        there, not_there = (client.get(f"/api/v1/{kind}/{i}/") for i in (found, nothing))
        bodies = [json.dumps(a.json()).replace(str(i), "") for a, i in ((there, found), (not_there, nothing))]
        assert (there.status_code, bodies[0]) == (not_there.status_code, bodies[1])
    pages = [doras_desk.get(reverse("admin:watchlists_hit_change", args=[i])) for i in (hit.id, nothing)]
    assert pages[0].status_code == pages[1].status_code
    assert pages[0].headers.get("Location") == pages[1].headers.get("Location")


def test_no_row_of_the_trail_that_she_may_read_is_about_it(
    dora: Officer, actor_of: Callable[..., Actor], silent: Callable[[], None]
) -> None:
    page = AuditEntryAdmin(AuditEntry, admin.site)

    def seen() -> set[Any]:
        rows = page.scope(AuditEntry.objects.all(), actor_of(dora))
        return set(rows.values_list("id", flat=True))

    before = seen()
    silent()
    new = AuditEntry.objects.exclude(id__in=before).filter(id__in=seen())
    assert list(new.values_list("action", "object_type")) == []
    # and what was written while the two stood at the booth is the same for both
    acts: dict[str, list[tuple[str, str]]] = {}
    for row in AuditEntry.objects.filter(id__in=before, object_type="inspection").order_by("id"):
        acts.setdefault(row.object_id, []).append((row.action, ",".join(sorted(row.detail))))
    assert len(acts) == 2
    first, second = acts.values()
    assert first == second


def test_metrics_tell_of_no_new_thing(client: Client, silent: Callable[[], None]) -> None:
    def counts() -> dict[str, str]:
        lines = client.get("/metrics/").content.decode().splitlines()
        shown = [line for line in lines if line.startswith("bmis_waiting") and "audit_row" not in line]
        return dict(
            line.rsplit(" ", 1) for line in [*shown, *(x for x in lines if x.startswith("bmis_parked"))]
        )

    before = counts()
    assert any("inspection" in name for name in before)
    silent()
    assert counts() == before
    assert not any("owner" in name for name in before)


def test_the_log_tells_of_neither_traveller(
    as_alice: APIClient,
    worker: None,
    list_with: Callable[[Action], None],  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    list_with(Action.SILENT)
    inspect(as_alice, "L898902C5")  # what is logged once a process
    told = []
    for number in ("L898902C4", "L898902C3"):
        caplog.clear()
        inspect(as_alice, number)
        told.append(
            [
                (record.name, record.levelname, sorted(vars(record).get("msg", {})))
                for record in caplog.records
            ]
        )
    assert told[0] == told[1]
    assert told[0]
    caplog.clear()
    tend(at=timezone.now())
    assert [r for r in caplog.records if re.search("silent|hit|withheld|notice", str(r.msg))] == []
