"""The gallery in memory follows the rows: enrolled and removed faces are seen by the next search."""

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from audit.core.actor import system_actor
from audit.models import AuditEntry, new_id
from biometrics.core.faces import Metric
from biometrics.models import CapturedImage, Gallery, GalleryMember, Template
from biometrics.services import galleries
from biometrics.services.galleries import enrol, remove, search_gallery

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACTOR = system_actor("test")


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


def search(seed: int) -> list[tuple[UUID, float]]:
    found = search_gallery(
        gallery=Gallery.objects.get(), metric=Metric.COSINE, probe=unit_vector(seed), limit=3
    )
    return [(c.subject_id, round(c.score, 3)) for c in found.candidates]


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch):
    monkeypatch.setattr(galleries, "_projections", {})


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


def test_another_process_sees_the_same_after_enrolments_and_removals(monkeypatch):
    subjects = [new_id() for _ in range(5)]
    for seed, subject in enumerate(subjects):
        enrol_seed(seed, subject)
    remove(actor=ACTOR, at=AT, gallery="crossings", subject_id=subjects[3])
    here = search(3)
    monkeypatch.setattr(galleries, "_projections", {})
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
