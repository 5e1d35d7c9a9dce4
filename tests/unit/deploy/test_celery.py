import pytest

from audit.services.broker import AGAIN_AFTER
from deploy.celery import SETTINGS, app, note_readiness
from watchlists.tasks import RETRO_BUDGET_S, import_upload, retro_screen


def test_a_task_is_handed_out_again_only_after_every_time_limit_is_over():
    soft, hard = SETTINGS["task_soft_time_limit"], SETTINGS["task_time_limit"]

    assert soft < hard < app.conf.broker_transport_options["visibility_timeout"]
    assert SETTINGS["worker_soft_shutdown_timeout"] < 30, "the launcher kills a worker after 30 s"


@pytest.mark.parametrize(
    ("task", "at_work_s"),
    [
        (retro_screen, RETRO_BUDGET_S),
        # twice what docs/watchlists.md measures for a million rows
        (import_upload, 600),
    ],
)
def test_a_long_task_has_the_time_that_it_takes_and_no_second_copy_beside_it(task, at_work_s):
    name = task.name
    task = app.tasks[name]
    assert at_work_s < task.soft_time_limit < task.time_limit
    assert task.time_limit < app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_routes[name]["queue"] == "bulk"


def test_the_sweep_sends_nothing_again_that_the_broker_still_holds():
    assert AGAIN_AFTER.total_seconds() >= app.conf.broker_transport_options["visibility_timeout"]


def test_the_application_reads_the_broker_from_the_settings_of_django(settings):
    assert app.conf.broker_url == settings.BROKER_URL


def test_what_the_booth_waits_for_has_a_queue_of_its_own():
    assert app.conf.task_routes["borders.tasks.process_inspection"]["queue"] == "inspection"
    assert app.conf.task_default_queue != "inspection"


def test_the_broker_never_carries_pickle():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"


def test_readiness_is_told_where_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("BMIS_READY_DIR", str(tmp_path))

    note_readiness("consumer")

    assert [path.name for path in tmp_path.iterdir()] == ["consumer"]


def test_readiness_is_kept_to_itself_when_nobody_asks(tmp_path, monkeypatch):
    monkeypatch.delenv("BMIS_READY_DIR", raising=False)
    monkeypatch.chdir(tmp_path)

    note_readiness("consumer")

    assert list(tmp_path.iterdir()) == []
