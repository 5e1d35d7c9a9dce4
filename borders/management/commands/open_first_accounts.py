"""Make the first two administrators of a country, who open every further account at the desk."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from borders.services.accounts import AccountRefused, open_first_administrators

ADVICE = {
    "two_needed": "Name two accounts: an administrator's role is given by one and approved by another.",
    "administrators_there": "There are administrators already: they open accounts at the desk.",
    "unknown_place": "There is no such country.",
    "bad_username": "User names: 2 to 30 small letters, digits, points or dashes.",
    "bad_badge": "Badge numbers: 2 to 20 capitals, digits or dashes.",
    "name_taken": "There is such an account already.",
    "badge_taken": "There is such a badge already.",
}


class Command(BaseCommand):
    help = (
        "Open the accounts of the first two administrators of a country. Each gets a code, printed once, by which they choose a "
        "password at /account/password/ within a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("country", help="code of the country, as in the MRZ")
        parser.add_argument("accounts", nargs=2, metavar="NAME:BADGE", help="user name and badge number")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = [(name, badge) for name, _, badge in (a.partition(":") for a in options["accounts"])]
        try:
            made = open_first_administrators(at=timezone.now(), country=options["country"], accounts=accounts)
        except AccountRefused as refusal:
            raise CommandError(ADVICE.get(refusal.code, refusal.code)) from None
        for officer, code in made:
            self.stdout.write(f"{officer.user.get_username()} ({officer.badge_number}): {code}")
