"""What must be done about lists from time to time, whether anybody looks or not."""

from datetime import datetime

from audit.core.actor import system_actor
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


def tend(*, at: datetime) -> dict[str, int]:
    """Write silent hits and the notices that owners are due, end emergency entries whose time is over, make keys by older
    rules anew, walk on with retro-screening, forget travellers of long ago and files that nobody proposed, and test the
    engine once a day. Safe to run twice.
    """
    rekeyed = continue_rekeying(budget_s=REKEYING_BUDGET_S)
    tested = is_self_test_due(at=at) and not is_rekeying_due()
    if tested:
        run_self_test(actor=system_actor("self_test"), at=at)
    return {
        "rekeyed": rekeyed,
        "notices": write_due_notices(at=at),
        "lapsed": len(lapse_emergencies(at=at)),
        "retro_screened": continue_retro_screening(clock=lambda: at, budget_s=RETRO_BUDGET_S),
        "forgotten": forget_travelers(at=at),
        "uploads": tend_uploads(at=at),
        "self_tests": int(tested),
    }
