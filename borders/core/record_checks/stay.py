"""Whether a crossing fits the stays on record. Own nationals differ only in that no length of stay is set for them."""

from datetime import datetime

from biometrics.core.outcomes import Check, Finding, Outcome, Severity
from borders.core.stays import OpenStay, days_over

STAY_DIRECTION = Check(
    "STAY.DIRECTION",
    "The crossing fits the record: an entry without an open stay, an exit out of one.",
    Severity.REVIEW,
    "own record of crossings",
)
STAY_OVERSTAY = Check(
    "STAY.OVERSTAY",
    "The traveller leaves within the stay allowed.",
    Severity.REVIEW,
    "national law on length of stay",
)
STAY_CHECKS: tuple[Check, ...] = (STAY_DIRECTION, STAY_OVERSTAY)


def check_stay(
    *, entering: bool, identified: bool, own_national: bool, open_stay: OpenStay | None, at: datetime
) -> tuple[Finding, Finding]:
    """Return the findings STAY.DIRECTION and STAY.OVERSTAY.

    entering: direction is ENTRY. identified: a name was read or declared; without one the record cannot be
    asked. open_stay: of the traveller in this country, None when there is none or the traveller has never
    crossed. at: aware UTC.
    """
    if not identified:
        unknown = "identity_unknown"
        return (
            Finding(STAY_DIRECTION, Outcome.UNDETERMINED, unknown),
            Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "entry")
            if entering
            else Finding(STAY_OVERSTAY, Outcome.UNDETERMINED, unknown),
        )
    return _check_direction(entering, own_national, open_stay), _check_overstay(
        entering, own_national, open_stay, at
    )


def _check_direction(entering: bool, own_national: bool, open_stay: OpenStay | None) -> Finding:
    if entering and open_stay is not None:
        detail = {"entered_at": open_stay.entered_at.isoformat()}
        return Finding(STAY_DIRECTION, Outcome.FAIL, "exit_missing", detail)
    if not entering and open_stay is None:
        if own_national:  # a citizen's journey begins with the exit; the unpaired stay is kept all the same
            return Finding(STAY_DIRECTION, Outcome.NOT_APPLICABLE, "own_national")
        return Finding(STAY_DIRECTION, Outcome.FAIL, "entry_missing")
    return Finding(STAY_DIRECTION, Outcome.PASS)


def _check_overstay(entering: bool, own_national: bool, open_stay: OpenStay | None, at: datetime) -> Finding:
    if entering:
        return Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "entry")
    if own_national:
        return Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "own_national")
    if open_stay is None:
        return Finding(STAY_OVERSTAY, Outcome.UNDETERMINED, "entry_missing")
    if open_stay.allowed_until is None:
        return Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "no_limit")
    days = days_over(allowed_until=open_stay.allowed_until, at=at)
    detail = {"allowed_until": open_stay.allowed_until.isoformat(), "days": days}
    if days:
        return Finding(STAY_OVERSTAY, Outcome.FAIL, "overstayed", detail)
    return Finding(STAY_OVERSTAY, Outcome.PASS, "", detail)
