"""Pages of what belongs to no port by itself: the trail, and pairs of alike faces, as far as the reader's posts reach."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.core.actor import Role, system_actor
from audit.models import AuditEntry
from audit.services import record, record_read
from borders.models import Booth, Crossing, Officer, PortOfEntry
from tests.db.admin.conftest import SignIn
from tests.db.conftest import ActorOf, make_officer
from tests.db.factories import make_crossing

TRAIL = reverse("admin:audit_auditentry_changelist")


@pytest.fixture
def ours(booth: Booth, alice: Officer, at: datetime) -> Crossing:
    return make_crossing(booth=booth, officer=alice, at=at)


@pytest.fixture
def theirs(land_booth: Booth, charlie: Officer, at: datetime) -> Crossing:
    return make_crossing(booth=land_booth, officer=charlie, at=at, number=1)


@pytest.fixture
def told(
    ours: Crossing, theirs: Crossing, alice: Officer, charlie: Officer, actor_of: ActorOf, at: datetime
) -> None:
    """Acts here and there, on what is ours and theirs, by persons and by a process."""
    who: dict[str, Any] = {
        "alice": actor_of(alice),
        "charlie": actor_of(charlie),
        "process": system_actor("x"),
    }
    for name, actor in who.items():
        for whose, crossing in (("ours", ours), ("theirs", theirs)):
            record(
                actor=actor, at=at, action=f"{name}.{whose}",
                object_type="inspection", object_id=crossing.inspection_id,
            )  # fmt: skip
    record(actor=who["process"], at=at, action="process.strange", object_type="inspection", object_id="none")
    record_read(
        actor=who["charlie"], at=at, object_type="crossing", object_ids=[ours.id, theirs.id], fields=["port"]
    )


def acts_shown(browser: Client) -> set[str]:
    rows = browser.get(TRAIL).context["cl"].result_list
    return {row.action for row in rows if row.action.partition(".")[0] in ("alice", "charlie", "process")}


@pytest.mark.usefixtures("told")
def test_a_supervisor_reads_the_trail_of_the_own_posts_and_their_objects(
    sign_in: SignIn, plain_supervisor: Officer
) -> None:
    shown = acts_shown(sign_in(plain_supervisor))
    assert shown == {"alice.ours", "alice.theirs", "charlie.ours", "process.ours"}


@pytest.mark.usefixtures("told")
def test_a_row_of_another_post_is_as_if_absent(sign_in: SignIn, plain_supervisor: Officer) -> None:
    row = AuditEntry.objects.get(action="charlie.theirs")
    browser = sign_in(plain_supervisor)
    assert browser.get(reverse("admin:audit_auditentry_change", args=(row.pk,))).status_code == 404


@pytest.mark.usefixtures("told")
def test_the_data_protection_officer_reads_all_of_it(sign_in: SignIn, airport: PortOfEntry) -> None:
    dora = make_officer("dora", "UT-0090", airport, Role.DATA_PROTECTION)
    assert len(acts_shown(sign_in(dora))) == 7
