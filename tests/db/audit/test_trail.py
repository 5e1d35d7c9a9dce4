"""The audit trail takes rows and gives none back."""

from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from audit.services import record, record_read

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACTOR = Actor(label="UTO-1", roles=frozenset({Role.OFFICER, Role.SUPERVISOR}), origin="127.0.0.1")


@pytest.fixture
def entry() -> AuditEntry:
    record(actor=ACTOR, at=AT, action="crossing.recorded", object_type="crossing", object_id="7")
    return AuditEntry.objects.get()


def test_row_says_who_did_what_when_and_why(entry):
    assert (entry.actor_label, entry.roles, entry.purpose, entry.at) == (
        "UTO-1",
        "OFFICER,SUPERVISOR",
        "border_control",
        AT,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET actor_label = 'somebody else'",
        "DELETE FROM audit_auditentry",
    ],
)
def test_raw_sql_cannot_change_a_row(entry, statement):
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement)
    entry.refresh_from_db()
    assert entry.actor_label == "UTO-1"


def test_looking_at_one_object_names_it():
    record_read(actor=ACTOR, at=AT, object_type="traveler", object_ids=["a"], fields=["sex"])
    assert AuditEntry.objects.get().object_id == "a"


def test_looking_at_a_list_keeps_the_ids():
    record_read(actor=ACTOR, at=AT, object_type="traveler", object_ids=["a", "b"], fields=["sex"])
    assert AuditEntry.objects.get().detail == {"count": 2, "ids": ["a", "b"]}


def test_looking_at_more_than_a_row_names_leaves_rows_that_name_all():
    wanted = [f"{number:04d}" for number in range(450)]
    record_read(
        actor=ACTOR, at=AT, object_type="traveler", object_ids=wanted, action="exported", fields=["sex"]
    )
    rows = AuditEntry.objects.filter(action="traveler.exported", fields=["sex"])
    told = sorted((row.detail for row in rows), key=lambda detail: detail["part"])
    assert [entry_id for detail in told for entry_id in detail["ids"]] == wanted
    assert [(d["count"], d["part"], d["parts"]) for d in told] == [(450, 1, 3), (450, 2, 3), (450, 3, 3)]


def test_looking_at_an_empty_list_is_kept_too():
    record_read(actor=ACTOR, at=AT, object_type="traveler", object_ids=[], fields=["sex"])
    assert AuditEntry.objects.get().detail == {"count": 0, "ids": []}
