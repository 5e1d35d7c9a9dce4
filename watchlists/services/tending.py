"""What must be done about lists from time to time, whether anybody looks or not."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from audit.core.actor import system_actor
from audit.services.tending import do_alone
from watchlists.services.emergencies import lapse_emergencies
from watchlists.services.index import is_rekeying_due
from watchlists.services.notices import write_due_notices
from watchlists.services.rekeying import continue_rekeying
from watchlists.services.retro import continue_retro_screening
from watchlists.services.self_test import is_self_test_due, run_self_test
from watchlists.services.travelers import forget_travelers
from watchlists.services.uploads import tend_uploads

# the sweep has inspections to send besides
RETRO_BUDGET_S = 1.0
# nobody is screened until it is done
REKEYING_BUDGET_S = 5.0


class TendingIncomplete(RuntimeError):
    """Some of it could not be done; all else was."""

    code = "tending_incomplete"


def tend(*, at: datetime) -> dict[str, int]:
    """Write silent hits and the notices that owners are due, end emergency entries whose time is over, make keys by older
    rules anew, walk on with retro-screening, forget travellers of long ago and files that nobody proposed, and test the
    engine once a day. Safe to run twice.

    Returns what each part did. One that fails keeps none of the others from its work; when all are done TendingIncomplete is
    raised, and the log has the codes.
    """
    parts: dict[str, Callable[[], int]] = {
        "rekeyed": lambda: continue_rekeying(budget_s=REKEYING_BUDGET_S),
        "notices": lambda: write_due_notices(at=at),
        "lapsed": lambda: len(lapse_emergencies(at=at)),
        "retro_screened": lambda: continue_retro_screening(clock=lambda: at, budget_s=RETRO_BUDGET_S),
        "forgotten": lambda: forget_travelers(at=at),
        "uploads": lambda: tend_uploads(at=at),
        "self_tests": lambda: _test_if_due(at),
    }
    done: dict[str, int] = {}

    def do(name: str) -> None:
        done[name] = parts[name]()

    for name in parts:
        do_alone(partial(do, name), duty="watchlists", part=name)
    if len(done) < len(parts):
        raise TendingIncomplete
    return done


def _test_if_due(at: datetime) -> int:
    if not is_self_test_due(at=at) or is_rekeying_due():
        return 0
    run_self_test(actor=system_actor("self_test"), at=at)
    return 1
