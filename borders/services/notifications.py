"""Tell services and list owners that something waits for them, by mail or signed webhook, until it is taken or given up."""

import json
import smtplib
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.crypto import salted_hmac

from borders.core.notifications import ATTEMPTS_MAX, DeliveryFailed, Letter, Notice, next_attempt, sign
from borders.models import OutboxMessage, OwnerContact, ProtectionCase, ProtectionService
from borders.services.escalation import escalation_addresses
from watchlists.models import OwnerNotice

log = structlog.get_logger(__name__)

TIMEOUT_S = 5.0
# the sweep has inspections to send besides
BUDGET_S = 2.0
ANNOUNCED_FOR = timedelta(days=7)
BATCH = 50
TOPICS = tuple(notice.value for notice in Notice)
# a receiver that is busy or slow is asked again; any other refusal of the request stands
TRY_AGAIN_STATUS = frozenset({408, 425, 429})
Receiver = ProtectionService | OwnerContact


def can_be_told(receiver: Receiver | None) -> bool:
    """Tell whether messages to a service or an owner leave the system at all."""
    return receiver is not None and bool(receiver.email or receiver.webhook_url)


def announce_notices(*, at: datetime, limit: int = BATCH) -> int:
    """Write a message for each new notice to an owner who can be told; return how many. Safe to run twice."""
    told = OutboxMessage.objects.filter(topic=Notice.OWNER_NOTICE, object_id=OuterRef("id"))
    units = list(OwnerContact.objects.exclude(email="", webhook_url="").values_list("owner_unit", flat=True))
    fresh = OwnerNotice.objects.filter(
        ~Exists(told), owner_unit__in=units, seen_at__isnull=True, created_at__gte=at - ANNOUNCED_FOR
    )
    rows = [
        OutboxMessage(topic=Notice.OWNER_NOTICE, object_id=notice_id, created_at=at, next_attempt_at=at)
        for notice_id in fresh.order_by("created_at").values_list("id", flat=True)[:limit]
    ]
    return len(OutboxMessage.objects.bulk_create(rows))


def deliver_due(*, at: datetime, limit: int = BATCH) -> dict[str, int]:
    """Send what is due; return {"delivered": …, "given_up": …}. What fails for the moment is tried again later and later.
    What is given up of messages to owners of lists is not counted, for the count is printed.

    A row is claimed by moving its next attempt; the sending is outside the transaction, for a slow receiver must hold no locks.
    After BUDGET_S the rest waits for the next call.
    A message may arrive twice, under the same id.
    """
    done = {"delivered": 0, "given_up": 0}
    begun = time.monotonic()
    for _ in range(limit):
        message = _claim(at) if time.monotonic() - begun < BUDGET_S else None
        if message is None:
            break
        try:
            _deliver(message, at)
        except DeliveryFailed as failure:
            is_over = failure.permanent or message.attempts >= ATTEMPTS_MAX
            OutboxMessage.objects.filter(id=message.id).update(failure=failure.code[:60], dead=is_over)
            if message.topic == Notice.OWNER_NOTICE:
                continue  # a line or a count would tell of a silent hit: owners see it at the desk, and the notice grows old
            done["given_up"] += is_over
            log.warning(
                "notification.failed", message_id=str(message.id), code=failure.code, given_up=is_over
            )
        else:
            OutboxMessage.objects.filter(id=message.id).update(published_at=at, done_at=at, failure="")
            done["delivered"] += 1
    return done


def failed_message(*, case_id: UUID) -> OutboxMessage | None:
    """Return the latest message about a case, if it was given up: somebody has to call the service."""
    told = (Notice.SERVICE_ASKED, Notice.SERVICE_REMINDED)
    rows = OutboxMessage.objects.filter(topic__in=told, object_id=case_id).order_by("-created_at", "-id")
    latest = rows.first()
    return latest if latest is not None and latest.dead else None


def webhook_secret(*, receiver: Receiver) -> bytes:
    """Return the key that signs messages to one receiver: given to it once, stored nowhere, new with another SECRET_KEY."""
    digest = salted_hmac("borders.notifications", str(receiver.pk), algorithm="sha256")
    return digest.hexdigest().encode()


def send_mail(*, to: str, letter: Letter) -> None:
    """Send a message as mail. Raises DeliveryFailed."""
    mail = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[to],
        headers={"Message-ID": f"<{letter.message_id}@{settings.MAIL_DOMAIN}>"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as failure:
        codes = [code for code, _ in failure.recipients.values()]
        raise DeliveryFailed("mail_refused", permanent=all(code >= 500 for code in codes)) from None
    except smtplib.SMTPResponseException as failure:
        code = f"mail_{failure.smtp_code}"
        raise DeliveryFailed(code, permanent=500 <= failure.smtp_code < 600) from None
    except (OSError, smtplib.SMTPException):
        raise DeliveryFailed("mail_unreachable", permanent=False) from None


def send_webhook(*, url: str, secret: bytes, letter: Letter, at: datetime) -> None:
    """Post a signed message. TLS only, but for this very machine; redirects are not followed. Raises DeliveryFailed."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise DeliveryFailed("webhook_not_https", permanent=True)
    body = json.dumps(letter.content, separators=(",", ":")).encode()
    request = urllib.request.Request(
        url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "X-Bmis-Signature": sign(secret=secret, body=body, sent_at=round(at.timestamp())),
        },
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except urllib.error.HTTPError as failure:
        permanent = 300 <= failure.code < 500 and failure.code not in TRY_AGAIN_STATUS
        raise DeliveryFailed(f"webhook_{failure.code}", permanent=permanent) from None
    except (OSError, ValueError, HTTPException):  # the last: an answer that is no HTTP, or ends in the middle
        raise DeliveryFailed("webhook_unreachable", permanent=False) from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


@transaction.atomic
def _claim(at: datetime) -> OutboxMessage | None:
    due = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
        topic__in=TOPICS, next_attempt_at__lte=at, done_at__isnull=True, dead=False
    )
    message = due.order_by("next_attempt_at").first()
    if message is not None:
        message.attempts += 1
        message.next_attempt_at = next_attempt(at=at, attempts=message.attempts)
        message.save(update_fields=("attempts", "next_attempt_at"))
    return message


def _deliver(message: OutboxMessage, at: datetime) -> None:
    if message.topic == Notice.SERVICE_SILENT:
        _deliver_escalation(message, at)
        return
    receiver, letter = _letter(message)
    if receiver is None or letter is None:
        return  # answered meanwhile: nobody need be told any more
    if not can_be_told(receiver):
        raise DeliveryFailed("no_address", permanent=True)
    if receiver.email:
        send_mail(to=receiver.email, letter=letter)
    if receiver.webhook_url:
        send_webhook(url=receiver.webhook_url, secret=webhook_secret(receiver=receiver), letter=letter, at=at)


def _deliver_escalation(message: OutboxMessage, at: datetime) -> None:
    """Tell whoever can act. With nobody to tell the message is given up at once, and stands where supervisors look."""
    case = ProtectionCase.objects.select_related("service", "inspection").filter(id=message.object_id).first()
    if case is None or case.state not in (ProtectionCase.State.OPEN, ProtectionCase.State.REFERRED):
        return
    addresses = escalation_addresses(case=case, at=at)
    if not addresses:
        raise DeliveryFailed("no_address", permanent=True)
    link = settings.PUBLIC_URL + reverse("console:protection-case", args=(case.id,))
    letter = Letter(str(message.id), Notice.SERVICE_SILENT, _reference(message), link)
    for address in addresses:
        send_mail(to=address, letter=letter)


def _reference(message: OutboxMessage) -> str:
    return message.object_id.hex[-8:].upper()


def _letter(message: OutboxMessage) -> tuple[Receiver | None, Letter | None]:
    notice = Notice(message.topic)
    message_id = str(message.id)
    reference = _reference(message)
    if notice is Notice.OWNER_NOTICE:
        row = OwnerNotice.objects.filter(id=message.object_id, seen_at__isnull=True).first()
        if row is None:
            return None, None
        link = settings.PUBLIC_URL + reverse("admin:watchlists_ownernotice_changelist")
        contact = OwnerContact.objects.filter(owner_unit=row.owner_unit).first()
        return contact or OwnerContact(), Letter(message_id, notice, reference, link)
    case = ProtectionCase.objects.select_related("service").filter(id=message.object_id).first()
    if case is None or case.state != ProtectionCase.State.REFERRED or case.service is None:
        return None, None
    link = settings.PUBLIC_URL + reverse("console:protection-case", args=(case.id,))
    return case.service, Letter(message_id, notice, reference, link, case.due_at)
