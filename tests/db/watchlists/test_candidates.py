"""The search in SQL finds exactly what the plain rules find, entry by entry."""

import random

import pytest

from tests.db.watchlists.conftest import entry
from tests.reference.screening_plain import screen_plainly
from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName
from watchlists.core.score import Identity
from watchlists.core.thresholds import threshold_for
from watchlists.models import WatchlistEntry
from watchlists.queries import get_active_lists
from watchlists.services import search as search_module
from watchlists.services.search import HITS_MOST, load_statistics, search_persons

GIVEN = ("Anna", "Maria", "Brita", "Ali", "Mohamed", "Muhammad", "Jörg", "Åse", "Пётр", "小明")
FAMILY = ("Eriksson", "Erikson", "Svensson", "Müller", "Al Harbi", "Ødegård", "Иванов", "王")


def random_name(chance: random.Random) -> PersonName:
    return PersonName(chance.choice(FAMILY), " ".join(chance.sample(GIVEN, chance.randint(0, 2))))


def random_birth_date(chance: random.Random) -> tuple[BirthDate, ...]:
    if chance.random() < 0.2:
        return ()
    if chance.random() < 0.2:
        return (BirthDate(chance.randint(1979, 1982)),)
    return (BirthDate(chance.randint(1979, 1982), chance.randint(1, 3), chance.choice((1, 2, 3, 28))),)


@pytest.mark.parametrize("base_bits", [11.0, 15.0, 19.0])
def test_search_in_sql_finds_what_the_plain_rules_find(activate, at, base_bits: float) -> None:
    chance = random.Random(9303)
    proposed = [
        entry(
            source_id=f"UT-{number}",
            names=tuple(random_name(chance) for _ in range(chance.randint(1, 2))),
            birth_dates=random_birth_date(chance),
        )
        for number in range(200)
    ]
    version = activate(*proposed)
    ids = dict(WatchlistEntry.objects.filter(version=version).values_list("source_id", "id"))
    lists = get_active_lists()
    statistics = load_statistics(lists.version_ids)
    identities = [Identity(p.names, p.birth_dates) for p in proposed]
    threshold = threshold_for(len(proposed), base_bits=base_bits)

    found_any = 0
    for _ in range(40):
        traveler = Identity((random_name(chance),), random_birth_date(chance))
        search = search_persons(traveler=traveler, lists=lists, base_bits=base_bits, at=at)
        expected = screen_plainly(traveler, identities, statistics, threshold)
        best = sorted(expected.values(), reverse=True)[:HITS_MOST]
        found_any += bool(expected)
        assert sorted((one.score.bits for one in search.found), reverse=True) == pytest.approx(
            best, abs=0.011
        )
        if len(expected) <= HITS_MOST:
            assert {one.entry_id for one in search.found} == {
                ids[proposed[place].source_id] for place in expected
            }
    assert statistics.people == len(proposed)
    assert found_any > 4


def test_entries_of_several_dates_and_spans_are_found_by_each(activate, at) -> None:
    activate(
        entry(birth_dates=(BirthDate(1980, 2, 29), BirthDate(1975, 6, 1))),
        entry(
            source_id="UT-2",
            names=(PersonName("Testbo Kalle"),),
            birth_dates=(BirthDate(1960, until_year=1964),),
        ),
    )
    lists = get_active_lists()

    def search(name: str, *born: BirthDate) -> list[str]:
        traveler = Identity((PersonName(name),), born)
        search = search_persons(traveler=traveler, lists=lists, base_bits=24.0, at=at)
        return [
            piece.rule for one in search.found for piece in one.score.evidence if piece.about == "birth_date"
        ]

    assert search("SVENSSON BRITA", BirthDate(1980, 2, 29)) == ["equal"]
    assert search("SVENSSON BRITA", BirthDate(1975, 6, 1)) == ["equal"]
    assert search("SVENSSON BRITA", BirthDate(1999, 1, 1)) == []
    assert search("TESTBO KALLE", BirthDate(1962, 3, 4)) == ["within_span"]


def test_commonest_keys_are_left_out_first_and_counted(activate, at, monkeypatch) -> None:
    twins = [
        entry(source_id=f"UT-{n}", birth_dates=(BirthDate(1980, 1 + n % 12, 1 + n % 28),)) for n in range(30)
    ]
    activate(*twins, entry(source_id="UT-X", names=(PersonName("Svensson Xerxes"),)))
    monkeypatch.setattr(search_module, "CANDIDATES_MOST", 10)
    traveler = Identity((PersonName("SVENSSON XERXES BRITA"),), (BirthDate(1980, 2, 29),))

    search = search_persons(traveler=traveler, lists=get_active_lists(), base_bits=24.0, at=at)

    assert search.keys_dropped > 0
    assert len(search.found) == 1
