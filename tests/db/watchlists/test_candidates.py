"""The candidate search in SQL finds exactly what the plain rules find, entry by entry."""

import random
from datetime import date

from tests.db.watchlists.conftest import entry
from tests.reference.screening_plain import is_candidate
from watchlists.core.birth_dates import BirthDate
from watchlists.core.keys import query_keys
from watchlists.core.names import PersonName
from watchlists.models import WatchlistEntry
from watchlists.queries import find_candidates, get_active_lists

GIVEN = ("Anna", "Maria", "Brita", "Ali", "Mohamed", "Muhammad", "Jörg", "Åse", "Пётр", "小明")
FAMILY = ("Eriksson", "Erikson", "Svensson", "Müller", "Al Harbi", "Ødegård", "Иванов", "王")


def random_name(chance: random.Random) -> PersonName:
    return PersonName(chance.choice(FAMILY), " ".join(chance.sample(GIVEN, chance.randint(0, 2))))


def random_birth_date(chance: random.Random) -> date | None:
    if chance.random() < 0.2:
        return None
    return date(chance.randint(1979, 1982), chance.randint(1, 3), chance.choice((1, 2, 3, 28)))


def as_known(born: date | None) -> BirthDate | None:
    return BirthDate(born.year, born.month, born.day) if born else None


def test_candidates_in_sql_are_those_of_the_plain_rules(activate, at) -> None:
    chance = random.Random(9303)
    proposed = [
        entry(
            source_id=f"UT-{number}",
            names=tuple(random_name(chance) for _ in range(chance.randint(1, 2))),
            birth_date=random_birth_date(chance),
        )
        for number in range(250)
    ]
    version = activate(*proposed)
    ids = dict(WatchlistEntry.objects.filter(version=version).values_list("source_id", "id"))
    lists = get_active_lists()

    found_any = 0
    for _ in range(60):
        names, born = (random_name(chance),), as_known(random_birth_date(chance))
        found = set(find_candidates(keys=query_keys(names, born), lists=lists, at=at))
        expected = {
            ids[p.source_id] for p in proposed if is_candidate(names, born, p.names, as_known(p.birth_date))
        }
        found_any += bool(found)
        assert found == expected
    assert found_any > 30
