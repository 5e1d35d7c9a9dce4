import psycopg
import pytest
from celery.fixups.django import DjangoWorkerFixup
from django.db import OperationalError, connection

from borders.models import Country
from borders.tasks import process_inspection
from deploy.celery import app, drop_unusable_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    return DjangoWorkerFixup(app)


def run_task(worker):
    """Do what a worker does around a task that asks the database; return the process that answered."""
    worker.on_task_prerun(process_inspection)
    drop_unusable_connection()
    try:
        Country.objects.exists()
    finally:
        worker.on_task_postrun(process_inspection)
    return connection.connection and connection.connection.info.backend_pid


def end_backend(pid):
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_worker_keeps_its_connection_from_task_to_task(worker):
    first = run_task(worker)

    assert first is not None
    assert run_task(worker) == first


def test_a_connection_that_died_between_two_tasks_costs_neither(worker):
    first = run_task(worker)
    end_backend(first)

    assert run_task(worker) not in (None, first)


def test_a_connection_that_died_within_a_task_is_not_the_next_ones(worker):
    first = run_task(worker)
    end_backend(first)
    with pytest.raises(OperationalError):
        Country.objects.exists()

    assert run_task(worker) not in (None, first)
