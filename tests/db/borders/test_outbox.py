"""Nothing acknowledged is lost: what the broker forgot is sent again, what nobody finished is settled."""

import contextlib
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from kombu.exceptions import OperationalError

from audit.models import AuditEntry, Heartbeat
from audit.services.broker import SendFailed
from borders import tasks
from borders.models import Inspection, OutboxMessage, RetentionClass
from borders.services.corrections import correct_reading
from borders.services.outbox import SettlementIncomplete, publish, publish_due, sweep
from borders.services.settlement import settle_inspection
from deploy.celery import app

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=6)


class Broker:
    """Takes ids, or takes none."""

    def __init__(self, up: bool = True) -> None:
        self.up = up
        self.taken: list[UUID] = []

    def __call__(self, inspection_id: UUID) -> None:
        if not self.up:
            raise SendFailed
        self.taken.append(inspection_id)


def test_a_fresh_inspection_is_left_to_its_hint(opened, at) -> None:
    opened()
    broker = Broker()
    assert sweep(at=at + timedelta(seconds=1), send=broker) == {"settled": 0, "sent": 0}
    assert broker.taken == []


def test_a_lost_inspection_is_sent_again_with_growing_pauses(opened, at) -> None:
    inspection = opened()
    broker = Broker()
    sent_at = [s for s in range(0, 50, 1) if sweep(at=at + timedelta(seconds=s), send=broker)["sent"]]
    assert sent_at == [5, 10, 20, 40]
    assert set(broker.taken) == {inspection.id}
    message = OutboxMessage.objects.get()
    assert message.attempts == 4
    assert message.published_at == at + timedelta(seconds=40)


def test_a_finished_inspection_is_not_sent(ready, at) -> None:
    ready()
    broker = Broker()
    assert sweep(at=at + timedelta(hours=1), send=broker) == {"settled": 0, "sent": 0}
    assert broker.taken == []


def test_what_a_live_worker_holds_is_left_alone(opened, at) -> None:
    inspection = opened()
    held = at + timedelta(seconds=70)
    Inspection.objects.filter(id=inspection.id).update(state="PROCESSING", attempts=1, leased_until=held)
    broker = Broker()
    assert sweep(at=at + timedelta(seconds=65), send=broker) == {"settled": 0, "sent": 0}
    assert sweep(at=held, send=broker) == {"settled": 1, "sent": 0}


def test_a_lapsed_lease_is_sent_again(opened, at) -> None:
    inspection = opened()
    Inspection.objects.filter(id=inspection.id).update(
        state="PROCESSING", attempts=1, leased_until=at + timedelta(seconds=30)
    )
    broker = Broker()
    assert sweep(at=at + timedelta(seconds=31), send=broker)["sent"] == 1


def test_after_a_minute_the_inspection_is_settled(opened, at) -> None:
    inspection = opened()
    late = inspection.deadline_at + timedelta(seconds=55)
    assert sweep(at=late - timedelta(seconds=1), send=Broker())["settled"] == 0
    assert sweep(at=late, send=Broker())["settled"] == 1
    inspection.refresh_from_db()
    assert (inspection.state, inspection.advice) == ("READY", "REFER")
    assert AuditEntry.objects.get(action="inspection.settled").actor_label == "system:sweep"


def test_spent_attempts_are_settled_at_once(opened, at) -> None:
    inspection = opened()
    Inspection.objects.filter(id=inspection.id).update(
        state="PROCESSING", attempts=settings.MAX_ATTEMPTS, leased_until=at + timedelta(seconds=3)
    )
    assert sweep(at=at + timedelta(seconds=4), send=Broker())["settled"] == 1


def test_a_broker_that_is_down_loses_nothing(opened, at) -> None:
    first, second = opened(), opened()
    down = Broker(up=False)
    assert not publish(inspection_id=first.id, send=down)
    assert publish_due(at=at + SOON, limit=10, send=down) == 0
    assert set(OutboxMessage.objects.values_list("failure", flat=True)) == {"send_failed"}
    broker = Broker()
    assert publish_due(at=at + SOON + SOON, limit=10, send=broker) == 2
    assert set(broker.taken) == {first.id, second.id}
    assert set(OutboxMessage.objects.values_list("failure", flat=True)) == {""}


def test_a_sweep_sends_a_message_once(opened, at) -> None:
    opened()
    broker = Broker()
    for _ in range(3):
        publish_due(at=at + SOON, limit=10, send=broker)
    assert len(broker.taken) == 1


def test_a_corrected_inspection_is_not_settled_for_its_age(ready, alice_here, anna, at) -> None:
    inspection = ready()
    later = at + timedelta(hours=1)
    correct_reading(actor=alice_here, at=later, inspection_id=inspection.id, fields=anna)
    assert sweep(at=later + SOON, send=Broker()) == {"settled": 0, "sent": 1}


def test_a_broker_that_does_not_answer_is_a_failure_to_send(opened, monkeypatch) -> None:
    def refuse(**options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.process_inspection, "apply_async", refuse)
    with pytest.raises(SendFailed):
        tasks.send_inspection(opened().id)


def test_inspections_have_a_queue_of_their_own() -> None:
    route = app.amqp.router.route({}, tasks.process_inspection.name)
    assert route["queue"].name == "inspection"
    assert tasks.process_inspection.app is app


def test_the_task_carries_the_id_and_nothing_else(opened, monkeypatch) -> None:
    sent = []
    monkeypatch.setattr(tasks.process_inspection, "apply_async", lambda **kw: sent.append(kw))
    inspection = opened()
    tasks.send_inspection(inspection.id)
    assert [kw["kwargs"] for kw in sent] == [{"inspection_id": str(inspection.id)}]


def test_the_task_takes_an_inspection_to_ready(opened) -> None:
    inspection = opened()
    tasks.process_inspection(inspection_id=str(inspection.id), sent_by="a newer version")
    inspection.refresh_from_db()
    assert inspection.state == "READY"


@pytest.mark.django_db(transaction=True)
def test_the_command_sweeps_once_and_makes_the_partitions(opened, at, capsys, monkeypatch) -> None:
    inspection = opened()
    broker = Broker()
    monkeypatch.setattr("borders.management.commands.sweep.send_inspection", broker)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at + SOON)
    RetentionClass.objects.all().delete()
    try:
        with pytest.raises(CommandError, match="Not done: retention"):
            call_command("sweep", "--once")
        assert broker.taken == [inspection.id]
        said = capsys.readouterr()
        assert "sent 1" in said.out
        assert "Nothing is erased. No period in force for CROSSING" in said.err
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('borders_crossing_2026_11')")
            assert cursor.fetchone()[0] is not None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
            for month in ("2026_11", "2026_12", "2027_01", "2027_02"):
                cursor.execute(f"DROP TABLE IF EXISTS borders_crossing_{month}")


def test_a_duty_that_breaks_keeps_no_other_from_its_work(opened, at, monkeypatch, capsys) -> None:
    def fail(**kwargs):
        raise RuntimeError("of a traveller named ERIKSSON")

    broker = Broker()
    monkeypatch.setattr("borders.management.commands.sweep.send_inspection", broker)
    monkeypatch.setattr("borders.management.commands.sweep.remind_services", fail)
    monkeypatch.setattr("borders.management.commands.sweep.ensure_partitions", fail)
    opened()
    with pytest.raises(CommandError, match="partitions, services"):
        call_command("sweep", "--once")
    assert Inspection.objects.get().state == Inspection.State.READY
    beaten = set(Heartbeat.objects.values_list("name", flat=True))
    assert {"sweep", "sweep.inspections", "sweep.messages"} <= beaten
    assert not {"sweep.services", "sweep.partitions"} & beaten
    assert "ERIKSSON" not in capsys.readouterr().err


def test_a_duty_that_no_longer_is_does_not_look_as_if_it_stood_still(at) -> None:
    for name in ("sweep.by_an_older_name", "sweep.services", "retention.done"):
        Heartbeat.objects.create(name=name, beaten_at=at - timedelta(days=1))
    with contextlib.suppress(CommandError):
        call_command("sweep", "--once")
    names = set(Heartbeat.objects.values_list("name", flat=True))
    assert "sweep.by_an_older_name" not in names
    assert {"sweep", "sweep.services", "retention.done"} <= names


def test_an_inspection_that_cannot_be_settled_keeps_no_other_from_its_work(
    opened, at, monkeypatch, capsys
) -> None:
    broken, sound = opened(), opened()
    later = at + timedelta(seconds=70)
    fresh = opened()
    Inspection.objects.filter(id=fresh.id).update(deadline_at=later + timedelta(minutes=1))

    def settle(*, inspection_id, **rest):
        if inspection_id == broken.id:
            raise RuntimeError("of a traveller named ERIKSSON")
        return settle_inspection(inspection_id=inspection_id, **rest)

    monkeypatch.setattr("borders.services.outbox.settle_inspection", settle)
    broker = Broker()
    with pytest.raises(SettlementIncomplete):
        sweep(at=later, send=broker)
    assert broker.taken == [fresh.id]
    states = dict(Inspection.objects.values_list("id", "state"))
    assert states == {broken.id: "RECEIVED", sound.id: "READY", fresh.id: "RECEIVED"}
    said = capsys.readouterr()
    assert "ERIKSSON" not in said.err + said.out
