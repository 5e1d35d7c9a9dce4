"""Travellers without images: keyed in by the officer, so that twenty thousand of them fit into bounded time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from borders.demo.client import Booth
from borders.demo.logins import read_logins
from borders.demo.places import FIRST_LINE
from tests.flows.stack import Stack

FIRST_BIRTH = date(1940, 1, 1)
DAYS_OF_BIRTHS = 28_000
CONSONANTS, VOWELS = "BDFGKLMNPRSTVZ", "AEIOU"
REASON = "seen and known"


def make_travelers(seed: int, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield requests to open an inspection, for ever: each of another invented person, the same for the same seed.

    prefix: of the client references, by which the ledger finds them again.
    """
    rng = random.Random(seed)
    number = 0
    while True:
        yield {
            "client_reference": f"{prefix}-{number:06d}",
            "direction": "ENTRY",
            "conveyance": "UA 417",
            "purpose_of_travel": "TOURISM",
            "address_of_stay": "Harbour Lodge, Zenith",
            "keyed": {
                "document_code": "P",
                "issuing_state": "UTO",
                "document_number": f"{rng.choice(CONSONANTS)}{seed % 10}{number:07d}",
                "primary_identifier": make_name(rng, 3),
                "secondary_identifier": make_name(rng, 2),
                "nationality": "UTO",
                "birth_date": (FIRST_BIRTH + timedelta(days=rng.randrange(DAYS_OF_BIRTHS))).isoformat(),
                "sex": rng.choice("FM"),
                "expiry_date": (datetime.now(UTC).date() + timedelta(days=400)).isoformat(),
            },
        }
        number += 1


def make_name(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables)) + rng.choice(
        CONSONANTS
    )


def sign_in_everywhere(stack: Stack) -> list[Booth]:
    """Return the first-line booth of each port, signed in."""
    passwords = read_logins(stack.folder)
    return [
        Booth.sign_in(stack.web_url, username=username, password=passwords[username], port=port, booth=booth)
        for port, (username, booth) in FIRST_LINE.items()
    ]
