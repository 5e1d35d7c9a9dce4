"""The oldest unprocessed thing of every kind, as metrics: asked of the database at each scrape, so any process may answer."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from audit.models import Heartbeat, WaitingEntry
from audit.queries import oldest_waiting_at
from audit.services.backups import made_at, newest_backup, unarchived_since
from audit.services.broker import SendFailed
from audit.services.witness import conflicts
from biometrics.core.reviews import REVIEW_STATES
from biometrics.models import DeduplicationRun, IdentificationReview
from borders.models import (
    AccountChange,
    CorrectionRequest,
    DecisionReview,
    Erasure,
    ErasureRequest,
    Inspection,
    LegalHold,
    OutboxMessage,
    ProtectionCase,
    Referral,
)
from borders.tasks import queue_lengths
from travelers.models import TrustedCertificate
from watchlists.models import ImportRun, OwnerNotice, RetroScreeningRun, Watchlist, WatchlistVersion

QUEUES = ("inspection", "normal", "bulk", "media")

UNFINISHED = ("RECEIVED", "PROCESSING")
UNSETTLED = tuple({change.source for change in REVIEW_STATES.transitions})
INSPECTION = OutboxMessage.Topic.INSPECTION_RECEIVED


def _unsent() -> QuerySet[Any]:
    return TELLABLE.filter(done_at__isnull=True, dead=False)


# messages to owners of lists tell of silent hits: what waits there is seen by the age of the notice
TELLABLE = OutboxMessage.objects.exclude(topic=OutboxMessage.Topic.OWNER_NOTICE)
# kind: the rows that wait on a day, and the column that says since when; a date is late from its end on. Each is read by an
# index of what waits, or from a table of few rows. Leads are left out: most come of silent entries, and any figure would tell
WAITING: dict[str, tuple[Callable[[date], QuerySet[Any]], str]] = {
    # of inspections, for which booths wait; messages are tried again for long where an address does not answer
    "outbox": (lambda _: _unsent().filter(topic=INSPECTION), "created_at"),
    "message": (lambda _: _unsent().exclude(topic=INSPECTION), "created_at"),
    "inspection": (lambda _: Inspection.objects.filter(state__in=UNFINISHED), "opened_at"),
    "referral": (lambda _: Referral.objects.exclude(state="CLOSED"), "opened_at"),
    "protection_case": (lambda _: ProtectionCase.objects.exclude(state="CLOSED"), "opened_at"),
    "retro_screening": (lambda _: RetroScreeningRun.objects.filter(state="RUNNING"), "started_at"),
    "owner_notice": (lambda _: OwnerNotice.objects.filter(seen_at__isnull=True), "created_at"),
    "erasure": (lambda _: Erasure.objects.filter(finished_at__isnull=True), "erased_at"),
    "erasure_request": (lambda _: ErasureRequest.objects.filter(state="PROPOSED"), "proposed_at"),
    "erasure_approved": (lambda _: ErasureRequest.objects.filter(state="APPROVED"), "decided_at"),
    "correction_request": (lambda _: CorrectionRequest.objects.filter(state="RECEIVED"), "received_at"),
    "correction_overdue": (
        lambda day: CorrectionRequest.objects.filter(state="RECEIVED", due_on__lt=day),
        "due_on",
    ),
    "decision_review": (lambda _: DecisionReview.objects.filter(state="WAITING"), "opened_at"),
    # of pairs: one of a candidate could tell of a silent entry
    "identification_review": (
        lambda _: IdentificationReview.objects.filter(state__in=UNSETTLED, pair__isnull=False),
        "opened_at",
    ),
    "upload": (
        lambda _: ImportRun.objects.filter(uploaded=True, state__in=("QUEUED", "RUNNING")),
        "started_at",
    ),
    "list_version": (lambda _: WatchlistVersion.objects.filter(state="PROPOSED"), "proposed_at"),
    "deduplication": (lambda _: DeduplicationRun.objects.filter(state="RUNNING"), "started_at"),
    "legal_hold_review": (
        lambda day: LegalHold.objects.filter(lifted_at__isnull=True, review_on__lt=day),
        "review_on",
    ),
    "account_change": (lambda _: AccountChange.objects.filter(state="PROPOSED"), "proposed_at"),
}


# that there is a new one would tell of a silent hit: only its age in whole hours shows, and no number
SECRET = frozenset({"owner_notice"})
HOUR_S = 3600


class VitalsCollector:
    """Collects when asked. What cannot be asked is left out, and `bmis_database_up` or `bmis_broker_up` says 0."""

    def describe(self) -> list[Any]:
        return []  # asked for at registration: nothing may touch the database then

    def collect(self) -> Iterator[GaugeMetricFamily]:
        at = timezone.now()
        try:
            families = [
                *waiting(at),
                *parked(),
                *heartbeats(at),
                gauge(
                    "bmis_audit_head_conflicts",
                    "Heads that booths kept and the audit trail did not hold, in the latest week",
                    conflicts(since=at - timedelta(days=7)),
                ),
                *lists(at),
                *certificates(at),
                *archiver(at),
            ]
        except DatabaseError:
            yield gauge("bmis_database_up", "1 while the database answers", 0)
        else:
            yield gauge("bmis_database_up", "1 while the database answers", 1)
            yield from families
        yield from broker()
        yield from disks()
        yield from backup(at)


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def age(at: datetime, since: date | None) -> float:
    if since is not None and not isinstance(since, datetime):
        since = datetime.combine(since, time.max, UTC)
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def waiting(at: datetime) -> Iterator[GaugeMetricFamily]:
    oldest = GaugeMetricFamily(
        "bmis_oldest_seconds", "Age of the oldest thing that nobody has finished; 0: none", labels=["kind"]
    )
    count = GaugeMetricFamily("bmis_waiting", "How many of them there are", labels=["kind"])
    for kind, (rows, column) in WAITING.items():
        found = rows(at.date()).aggregate(oldest=Min(column), count=Count("pk"))
        waited_s = age(at, found["oldest"])
        if kind in SECRET:
            oldest.add_metric([kind], waited_s // HOUR_S * HOUR_S)
            continue
        oldest.add_metric([kind], waited_s)
        count.add_metric([kind], found["count"])
    oldest.add_metric(["audit_row"], age(at, oldest_waiting_at()))
    count.add_metric(["audit_row"], WaitingEntry.objects.count())
    yield oldest
    yield count


def parked() -> Iterator[GaugeMetricFamily]:
    spent = Inspection.objects.filter(state__in=UNFINISHED, attempts__gte=settings.MAX_ATTEMPTS).count()
    dead = TELLABLE.filter(dead=True).count()
    broken = Inspection.objects.filter(Q(state="READY") & Q(attempts__gte=settings.MAX_ATTEMPTS)).count()
    family = GaugeMetricFamily(
        "bmis_parked", "Things given up after three attempts: a person must look", labels=["kind"]
    )
    for kind, value in (("inspection", spent + broken), ("outbox", dead)):
        family.add_metric([kind], value)
    yield family


def heartbeats(at: datetime) -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "bmis_heartbeat_age_seconds", "Since a process was last at work", labels=["name"]
    )
    for beat in Heartbeat.objects.all():
        family.add_metric([beat.name], age(at, beat.beaten_at))
    yield family


def lists(at: datetime) -> Iterator[GaugeMetricFamily]:
    """By the id of the list: its name is not for everybody who may read metrics."""
    family = GaugeMetricFamily(
        "bmis_watchlist_age_seconds", "Since the version in force was approved", labels=["list"]
    )
    in_force = WatchlistVersion.objects.filter(state="ACTIVE", watchlist__in=Watchlist.objects.all())
    for list_id, approved_at in in_force.values_list("watchlist_id", "approved_at"):
        family.add_metric([str(list_id)], age(at, approved_at))
    yield family


def certificates(at: datetime) -> Iterator[GaugeMetricFamily]:
    nearest = TrustedCertificate.objects.filter(not_after__gt=at, versions__state="ACTIVE").aggregate(
        Min("not_after")
    )["not_after__min"]
    if nearest:
        yield gauge(
            "bmis_certificate_expiry_seconds",
            "Until the first certificate of the trust store in force expires",
            (nearest - at).total_seconds(),
        )


def archiver(at: datetime) -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_archived_time, failed_count, last_failed_time > coalesce(last_archived_time, '-infinity'),"
            " current_setting('archive_mode') FROM pg_stat_archiver"
        )
        archived_at, failures, failing, mode = cursor.fetchone()
        cursor.execute("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")
        connections, most = cursor.fetchone()
    yield gauge("bmis_wal_archive_enabled", "1 where the log is archived", float(mode != "off"))
    yield gauge(
        "bmis_wal_archive_failures", "Failures of the archive command since the server's start", failures
    )
    yield gauge("bmis_wal_archive_failing", "1 while the latest attempt failed", float(bool(failing)))
    if archived_at:
        yield gauge(
            "bmis_wal_archived_age_seconds", "Since a segment was last archived", age(at, archived_at)
        )
    yield gauge("bmis_database_connections", "Connections open", connections)
    yield gauge("bmis_database_connections_limit", "Connections at most", most)


def broker() -> Iterator[GaugeMetricFamily]:
    lengths = GaugeMetricFamily("bmis_queue_length", "Tasks that no worker has taken", labels=["queue"])
    try:
        found = queue_lengths(QUEUES)
    except SendFailed:
        yield gauge("bmis_broker_up", "1 while the broker answers", 0)
        return
    for queue, length in found.items():
        lengths.add_metric([queue], length)
    yield gauge("bmis_broker_up", "1 while the broker answers", 1)
    yield lengths


def disks() -> Iterator[GaugeMetricFamily]:
    free = GaugeMetricFamily("bmis_disk_free_bytes", "Room on the disk", labels=["of"])
    size = GaugeMetricFamily("bmis_disk_size_bytes", "Size of the disk", labels=["of"])
    places = {
        "data": settings.BMIS_DATA_DIR,
        "backup": settings.BACKUP_DIR,
        "archive": settings.WAL_ARCHIVE_DIR,
    }
    for name, folder in places.items():
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            continue
        free.add_metric([name], usage.free)
        size.add_metric([name], usage.total)
    yield free
    yield size


def backup(at: datetime) -> Iterator[GaugeMetricFamily]:
    newest = newest_backup()
    if newest is not None:
        yield gauge("bmis_backup_age_seconds", "Since the newest backup was made", age(at, made_at(newest)))
    unarchived = unarchived_since(newest=newest)
    if unarchived is not None:
        yield gauge(
            "bmis_wal_unarchived_seconds",
            "Age of the oldest part of PostgreSQL's log that lies in no archive, though a backup wants it",
            age(at, unarchived),
        )
