"""Messages that leave the system: a reference and a link, never a name, a number, a date of birth or a reason."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

ATTEMPTS_MAX = 10
FIRST_RETRY_S, LONGEST_RETRY_S = 30.0, 3600.0


class Notice(StrEnum):
    """What somebody outside is told."""

    SERVICE_ASKED = "protection.asked"
    SERVICE_REMINDED = "protection.reminder"
    SERVICE_SILENT = "protection.silent"
    OWNER_NOTICE = "owner.notice"


SUBJECTS: Mapping[Notice, str] = MappingProxyType(
    {
        Notice.SERVICE_ASKED: "A border post asks for your service",
        Notice.SERVICE_REMINDED: "Reminder: a border post waits for your answer",
        Notice.SERVICE_SILENT: "Nobody answers: somebody at a border post waits for help",
        Notice.OWNER_NOTICE: "A notice about one of your entries waits for you",
    }
)


class DeliveryFailed(ConnectionError):
    """A message was not taken. code: stable, of at most 60 characters; permanent: trying again is of no use."""

    def __init__(self, code: str, *, permanent: bool):
        super().__init__(code)
        self.code = code
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. message_id: the same however often it is sent, so that the receiver knows a repetition."""

    message_id: str
    notice: Notice
    reference: str
    link: str
    due_at: datetime | None = None

    @property
    def subject(self) -> str:
        return f"{SUBJECTS[self.notice]} ({self.reference})"

    @property
    def body(self) -> str:
        lines = [f"{SUBJECTS[self.notice]}.", "", f"Reference: {self.reference}"]
        if self.due_at is not None:
            lines.append(f"Answer expected by {self.due_at:%Y-%m-%d %H:%M} UTC")
        return "\n".join(
            [*lines, "", self.link, "", "Whom it is about is read there, by whoever may read it."]
        )

    @property
    def content(self) -> dict[str, str | None]:
        """Return the message as another system reads it."""
        return {
            "id": self.message_id,
            "topic": self.notice.value,
            "reference": self.reference,
            "link": self.link,
            "due_at": self.due_at.isoformat() if self.due_at else None,
        }


def sign(*, secret: bytes, body: bytes, sent_at: int) -> str:
    """Return the header that proves sender, content and time. sent_at: seconds since 1970; the receiver refuses old ones."""
    digest = hmac.new(secret, f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={sent_at},v1={digest}"


def next_attempt(*, at: datetime, attempts: int) -> datetime:
    """Return when to try again. attempts: made so far, 1 or more."""
    wait_s = min(FIRST_RETRY_S * 2 ** min(attempts - 1, 10), LONGEST_RETRY_S)
    return at + timedelta(seconds=wait_s)
