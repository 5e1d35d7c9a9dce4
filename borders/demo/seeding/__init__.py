"""Put the demo country into an empty database.

Every part finds what it has made before, so a second run changes nothing.
"""

from borders.demo.seeding.lists import seed_lists, seed_test_list
from borders.demo.seeding.places import seed_places
from borders.demo.seeding.record import seed_record
from borders.demo.seeding.thresholds import seed_operating_points
from borders.demo.seeding.trust import seed_trust_store

__all__ = [
    "seed_lists",
    "seed_operating_points",
    "seed_places",
    "seed_record",
    "seed_test_list",
    "seed_trust_store",
]
