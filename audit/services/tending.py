"""The trail's part of the sweep: seal once a minute, and say once what hinders it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection

from audit.core.failures import code_of
from audit.models import Heartbeat
from audit.services.keys import SealingKeyUnusable
from audit.services.sealing import HeadConflict, seal_trail

log = structlog.get_logger(__name__)

SEAL_EVERY = timedelta(minutes=1)


def forget_beats(*, prefix: str, besides: Iterable[str]) -> None:
    """Forget who no longer is: a duty that a release renamed would look as if it stood still, for ever."""
    Heartbeat.objects.filter(name__startswith=prefix).exclude(name__in=list(besides)).delete()


def beat(*, names: Iterable[str], at: datetime) -> None:
    """Say that processes, or duties of one, have been at work."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beaten_at=at) for name in names],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beaten_at"],
    )


def is_database_away(failure: Exception) -> bool:
    """Tell whether a failure is that of a database that answers no more: everybody's matter, whoever met it first."""
    return isinstance(failure, (OperationalError, InterfaceError)) and not connection.is_usable()


def do_alone(act: Callable[[], object], *, duty: str, **named: str) -> bool:
    """Do one of several things, none of which may keep the others from being done; return whether it went well.

    A failure is logged by its code with the duty of the sweep and `named`, never by its text, which may speak of a person.
    A database that is away is everybody's matter, and rises. `act` is a transaction of its own, or none.
    """
    try:
        act()
    except Exception as failure:
        if is_database_away(failure):
            raise
        log.error("sweep.duty_failed", duty=duty, code=code_of(failure), **named)
        return False
    return True


class SealingDue:
    """Remembers when the trail was last sealed by this process.

    What hinders the sealing must not keep the sweep from inspections: it is logged, and shown by the age of the oldest
    row that waits.
    """

    def __init__(self) -> None:
        self.sealed_at: datetime | None = None

    def seal(self, *, at: datetime) -> int:
        """Seal if a minute has passed; return how many rows were sealed."""
        if self.sealed_at is not None and at - self.sealed_at < SEAL_EVERY:
            return 0
        self.sealed_at = at
        try:
            return seal_trail(at=at)
        except SealingKeyUnusable as error:
            log.error("audit.not_sealed", code=error.code)
        except HeadConflict as error:
            log.error("audit.not_handed_out", stream=error.stream, block=error.number)
        except OSError as error:
            log.error("audit.not_handed_out", errno=error.errno)
        return 0
