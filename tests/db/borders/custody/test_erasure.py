"""Erasing a person: nothing of them is left in any table, gallery or file, and what statistics need stays."""

import errno
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection

from audit.models import AuditEntry
from biometrics.core.error_rates import age_band
from biometrics.core.faces import Metric
from biometrics.models import CapturedImage, Gallery, SubjectKey, Template
from biometrics.services.faces import vector_of
from biometrics.services.galleries import seal_gallery, search_gallery
from biometrics.services.images import ImageErased, read_content
from biometrics.services.keys import KeyDestroyed, copy_key_store, is_destroyed
from borders.models import Crossing, ErasedCrossingCount, Erasure, Inspection, Stay
from borders.services.custody import (
    ErasureRefused,
    ErasureUnfinished,
    Tried,
    erase_entry_faces,
    erase_images,
    erase_inspections,
    erase_traveler,
    finish_erasures,
    lift_hold,
    place_hold,
)
from borders.services.custody.scope import NOBODY_ID
from tests.db.borders.custody.conftest import SWEEP
from tests.db.factories import make_entry
from travelers.models import DocumentReading, Enrolment, TravelDocument, Traveler
from watchlists.models import EntryFace

pytestmark = pytest.mark.django_db
REAL_OPEN = os.open
VALUES = ("ERIKSSON", "ANNA MARIA", "L898902C3", "12 Harbour Road")


def erase(traveler_id: UUID, at, **changes) -> Erasure:
    return erase_traveler(
        **{
            "actor": SWEEP,
            "at": at,
            "traveler_id": traveler_id,
            "ground": "RETENTION",
            "retention": "FILE/1",
            **changes,
        }
    )


def places_of(value: str) -> set[str]:
    """Return the tables that hold a value anywhere, by asking the database alone."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text LIKE %s)', [f"%{value}%"])
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def test_no_value_of_the_person_is_left_in_any_table(passes, at):
    passed = passes()
    assert places_of("ERIKSSON") >= {"travelers_traveler", "travelers_documentreading"}
    erase(passed.crossing.traveler_id, at)
    assert {value: places_of(value) for value in VALUES} == {value: set() for value in VALUES}


def test_rows_of_the_person_are_gone_and_those_of_the_crossing_stay(passes, at):
    passed = passes()
    erase(passed.crossing.traveler_id, at)
    assert not Traveler.objects.exclude(id=NOBODY_ID).exists()
    assert not any(model.objects.exists() for model in (TravelDocument, Enrolment, Stay))
    crossing = Crossing.objects.get(id=passed.crossing.id)
    assert (crossing.traveler_id, crossing.document_id) == (NOBODY_ID, None)
    assert (crossing.direction, crossing.port_id) == (passed.crossing.direction, passed.crossing.port_id)
    assert crossing.occurred_at.isoformat() == "2026-11-20T00:00:00+00:00"
    inspection = Inspection.objects.get(id=passed.inspection.id)
    assert (inspection.state, inspection.erased_at) == ("CLEARED", at)
    assert inspection.findings.exists()


def test_image_and_template_can_never_be_read_again(settings, passes, at):
    passed = passes()
    image = passed.inspection.face_image
    octets = (settings.IMAGE_STORE_DIR / image.key).read_bytes()
    erase(passed.crossing.traveler_id, at)
    path = settings.IMAGE_STORE_DIR / image.key
    assert not path.exists()
    path.write_bytes(octets)  # as a backup would bring it back
    with pytest.raises(ImageErased):
        read_content(image=image)  # the row as it was before
    with pytest.raises(KeyDestroyed):
        vector_of(Template.objects.get(image=image))
    assert SubjectKey.objects.get(id=image.subject_key_id).destroyed_at == at


def test_the_face_is_found_no_more_and_its_vector_is_in_no_index(settings, passes, at):
    passed = passes()
    gallery = Gallery.objects.get(name="crossings", engine_version="1")
    seal_gallery(gallery=gallery, metric=Metric.COSINE)
    (path,) = settings.GALLERY_DIR.glob("*.sealed")
    assert passed.vector.tobytes() in path.read_bytes()
    erase(passed.crossing.traveler_id, at)
    (path,) = settings.GALLERY_DIR.glob("*.sealed")
    assert passed.vector.tobytes() not in path.read_bytes()
    assert passed.vector.astype("<f2").tobytes() not in path.read_bytes()
    gallery.refresh_from_db()
    found = search_gallery(gallery=gallery, metric=Metric.COSINE, probe=passed.vector, limit=1, at=at)
    assert found.candidates == ()


def test_another_traveller_is_left_alone(passes, anna, at):
    first = passes()
    other = passes(
        seed=2,
        keyed=replace(anna, document_number="UT0000002", primary_identifier="SPECIMEN"),
        when=at + timedelta(hours=1),
    )
    erase(first.crossing.traveler_id, at)
    assert Traveler.objects.get(id=other.crossing.traveler_id).primary_identifier == "SPECIMEN"
    assert read_content(image=other.inspection.face_image)
    assert (
        vector_of(Template.objects.get(image=other.inspection.face_image)).tobytes() == other.vector.tobytes()
    )


def test_statistics_keep_one_attribute_at_a_time(passes, at):
    passed = passes()
    erase(passed.crossing.traveler_id, at)
    cells = set(ErasedCrossingCount.objects.values_list("month", "direction", "dimension", "value", "count"))
    month = at.date().replace(day=1)
    assert cells == {
        (month, "ENTRY", "ALL", "", 1),
        (month, "ENTRY", "SEX", "F", 1),
        (month, "ENTRY", "AGE", age_band(passed.crossing.traveler.birth_date, at.date()), 1),
        (month, "ENTRY", "NATIONALITY", "UTO", 1),
    }


def test_a_legal_hold_stands_against_erasing_until_another_person_lifts_it(passes, dora, david, at):
    passed = passes()
    hold = place_hold(
        actor=dora, at=at, traveler_id=passed.crossing.traveler_id, reason="Appeal pending", authority="Court of Utopia",
        review_on=(at + timedelta(days=90)).date(),
    )  # fmt: skip
    with pytest.raises(ErasureRefused, match="legal_hold"):
        erase(passed.crossing.traveler_id, at)
    with pytest.raises(ValueError, match="own_hold"):
        lift_hold(actor=dora, at=at, hold_id=hold.id)
    lift_hold(actor=david, at=at, hold_id=hold.id)
    erase(passed.crossing.traveler_id, at)


def test_a_hold_on_an_inspection_holds_the_whole_file(passes, dora, at):
    passed = passes()
    place_hold(
        actor=dora, at=at, inspection_id=passed.inspection.id, reason="Evidence", authority="Court of Utopia",
        review_on=(at + timedelta(days=90)).date(),
    )  # fmt: skip
    with pytest.raises(ErasureRefused, match="legal_hold"):
        erase(passed.crossing.traveler_id, at)
    assert Traveler.objects.filter(id=passed.crossing.traveler_id).exists()


def test_a_request_needs_its_file_number_and_a_second_person(passes, dora, david, at):
    traveler_id = passes().crossing.traveler_id
    with pytest.raises(ErasureRefused, match="reason_missing"):
        erase(traveler_id, at, actor=dora, ground="REQUEST")
    for second in (None, dora.user_id):
        with pytest.raises(ErasureRefused, match="second_person_missing"):
            erase(traveler_id, at, actor=dora, ground="REQUEST", reason="DP 12/2026", seconded_by_id=second)
    erase(traveler_id, at, actor=dora, ground="REQUEST", reason="DP 12/2026", seconded_by_id=david.user_id)


def test_nobody_unknown_is_erased(at, db):
    with pytest.raises(ErasureRefused, match="traveler_unknown"):
        erase(uuid4(), at)


def test_an_erasure_leaves_an_audit_row_with_ids_only(passes, at):
    passed = passes()
    erasure = erase(passed.crossing.traveler_id, at)
    row = AuditEntry.objects.get(action="person.erased")
    assert row.object_id == str(erasure.id)
    assert row.detail["subject_id"] == str(passed.crossing.traveler_id)
    assert not any(value in str(row.detail) for value in VALUES)


def test_an_erasure_cut_off_after_its_rows_is_finished_by_the_sweep(settings, monkeypatch, passes, at):
    passed = passes()
    monkeypatch.setattr("borders.services.custody.erasure.finish", lambda *, at, erasure, tried: erasure)
    erase(passed.crossing.traveler_id, at)
    monkeypatch.undo()
    path = settings.IMAGE_STORE_DIR / passed.inspection.face_image.key
    assert path.exists()
    assert (finish_erasures(at=at), finish_erasures(at=at)) == (1, 0)
    assert not path.exists()
    assert SubjectKey.objects.get(id=passed.inspection.face_image.subject_key_id).destroyed_at == at


@pytest.fixture
def read_only_copy(settings, monkeypatch, passes, at):
    """The copy beside the backups, on a disk that this process may only read."""
    copy = Path(settings.BACKUP_DIR) / "key-store"

    def open_file(path, flags, *rest, **named):
        if Path(path) == copy and flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system")
        return REAL_OPEN(path, flags, *rest, **named)

    passed = [passes(seed=n, when=at + timedelta(days=n)) for n in (1, 2)]
    copy_key_store(to=copy)
    monkeypatch.setattr("biometrics.services.keys.store.os.open", open_file)
    return passed


def test_a_copy_that_cannot_be_written_keeps_no_other_erasure_from_its_end(settings, read_only_copy, at):
    for passed in read_only_copy:
        erasure = erase_images(actor=SWEEP, at=at, inspection_id=passed.inspection.id, retention="IMAGES/1")
        assert erasure.finished_at is None
    images = [CapturedImage.objects.get(id=p.inspection.face_image_id) for p in read_only_copy]
    assert not any((settings.IMAGE_STORE_DIR / image.key).exists() for image in images)
    assert all(is_destroyed(image.subject_key.slot, subject=image.subject_key_id) for image in images)
    tried = Tried()
    for _ in range(3):
        with pytest.raises(ErasureUnfinished, match="2 erasure"):
            finish_erasures(at=at, tried=tried)
    # in the register as it was erased, and once more by the sweep's first attempt
    assert len(settings.ERASURE_REGISTER_FILE.read_text().splitlines()) == 4
    copy_key_store(to=settings.BACKUP_DIR / "key-store")  # the next backup, which may write
    assert finish_erasures(at=at + timedelta(minutes=1), tried=tried) == 2


def test_an_erasure_that_waits_for_a_disk_crowds_out_no_other(monkeypatch, read_only_copy, passes, at):
    first = read_only_copy[0].inspection.id
    erase_images(actor=SWEEP, at=at, inspection_id=first, retention="IMAGES/1")
    tried = Tried()
    with pytest.raises(ErasureUnfinished):
        finish_erasures(at=at, limit=1, tried=tried)
    other = passes(seed=3, when=at + timedelta(days=3)).inspection.id  # no key of it in the copy
    with monkeypatch.context() as cut:
        cut.setattr("borders.services.custody.erasure.finish", lambda *, at, erasure, tried: erasure)
        erase_images(actor=SWEEP, at=at, inspection_id=other, retention="IMAGES/1")
    with pytest.raises(ErasureUnfinished):
        finish_erasures(at=at + timedelta(minutes=2), limit=1, tried=tried)
    assert Erasure.objects.get(subject_id=other).finished_at is not None
    assert Erasure.objects.get(subject_id=first).finished_at is None


def test_append_only_rows_stay_so_for_everybody_else(passes, at):
    passes()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"):
        DocumentReading.objects.update(primary_identifier="")


def test_an_inspection_under_work_is_not_erased(opened, png, at):
    inspection = opened(face_image=png(3))
    Inspection.objects.filter(id=inspection.id).update(
        state="PROCESSING", leased_until=at + timedelta(seconds=5)
    )
    with pytest.raises(ErasureRefused, match="still_in_progress"):
        erase_inspections(
            actor=SWEEP,
            at=at,
            subject_id=inspection.id,
            inspection_ids=[inspection.id],
            retention="UNDECIDED/1",
        )
    assert read_content(image=CapturedImage.objects.get(id=inspection.face_image_id))


def test_the_faces_of_an_entry_go_unless_another_entry_shows_them(passes, alice, bob, at):
    first, second = passes(seed=3).inspection.live_template, passes(seed=4, when=at + timedelta(hours=1))
    second = second.inspection.live_template
    entry, other = (
        make_entry(proposed_by=alice, approved_by=bob, at=at, source_id=name) for name in ("E-1", "E-2")
    )
    for of, template in ((entry, first), (entry, second), (other, second)):
        EntryFace.objects.create(entry=of, template=template)
    erase_entry_faces(actor=SWEEP, at=at, entry_id=entry.id, reason="Withdrawn 4/2026")
    with pytest.raises(KeyDestroyed):
        vector_of(Template.objects.get(id=first.id))
    assert vector_of(Template.objects.get(id=second.id)).size == 128
    with pytest.raises(ErasureRefused, match="no_faces"):
        erase_entry_faces(actor=SWEEP, at=at, entry_id=entry.id, reason="Withdrawn 4/2026")
