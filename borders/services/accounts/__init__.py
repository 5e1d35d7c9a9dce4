"""Accounts and posts: opened, posted, cut off and let in again by administrators; who governs, by two of them."""

from borders.services.accounts.changes import decide_change
from borders.services.accounts.locks import digest_of, end_sessions, is_locked_out, lift_lockout
from borders.services.accounts.opening import (
    choose_password,
    close_account,
    open_account,
    open_first_administrators,
    renew_password,
    reopen_account,
    take_second_factor,
)
from borders.services.accounts.posts import Post, end_post, give_post
from borders.services.accounts.reach import (
    ADMINISTRATORS,
    GOVERNING,
    AccountRefused,
    governs,
    officers_in_reach,
)

__all__ = [
    "ADMINISTRATORS",
    "GOVERNING",
    "AccountRefused",
    "Post",
    "choose_password",
    "close_account",
    "decide_change",
    "digest_of",
    "end_post",
    "end_sessions",
    "give_post",
    "governs",
    "is_locked_out",
    "lift_lockout",
    "officers_in_reach",
    "open_account",
    "open_first_administrators",
    "renew_password",
    "reopen_account",
    "take_second_factor",
]
