"""`manage.py activate_trust_store NUMBER --by USER [--reject]`: the second person's answer to a proposed version."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from travelers.management.acting import actor_of
from travelers.models import TrustStoreVersion
from travelers.services.trust_store import TrustStoreRefused, activate_trust_store, reject_trust_store


class Command(BaseCommand):
    help = "Put a proposed version of the trust store in force, or reject it, as a second person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, metavar="NUMBER")
        parser.add_argument(
            "--by", metavar="USER", required=True, help="user name of the person who approves"
        )
        parser.add_argument("--reject", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        version = TrustStoreVersion.objects.filter(number=options["number"]).first()
        if version is None:
            raise CommandError("There is no such version.")
        answer = reject_trust_store if options["reject"] else activate_trust_store
        try:
            version = answer(actor=actor_of(options["by"]), at=timezone.now(), version_id=version.id)
        except TrustStoreRefused as refusal:
            raise CommandError(f"Not done: {refusal.code}.") from None
        self.stdout.write(f"Version {version.number}: {version.state}")
