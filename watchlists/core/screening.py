"""From hits to findings for the booth: what the entries ask for, how much it weighs, whose question it is.

Silent hits have no place here: a finding with silent hits only is made from none, and so is alike to one
without hits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from biometrics.core.outcomes import Check, Finding, Outcome, Route, Severity

SCREEN_DOCUMENT = Check(
    "SCREEN.DOCUMENT",
    "No active list holds the document number.",
    Severity.BLOCK,
    "national lists; INTERPOL SLTD practice",
)
SCREEN_NAME = Check(
    "SCREEN.NAME",
    "No active list holds a person of this name and birth date.",
    Severity.BLOCK,
    "national lists; UN Security Council consolidated list",
)
SCREEN_FACE = Check(
    "SCREEN.FACE",
    "No face of an active list is like the traveller's.",
    Severity.BLOCK,
    "ISO/IEC 2382-37 for the terms",
)

SCREENING_CHECKS: tuple[Check, ...] = (SCREEN_DOCUMENT, SCREEN_NAME, SCREEN_FACE)


class Action(StrEnum):
    """What the owner of an entry asks for. An officer decides."""

    STOP_ARREST = "STOP_ARREST"
    REFUSE_ENTRY = "REFUSE_ENTRY"
    REFUSE_EXIT = "REFUSE_EXIT"
    SECOND_LINE = "SECOND_LINE"
    INQUIRY = "INQUIRY"
    SILENT = "SILENT"
    PROTECT = "PROTECT"
    SEIZE_DOCUMENT = "SEIZE_DOCUMENT"
    INFO = "INFO"


# None: shown to nobody at the booth
SEVERITY_OF_ACTION: Mapping[Action, Severity | None] = {
    Action.STOP_ARREST: Severity.BLOCK,
    Action.REFUSE_ENTRY: Severity.BLOCK,
    Action.REFUSE_EXIT: Severity.BLOCK,
    Action.SEIZE_DOCUMENT: Severity.BLOCK,
    Action.SECOND_LINE: Severity.REVIEW,
    Action.INQUIRY: Severity.REVIEW,
    Action.PROTECT: Severity.REVIEW,
    Action.INFO: Severity.INFORM,
    Action.SILENT: None,
}

_WEIGHT = {Severity.INFORM: 0, Severity.REVIEW: 1, Severity.BLOCK: 2}


@dataclass(frozen=True, slots=True)
class ShownHit:
    """One hit as the booth may see it. match: how it agrees (exact, other_issuer, near, name, face)."""

    hit_id: str
    action: Action
    match: str
    certain: bool = True


def is_silent(action: Action) -> bool:
    """Tell whether hits on such an entry leave no trace at the booth."""
    return SEVERITY_OF_ACTION[action] is None


def finding_of_search(check: Check, hits: Sequence[ShownHit], list_versions: Mapping[str, int]) -> Finding:
    """Return the finding of a search that was done to its end.

    hits: without silent ones. list_versions: name of the watchlist -> number of the version searched.
    The severity is the highest that a hit asks for; an uncertain hit asks for REVIEW at most. One hit on a
    person to protect makes the finding a question about protection.
    """
    shown = [hit for hit in hits if not is_silent(hit.action)]
    detail = {
        "list_versions": dict(list_versions),
        "hits": [{"id": hit.hit_id, "action": hit.action.value, "match": hit.match} for hit in shown],
    }
    if not shown:
        return Finding(check, Outcome.PASS, "", detail)
    severity = max((_severity_of(hit) for hit in shown), key=_WEIGHT.__getitem__)
    protect = any(hit.action is Action.PROTECT for hit in shown)
    weighed = replace(check, severity=severity, route=Route.PROTECTION if protect else check.route)
    return Finding(weighed, Outcome.FAIL, "hit", detail)


def _severity_of(hit: ShownHit) -> Severity:
    severity = SEVERITY_OF_ACTION[hit.action] or Severity.INFORM
    if severity is Severity.BLOCK and not hit.certain:
        return Severity.REVIEW
    return severity


def finding_not_checked(check: Check, reason: str, list_versions: Mapping[str, int]) -> Finding:
    """Return the finding of a search that was not done, or not to its end. It is never PASS."""
    return Finding(check, Outcome.UNDETERMINED, reason, {"list_versions": dict(list_versions), "hits": []})


def finding_nothing_to_search(check: Check, reason: str, list_versions: Mapping[str, int]) -> Finding:
    """Return the finding where there is nothing to look up, e.g. no document."""
    return Finding(check, Outcome.NOT_APPLICABLE, reason, {"list_versions": dict(list_versions), "hits": []})
