"""How rare a name is: counted in the list itself, and guessed from a table where the list is too small to tell.

Two rarities of each word, in bits. *Overall*: how few of all persons bear it. *At home*: how few of the
persons of its bearers' own nationalities bear it; the second and third word of a name say only that much,
because names of one culture come together.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from watchlists.core.sounds import codes_of
from watchlists.core.variants import heads_of

RARITY_MOST, RARITY_AT_HOME_MOST, RARITY_LEAST = 16.0, 13.0, 1.0
# how many persons of a list weigh as much as what is assumed beforehand
PRIOR_PERSONS, PRIOR_PERSONS_AT_HOME = 300.0, 50.0
# assumed bits of a name that stands in the table of variants (a common one), and of any other
COMMON, UNCOMMON = (8.5, 6.0), (13.5, 11.0)
# of persons without a nationality nothing is known about their home
HOMES = 8.0


@dataclass(frozen=True, slots=True)
class NameStatistics:
    """people: persons counted. rarities: what was counted -> its bits overall and at home, for common ones only.

    Counted are codes of words, and words as they stand behind "=".
    """

    people: int = 0
    rarities: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def of_word(self, word: str) -> tuple[float, float]:
        """Return the rarity of a word exactly as it is written. word: one spelling."""
        return self.rarities.get(f"={word}") or self._uncounted(word)

    def of_sound(self, word: str) -> tuple[float, float]:
        """Return the rarity of all words that sound like this one; never rarer than the word itself."""
        found = self.rarities.get(codes_of(word)[0])
        exact = self.of_word(word)
        if found is None:
            return exact
        return min(found[0], exact[0]), min(found[1], exact[1])

    def _uncounted(self, word: str) -> tuple[float, float]:
        overall, at_home = COMMON if heads_of(word) else UNCOMMON
        known = 1.0 + self.people / PRIOR_PERSONS
        return (
            min(RARITY_MOST, overall + math.log2(known)),
            min(RARITY_AT_HOME_MOST, at_home + math.log2(1.0 + self.people / 30.0 / PRIOR_PERSONS_AT_HOME)),
        )


class NameCounter:
    """Count the names of a list as it streams by; memory grows with distinct names, not with persons."""

    def __init__(self) -> None:
        self.people = 0
        self._homes: dict[str, int] = {}
        self._counts: dict[str, dict[str, int]] = {}

    @classmethod
    def of_counts(cls, homes: Mapping[str, int], counts: Mapping[str, Mapping[str, int]]) -> "NameCounter":
        """Return a counter with what a database has counted: persons by nationality, and the same for each name."""
        counter = cls()
        counter.people = sum(homes.values())
        counter._homes = dict(homes)
        counter._counts = {name: dict(bearers) for name, bearers in counts.items()}
        return counter

    def add(self, counted: Iterable[str], nationality: str = "") -> None:
        """Count one person. counted: IndexedEntry.counted; nationality: "" if unknown."""
        self.people += 1
        self._homes[nationality] = self._homes.get(nationality, 0) + 1
        for name in counted:
            homes = self._counts.setdefault(name, {})
            homes[nationality] = homes.get(nationality, 0) + 1

    def statistics(self) -> NameStatistics:
        """Return the rarities of what is common enough to be less rare than RARITY_MOST."""
        rarities = {}
        for name, homes in self._counts.items():
            count = sum(homes.values())
            known = heads_of(name[1:]) if name[0] == "=" else False
            assumed, assumed_at_home = COMMON if known else UNCOMMON
            # the entry that agrees is itself one of those counted
            share = (count - 1 + PRIOR_PERSONS * 2.0**-assumed) / (self.people - 1 + PRIOR_PERSONS)
            overall = -math.log2(share)
            if overall >= RARITY_MOST:
                continue
            at_home = sum(
                bearers / count * self._share_at_home(bearers, home, assumed_at_home)
                for home, bearers in homes.items()
            )
            rarities[name] = (
                round(max(RARITY_LEAST, overall), 2),
                round(max(RARITY_LEAST, min(RARITY_AT_HOME_MOST, -math.log2(at_home), overall)), 2),
            )
        return NameStatistics(self.people, rarities)

    def _share_at_home(self, bearers: int, home: str, assumed: float) -> float:
        people = self._homes[home]
        prior = PRIOR_PERSONS_AT_HOME
        share = (bearers - 1 + prior * 2.0**-assumed) / (people - 1 + prior)
        return min(0.5, float(share) * HOMES) if home == "" else float(share)


def merge_statistics(parts: Iterable[NameStatistics]) -> NameStatistics:
    """Return the statistics of several lists as one: each list weighs by its persons.

    A name that is not counted in one of them is as rare there as can be.
    """
    lists = [part for part in parts if part.people]
    if len(lists) < 2:
        return lists[0] if lists else NameStatistics()
    people = sum(part.people for part in lists)
    rarities = {}
    for name in set().union(*(part.rarities for part in lists)):
        shares = [0.0, 0.0]
        for part in lists:
            bits = part.rarities.get(name, (RARITY_MOST, RARITY_AT_HOME_MOST))
            for place in (0, 1):
                shares[place] += part.people / people * 2.0 ** -bits[place]
        rarities[name] = (round(-math.log2(shares[0]), 2), round(-math.log2(shares[1]), 2))
    return NameStatistics(people, rarities)
