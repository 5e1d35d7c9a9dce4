"""Training: drawn travellers at a training post, whose inspections are looked at as real ones are and counted nowhere.

The lists of the State, the faces of those who crossed and the record are never asked about somebody drawn: no trainee learns of
a real entry, and no real traveller is measured against a drawn one.
"""

from dataclasses import dataclass

from biometrics.core.outcomes import Finding, Outcome
from watchlists.core.screening import SCREEN_DOCUMENT, SCREEN_FACE, SCREEN_NAME, SCREENING_CHECKS

PRACTICE_LIST = "Practice list"
NOT_ASKED = "training"
REFERENCE_PREFIX = "training-"
RUNS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Score:
    """How a trainee did. right: answers as they should be. median_s: from the call to the decision; None without any."""

    answered: int
    right: int
    median_s: float | None


def practise_screening(*, listed: bool) -> tuple[Finding, ...]:
    """Return what the practice list says. listed: the document stands there."""
    detail = {"list_versions": {PRACTICE_LIST: 1}, "hits": []}
    hit = Finding(SCREEN_DOCUMENT, Outcome.FAIL, "hit", detail)
    clear = {check.code: Finding(check, Outcome.PASS, "", detail) for check in SCREENING_CHECKS}
    found = clear | {SCREEN_DOCUMENT.code: hit} if listed else clear
    return tuple(found[check.code] for check in (SCREEN_DOCUMENT, SCREEN_NAME, SCREEN_FACE))
