"""How the border's own words look in lists: each a word with a sign, and a colour that only underlines them."""

from datetime import timedelta

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from audit.admin import Tone, badge
from biometrics.core.outcomes import Outcome, Route, Severity
from borders.core.recommendation import Advice
from borders.models import Decision, Inspection, InspectionFinding, Referral

FINDINGS_SHOWN = 3
SEVERITY_WORDS = {
    Severity.BLOCK: "To the second line",
    Severity.REVIEW: "Referred for a closer look",
    Severity.INFORM: "Shown, changes nothing",
}
STATE_MARKS = {
    "RECEIVED": (Tone.QUIET, "inbox"),
    "PROCESSING": (Tone.NOTE, "autorenew"),
    "READY": (Tone.WARN, "hourglass_top"),
    "REFERRED": (Tone.BAD, "flag"),
    "CLEARED": (Tone.GOOD, "check_circle"),
    "REFUSED": (Tone.BAD, "block"),
    "WITHDRAWN": (Tone.QUIET, "undo"),
    "RETAKEN": (Tone.QUIET, "photo_camera"),
}
DECISION_MARKS = {
    Decision.Outcome.CLEARED: (Tone.GOOD, "check_circle"),
    Decision.Outcome.REFERRED: (Tone.BAD, "flag"),
    Decision.Outcome.REFUSED: (Tone.BAD, "block"),
    Decision.Outcome.WITHDRAWN: (Tone.QUIET, "undo"),
    Decision.Outcome.RETAKEN: (Tone.QUIET, "photo_camera"),
}
REFERRAL_MARKS = {
    "OPEN": (Tone.WARN, "pending_actions"),
    "ACKNOWLEDGED": (Tone.NOTE, "person"),
    "CLOSED": (Tone.GOOD, "task_alt"),
}


def advice_mark(advice: str) -> SafeString:
    if advice == Advice.REFER:
        return badge("Refer", Tone.BAD, "flag")
    if advice == Advice.CLEAR:
        return badge("Clear", Tone.GOOD, "check_circle")
    return badge("Not yet", Tone.QUIET, "hourglass_empty")


def direction_mark(direction: str) -> SafeString:
    return badge("Entry", Tone.NOTE, "login") if direction == "ENTRY" else badge("Exit", Tone.QUIET, "logout")


def state_mark(inspection: Inspection) -> SafeString:
    return badge(inspection.get_state_display(), *STATE_MARKS[inspection.state])


def decision_mark(decision: Decision) -> SafeString:
    return badge(decision.get_outcome_display(), *DECISION_MARKS[Decision.Outcome(decision.outcome)])


def override_mark(overridden: bool) -> SafeString | str:
    return badge("Override", Tone.WARN, "front_hand") if overridden else ""


def route_mark(route: str) -> SafeString:
    if route == Route.PROTECTION:
        return badge("Protection", Tone.WARN, "shield_person")
    return badge("Second line", Tone.NOTE, "supervisor_account")


def referral_mark(referral: Referral) -> SafeString:
    return badge(referral.get_state_display(), *REFERRAL_MARKS[referral.state])


def finding_marks(failing: list[InspectionFinding]) -> SafeString | str:
    """Return the codes of the findings that count against CLEAR, the heaviest first; further ones as a number."""
    if not failing:
        return "none"
    ranked = sorted(
        failing, key=lambda f: (f.route != Route.PROTECTION, f.severity != Severity.BLOCK, f.code)
    )
    marks = [
        badge(
            breakable(f.code),
            Tone.BAD if f.outcome == Outcome.FAIL else Tone.WARN,
            "close" if f.outcome == Outcome.FAIL else "help",
        )
        for f in ranked[:FINDINGS_SHOWN]
    ]
    if len(ranked) > FINDINGS_SHOWN:
        marks.append(badge(f"and {len(ranked) - FINDINGS_SHOWN} more", Tone.QUIET, "more_horiz"))
    return format_html_join(" ", "{}", ((m,) for m in marks))


def breakable(code: str) -> SafeString:
    """Return a code that a narrow column may break after its dots and underscores."""
    return mark_safe(escape(code).replace(".", ".<wbr>").replace("_", "_<wbr>"))


def span_words(span: timedelta) -> str:
    """Return a length of time in its two largest units."""
    seconds = max(0, int(span.total_seconds()))
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
