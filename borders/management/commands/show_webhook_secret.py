"""Show the key that signs the messages to one protection service or list owner, to be given to it once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from borders.models import OwnerContact, ProtectionService
from borders.services.notifications import webhook_secret


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="of the service, or of the owner unit")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        receiver = (
            ProtectionService.objects.filter(name=name).first()
            or OwnerContact.objects.filter(owner_unit=name).first()
        )
        if receiver is None:
            raise CommandError("there is no protection service and no owner unit of this name")
        self.stdout.write(webhook_secret(receiver=receiver).decode())
