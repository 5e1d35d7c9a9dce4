"""What is stored of an entry so that it is found and scored: keys, its names taken apart, what counts for rarity."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from watchlists.core.birth_dates import ANY_DATE, BirthDate
from watchlists.core.keys import entry_texts_of_words, hash_key
from watchlists.core.names import PersonName
from watchlists.core.score import Form, Identity, Profile, profile_of
from watchlists.core.sounds import codes_of


@dataclass(frozen=True, slots=True)
class IndexedEntry:
    """keys: signed 64-bit numbers, sorted. born: YYYYMMDD, YYYY0000 for a year alone, 0 if unknown, ANY_DATE for
    several dates or a span. search_form: text for the table of search forms. counted: for NameCounter.add.
    """

    keys: tuple[int, ...]
    born: int
    search_form: str
    counted: frozenset[str]


def index_entry(
    *,
    names: Iterable[PersonName],
    birth_dates: Sequence[BirthDate] = (),
    sex: str = "",
    nationalities: Sequence[str] = (),
) -> IndexedEntry:
    """Return what is stored of a person. An entry whose names hold no letter has no keys."""
    profile = profile_of(Identity(tuple(names), tuple(birth_dates), sex, tuple(nationalities)))
    texts: set[str] = set()
    counted: set[str] = set()
    for form in profile.forms:
        texts.update(entry_texts_of_words(form.words, profile.birth_dates))
        for word in form.words:
            counted.add(f"={word[0]}")
            counted.add(codes_of(word[0])[0])
    return IndexedEntry(
        tuple(sorted(map(hash_key, texts))), born_of(birth_dates), encode_profile(profile), frozenset(counted)
    )


def born_of(birth_dates: Sequence[BirthDate]) -> int:
    """Return the birth date as stored with each key."""
    if not birth_dates:
        return 0
    return birth_dates[0].number if len(birth_dates) == 1 else ANY_DATE


def encode_profile(profile: Profile) -> str:
    """Return a profile as compact JSON: forms, birth dates, sex, nationalities."""
    return json.dumps(
        [
            [[int(form.low_quality), ["|".join(word) for word in form.words]] for form in profile.forms],
            [
                [d.year, d.month or 0, d.day or 0, d.until_year or 0, int(d.circa)]
                for d in profile.birth_dates
            ],
            profile.sex,
            list(profile.nationalities),
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def decode_profile(text: str) -> Profile:
    """Return the profile of encode_profile."""
    forms, dates, sex, nationalities = json.loads(text)
    return Profile(
        tuple(map(read_form, forms)), tuple(map(read_birth_date, dates)), sex, tuple(nationalities)
    )


def read_form(written: Sequence[Any]) -> Form:
    """Return one name of encode_profile: [low quality, words]."""
    low, words = written
    return Form(tuple(tuple(word.split("|")) for word in words), bool(low))


def read_birth_date(written: Sequence[int]) -> BirthDate:
    """Return one birth date of encode_profile: [year, month, day, until_year, circa], 0 for what is unknown."""
    year, month, day, until, circa = written
    return BirthDate(year, month or None, day or None, until or None, bool(circa))
