"""Fill a database with one large list of persons and one of documents, by COPY."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from tests.accuracy.people.files import list_rows
from tests.accuracy.people.identities import identity_of

AT = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2099, 1, 1, tzinfo=UTC)
STATES = ("UTO", "FRA", "ESP", "EGY", "CHN", "IND", "BRA", "NGA")
BLOCK = 20_000
_ENTRY_COLUMNS = (
    "id, version_id, watchlist_id, source_id, content_hash, action, priority, reason, legal_basis, owner_unit, valid_from,"
    " valid_until, review_by, classification, birth_dates, birth_places, sex, nationalities, listed_on, remarks"
)


def number_of(place: int) -> tuple[str, str]:
    """Return the number and issuer of a listed document."""
    chance = random.Random(place)
    letters = "ABCDEFGHJKLMNPRTUVWXY"
    return f"{chance.choice(letters)}{chance.choice(letters)}{place:07d}", STATES[place % len(STATES)]


def range_start(place: int) -> tuple[str, int, str]:
    """Return prefix, first number and issuer of a range of 500."""
    return f"Z{'ABCDEFGH'[place % 8]}", (place // 8) * 1_000, STATES[place % len(STATES)]


def fill(entries: int, documents: int, ranges: int, *, seed: str, tell: Callable[[str], None]) -> None:
    """Make accounts, lists, versions, entries and keys, and put them in force."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection, transaction

    from audit.core.actor import Actor
    from biometrics.services.operating_points import approve_operating_point, propose_operating_point
    from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
    from watchlists.core.thresholds import START_BITS
    from watchlists.models import Watchlist, WatchlistVersion
    from watchlists.services.index import store_frequencies

    call_command("migrate", verbosity=0)
    one, other = (User.objects.create_user(name) for name in ("one", "other"))
    point = propose_operating_point(
        actor=Actor(label="one", user_id=one.id),
        at=AT,
        purpose="NAME_SCREENING",
        engine=SCORE_ENGINE,
        engine_version=SCORE_VERSION,
        threshold=START_BITS,
        target="bench",
        provenance="bench",
    )
    approve_operating_point(actor=Actor(label="other", user_id=other.id), at=AT, operating_point_id=point.id)
    for name, kind, count in (("Persons", "PERSON", entries), ("Documents", "DOCUMENT", documents)):
        watchlist = Watchlist.objects.create(
            name=name, kind=kind, owner_unit="bench", legal_basis="bench", created_at=AT
        )
        version = WatchlistVersion.objects.create(
            watchlist=watchlist,
            number=1,
            sha256="0" * 64,
            entry_count=count,
            proposed_by=one,
            proposed_at=AT,
            state="PROPOSED",
        )
        with transaction.atomic():
            rows = _persons(entries, seed) if kind == "PERSON" else _documents(documents, ranges)
            begun = time.perf_counter()
            _copy(
                rows,
                version.id,
                watchlist.id,
                tell=lambda done, name=name, begun=begun: tell(
                    f"{name}: {done:,} after {time.perf_counter() - begun:.0f} s"
                ),
            )
        WatchlistVersion.objects.filter(id=version.id).update(
            state="ACTIVE", approved_by=other, approved_at=AT
        )
        Watchlist.objects.filter(id=watchlist.id).update(active_version=version)
        store_frequencies(version_id=version.id)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _uuid(kind: int, place: int) -> str:
    return str(UUID(int=(kind << 96) | (7 << 76) | place))


Row = tuple[str, str]


def _persons(count: int, seed: str) -> Iterator[dict[str, list[str]]]:
    from watchlists.core.indexing import index_entry
    from watchlists.core.keys import KEY_VERSION

    for place, (_, row) in enumerate(list_rows(count, seed=seed)):
        identity = identity_of(row)
        indexed = index_entry(
            names=identity.names,
            birth_dates=identity.birth_dates,
            sex=identity.sex,
            nationalities=identity.nationalities,
        )
        entry = _uuid(1, place)
        form = indexed.search_form.replace("\\", "\\\\")
        counted = "{" + ",".join(f'"{name}"' for name in sorted(indexed.counted)) + "}"
        yield {
            "entry": [entry, row["sex"], row["birth_date"]],
            "key": [f"{key}\t{entry}\t{indexed.born}\n" for key in indexed.keys],
            "form": [f"{entry}\t{form}\t{counted}\t{row['nationality']}\t{KEY_VERSION}\n"],
        }


def _documents(count: int, ranges: int) -> Iterator[dict[str, list[str]]]:
    from watchlists.core.keys import document_key

    for place in range(count):
        number, state = number_of(place)
        entry = _uuid(2, place)
        yield {
            "entry": [entry, "", ""],
            "key": [f"{document_key(number)}\t{entry}\t0\n"],
            "document": [f"{entry}\t{entry}\t{state}\t{number}\tPASSPORT\tSTOLEN\n"],
        }
    for place in range(ranges):
        prefix, first, state = range_start(place)
        entry = _uuid(3, place)
        span = f"{prefix}\t7\t{first}\t{first + 499}"
        yield {
            "entry": [entry, "", ""],
            "range": [f"{entry}\t{entry}\t{state}\tPASSPORT\tSTOLEN_BLANK\t{span}\n"],
        }


_TABLES = {
    "key": "watchlists_entrykey (key, entry_id, born)",
    "form": "watchlists_entrysearchform (entry_id, form, counted, nationality, key_version)",
    "document": "watchlists_entrydocument (id, entry_id, issuing_state, document_number, kind, status)",
    "range": "watchlists_entrydocumentrange (id, entry_id, issuing_state, kind, status, prefix, width, first, latest)",
    "entry": f"watchlists_watchlistentry ({_ENTRY_COLUMNS})",
    "holding": "watchlists_versionentry (version_id, entry_id)",
}


def _copy(
    rows: Iterator[dict[str, list[str]]], version_id: UUID, watchlist_id: UUID, *, tell: Callable[[int], None]
) -> None:
    from django.db import connection

    blocks: dict[str, list[str]] = {name: [] for name in _TABLES}

    def flush() -> None:
        with connection.cursor() as cursor:
            for name in ("entry", "holding", "key", "form", "document", "range"):
                if blocks[name]:
                    with cursor.copy(f"COPY {_TABLES[name]} FROM STDIN") as copy:
                        copy.write("".join(blocks[name]))
                    blocks[name].clear()

    for done, row in enumerate(rows, 1):
        entry, sex, born = row.pop("entry")
        blocks["entry"].append(
            f"{entry}\t{version_id}\t{watchlist_id}\t{entry}\t{'0' * 64}\tSECOND_LINE\t3\tbench\tbench\tbench\t"
            f"{AT.isoformat()}\t{UNTIL.isoformat()}\t2030-01-01\tRESTRICTED\t{{{born}}}\t{{}}\t{sex}\t{{}}\t\\N\t\n"
        )
        blocks["holding"].append(f"{version_id}\t{entry}\n")
        for name, lines in row.items():
            blocks[name] += lines
        if done % BLOCK == 0:
            flush()
            if done % (BLOCK * 10) == 0:
                tell(done)
    flush()
