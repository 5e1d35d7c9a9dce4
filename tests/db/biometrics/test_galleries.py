"""The gallery in memory follows the rows: enrolled and removed faces are seen by the next search."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from audit.core.actor import system_actor
from audit.models import AuditEntry, new_id
from biometrics.core.faces import Metric
from biometrics.models import CapturedImage, Gallery, GalleryMember, Template
from biometrics.services.galleries import (
    EnrolmentRefused,
    NewMember,
    enrol,
    enrol_many,
    forget_projections,
    remove,
    seal_gallery,
    search_gallery,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACTOR = system_actor("test")
# opening one takes seconds and a process can: so all tests share it, each with a gallery of its own
MILVUS_FILE = Path(tempfile.mkdtemp(prefix="bmis-milvus-")) / "test.db"


def unit_vector(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(128).astype(np.float32)
    return vector / np.linalg.norm(vector)


def make_template(seed: int) -> Template:
    image = CapturedImage.objects.create(
        kind=CapturedImage.Kind.FACE,
        key=f"test/{new_id().hex}",
        sha256="0" * 64,
        media_type="image/jpeg",
        byte_count=1,
        width=1,
        height=1,
        captured_at=AT,
    )
    return Template.objects.create(
        image=image,
        engine="test",
        engine_version="1",
        vector=unit_vector(seed).astype("<f4").tobytes(),
        dimension=128,
        face_count=1,
        box=[0, 0, 1, 1],
        created_at=AT,
    )


def enrol_seed(seed: int, subject: UUID) -> GalleryMember:
    return enrol(actor=ACTOR, at=AT, gallery="crossings", template=make_template(seed), subject_id=subject)


def search(seed: int, at: datetime = AT, limit: int = 3) -> list[tuple[UUID, float]]:
    found = search_gallery(
        gallery=Gallery.objects.get(), metric=Metric.COSINE, probe=unit_vector(seed), limit=limit, at=at
    )
    return [(c.subject_id, round(c.score, 3)) for c in found.candidates]


def seal() -> int | None:
    return seal_gallery(gallery=Gallery.objects.get(), metric=Metric.COSINE)


@pytest.fixture(scope="module", autouse=True)
def _stop_milvus() -> Iterator[None]:
    """Stop its server while there is a log to write to: at the end of the process there is none."""
    yield
    if "milvus_lite" in sys.modules:
        sys.modules["milvus_lite.server_manager"].server_manager_instance.release_all()
    shutil.rmtree(MILVUS_FILE.parent, ignore_errors=True)


@pytest.fixture(params=["exact", "pgvector", "milvus"], autouse=True)
def backend(request: pytest.FixtureRequest, settings, tmp_path) -> str:
    """Every behaviour holds whatever stands behind the gallery."""
    if request.param == "milvus":
        pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed: nothing to run Milvus in")
    settings.GALLERY_BACKEND = request.param
    settings.GALLERY_DIR = tmp_path / "galleries"
    settings.MILVUS_URI = str(MILVUS_FILE)
    forget_projections()
    return request.param


def test_enrolled_face_is_found_by_the_next_search():
    first, second = new_id(), new_id()
    enrol_seed(1, first)
    assert search(1) == [(first, 1.0)]
    enrol_seed(2, second)
    assert search(2)[0] == (second, 1.0)


def test_subject_with_several_templates_is_one_candidate():
    subject = new_id()
    enrol_seed(1, subject)
    enrol_seed(2, subject)
    assert search(2) == [(subject, 1.0)]


def test_removed_subject_is_not_found_any_more():
    subject, other = new_id(), new_id()
    enrol_seed(1, subject)
    enrol_seed(2, other)
    assert search(1)[0][0] == subject
    assert remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subject) == 1
    assert [s for s, _ in search(1)] == [other]


def test_another_process_sees_the_same_after_enrolments_and_removals():
    subjects = [new_id() for _ in range(5)]
    for seed, subject in enumerate(subjects):
        enrol_seed(seed, subject)
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subjects[3])
    here = search(3)
    forget_projections()
    assert search(3) == here


def test_enrolling_a_template_twice_changes_nothing():
    template, subject = make_template(1), new_id()
    for _ in range(2):
        enrol(actor=ACTOR, at=AT, gallery="crossings", template=template, subject_id=subject)
    assert GalleryMember.objects.count() == 1
    assert Gallery.objects.get().version == 1


def test_enrolment_and_removal_are_audited():
    subject = new_id()
    enrol_seed(1, subject)
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subject)
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "template.enrolled",
        "template.removed",
    ]


def test_template_may_stand_for_the_next_version_of_an_entry():
    template, old, new = make_template(1), new_id(), new_id()
    for subject in (old, new):
        enrol(actor=ACTOR, at=AT, gallery="watchlist", template=template, subject_id=subject)
    remove(actor=ACTOR, at=AT, gallery="watchlist", subject_id=old)
    assert search(1) == [(new, 1.0)]


def test_removed_subject_can_be_enrolled_again():
    template, subject = make_template(1), new_id()
    enrol(actor=ACTOR, at=AT, gallery="crossings", template=template, subject_id=subject)
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subject)
    assert search(1) == []
    enrol(actor=ACTOR, at=AT, gallery="crossings", template=template, subject_id=subject)
    assert search(1) == [(subject, 1.0)]


def test_sealing_changes_no_answer():
    subjects = [new_id() for _ in range(6)]
    for seed, subject in enumerate(subjects):
        enrol_seed(seed, subject)
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subjects[5])
    before = [search(seed) for seed in range(6)]
    assert seal() == Gallery.objects.get().version
    assert [search(seed) for seed in range(6)] == before
    forget_projections()
    assert [search(seed) for seed in range(6)] == before


def test_what_changed_after_sealing_is_seen():
    first, second, third = new_id(), new_id(), new_id()
    enrol_seed(1, first)
    enrol_seed(2, second)
    seal()
    assert search(1)[0][0] == first
    enrol_seed(3, third)
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=first)
    assert search(3)[0] == (third, 1.0)
    assert first not in [subject for subject, _ in search(1)]
    seal()
    assert search(3)[0] == (third, 1.0)
    assert first not in [subject for subject, _ in search(1)]


def test_sealed_subject_can_be_removed_and_enrolled_again():
    template, subject = make_template(1), new_id()
    enrol(actor=ACTOR, at=AT, gallery="crossings", template=template, subject_id=subject)
    seal()
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subject)
    assert search(1) == []
    enrol(actor=ACTOR, at=AT, gallery="crossings", template=template, subject_id=subject)
    assert search(1) == [(subject, 1.0)]
    seal()
    assert search(1) == [(subject, 1.0)]


@pytest.mark.parametrize("sealed", [False, True])
def test_member_is_found_only_while_it_is_valid(sealed):
    subject = new_id()
    day = timedelta(days=1)
    enrol(
        actor=ACTOR,
        at=AT,
        gallery="crossings",
        template=make_template(1),
        subject_id=subject,
        valid_from=AT,
        valid_until=AT + day,
    )
    other = new_id()
    enrol_seed(2, other)
    if sealed:
        seal()
    assert [s for s, _ in search(1, at=AT - day)] == [other]
    assert [s for s, _ in search(1, at=AT)] == [subject, other]
    assert [s for s, _ in search(1, at=AT + day)] == [other]


def test_threshold_leaves_out_what_is_below_it():
    subject = new_id()
    enrol_seed(1, subject)
    enrol_seed(2, new_id())
    found = search_gallery(
        gallery=Gallery.objects.get(),
        metric=Metric.COSINE,
        probe=unit_vector(1),
        limit=3,
        at=AT,
        threshold=0.9,
    )
    assert [c.subject_id for c in found.candidates] == [subject]


def test_batch_is_one_version_one_audit_row_and_all_are_found():
    members = [NewMember(make_template(seed), new_id()) for seed in range(5)]
    enrolled = enrol_many(actor=ACTOR, at=AT, gallery="crossings", members=members)
    assert [m.subject_id for m in enrolled] == [m.subject_id for m in members]
    assert Gallery.objects.get().version == 1
    assert AuditEntry.objects.get().detail == {"version": 1, "count": 5}
    assert [search(seed)[0][0] for seed in range(5)] == [m.subject_id for m in members]


def test_batch_of_two_engines_is_refused_whole():
    foreign = make_template(2)
    foreign.engine_version = "2"
    with pytest.raises(EnrolmentRefused) as refused:
        enrol_many(
            actor=ACTOR,
            at=AT,
            gallery="crossings",
            members=[NewMember(make_template(1), new_id()), NewMember(foreign, new_id())],
        )
    assert refused.value.code == "engines_differ"
    assert not Gallery.objects.exists()


def test_validity_that_ends_before_it_begins_is_refused():
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(
            actor=ACTOR,
            at=AT,
            gallery="crossings",
            template=make_template(1),
            subject_id=new_id(),
            valid_from=AT,
            valid_until=AT,
        )
    assert refused.value.code == "validity_ends_before_it_begins"


def test_database_put_back_to_an_earlier_state_is_followed():
    subject = new_id()
    enrol_seed(1, subject)
    enrol_seed(2, new_id())
    seal()
    assert search(1)[0][0] == subject
    GalleryMember.objects.filter(enrolled_version=2).delete()
    Gallery.objects.update(version=1)
    assert search(2) == [(subject, search(2)[0][1])]
    seal()
    assert [s for s, _ in search(2)] == [subject]
