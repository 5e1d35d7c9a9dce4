"""Keys outside the database: images and templates lie sealed, master keys rotate while all goes on, a destroyed key is gone."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from audit.core.actor import system_actor
from audit.models import AuditEntry
from biometrics.core.envelope import SLOT_BYTES, Kind, SealBroken, master_key_id
from biometrics.core.faces import Metric
from biometrics.models import CapturedImage, Gallery, SubjectKey, Template
from biometrics.services.faces import vector_of
from biometrics.services.galleries import enrol, forget_projections, search_gallery
from biometrics.services.images import ImageErased, read_content, store_image
from biometrics.services.keys import (
    KeyDestroyed,
    KeyMissing,
    MasterKeyError,
    begin_rotation,
    copy_key_store,
    count_by_master_key,
    destroy_keys,
    is_destroyed,
    master_keys,
    open_for,
    retire_master_key,
    rewrap_all,
    seal_for,
    take_key,
)
from tests.db.biometrics.conftest import unit_vectors
from tests.db.factories import draw_picture

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
FACE, INSPECTION = CapturedImage.Kind.FACE, SubjectKey.Kind.INSPECTION


@pytest.fixture(autouse=True)
def _keys_of_this_test(settings, tmp_path: Path) -> None:
    settings.MASTER_KEY_FILE = tmp_path / "master" / "keys"
    settings.KEY_STORE_FILE = tmp_path / "store" / "subject-keys"
    settings.IMAGE_STORE_DIR = tmp_path / "images"


@pytest.fixture
def key(at) -> SubjectKey:
    return take_key(kind=INSPECTION, subject_id=uuid4(), at=at)


def sealed_template(key: SubjectKey, vector: np.ndarray, at) -> Template:
    image = store_image(actor=ACTOR, at=at, content=draw_picture(), kind=FACE, subject_key=key)
    octets = seal_for(
        vector.astype("<f4").tobytes(), key=key, kind=Kind.TEMPLATE, item=image.id, model="sface 1"
    )
    return Template.objects.create(
        image=image, engine="sface", engine_version="1", vector=octets, subject_key=key, dimension=128, face_count=1,
        box=[0, 0, 1, 1], created_at=at,
    )  # fmt: skip


def test_an_image_lies_sealed_and_is_read_as_it_was_sent(settings, key, at):
    content = draw_picture()
    image = store_image(actor=ACTOR, at=at, content=content, kind=FACE, subject_key=key)
    on_disk = (settings.IMAGE_STORE_DIR / image.key).read_bytes()
    assert content[:64] not in on_disk
    assert b"JFIF" not in on_disk
    assert read_content(image=CapturedImage.objects.get(id=image.id)) == content


def test_an_image_without_a_subject_is_a_subject_of_its_own(at):
    image = store_image(actor=ACTOR, at=at, content=draw_picture(), kind=FACE)
    assert (image.subject_key.kind, image.subject_key.subject_id) == ("IMAGE", image.id)


def test_an_image_put_in_the_place_of_another_of_the_same_person_does_not_open(settings, key, at):
    one, other = (
        store_image(actor=ACTOR, at=at, content=draw_picture(shade=s), kind=FACE, subject_key=key)
        for s in (9, 200)
    )
    os.replace(settings.IMAGE_STORE_DIR / one.key, settings.IMAGE_STORE_DIR / other.key)
    with pytest.raises(SealBroken):
        read_content(image=other)


def test_a_subject_has_one_key_and_no_two_subjects_share_one(key, at):
    again = take_key(kind=INSPECTION, subject_id=key.subject_id, at=at + timedelta(days=1))
    other = take_key(kind=INSPECTION, subject_id=uuid4(), at=at)
    assert again.id == key.id
    assert other.slot != key.slot


def test_a_sealed_template_is_compared_like_any_other(key, at):
    vector = unit_vectors(1)[0]
    assert np.array_equal(vector_of(sealed_template(key, vector, at)), vector)


def test_sealed_and_older_templates_are_found_in_one_gallery(key, at, template_of):
    vectors = unit_vectors(2)
    sealed, older = uuid4(), uuid4()
    enrol(actor=ACTOR, at=at, gallery="g", template=sealed_template(key, vectors[0], at), subject_id=sealed)
    enrol(actor=ACTOR, at=at, gallery="g", template=template_of(vectors[1]), subject_id=older)
    gallery = Gallery.objects.get(name="g")
    for vector, subject in zip(vectors, (sealed, older), strict=True):
        found = search_gallery(gallery=gallery, metric=Metric.COSINE, probe=vector, limit=1, at=at)
        assert found.candidates[0].subject_id == subject


def test_a_destroyed_key_leaves_nothing_that_opens(key, at):
    image = store_image(actor=ACTOR, at=at, content=draw_picture(), kind=FACE, subject_key=key)
    template = sealed_template(key, unit_vectors(1)[0], at)
    assert destroy_keys({key.slot: key.id}) == 1
    with pytest.raises(ImageErased):
        read_content(image=image)
    with pytest.raises(KeyDestroyed):
        vector_of(template)
    assert destroy_keys({key.slot: key.id}) == 0


def test_destroying_one_subject_leaves_the_others_readable(key, at):
    other = take_key(kind=INSPECTION, subject_id=uuid4(), at=at)
    sealed = seal_for(b"kept", key=other, kind=Kind.IMAGE, item=other.id)
    destroy_keys({key.slot: key.id, other.slot: key.id})  # the second names the wrong subject
    assert open_for(sealed, key_id=other.id, kind=Kind.IMAGE, item=other.id) == b"kept"


def test_a_key_is_destroyed_in_the_copies_too(settings, tmp_path, key):
    copy = tmp_path / "backup" / "subject-keys"
    copy_key_store(to=copy)
    assert not is_destroyed(key.slot, subject=key.id, path=copy)
    settings.KEY_STORE_COPIES = [copy]
    destroy_keys({key.slot: key.id})
    assert is_destroyed(key.slot, subject=key.id, path=copy)


def test_the_next_copy_of_the_key_store_takes_the_place_of_the_one_before(tmp_path, key):
    copy = tmp_path / "backup" / "subject-keys"
    copy_key_store(to=copy)
    destroy_keys({key.slot: key.id})
    copy_key_store(to=copy)
    assert is_destroyed(key.slot, subject=key.id, path=copy)
    assert [p.name for p in copy.parent.iterdir()] == ["subject-keys"]


def test_reading_goes_on_at_every_moment_of_a_rotation(key, at):
    sealed = seal_for(b"a face", key=key, kind=Kind.IMAGE, item=key.id)

    def readable() -> bool:
        return open_for(sealed, key_id=key.id, kind=Kind.IMAGE, item=key.id) == b"a face"

    old = master_key_id(master_keys().active).hex()
    new = begin_rotation(actor=ACTOR, at=at)
    assert readable()
    assert new != old
    with pytest.raises(MasterKeyError, match="master_key_in_use"):
        retire_master_key(actor=ACTOR, at=at, key_id=old)
    seen = []
    assert rewrap_all(actor=ACTOR, at=at, progress=lambda done, total: seen.append((done, total))) == (1, 0)
    assert readable()
    assert seen == [(1, 1)]
    retire_master_key(actor=ACTOR, at=at, key_id=old)
    assert readable()
    assert count_by_master_key() == {new: 1}
    actions = AuditEntry.objects.filter(object_type="master_key").values_list("action", flat=True)
    assert set(actions) == {"master_key.added", "data_keys.rewrapped", "master_key.retired"}


def test_a_destroyed_key_does_not_come_back_by_a_rotation(key, at):
    destroy_keys({key.slot: key.id})
    begin_rotation(actor=ACTOR, at=at)
    assert rewrap_all(actor=ACTOR, at=at, progress=lambda *_: None) == (0, 0)
    assert is_destroyed(key.slot, subject=key.id)


def test_a_torn_slot_at_the_end_is_passed_over(settings, key, at):
    with Path(settings.KEY_STORE_FILE).open("ab") as file:
        file.write(b"torn")
    other = take_key(kind=INSPECTION, subject_id=uuid4(), at=at)
    assert other.slot == key.slot + 2
    sealed = seal_for(b"x", key=other, kind=Kind.IMAGE, item=other.id)
    assert open_for(sealed, key_id=other.id, kind=Kind.IMAGE, item=other.id) == b"x"


def test_a_slot_of_another_subject_opens_nothing(key, at):
    sealed = seal_for(b"x", key=key, kind=Kind.IMAGE, item=key.id)
    with pytest.raises(KeyMissing):
        open_for(sealed, key_id=uuid4(), kind=Kind.IMAGE, item=key.id)


def test_master_keys_that_others_may_read_are_refused(settings, key):
    settings.MASTER_KEY_FILE.chmod(0o640)
    os.utime(settings.MASTER_KEY_FILE, (1, 1))
    with pytest.raises(MasterKeyError, match="master_key_exposed"):
        master_keys()


def test_production_makes_no_master_key_of_its_own(settings, tmp_path):
    settings.PRODUCTION = True
    settings.MASTER_KEY_FILE = tmp_path / "none"
    with pytest.raises(MasterKeyError, match="master_key_missing"):
        master_keys()
    assert not settings.MASTER_KEY_FILE.exists()


@pytest.mark.parametrize("content", ["", "# nothing\n", "c2hvcnQ=\n", "not base64!\n"])
def test_a_malformed_file_of_master_keys_is_refused(settings, tmp_path, content):
    settings.MASTER_KEY_FILE = tmp_path / "bad"
    settings.MASTER_KEY_FILE.write_text(content)
    settings.MASTER_KEY_FILE.chmod(0o600)
    with pytest.raises(MasterKeyError, match="master_key_malformed"):
        master_keys()


def test_the_file_of_master_keys_is_for_its_owner_only(settings, key):
    assert settings.MASTER_KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert settings.KEY_STORE_FILE.stat().st_mode & 0o777 == 0o600
    assert settings.KEY_STORE_FILE.stat().st_size == SLOT_BYTES


def test_the_command_rotates_and_says_how_far_it_is(key, capsys):
    old = master_key_id(master_keys().active).hex()
    call_command("rotate_master_key")
    assert "1 data keys rewrapped" in capsys.readouterr().out
    call_command("rotate_master_key", retire=old)
    with pytest.raises(CommandError, match="No key of the file"):
        call_command("rotate_master_key", retire=old)


def test_what_was_stored_before_there_were_keys_is_sealed_by_a_command(settings, at, template_of):
    content, vector = draw_picture(), unit_vectors(1)[0]
    template = template_of(vector)
    path = settings.IMAGE_STORE_DIR / template.image.key
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    call_command("seal_existing")
    image = CapturedImage.objects.get(id=template.image_id)
    assert not path.exists()
    assert content[:64] not in (settings.IMAGE_STORE_DIR / image.key).read_bytes()
    assert read_content(image=image) == content
    assert bytes(Template.objects.get(id=template.id).vector) != vector.tobytes()
    assert np.array_equal(vector_of(Template.objects.get(id=template.id)), vector)
    forget_projections()
