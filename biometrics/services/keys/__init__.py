"""Keys: the master keys, the store of data keys, and what they seal."""

from biometrics.services.keys.master import MasterKeyError, master_keys
from biometrics.services.keys.passing import destroy_passing_keys, open_in_passing, seal_in_passing
from biometrics.services.keys.rotation import begin_rotation, retire_master_key, rewrap_all
from biometrics.services.keys.store import (
    KeyDestroyed,
    KeyMissing,
    KeysLeft,
    copy_key_store,
    count_by_master_key,
    count_slots,
    destroy_keys,
    is_destroyed,
    read_keys,
)
from biometrics.services.keys.subjects import make_key, open_for, seal_for, take_key

__all__ = [
    "KeyDestroyed",
    "KeyMissing",
    "KeysLeft",
    "MasterKeyError",
    "begin_rotation",
    "copy_key_store",
    "count_by_master_key",
    "count_slots",
    "destroy_keys",
    "destroy_passing_keys",
    "is_destroyed",
    "make_key",
    "master_keys",
    "open_for",
    "open_in_passing",
    "read_keys",
    "retire_master_key",
    "rewrap_all",
    "seal_for",
    "seal_in_passing",
    "take_key",
]
