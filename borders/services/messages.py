"""Write outbox messages with their fact, and say that they are done with their effect."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit.queries.prepared import PreparedUpdate
from audit.services import store
from borders.models import OutboxMessage

RESEND_AFTER_S = 5.0


def write_message(*, topic: OutboxMessage.Topic, object_id: UUID, at: datetime) -> OutboxMessage:
    """Write a message in the transaction of its fact.

    It is due after a few seconds: until then the hint on commit may do.
    """
    message = OutboxMessage(
        topic=topic,
        object_id=object_id,
        created_at=at,
        next_attempt_at=at + timedelta(seconds=RESEND_AFTER_S),
    )
    store(message)
    return message


def finish_messages(*, topic: OutboxMessage.Topic, object_id: UUID, at: datetime) -> int:
    """Say that the effect of an object's messages is in the database, in the transaction of that effect;
    return how many.
    """
    return _FINISH.run(topic=topic.value, object_id=object_id, at=at)


def _due(*, topic: str, object_id: UUID, at: datetime) -> tuple[QuerySet[OutboxMessage], dict[str, Any]]:
    due = OutboxMessage.objects.filter(topic=topic, object_id=object_id, done_at__isnull=True, dead=False)
    return due, {"done_at": at, "failure": ""}


_FINISH = PreparedUpdate(_due, topic=str, object_id=UUID, at=datetime)
