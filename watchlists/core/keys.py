"""Search keys: an entry is a candidate for a traveller when both have one key in common.

One b-tree on a signed 64-bit number finds every candidate. A *code* is what words that sound alike have in
common (sounds.py). Key texts, before hashing:

| text                    | entry side                          | query side asks                             |
|-------------------------|-------------------------------------|---------------------------------------------|
| P code+code, year or U  | each pair of words; U: without date | the years around, U; all years if undated   |
| T code, year-month      | each word, where the date is whole  | years around, day and month swapped         |
| M code, month and day   | each word, where the date is whole  | the same                                    |
| I code, initial, year/U | each ordered pair, date not whole   | the years around, U                         |
| B date, initial         | each word, where the date is whole  | the same, and day and month swapped         |
| J joined words, year/U  | once                                | turns of up to four words, years around, U  |
| F codes                 | the whole set                       | the same                                    |
| D number                | folded document number              | the same                                    |

The version of the rules is part of every text: keys of other rules are never met.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence

from watchlists.core.birth_dates import BirthDate
from watchlists.core.documents import fold_document_number
from watchlists.core.names import PersonName, Word, core_words
from watchlists.core.sounds import codes_of, joined_code

KEY_VERSION = 4
# of the rule for document numbers, which changes on its own: lists of documents hold millions and no names
DOCUMENT_KEY_VERSION = 3
JOINED_LENGTH = 10
MAX_TURNS = 4
MAX_CODES_OF_A_WORD = 4
# birth years that a traveller without a birth date may have
ALL_YEARS = range(1920, 2031)
NO_DATE = "U"
# work on the whole table of keys goes part by part
KEY_PARTS = 64


def hash_key(text: str, version: int = KEY_VERSION) -> int:
    """Return the number stored in the key table: signed 64 bits of BLAKE2b. text: a key text; version: of its rule."""
    digest = hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=8, person=b"keys%d" % version
    ).digest()
    return int.from_bytes(digest, "big", signed=True)


def key_parts() -> list[tuple[int, int]]:
    """Return (first, end) of KEY_PARTS parts of all signed 64-bit numbers but the last one, in their order."""
    breadth = 2**64 // KEY_PARTS
    starts = [-(2**63) + breadth * part for part in range(KEY_PARTS)]
    return [(start, min(start + breadth, 2**63 - 1)) for start in starts]


def entry_keys(names: Iterable[PersonName], birth_dates: Sequence[BirthDate]) -> frozenset[int]:
    """Return the keys under which a person is stored. names: primary name and aliases."""
    return frozenset(map(hash_key, entry_key_texts(names, birth_dates)))


def query_keys(names: Iterable[PersonName], birth_date: BirthDate | None) -> frozenset[int]:
    """Return the keys to look up for a traveller."""
    return frozenset(map(hash_key, query_key_texts(names, birth_date)))


def query_keys_of_words(words: tuple[Word, ...], birth_date: BirthDate | None) -> frozenset[int]:
    """Return the keys to look up for one name already taken apart."""
    return frozenset(map(hash_key, _query_texts(words, birth_date)))


def document_key(document_number: str) -> int | None:
    """Return the key of a document number, on either side; None for a number without letters or digits."""
    folded = fold_document_number(document_number)
    return hash_key(f"D|{folded}", DOCUMENT_KEY_VERSION) if folded else None


def entry_key_texts(names: Iterable[PersonName], birth_dates: Sequence[BirthDate]) -> frozenset[str]:
    """Return the key texts under which a person is stored."""
    texts: set[str] = set()
    for words in {core_words(name.whole) for name in names}:
        if words:
            texts.update(entry_texts_of_words(words, birth_dates))
    return frozenset(texts)


def entry_texts_of_words(words: tuple[Word, ...], birth_dates: Sequence[BirthDate]) -> Iterator[str]:
    """Yield the key texts of one name."""
    codes = word_codes(words)
    years = {str(year) for birth_date in birth_dates for year in birth_date.years} or {NO_DATE}
    whole = [birth_date for birth_date in birth_dates if birth_date.is_full]
    pairs = tuple(_pairs(codes))
    for year in years:
        for pair in pairs:
            yield f"P|{pair}|{year}"
        yield f"J|{_joined(words)}|{year}"
    if len(whole) < len(birth_dates) or not birth_dates:
        for mark in _words_and_initials(codes):
            for year in years:
                yield f"I|{mark}|{year}"
    flat = tuple(dict.fromkeys(itertools.chain.from_iterable(codes)))
    for date in whole:
        for code in flat:
            yield f"T|{code}|{date.year}{date.month:02d}"
            yield f"M|{code}|{date.month_day}"
        for initial in _initials(flat):
            yield f"B|{date.year}{date.month_day}|{initial}"
    yield _whole_set(codes)


def query_key_texts(names: Iterable[PersonName], birth_date: BirthDate | None) -> frozenset[str]:
    """Return the key texts to look up for a traveller."""
    texts: set[str] = set()
    for words in {core_words(name.whole) for name in names}:
        if words:
            texts.update(_query_texts(words, birth_date))
    return frozenset(texts)


def _query_texts(words: tuple[Word, ...], birth_date: BirthDate | None) -> Iterator[str]:
    codes = word_codes(words)
    flat = tuple(dict.fromkeys(itertools.chain.from_iterable(codes)))
    near: Iterable[int] = ALL_YEARS if birth_date is None else _years_around(birth_date)
    years = [NO_DATE, *map(str, near)]
    few = [NO_DATE] if birth_date is None else years
    for pair in _pairs(codes):
        for year in years:
            yield f"P|{pair}|{year}"
    joined = {_joined(turned) for turned in _turns(words)}
    for one in joined:
        for year in years:
            yield f"J|{one}|{year}"
    for mark in _words_and_initials(codes):
        for year in few:
            yield f"I|{mark}|{year}"
    if birth_date is not None and birth_date.month is not None and birth_date.day is not None:
        born, month, day = birth_date.year, birth_date.month, birth_date.day
        swapped = day <= 12 and day != month
        months = [f"{near_year}{month:02d}" for near_year in (born - 1, born, born + 1)]
        months += [f"{born}{day:02d}"] if swapped else []
        for code in flat:
            yield f"M|{code}|{birth_date.month_day}"
            for one in months:
                yield f"T|{code}|{one}"
        dates = [f"{born}{month:02d}{day:02d}"] + ([f"{born}{day:02d}{month:02d}"] if swapped else [])
        for initial in _initials(flat):
            for date in dates:
                yield f"B|{date}|{initial}"
    elif birth_date is not None and birth_date.until_year is None:
        for code in flat:
            for month in range(1, 13):
                yield f"T|{code}|{birth_date.year}{month:02d}"
    yield _whole_set(codes)


def _years_around(birth_date: BirthDate) -> Iterator[int]:
    years = birth_date.years
    yield from range(years[0] - 1, years[-1] + 2)


def word_codes(words: tuple[Word, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the codes of each word, over all its spellings."""
    return tuple(_codes(word) for word in words)


def _codes(word: Word) -> tuple[str, ...]:
    found = dict.fromkeys(itertools.chain.from_iterable(codes_of(spelling) for spelling in word))
    return tuple(found)[:MAX_CODES_OF_A_WORD]


def _pairs(codes: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yield each unordered pair of codes of different words; a name of one word pairs with nothing."""
    if len(codes) == 1:
        for code in codes[0]:
            yield f"{code}+"
    for first, second in itertools.combinations(codes, 2):
        for a in first:
            for b in second:
                yield f"{a}+{b}" if a <= b else f"{b}+{a}"


def _words_and_initials(codes: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for place, mine in enumerate(codes):
        initials = {_initial(code) for other, theirs in enumerate(codes) if other != place for code in theirs}
        for code in mine:
            for initial in initials:
                yield f"{code}|{initial}"


def _initial(code: str) -> str:
    """Return the first consonant of a code, or the one after an H: some offices leave it out (HOANG, OANG)."""
    letters = code[1:] if code[0] in "~_=" and len(code) > 1 else code
    return letters[1] if letters[0] == "H" and len(letters) > 1 else letters[0]


def _initials(codes: Iterable[str]) -> set[str]:
    return {_initial(code) for code in codes}


def _whole_set(codes: tuple[tuple[str, ...], ...]) -> str:
    return "F|" + "|".join(sorted({mine[0] for mine in codes}))


def _joined(words: tuple[Word, ...]) -> str:
    return joined_code("".join(word[0] for word in words))[:JOINED_LENGTH]


def _turns(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    for shift in range(min(len(words), MAX_TURNS)):
        yield words[shift:] + words[:shift]
