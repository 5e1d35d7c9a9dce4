"""A file of a list comes in by the browser: checked, shown, proposed, approved by another person."""

from datetime import timedelta
from uuid import UUID

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from audit.core.actor import Role
from audit.models import AuditEntry
from audit.services.broker import Resent, SendFailed
from borders.models import Officer, PortOfEntry
from tests.db.conftest import make_officer
from tests.db.watchlists.test_imports import TEN, lines_of
from watchlists import tasks
from watchlists.core.importers import FORMATS
from watchlists.models import ImportRun, UploadPart, Watchlist, WatchlistVersion
from watchlists.services import ListRefused, activate_version, create_watchlist, uploads
from watchlists.services.uploads import (
    MAIN,
    PART_BYTES,
    accept_fall,
    import_upload,
    propose_upload,
    receive_upload,
    tend_uploads,
    waiting_uploads,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(airport: PortOfEntry) -> Officer:
    return make_officer("dora", "UT-0004", airport, Role.LIST_OWNER, Role.SUPERVISOR)


@pytest.fixture
def watchlist(bob: Officer, actor_of) -> Watchlist:
    return create_watchlist(
        actor=actor_of(bob),
        at=timezone.now(),
        name="Persons sought",
        kind=Watchlist.Kind.PERSON,
        owner_unit="Police",
        legal_basis="Act",
    )


@pytest.fixture
def upload(bobs_browser: Client, watchlist: Watchlist):
    """upload(content): Bob sends a file by the form; its run."""

    def send(content: bytes, **changes: object) -> ImportRun:
        url = reverse("admin:watchlists_watchlist_upload", args=(watchlist.pk,))
        file = SimpleUploadedFile("../list.json", content)
        given = {"source_format": "ftm", "main": file, "allow_malformed": "0"} | changes
        response = bobs_browser.post(url, given)
        assert response.status_code == 302, response.context["form"].errors
        return ImportRun.objects.get(id=response["Location"].rstrip("/").split("/")[-2])

    return send


@pytest.fixture
def ten_in_force(bob: Officer, dora: Officer, actor_of, upload) -> WatchlistVersion:
    run = upload(lines_of(*TEN))
    import_upload(at=timezone.now(), run_id=run.id)
    propose_upload(actor=actor_of(bob), at=timezone.now(), run_id=run.id)
    run = import_upload(at=timezone.now(), run_id=run.id)
    return activate_version(actor=actor_of(dora), at=timezone.now(), version_id=run.version_id)


def page_of(browser: Client, run: ImportRun) -> str:
    response = browser.get(reverse("admin:watchlists_importrun_change", args=(run.pk,)))
    assert response.status_code == 200
    return response.content.decode()


def act(browser: Client, run: ImportRun, code: str) -> None:
    response = browser.post(reverse("admin:watchlists_importrun_act", args=(run.pk, code)))
    assert response.status_code == 302
    run.refresh_from_db()


def test_form_offers_the_formats_of_the_list(bobs_browser: Client, watchlist: Watchlist) -> None:
    page = bobs_browser.get(
        reverse("admin:watchlists_watchlist_upload", args=(watchlist.pk,))
    ).content.decode()
    assert 'value="un"' in page
    assert 'value="documents"' not in page


def test_checked_file_shows_what_would_change_and_stores_nothing(
    bobs_browser: Client, upload, ten_in_force
) -> None:
    run = upload(
        lines_of(*TEN[1:], ("NK-1", "Somebody Else"), ("NK-77", "Newcomer Nina"))[len(lines_of(TEN[1])) :]
    )
    page = page_of(bobs_browser, run)
    assert "Waiting" in page

    run = import_upload(at=timezone.now(), run_id=run.id)

    page = page_of(bobs_browser, run)
    assert run.state == "CHECKED"
    for words in ("Newcomer", "Would be added", "Would be changed", "Would go", "Somebody Else", "Number"):
        assert words in page
    assert WatchlistVersion.objects.count() == 1
    names = [field for one in run.preview if one["change"] == "changed" for field in one["fields"]]
    assert [field[0] for field in names] == ["names"]


def test_checked_file_is_proposed_and_another_person_approves(
    bobs_browser: Client, dora: Officer, actor_of, upload
) -> None:
    run = upload(lines_of(*TEN))
    import_upload(at=timezone.now(), run_id=run.id)
    act(bobs_browser, run, "propose")
    assert run.state == "QUEUED"

    run = import_upload(at=timezone.now(), run_id=run.id)

    assert (run.state, run.version.state, run.version.entry_count) == ("DONE", "PROPOSED", 10)
    assert run.version.source_name == "list.json"
    assert not UploadPart.objects.exists()
    assert run.preview == []
    activate_version(actor=actor_of(dora), at=timezone.now(), version_id=run.version_id)
    actions = AuditEntry.objects.filter(object_id=str(run.id)).values_list("action", flat=True)
    assert {"watchlist_import.uploaded", "watchlist_import.confirmed"} <= set(actions)


def test_malformed_rows_are_listed_with_line_and_reason(bobs_browser: Client, upload) -> None:
    run = upload(lines_of(*TEN) + b'{"id": "x"\n')
    run = import_upload(at=timezone.now(), run_id=run.id)

    page = page_of(bobs_browser, run)
    assert (run.state, run.code) == ("REFUSED", "malformed_rows")
    assert run.errors[0][0] == 11
    assert "bad json" in page
    assert not UploadPart.objects.exists()


def test_far_fewer_rows_need_a_second_person(
    bob: Officer, dora: Officer, actor_of, sign_in, bobs_browser: Client, upload, ten_in_force
) -> None:
    run = upload(lines_of(*TEN[:5]))
    run = import_upload(at=timezone.now(), run_id=run.id)
    assert "Over 20 % fewer rows" in page_of(bobs_browser, run)
    act(bobs_browser, run, "propose")
    run = import_upload(at=timezone.now(), run_id=run.id)
    assert (run.state, run.code) == ("REFUSED", "rows_fell")
    with pytest.raises(ListRefused, match="second_person_required"):
        accept_fall(actor=actor_of(bob), at=timezone.now(), run_id=run.id)

    act(sign_in(dora), run, "accept")
    run = import_upload(at=timezone.now(), run_id=run.id)

    assert (run.state, run.version.fall_accepted_by_id) == ("DONE", dora.user_id)


def test_an_upload_whose_time_runs_out_says_what_to_do(upload, bobs_browser: Client, monkeypatch) -> None:
    def run_out(**_: object) -> None:
        raise SoftTimeLimitExceeded

    run = upload(lines_of(*TEN))
    monkeypatch.setattr(uploads, "import_file", run_out)
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.import_upload(run_id=str(run.id))
    run.refresh_from_db()
    assert (run.state, run.code) == ("FAILED", "too_slow")
    assert "manage.py import_watchlist" in page_of(bobs_browser, run)
    assert not UploadPart.objects.exists()


def test_only_who_uploaded_a_file_proposes_it(dora: Officer, actor_of, upload) -> None:
    run = upload(lines_of(*TEN))
    import_upload(at=timezone.now(), run_id=run.id)
    with pytest.raises(ListRefused, match="not_uploader"):
        propose_upload(actor=actor_of(dora), at=timezone.now(), run_id=run.id)


def test_preview_may_hold_silent_entries_and_is_for_owners_and_the_uploader(
    sign_in, airport: PortOfEntry, upload
) -> None:
    run = upload(lines_of(*TEN))
    run = import_upload(at=timezone.now(), run_id=run.id)
    other = make_officer("eve", "UT-0009", airport, Role.SUPERVISOR)
    assert "Would be added" not in page_of(sign_in(other), run)


def test_second_file_waits_until_the_first_is_read(
    bob: Officer, actor_of, watchlist: Watchlist, upload
) -> None:
    upload(lines_of(*TEN))
    with pytest.raises(ListRefused, match="upload_waits"):
        receive_upload(
            actor=actor_of(bob),
            at=timezone.now(),
            watchlist=watchlist,
            source_format=FORMATS["ftm"],
            files={MAIN: ("list.json", [b"x"])},
        )


def test_large_file_is_refused_and_nothing_of_it_kept(
    bob: Officer, actor_of, watchlist: Watchlist, monkeypatch
) -> None:
    monkeypatch.setattr("watchlists.services.uploads.UPLOAD_MOST_BYTES", PART_BYTES + 10)
    with pytest.raises(ListRefused, match="upload_too_large"):
        receive_upload(
            actor=actor_of(bob),
            at=timezone.now(),
            watchlist=watchlist,
            source_format=FORMATS["ftm"],
            files={MAIN: ("list.json", [b"x" * PART_BYTES, b"y" * 11])},
        )
    assert not UploadPart.objects.exists()
    assert not ImportRun.objects.exists()


def test_upload_is_taken_up_once_and_found_again_by_the_sweep(upload) -> None:
    run = upload(lines_of(*TEN))
    assert waiting_uploads(before=timezone.now() + timedelta(minutes=1)) == [run.id]
    assert import_upload(at=timezone.now(), run_id=run.id) is not None
    assert import_upload(at=timezone.now(), run_id=run.id) is None
    assert waiting_uploads(before=timezone.now() + timedelta(minutes=1)) == []


def test_upload_that_waits_for_a_busy_worker_is_sent_again_once_in_a_while(upload, monkeypatch) -> None:
    sent: list[UUID] = []
    monkeypatch.setattr(tasks, "_send", sent.append)
    run, resent = upload(lines_of(*TEN)), Resent()
    minutes = [
        m
        for m in range(40)
        if tasks.send_waiting_uploads(at=run.started_at + timedelta(minutes=m), resent=resent)
    ]
    assert (minutes, set(sent)) == ([2, 17, 32], {run.id})

    import_upload(at=timezone.now(), run_id=run.id)
    assert tasks.send_waiting_uploads(at=run.started_at + timedelta(hours=1), resent=resent) == 0


def test_broker_that_takes_nothing_is_asked_again_by_the_next_sweep(upload, monkeypatch) -> None:
    def refuse(**_: object) -> None:
        raise OperationalError("connection refused")

    run, resent = upload(lines_of(*TEN)), Resent()
    at = run.started_at + timedelta(minutes=2)
    with monkeypatch.context() as down:
        down.setattr(tasks.import_upload, "apply_async", refuse)
        tasks.send_upload(run.id)  # whoever waits for the page is told nothing of it
        with pytest.raises(SendFailed):
            tasks.send_waiting_uploads(at=at, resent=resent)
    monkeypatch.setattr(tasks.import_upload, "apply_async", lambda **_: None)
    assert tasks.send_waiting_uploads(at=at + timedelta(seconds=5), resent=resent) == 1


def test_file_that_nobody_proposes_goes_after_a_day(upload) -> None:
    run = upload(lines_of(*TEN))
    import_upload(at=timezone.now(), run_id=run.id)

    tend_uploads(at=timezone.now() + timedelta(hours=25))

    run.refresh_from_db()
    assert run.preview == []
    assert not UploadPart.objects.exists()


def test_run_whose_process_died_ends(upload) -> None:
    run = upload(lines_of(*TEN))
    ImportRun.objects.filter(id=run.id).update(state="RUNNING")

    tend_uploads(at=timezone.now() + timedelta(hours=4))

    run.refresh_from_db()
    assert (run.state, run.code) == ("FAILED", "interrupted")
