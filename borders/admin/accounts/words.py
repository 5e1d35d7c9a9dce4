"""What refusals of the accounts' services say to a person, and marks that all their pages show."""

from typing import Any

from django.utils import timezone

from audit.admin import Tone, badge
from borders.models import PostAssignment
from borders.services.accounts import AccountRefused

WORDS = {
    "role_required": "Only an administrator does this.",
    "unknown_officer": "There is no such officer at your ports.",
    "own_account": "Nobody changes the own account or posts: another administrator does.",
    "posted_elsewhere": "The officer is posted at a port that is not yours: an administrator of all of them does this.",
    "unknown_role": "There is no such role.",
    "unknown_place": "Choose a port or a country.",
    "place_out_of_reach": "You are not an administrator there.",
    "bad_period": "The end lies before the beginning, or is over.",
    "post_taken": "The officer has this post from the same time already.",
    "unknown_post": "There is no such post.",
    "post_ended": "This post has ended already.",
    "reason_required": "Say why: another administrator has to approve it.",
    "proposed_already": "This is proposed already and waits for another administrator.",
    "not_proposed": "Somebody has decided this already.",
    "second_person_required": "You proposed this: another administrator approves it.",
    "bad_username": "2 to 30 small letters, digits, points or dashes, beginning with a letter or digit.",
    "bad_badge": "2 to 20 capitals, digits or dashes.",
    "name_taken": "There is such an account already.",
    "badge_taken": "There is such a badge already.",
    "code_wrong": "Name and code do not belong together, or the code was used or is older than a day.",
}


def words_of(refusal: AccountRefused) -> str:
    """Return the words of a refusal."""
    return WORDS.get(refusal.code, refusal.code.replace("_", " "))


def active_mark(active: bool) -> str:
    return badge("Active", Tone.GOOD) if active else badge("Not active", Tone.QUIET, "block")


def force_mark(post: PostAssignment) -> str:
    now = timezone.now()
    if post.valid_until is not None and post.valid_until <= now:
        return badge("Ended", Tone.QUIET, "event_busy")
    return badge("In force", Tone.GOOD) if post.valid_from <= now else badge("To come", Tone.NOTE, "event")


def badge_number_of(user: Any) -> str:
    """Return the badge number behind an account, else its name."""
    return str(getattr(user, "officer", None) or user)
