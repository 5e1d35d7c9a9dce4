"""Synthetic persons of 44 naming cultures: made, not recorded. Same seed, same persons.

Names follow a Zipf law within each culture: those written down in lexicons.txt first, then a tail of names
recombined from their parts. 85 % of listed persons have a whole birth date, 10 % a year, 5 % none.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path

LEXICONS = Path(__file__).with_name("lexicons.txt")
# the share of a name falls with its rank as 1 / (rank + FLAT) ** ZIPF; in these cultures a few surnames are most of all
ZIPF, FLAT = 0.8, 4
FEW_SURNAMES = ("vietnamese", "korean", "north_korean", "chinese", "cantonese", "punjabi")
ZIPF_OF_FEW, FLAT_OF_FEW = 1.0, 2
SURNAMES, GIVEN_NAMES = 1500, 300
WHOLE_DATE, YEAR_ALONE = 0.85, 0.95
MEN = 0.7
_VOWELS = frozenset("AEIOUYÁÉÍÓÚÄÖÜÅØÂÊÔÃÕÀÈÌÒÙİ")


@dataclass(frozen=True, slots=True)
class Culture:
    """Names of one culture, commonest first, with the running sums of their weights."""

    name: str
    nationality: str
    surnames: tuple[str, ...]
    given: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person. surname, given: words in the culture's Latin spelling. birth_date: YYYY-MM-DD, YYYY or ""."""

    culture: str
    surname: tuple[str, ...]
    given: tuple[str, ...]
    birth_date: str
    sex: str
    nationality: str

    @property
    def name(self) -> str:
        """Return the name with the given names first."""
        return " ".join((*self.given, *self.surname))


@cache
def cultures() -> tuple[tuple[Culture, ...], tuple[float, ...]]:
    """Return the cultures and the running sums of their shares."""
    found, shares = [], []
    for line in LEXICONS.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, nationality, share, names = line.split("|")
        surnames, men, women = (tuple(part.split()) for part in names.split(":"))
        tail = random.Random(f"tail of {name}")
        found.append(
            Culture(
                name,
                nationality,
                surnames if name in FEW_SURNAMES else _with_tail(surnames, SURNAMES, tail),
                {"M": _with_tail(men, GIVEN_NAMES, tail), "F": _with_tail(women, GIVEN_NAMES, tail)},
            )
        )
        shares.append(float(share))
    return tuple(found), tuple(accumulate(shares))


def _with_tail(names: tuple[str, ...], size: int, rng: random.Random) -> tuple[str, ...]:
    """Return the names and others made of the head of one and the tail of another."""
    made = dict.fromkeys(names)
    parts = list(names)
    for _ in range(size * 20):
        if len(made) >= size:
            break
        if len(made) >= 2 * len(parts):
            parts = list(made)
        head, end = rng.choice(parts), rng.choice(parts)
        cut_head, cut_end = _cut(head, rng), _cut(end, rng)
        name = head[:cut_head] + end[cut_end:]
        if 3 <= len(name) <= 14:
            made.setdefault(name)
    return tuple(made)


def _cut(name: str, rng: random.Random) -> int:
    """Return a place before a consonant that follows a vowel."""
    places = [i for i in range(1, len(name)) if name[i - 1] in _VOWELS and name[i] not in _VOWELS]
    return rng.choice(places) if places else max(1, len(name) // 2)


@cache
def _weights(size: int, zipf: float, flat: int) -> tuple[float, ...]:
    return tuple(accumulate(1.0 / (rank + flat) ** zipf for rank in range(size)))


def _pick(names: tuple[str, ...], rng: random.Random) -> str:
    few = len(names) < GIVEN_NAMES // 2
    weights = _weights(len(names), ZIPF_OF_FEW, FLAT_OF_FEW) if few else _weights(len(names), ZIPF, FLAT)
    return rng.choices(names, cum_weights=weights)[0]


def make_persons(count: int, *, seed: str) -> Iterator[Person]:
    """Yield persons with whole birth dates."""
    rng = random.Random(seed)
    all_cultures, shares = cultures()
    for _ in range(count):
        culture = rng.choices(all_cultures, cum_weights=shares)[0]
        yield _person(culture, rng)


def _person(culture: Culture, rng: random.Random) -> Person:
    sex = "M" if rng.random() < MEN else "F"
    given = _pick(culture.given[sex], rng)
    surname = _pick(culture.surnames, rng)
    father = _pick(culture.given["M"], rng)
    second = _pick(culture.given[sex], rng)
    other = _pick(culture.surnames, rng)
    names, surnames = (given,), (surname,)
    kind = culture.name
    if kind.startswith("arabic"):
        names = (given, father) if rng.random() < 0.6 else (given,)
        if kind in ("arabic_gulf", "arabic_iraq", "arabic_levant"):
            surnames = ("AL", surname) if rng.random() < 0.7 else (surname,)
    elif kind in ("somali", "east_african", "hausa"):
        names = (given, father) if rng.random() < 0.4 else (given,)
    elif kind in ("spanish", "latin_american"):
        surnames = (surname, other) if rng.random() < 0.75 else (surname,)
        names = (given, second) if rng.random() < 0.4 and second != given else (given,)
    elif kind == "portuguese":
        link = rng.choice(("", "", "DA", "DOS", "DE"))
        surnames = tuple(filter(None, (other, link, surname))) if rng.random() < 0.6 else (surname,)
        names = (given, second) if rng.random() < 0.3 and second != given else (given,)
    elif kind == "vietnamese":
        middle = ("VAN" if sex == "M" else "THI") if rng.random() < 0.5 else second
        names = (middle, given) if middle != given else (given,)
    elif kind == "russian":
        patronymic = father + ("OVICH" if sex == "M" else "OVNA")
        names = (given, patronymic) if rng.random() < 0.5 else (given,)
    elif kind in ("punjabi",):
        surnames = (("SINGH" if sex == "M" else "KAUR"), surname) if rng.random() < 0.6 else (surname,)
    elif kind in ("british", "french", "german", "nordic", "filipino", "southern_african", "yoruba_igbo"):
        names = (given, second) if rng.random() < 0.5 and second != given else (given,)
    elif kind in ("dari_pashto", "bengali", "indonesian", "malay", "pakistani"):
        names = (given, father) if rng.random() < 0.4 and father != given else (given,)
    if (
        kind in ("russian", "ukrainian", "central_asian")
        and sex == "F"
        and surname.endswith(("OV", "EV", "IN"))
    ):
        surnames = (surname + "A",)
    year = min(2006, max(1936, int(rng.gauss(1978, 14))))
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    if rng.random() < 0.02:
        month, day = 1, 1
    return Person(kind, surnames, names, f"{year}-{month:02d}-{day:02d}", sex, culture.nationality)


def list_of(count: int, *, seed: str) -> Iterator[tuple[Person, Person]]:
    """Yield persons as they are and as a list knows them: some without a whole date, sex or nationality."""
    rng = random.Random(f"what the list of {seed} knows")
    for person in make_persons(count, seed=seed):
        luck = rng.random()
        known = person.birth_date if luck < WHOLE_DATE else person.birth_date[:4] if luck < YEAR_ALONE else ""
        yield (
            person,
            replace(
                person,
                birth_date=known,
                sex=person.sex if rng.random() < 0.9 else "",
                nationality=person.nationality if rng.random() < 0.9 else "",
            ),
        )
