"""The short lane takes what it has room for, one after the other, and goes on when one fails."""

import threading
from uuid import UUID, uuid4

import pytest

from borders.api import lane
from borders.api.lane import Lane
from borders.models import Inspection


def take(short: Lane, inspection_id: UUID) -> bool:
    with short.place() as place:
        return place.use(Inspection(id=inspection_id))


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "close_old_connections", lambda: None)


def test_what_was_taken_is_checked_in_its_order() -> None:
    checked: list[UUID] = []
    done = threading.Event()

    def check(inspection: Inspection) -> None:
        checked.append(inspection.id)
        if len(checked) == 3:
            done.set()

    short, ids = Lane(check), [uuid4() for _ in range(3)]
    assert all(take(short, i) for i in ids)
    assert done.wait(10)
    assert checked == ids


def test_a_full_lane_takes_no_more() -> None:
    go, begun = threading.Event(), threading.Event()

    def check(inspection: Inspection) -> None:
        begun.set()
        go.wait(10)

    short = Lane(check, most_waiting=1)
    assert take(short, uuid4())
    assert begun.wait(10)
    assert [take(short, uuid4()) for _ in range(2)] == [True, False]
    go.set()


def test_a_check_that_fails_does_not_end_the_lane() -> None:
    done = threading.Event()

    def check(inspection: Inspection) -> None:
        if inspection.id.int == 0:
            raise ValueError
        done.set()

    short = Lane(check)
    assert take(short, UUID(int=0))
    assert take(short, uuid4())
    assert done.wait(10)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Inspection]:
    """A lane that only notes what was put into it."""
    short, noted = Lane(lambda inspection: None), []
    monkeypatch.setattr(short, "put", noted.append)
    monkeypatch.setattr(lane, "LANE", short)
    return noted


@pytest.mark.parametrize("image", ["page_image_id", "face_image_id", "chip_id"])
def test_what_has_images_or_a_chip_goes_to_the_workers(
    settings, checked: list[Inspection], image: str
) -> None:
    settings.CHECK_IN_WEB = True
    assert lane.take_short_lane(Inspection())
    assert not lane.take_short_lane(Inspection(**{image: uuid4()}))
    with lane.ask_for_place() as place:
        assert not lane.take_short_lane(Inspection(**{image: uuid4()}), place)
    assert len(checked) == 1


def test_everything_goes_to_the_workers_where_the_lane_is_closed(settings, checked: list[Inspection]) -> None:
    settings.CHECK_IN_WEB = False
    assert not lane.take_short_lane(Inspection())
    with lane.ask_for_place() as place:
        assert not place
    assert checked == []


def test_a_place_is_used_once_and_given_back_where_it_is_not() -> None:
    noted: list[Inspection] = []
    short = Lane(noted.append, most_waiting=1)
    short.put = noted.append  # type: ignore[method-assign]
    for _ in range(2):
        with short.place() as place, short.place() as another:
            assert place
            assert not another
    with short.place() as place:
        assert [place.use(Inspection()) for _ in range(2)] == [True, False]
    with short.place() as place:
        assert not place
    assert len(noted) == 1


def test_a_lane_asks_for_its_connection_before_the_first_and_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(lane, "close_old_connections", lambda: asked.append(len(seen)))
    monkeypatch.setattr(lane, "ASK_AFTER_S", 1e6)
    monkeypatch.setattr(lane.connection, "close", lambda: None)
    seen: list[UUID] = []
    done = threading.Event()

    def check(inspection: Inspection) -> None:
        seen.append(inspection.id)
        if len(seen) == 2:
            raise ValueError
        if len(seen) == 4:
            done.set()

    short = Lane(check)
    assert all(take(short, uuid4()) for _ in range(4))
    assert done.wait(10)
    assert asked == [0, 2]
