"""Put the demo country into the database. A second run changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from borders.demo.logins import FILE_NAME, keep_logins
from borders.demo.seeding import (
    seed_lists,
    seed_operating_points,
    seed_places,
    seed_record,
    seed_test_list,
    seed_trust_store,
)
from borders.demo.seeding.places import demo_actor


class Command(BaseCommand):
    help = (
        "Put the demo country Utopia into the database: places, people, thresholds, lists, one earlier entry."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo country is not for a deployment marked production.")
        at = timezone.now()
        passwords = keep_logins(settings.BMIS_DATA_DIR)
        rows = seed_places(actor=system_actor("seed"), at=at, passwords=passwords)
        bob, vera, olga = (demo_actor(username=name, at=at) for name in ("bob", "vera", "olga"))
        points = seed_operating_points(proposer=vera, approver=bob, at=at)
        lists = seed_lists(owner=olga, approver=bob, at=at)
        lists += seed_test_list(owner=olga, approver=bob, at=at)
        trust = seed_trust_store(proposer=olga, approver=bob, at=at)
        crossings = seed_record(at=at)
        self.stdout.write(
            f"Utopia: {rows} rows of places and people, {points} operating points, {lists} lists, "
            f"{trust} trust store versions, "
            f"{crossings} earlier crossings made. Logins in {settings.BMIS_DATA_DIR / FILE_NAME}"
        )
