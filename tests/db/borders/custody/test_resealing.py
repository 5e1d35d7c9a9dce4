"""Indexes of galleries after an erasure: made anew aside, so that no sweep waits, and proved only once they are."""

import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from biometrics.core.faces import Metric
from biometrics.models import Gallery, SubjectKey
from biometrics.services import resealing
from biometrics.services.galleries import reached_version, seal_gallery
from biometrics.services.galleries.exact import path_of_gallery
from biometrics.services.galleries.sealed_file import lock_for_writing
from biometrics.services.resealing import Resealing, purged_versions, reseal
from borders.models import Erasure
from borders.services.custody import ErasureUnfinished, Tried, erase_images, finish_erasures, prove_erasure
from borders.services.custody.erasure import erase_traveler
from tests.db.borders.custody.conftest import SWEEP, Passed

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=5)


class Aside:
    """A remaking that lasts until it is let go, and does its work where this test's transaction is seen."""

    def __init__(self) -> None:
        self.begun: list[UUID] = []
        self.go = threading.Event()
        self.failure: Exception | None = None

    def __call__(self, gallery_id: UUID) -> None:
        self.begun.append(gallery_id)
        assert self.go.wait(30)
        if self.failure is not None:
            raise self.failure

    def end(self, indexes: Resealing, *, remake: bool = True) -> None:
        self.go.set()
        indexes.wait()
        if remake:
            reseal(self.begun[-1])


@pytest.fixture
def aside(monkeypatch) -> Aside:
    made = Aside()
    monkeypatch.setattr(resealing, "reseal", made)
    yield made
    made.go.set()


@pytest.fixture
def sealed(passes, at) -> list[Passed]:
    """Two inspections whose faces lie in a sealed file of this host."""
    passed = [passes(seed=n, when=at + timedelta(days=n)) for n in (1, 2)]
    seal_gallery(gallery=gallery(), metric=Metric.COSINE)
    return passed


def gallery() -> Gallery:
    return Gallery.objects.get(name="crossings", engine_version="1")


def erase_face(passed: Passed, at, tried: Tried) -> Erasure:
    return erase_images(
        actor=SWEEP, at=at, inspection_id=passed.inspection.id, retention="IMAGES/1", tried=tried
    )


def holds(passed: Passed) -> bool:
    return passed.vector.tobytes() in path_of_gallery(gallery().id).read_bytes()


def test_no_sweep_waits_for_an_index_and_no_erasure_is_finished_before_it(sealed, at, aside):
    tried = Tried(indexes=Resealing())
    erasure = erase_face(sealed[0], at, tried)
    assert aside.begun == [gallery().id]
    assert SubjectKey.objects.get(id=sealed[0].inspection.face_image.subject_key_id).destroyed_at == at
    for sweep in range(3):  # none of them fails, and none begins another
        assert finish_erasures(at=at + sweep * SOON, tried=tried) == 0
    assert Erasure.objects.get(id=erasure.id).finished_at is None
    assert holds(sealed[0])

    aside.end(tried.indexes)
    later = at + timedelta(minutes=1)
    assert finish_erasures(at=later, tried=tried) == 1
    assert Erasure.objects.get(id=erasure.id).finished_at == later
    assert not holds(sealed[0])
    assert holds(sealed[1])
    assert len(aside.begun) == 1


def test_nobody_is_proved_to_be_erased_while_an_index_is_being_made(sealed, at, aside):
    tried, traveler_id = Tried(indexes=Resealing()), sealed[0].crossing.traveler_id
    given = {"actor": SWEEP, "at": at, "traveler_id": traveler_id}
    erase_traveler(**given, ground="RETENTION", retention="FILE/1", tried=tried)
    assert not prove_erasure(**given)["proven"]
    aside.end(tried.indexes)
    finish_erasures(at=at + SOON, tried=tried)
    assert prove_erasure(**given)["proven"]


def test_one_remaking_serves_whoever_was_erased_before_it(sealed, at, aside):
    tried = Tried(indexes=Resealing())
    for passed in sealed:
        erase_face(passed, at, tried)
    aside.end(tried.indexes)
    assert finish_erasures(at=at + SOON, tried=tried) == 2
    assert len(aside.begun) == 1
    assert not any(holds(passed) for passed in sealed)


def test_who_is_erased_during_a_remaking_waits_for_the_next(sealed, at, aside):
    tried = Tried(indexes=Resealing())
    first = erase_face(sealed[0], at, tried)
    reseal(gallery().id)  # what the first remaking brings
    second = erase_face(sealed[1], at + SOON, tried)
    aside.end(tried.indexes, remake=False)
    assert finish_erasures(at=at + 2 * SOON, tried=tried) == 1
    assert Erasure.objects.get(id=first.id).finished_at is not None
    assert Erasure.objects.get(id=second.id).finished_at is None
    aside.end(tried.indexes)
    assert finish_erasures(at=at + 3 * SOON, tried=tried) == 1


def test_a_remaking_that_fails_is_told_and_tried_again_after_a_minute(sealed, at, aside):
    tried = Tried(indexes=Resealing())
    aside.failure = OSError(28, "No space left on device")
    aside.go.set()
    erase_face(sealed[0], at, tried)
    tried.indexes.wait()
    for sweep in (1, 2):
        with pytest.raises(ErasureUnfinished, match="1 erasure"):
            finish_erasures(at=at + sweep * SOON, tried=tried)
    assert len(aside.begun) == 1
    aside.failure = None
    assert finish_erasures(at=at + timedelta(minutes=2), tried=tried) == 0
    aside.end(tried.indexes)
    assert finish_erasures(at=at + timedelta(minutes=2) + SOON, tried=tried) == 1
    assert len(aside.begun) == 2


def test_a_host_without_an_index_makes_none_for_an_erasure(settings, passes, at, aside):
    passed = passes()
    tried = Tried(indexes=Resealing())
    assert erase_face(passed, at, tried).finished_at == at
    assert aside.begun == []
    assert list(Path(settings.GALLERY_DIR).glob("*.sealed")) == []


def test_what_a_killed_writer_left_behind_goes_too(passes, at):
    passed = passes()
    left = path_of_gallery(gallery().id).with_suffix(".part")
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(passed.vector.tobytes())
    assert erase_face(passed, at, Tried(indexes=Resealing())).finished_at == at
    assert not left.exists()


def test_an_index_that_another_process_is_making_is_waited_for(passes, at, aside):
    passed = passes()
    tried = Tried(indexes=Resealing())
    with lock_for_writing(path_of_gallery(gallery().id), wait=True):
        assert reached_version(gallery=gallery()) == 0
        assert erase_face(passed, at, tried).finished_at is None
    aside.end(tried.indexes)
    assert finish_erasures(at=at + SOON, tried=tried) == 1


def test_an_index_of_another_history_is_made_anew(sealed, at):
    Gallery.objects.update(version=1, purged_version=1)
    assert reached_version(gallery=gallery()) == 0
    reseal(gallery().id)
    assert reached_version(gallery=gallery()) == 1
    assert purged_versions([gallery().id]) == {gallery().id: 1}
