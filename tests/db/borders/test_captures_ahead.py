"""Pictures given ahead: read while the officer is still busy, of use to nobody else, and gone within minutes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import AuditEntry
from biometrics.core.envelope import SealBroken
from biometrics.core.images import ImageRefused
from biometrics.services.keys import open_in_passing
from biometrics.services.viz import PrintedReading
from borders.core.pipeline import Step
from borders.demo.captures import CaptureKind, capture
from borders.demo.cast import make_cast
from borders.demo.pages import draw_page
from borders.demo.portraits import portrait
from borders.models import CaptureAhead, Inspection
from borders.services import captures_ahead
from borders.services.captures_ahead import (
    KEPT_FOR,
    CaptureGone,
    drop_captures,
    empty_captures,
    find_read_ahead,
    keep_capture,
    open_captures,
    read_ahead,
)
from borders.services.steps import printed as printed_step
from tests.db.factories import draw_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_key_store(settings, tmp_path) -> None:
    settings.KEY_STORE_FILE = tmp_path / "keys" / "subject-keys"


@pytest.fixture
def page() -> bytes:
    document = make_cast(timezone.now().date()).bjorn
    return capture(draw_page(document, portrait(document.holder.face)), 7, CaptureKind.FLATBED)


@pytest.fixture
def actor(alice, booth, actor_of):
    return actor_of(alice, booth)


def test_a_picture_comes_back_to_its_booth(actor, at) -> None:
    picture = draw_picture()
    kept = keep_capture(actor=actor, at=at, kind="FACE", content=picture)

    assert open_captures(actor=actor, at=at, ids={"FACE": kept.id}) == {"FACE": picture}
    assert AuditEntry.objects.filter(action="capture.kept_ahead", object_id=str(kept.id)).exists()


def test_what_lies_in_the_database_is_sealed(actor, at) -> None:
    picture = draw_picture()
    kept = keep_capture(actor=actor, at=at, kind="FACE", content=picture)

    assert picture[:64] not in bytes(CaptureAhead.objects.get(id=kept.id).content)


def test_another_booth_finds_nothing(actor, charlie, land_booth, actor_of, at) -> None:
    kept = keep_capture(actor=actor, at=at, kind="FACE", content=draw_picture())

    with pytest.raises(CaptureGone):
        open_captures(actor=actor_of(charlie, land_booth), at=at, ids={"FACE": kept.id})


@pytest.mark.parametrize("how", ["unknown", "late", "sent", "of another kind"])
def test_what_is_here_no_more_is_said_to_be_gone(actor, at, how: str) -> None:
    kept = keep_capture(actor=actor, at=at, kind="FACE", content=draw_picture())
    ids, later = {"FACE": kept.id}, at
    if how == "unknown":
        ids = {"FACE": uuid4()}
    elif how == "late":
        later = at + KEPT_FOR
    elif how == "sent":
        empty_captures(ids=[kept.id])
    else:
        ids = {"PAGE": kept.id}

    with pytest.raises(CaptureGone):
        open_captures(actor=actor, at=later, ids=ids)


def test_nobody_keeps_a_picture_without_a_booth(bob, actor_of, at) -> None:
    with pytest.raises(PermissionDenied):
        keep_capture(actor=actor_of(bob), at=at, kind="FACE", content=draw_picture())


def test_what_is_no_picture_is_refused(actor, at) -> None:
    with pytest.raises(ImageRefused):
        keep_capture(actor=actor, at=at, kind="PAGE", content=b"not a picture")

    assert not CaptureAhead.objects.exists()


def test_a_booth_keeps_a_few_and_the_newest(actor, at, monkeypatch) -> None:
    monkeypatch.setattr(captures_ahead, "MOST_AT_A_BOOTH", 2)
    kept = [
        keep_capture(
            actor=actor, at=at + timedelta(seconds=n), kind="FACE", content=draw_picture(shade=90 + n)
        )
        for n in range(3)
    ]

    assert set(CaptureAhead.objects.values_list("id", flat=True)) == {kept[1].id, kept[2].id}


def test_the_key_of_a_day_goes_with_its_last_capture(actor, at) -> None:
    kept = keep_capture(actor=actor, at=at, kind="FACE", content=draw_picture())
    copy = bytes(CaptureAhead.objects.get(id=kept.id).content)  # as the database's log keeps it
    midnight = at.replace(hour=0) + timedelta(days=1)
    drop_captures(at=midnight + KEPT_FOR - timedelta(seconds=1))
    assert open_in_passing(copy, item=kept.id) == draw_picture()
    drop_captures(at=midnight + KEPT_FOR)
    with pytest.raises(SealBroken):
        open_in_passing(copy, item=kept.id)


def test_all_are_deleted_within_minutes(actor, at) -> None:
    keep_capture(actor=actor, at=at, kind="FACE", content=draw_picture())

    assert drop_captures(at=at + KEPT_FOR - timedelta(seconds=1)) == 0
    assert drop_captures(at=at + KEPT_FOR) == 1


def test_the_checks_take_what_was_read_ahead(actor, ready, page, at, monkeypatch) -> None:
    kept = keep_capture(actor=actor, at=at, kind="PAGE", content=page)
    assert read_ahead(capture_id=kept.id, at=at)
    monkeypatch.setattr(printed_step, "read_printed", None)

    inspection = ready(keyed=None, page_image=page)

    read = find_read_ahead(booth_id=actor.booth_id, sha256=kept.sha256, at=at, wait_s=0)
    assert inspection.printed_read == read
    assert read["fields"]["birth_date"]["value"] not in CaptureAhead.objects.get(id=kept.id).printed_read
    assert inspection.steps.get(step=Step.READ_PRINTED).state == "DONE"


def test_a_page_is_read_ahead_once(actor, page, at, monkeypatch) -> None:
    kept = keep_capture(actor=actor, at=at, kind="PAGE", content=page)
    monkeypatch.setattr(captures_ahead, "read_printed", lambda **_: PrintedReading((), True, 0, {}))

    assert [read_ahead(capture_id=kept.id, at=at) for _ in range(2)] == [True, False]


def test_a_page_that_is_sent_already_is_not_read_ahead(actor, page, at) -> None:
    kept = keep_capture(actor=actor, at=at, kind="PAGE", content=page)
    empty_captures(ids=[kept.id])

    assert not read_ahead(capture_id=kept.id, at=at)


def test_a_reader_that_breaks_leaves_nothing_to_wait_for(actor, page, at, monkeypatch) -> None:
    kept = keep_capture(actor=actor, at=at, kind="PAGE", content=page)

    def breaks(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(captures_ahead, "read_page", breaks)
    with pytest.raises(RuntimeError):
        read_ahead(capture_id=kept.id, at=at)

    assert find_read_ahead(booth_id=actor.booth_id, sha256=kept.sha256, at=at, wait_s=60) is None


def test_a_reader_at_work_is_waited_for_within_bounds(actor, at) -> None:
    kept = keep_capture(actor=actor, at=at, kind="PAGE", content=draw_picture())
    CaptureAhead.objects.filter(id=kept.id).update(begun_at=at)

    assert find_read_ahead(booth_id=actor.booth_id, sha256=kept.sha256, at=at, wait_s=0.05) is None


def test_nothing_given_ahead_is_a_record(actor, at) -> None:
    keep_capture(actor=actor, at=at, kind="FACE", content=draw_picture())

    assert not Inspection.objects.exists()
