"""The short lane takes what it has room for, one after the other, and goes on when one fails."""

import threading
from uuid import UUID, uuid4

import pytest

from borders.api import lane
from borders.api.lane import Lane
from borders.models import Inspection


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "close_old_connections", lambda: None)


def test_what_was_taken_is_checked_in_its_order() -> None:
    checked: list[UUID] = []
    done = threading.Event()

    def check(inspection_id: UUID) -> None:
        checked.append(inspection_id)
        if len(checked) == 3:
            done.set()

    short, ids = Lane(check), [uuid4() for _ in range(3)]
    assert all(short.take(i) for i in ids)
    assert done.wait(10)
    assert checked == ids


def test_a_full_lane_takes_no_more() -> None:
    go, begun = threading.Event(), threading.Event()

    def check(inspection_id: UUID) -> None:
        begun.set()
        go.wait(10)

    short = Lane(check, most_waiting=1)
    assert short.take(uuid4())
    assert begun.wait(10)
    assert [short.take(uuid4()) for _ in range(2)] == [True, False]
    go.set()


def test_a_check_that_fails_does_not_end_the_lane() -> None:
    done = threading.Event()

    def check(inspection_id: UUID) -> None:
        if inspection_id.int == 0:
            raise ValueError
        done.set()

    short = Lane(check)
    assert short.take(UUID(int=0))
    assert short.take(uuid4())
    assert done.wait(10)


@pytest.mark.parametrize("image", ["page_image_id", "face_image_id", "chip_id"])
def test_what_has_images_or_a_chip_goes_to_the_workers(settings, monkeypatch, image: str) -> None:
    settings.CHECK_IN_WEB = True
    taken: list[UUID] = []
    monkeypatch.setattr(lane.LANE, "take", lambda inspection_id: taken.append(inspection_id) or True)
    assert lane.take_short_lane(Inspection())
    assert not lane.take_short_lane(Inspection(**{image: uuid4()}))
    assert len(taken) == 1


def test_everything_goes_to_the_workers_where_the_lane_is_closed(settings, monkeypatch) -> None:
    settings.CHECK_IN_WEB = False
    monkeypatch.setattr(lane.LANE, "take", lambda inspection_id: True)
    assert not lane.take_short_lane(Inspection())


def test_a_lane_asks_for_its_connection_before_the_first_and_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(lane, "close_old_connections", lambda: asked.append(len(seen)))
    monkeypatch.setattr(lane, "ASK_AFTER_S", 1e6)
    monkeypatch.setattr(lane.connection, "close", lambda: None)
    seen: list[UUID] = []
    done = threading.Event()

    def check(inspection_id: UUID) -> None:
        seen.append(inspection_id)
        if len(seen) == 2:
            raise ValueError
        if len(seen) == 4:
            done.set()

    short = Lane(check)
    assert all(short.take(uuid4()) for _ in range(4))
    assert done.wait(10)
    assert asked == [0, 2]
