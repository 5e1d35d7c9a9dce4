"""The Celery application, with the settings that were measured for Valkey and Redis brokers.

At-least-once only: every task may run twice, also at the same time, and is safe to. PostgreSQL is the truth;
what the broker holds may be lost at any moment and is found again from the outbox by `manage.py sweep`.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

TASK_TIME_LIMIT_S = 180
TASKS_PER_CHILD = 1000
VISIBILITY_TIMEOUT_S = 900
KEY_PREFIX = "bmis:"

TRANSPORT_OPTIONS = {
    # A task that is not acknowledged in this time is handed out again, so it is longer than the longest hard
    # time
    # limit and the longest countdown: otherwise a second copy starts beside the first.
    "visibility_timeout": VISIBILITY_TIMEOUT_S,
    # With kombu's own values a lost task comes back 90 s after the visibility timeout; with these, after 10
    # s.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # 0 is the highest priority on this transport (RabbitMQ: the reverse). Separate workers beat priorities.
    "priority_steps": [0, 3, 6, 9],
    "queue_order_strategy": "priority",
    "sep": ":",
    # a broker that went away is noticed in seconds, not by the kernel's two hours
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 15,
    # a broker shared with another application: neither reads the other's queues
    "global_keyprefix": KEY_PREFIX,
}

SETTINGS: dict[str, Any] = {
    "broker_transport_options": TRANSPORT_OPTIONS,
    "result_backend_transport_options": {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "global_keyprefix": KEY_PREFIX,
    },
    # however long a broker is away, a worker waits for it
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    # Acknowledged when done: a worker killed in the middle gives its task back. The database counts the
    # attempts.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure_or_timeout": True,
    "task_soft_time_limit": 120,
    "task_time_limit": TASK_TIME_LIMIT_S,
    # effects are rows, not results; unread results only fill the broker
    "task_ignore_result": True,
    "result_expires": 3600,
    # publishing is a hint: the request that does it must not wait long for a broker that is down
    "task_publish_retry_policy": {"max_retries": 3, "interval_start": 0.1, "interval_max": 1},
    # never pickle: it runs code of whoever can write to the broker
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_send_sent_event": False,
    # a prefetched task waits behind a running one although another process is free
    "worker_prefetch_multiplier": 1,
    # image libraries fragment memory; a fresh process every now and then bounds that (kilobytes). A mapped gallery
    # counts here too, although all share it: 250 MB a million templates
    "worker_max_tasks_per_child": TASKS_PER_CHILD,
    "worker_max_memory_per_child": 900_000,
    # Celery closes the connection after each task unless it is told how many may use it. A new one costs PostgreSQL more than the
    # checks of a keyed document do, for it plans every statement anew; that kept an overload going that had long passed
    "CELERY_DB_REUSE_MAX": TASKS_PER_CHILD,
    # running tasks may end within this; the rest goes back to the queue (with REMAP_SIGTERM=SIGQUIT)
    "worker_soft_shutdown_timeout": 20,
    # Models are loaded before a process says that it is up. Celery's 4 s would kill it for that on a loaded
    # machine.
    "worker_proc_alive_timeout": 120,
    "task_default_queue": "normal",
    # The booth waits for these, so they have workers of their own. All else may be late: normal, bulk, media.
    "task_routes": {
        "borders.tasks.process_inspection": {"queue": "inspection"},
        "borders.tasks.read_capture": {"queue": "inspection"},
        # minutes at a time, so their time limits are on the tasks themselves
        "watchlists.tasks.import_upload": {"queue": "bulk"},
        "watchlists.tasks.retro_screen": {"queue": "bulk"},
        "biometrics.tasks.deduplicate": {"queue": "bulk"},
    },
}


def read_settings() -> dict[str, Any]:
    """Return the settings with the broker's address, which only Django's settings read."""
    found = SETTINGS | {"broker_url": settings.BROKER_URL, "result_backend": settings.BROKER_URL}
    if settings.BROKER_MASTER_NAME:
        named = {"master_name": settings.BROKER_MASTER_NAME}
        found["broker_transport_options"] = TRANSPORT_OPTIONS | named
        found["result_backend_transport_options"] = SETTINGS["result_backend_transport_options"] | named
    return found


app = Celery("bmis")
app.add_defaults(read_settings)
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Leave the logging to the settings: Celery's own would write what exceptions say."""


@signals.task_prerun.connect
def drop_unusable_connection(**_: Any) -> None:
    """Have a connection that is too old or that an earlier task lost made anew, and a kept one asked whether it lives."""
    close_old_connections()


@signals.worker_process_init.connect
def prepare_process(**_: Any) -> None:
    """Load what the first task would otherwise wait for, and tell the launcher.

    Imported here: this module is also imported by the web server and by commands, which need no engines, and
    sessions of the engines must not be opened before the pool forks.
    """
    from borders.services import warm_worker

    try:
        warm_worker()
    except Exception:
        note_readiness(f"failed-{os.getpid()}")
        raise
    note_readiness(f"process-{os.getpid()}")


@signals.worker_ready.connect
def note_consumer(**_: Any) -> None:
    note_readiness("consumer")


def note_readiness(name: str) -> None:
    """Leave a file where the starter of this worker looks for it (BMIS_READY_DIR), if it does."""
    folder = os.environ.get("BMIS_READY_DIR")
    if folder:
        (Path(folder) / name).touch()
