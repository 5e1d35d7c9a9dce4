"""Retention as a duty of the sweep: done once a day, and shown as failed for as long as it is not done."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command

from audit.models import Heartbeat
from biometrics.services.resealing import Resealing
from borders.management.commands import sweep
from borders.models import Inspection, RetentionClass

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=731)
OTHERS = (
    "ensure_partitions", "drop_captures", "remind_services", "escalate_cases", "tend", "send_waiting_uploads",
    "resume_deduplications", "release_due", "remove_old_exports", "announce_notices",
)  # fmt: skip


@pytest.fixture
def duties(monkeypatch):
    """The sweep with no other duty than erasures and retention; sweeps and tells what failed and whether retention beat."""
    monkeypatch.setattr(sweep, "hold_lock", lambda: True)
    for name in OTHERS:
        monkeypatch.setattr(sweep, name, lambda **_: None)
    for name in ("find_again", "deliver"):
        monkeypatch.setattr(sweep.Command, name, lambda self, at: None)
    command = sweep.Command()
    command.sealing = type("NoSealing", (), {"seal": lambda self, at: 0})()
    day = None

    def run(at):
        nonlocal day
        Heartbeat.objects.all().delete()
        with time_machine.travel(at, tick=False):
            day = command.sweep_once(day)
        return command.failed, Heartbeat.objects.filter(name="sweep.retention").exists()

    return run


def test_a_sweep_that_goes_on_waits_for_no_index_and_one_that_ends_does(monkeypatch):
    class Ended(Exception):
        pass

    def end(command, day):
        found.append(command.tried.indexes)
        raise Ended

    found = []
    monkeypatch.setattr(sweep.Command, "sweep_once", end)
    monkeypatch.setattr(sweep, "signal", lambda *_: None)
    for arguments in ([], ["--once"]):
        with pytest.raises(Ended):
            call_command("sweep", *arguments)
    assert isinstance(found[0], Resealing)
    assert found[1] is None


def test_a_round_that_failed_is_tried_again_and_does_not_beat(duties, monkeypatch, at):
    calls = []

    def fail(**_):
        calls.append(1)
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as broken:
        broken.setattr(sweep, "erase_expired", fail)
        assert [duties(at + timedelta(seconds=5 * n)) for n in range(3)] == [(["retention"], False)] * 3
    assert len(calls) == 3
    assert duties(at + timedelta(seconds=20)) == ([], True)


def test_a_period_that_is_missing_fails_the_duty(duties, at, capsys):
    RetentionClass.objects.filter(code="CROSSING").delete()
    assert duties(at) == (["retention"], False)


def test_what_is_done_today_is_not_walked_again_before_tomorrow(duties, monkeypatch, at):
    calls = []
    real = sweep.erase_expired
    monkeypatch.setattr(sweep, "erase_expired", lambda **given: calls.append(1) or real(**given))
    assert [duties(at + timedelta(seconds=5 * n)) for n in range(3)] == [([], True)] * 3
    assert len(calls) == 1
    duties(at + timedelta(days=1))
    assert len(calls) == 2


def test_a_backlog_goes_on_from_sweep_to_sweep(duties, monkeypatch, ready, png, at):
    for n in range(3):
        ready(face_image=png(n), client_reference=f"some-{n:08d}")
    monkeypatch.setattr(sweep, "ERASED_A_SWEEP", 1)
    left = []
    for n in range(4):
        assert duties(at + YEARS + timedelta(seconds=5 * n)) == ([], True)
        left.append(Inspection.objects.filter(erased_at__isnull=True).count())
    assert left == [2, 1, 0, 0]


def test_one_that_cannot_be_erased_fails_the_duty_until_it_can(duties, monkeypatch, ready, png, at):
    def fail(**_):
        raise RuntimeError

    ready(face_image=png(1))
    with monkeypatch.context() as broken:
        broken.setattr("borders.services.custody.expiry.erase_inspections", fail)
        for n in range(2):
            assert duties(at + YEARS + timedelta(seconds=5 * n)) == (["retention"], False)
    assert duties(at + YEARS + timedelta(seconds=10)) == ([], True)
    assert not Inspection.objects.filter(erased_at__isnull=True).exists()
