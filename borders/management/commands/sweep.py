"""Find again what the broker lost, settle what nobody finished, keep the partitions of crossings ahead of
time.
"""

import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, datetime
from signal import SIGINT, SIGTERM, signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from audit.core.actor import system_actor
from audit.services.broker import Resent
from audit.services.tending import SealingDue, beat, do_alone, forget_beats
from biometrics.services.resealing import Resealing
from biometrics.tasks import resume_deduplications
from borders.services.captures_ahead import drop_captures
from borders.services.custody import (
    RetentionFailed,
    RetentionIncomplete,
    Tried,
    Walk,
    erase_expired,
    finish_erasures,
    remove_old_exports,
)
from borders.services.escalation import escalate_cases
from borders.services.notifications import announce_notices, deliver_due
from borders.services.outbox import sweep
from borders.services.partitions import ensure_partitions
from borders.services.protection import remind_services
from borders.services.statistics import release_due
from borders.tasks import send_inspection
from watchlists.services.tending import tend
from watchlists.tasks import send_waiting_uploads

# any constant number: whoever holds it is the one sweep of this database
ADVISORY_LOCK = 7_202_611_002
# tried again until they went well
DAILY = frozenset({"partitions", "statistics"})
# between two sweeps, so that no inspection waits longer for it; a backlog is for `manage.py erase_expired`
ERASED_A_SWEEP, ERASING_S = 100, 1.5


class Command(BaseCommand):
    help = (
        "Send unfinished inspections again, settle overdue ones, and make the next months' partitions."
        " One runs at a time."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tried = Tried()  # erasures that this process could not finish
        self.walk: Walk | None = None  # over what is due, from sweep to sweep until it is done
        self.retention_done_on: date | None = None
        self.uploads, self.deduplications = Resent(), Resent()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="sweep once and exit")
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between two sweeps")

    def handle(self, *args: Any, once: bool, interval: float, **options: Any) -> None:
        stop = threading.Event()
        if not once:
            self.tried.indexes = Resealing()  # one that sweeps once waits for them
            for number in (SIGINT, SIGTERM):
                signal(number, lambda *_: stop.set())
        partitioned_on: date | None = None
        self.sealing = SealingDue()
        self.failed: list[str] = []
        while not stop.is_set():
            try:
                partitioned_on = self.sweep_once(partitioned_on)
            except (OperationalError, InterfaceError):
                if once:
                    raise
                # the database is away: it comes back, and the lock is taken anew
                self.stderr.write("The database does not answer; trying again.")
                close_old_connections()
            if once and self.failed:
                raise CommandError(f"Not done: {', '.join(self.failed)}. The log has their codes.")
            if once:
                return
            stop.wait(interval)

    def sweep_once(self, partitioned_on: date | None) -> date | None:
        """Sweep if no other sweep does; return the day on which the partitions were looked at.

        Each duty is on its own: what goes wrong in one is logged, its heartbeat grows old, and the others go on.
        """
        at = timezone.now()
        if not hold_lock():
            self.stdout.write("Another sweep is at work.")
            return partitioned_on
        is_new_day = partitioned_on != at.date()
        actor = system_actor("sweep")
        duties: dict[str, Callable[[], object]] = {
            # what booths wait for comes first
            "inspections": lambda: self.find_again(at),
            "partitions": lambda: ensure_partitions(actor=actor, at=at) if is_new_day else None,
            "captures": lambda: drop_captures(at=at),
            "services": lambda: remind_services(actor=actor, at=at),
            "silences": lambda: escalate_cases(actor=actor, at=at),
            "watchlists": lambda: tend(at=at),
            "uploads": lambda: send_waiting_uploads(at=at, resent=self.uploads),
            "deduplications": lambda: resume_deduplications(at=at, resent=self.deduplications),
            "statistics": lambda: release_due(actor=actor, at=at) if is_new_day else None,
            "sealing": lambda: self.sealing.seal(at=at),
            "erasures": lambda: finish_erasures(at=at, tried=self.tried),
            "exports": lambda: remove_old_exports(at=at),
            "retention": lambda: self.erase_some(at) if self.retention_done_on != at.date() else None,
            "notices": lambda: announce_notices(at=at),
            "messages": lambda: self.deliver(at),
        }
        self.failed = [duty for duty, act in duties.items() if not do_alone(act, duty=duty)]
        beat(
            names=["sweep", *(f"sweep.{duty}" for duty in duties if duty not in self.failed)],
            at=at,
        )
        forget_beats(prefix="sweep.", besides=[f"sweep.{duty}" for duty in duties])
        return at.date() if DAILY.isdisjoint(self.failed) else partitioned_on

    def find_again(self, at: datetime) -> None:
        found = sweep(at=at, send=send_inspection)
        if any(found.values()):
            self.stdout.write(f"settled {found['settled']}, sent {found['sent']}")

    def deliver(self, at: datetime) -> None:
        told = deliver_due(at=at)
        if told["given_up"]:
            self.stderr.write(f"{told['given_up']} message(s) given up: see Outbox in the admin")

    def erase_some(self, at: datetime) -> None:
        """Erase some of what has been kept long enough; the day is done once all was looked at and nothing failed."""
        try:
            walk = self.walk = self.walk or Walk(at=at)
            outcome = erase_expired(
                actor=system_actor("sweep"),
                at=at,
                limit=ERASED_A_SWEEP,
                budget_s=ERASING_S,
                walk=walk,
                tried=self.tried,
            )
        except Exception as error:
            self.walk = None
            if isinstance(error, RetentionIncomplete):
                self.stderr.write(f"Nothing is erased. {error}")
            raise
        if not outcome.more:
            self.walk = None
            self.retention_done_on = None if outcome.failed else walk.at.date()
            if not outcome.failed:
                # its age says since when something due has not been erased, without looking for it at every scrape
                beat(names=["retention.done"], at=at)
        if outcome.failed:
            raise RetentionFailed


def hold_lock() -> bool:
    """Take the lock for as long as this connection lives, once; return whether this process has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            " AND ((classid::bigint << 32) | objid::bigint) = %s)",
            [ADVISORY_LOCK],
        )
        if cursor.fetchone()[0]:
            return True
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])
