"""What stays for minutes is sealed under a key of its day, and nobody has that key once the day is over."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from biometrics.core.envelope import SealBroken
from biometrics.services.keys import destroy_passing_keys, open_in_passing, seal_in_passing

AT = datetime(2026, 11, 20, 23, 55, tzinfo=UTC)
DAY = timedelta(days=1)
ITEM, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path) -> None:
    settings.MASTER_KEY_FILE = tmp_path / "keys" / "master"
    settings.KEY_STORE_FILE = tmp_path / "keys" / "subject-keys"


def test_what_was_sealed_opens_for_its_row_alone():
    sealed = seal_in_passing(b"picture", item=ITEM, at=AT)
    assert b"picture" not in sealed
    assert open_in_passing(sealed, item=ITEM) == b"picture"
    with pytest.raises(SealBroken):
        open_in_passing(sealed, item=OTHER)


@pytest.mark.parametrize("octets", [b"", b"1234", bytes(16), bytes(60), b"\xff" * 60])
def test_what_no_key_sealed_is_broken(octets):
    with pytest.raises(SealBroken):
        open_in_passing(octets, item=ITEM)


def test_yesterdays_key_opens_until_it_is_destroyed_and_todays_stays():
    yesterday = seal_in_passing(b"one", item=ITEM, at=AT)
    today = seal_in_passing(b"two", item=ITEM, at=AT + DAY)
    assert open_in_passing(yesterday, item=ITEM) == b"one"
    assert destroy_passing_keys(before=(AT + DAY).date()) == 1
    assert destroy_passing_keys(before=(AT + DAY).date()) == 0
    with pytest.raises(SealBroken):
        open_in_passing(yesterday, item=ITEM)
    assert open_in_passing(today, item=ITEM) == b"two"


def test_the_key_of_two_days_ago_is_overwritten_though_nobody_destroyed_it():
    sealed = seal_in_passing(b"one", item=ITEM, at=AT)
    seal_in_passing(b"three", item=ITEM, at=AT + 2 * DAY)
    with pytest.raises(SealBroken):
        open_in_passing(sealed, item=ITEM)


def test_the_keys_lie_beside_the_store_for_their_owner_alone(settings):
    seal_in_passing(b"one", item=ITEM, at=AT)
    path = settings.KEY_STORE_FILE.with_name("subject-keys.day")
    assert path.stat().st_mode & 0o777 == 0o600
