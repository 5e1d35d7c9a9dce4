"""Search keys: an entry is a candidate for a traveller when both have one key in common.

One covering b-tree on a signed 64-bit number finds every candidate. Key texts, before hashing:

| text                   | entry side                     | query side asks besides                     |
|------------------------|--------------------------------|---------------------------------------------|
| N words, date          | all words in any order         | –                                           |
| P skeletons, Y year    | each pair of skeletons         | the years before and after                  |
| P skeletons, M MMDD    | each pair                      | –                                           |
| P skeletons, U         | each pair, without a date      | always                                      |
| T skeleton, year-month | each word                      | day and month swapped, year before and after|
| J skeleton, year or U  | the words joined               | turns of up to four words, years around, U  |
| F skeletons            | the whole set, date or none    | –                                           |
| D number               | folded document number         | –                                           |
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator

from watchlists.core.birth_dates import BirthDate
from watchlists.core.documents import fold_document_number
from watchlists.core.names import PersonName, core_tokens, name_forms
from watchlists.core.sounds import full_skeleton, skeleton

KEY_VERSION = 1
JOINED_LENGTH = 10
MAX_TURNS = 4


def hash_key(text: str) -> int:
    """Return the number stored in the key table: signed 64 bits of BLAKE2b. text: a key text."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def entry_keys(names: Iterable[PersonName], birth_date: BirthDate | None) -> frozenset[int]:
    """Return the keys under which a person is stored. names: primary name and aliases."""
    return frozenset(map(hash_key, entry_key_texts(names, birth_date)))


def query_keys(names: Iterable[PersonName], birth_date: BirthDate | None) -> frozenset[int]:
    """Return the keys to look up for a traveller."""
    return frozenset(map(hash_key, query_key_texts(names, birth_date)))


def document_key(document_number: str) -> int | None:
    """Return the key of a document number, on either side; None for a number without letters or digits."""
    folded = fold_document_number(document_number)
    return hash_key(f"D|{folded}") if folded else None


def entry_key_texts(names: Iterable[PersonName], birth_date: BirthDate | None) -> frozenset[str]:
    """Return the key texts under which a person is stored."""
    texts: set[str] = set()
    for tokens in _tokens_of(names):
        texts.update(_shared_texts(tokens, birth_date))
        year = f"Y{birth_date.year}" if birth_date else "U"
        texts.update(f"P|{pair}|{year}" for pair in _pairs(tokens))
        texts.add(f"J|{_joined(tokens)}|{year}")
        if birth_date and birth_date.is_full:
            month = f"{birth_date.year}-{birth_date.month:02d}"
            texts.update(f"T|{found}|{month}" for found in _skeletons(tokens))
    return frozenset(texts)


def query_key_texts(names: Iterable[PersonName], birth_date: BirthDate | None) -> frozenset[str]:
    """Return the key texts to look up for a traveller."""
    texts: set[str] = set()
    for tokens in _tokens_of(names):
        texts.update(_shared_texts(tokens, birth_date))
        years = ["U"]
        if birth_date:
            years += [f"Y{birth_date.year + shift}" for shift in (-1, 0, 1)]
        texts.update(f"P|{pair}|{year}" for pair in _pairs(tokens) for year in years)
        texts.update(f"J|{_joined(turned)}|{year}" for turned in _turns(tokens) for year in years)
        months = _months_around(birth_date)
        texts.update(f"T|{found}|{month}" for found in _skeletons(tokens) for month in months)
    return frozenset(texts)


def _shared_texts(tokens: tuple[str, ...], birth_date: BirthDate | None) -> Iterator[str]:
    """Yield the texts that both sides make in the same way."""
    yield f"F|{'|'.join(sorted(_skeletons(tokens)))}"
    if birth_date and birth_date.is_full:
        yield f"N|{' '.join(sorted(tokens))}|{birth_date.year}{birth_date.month_day}"
        yield from (f"P|{pair}|M{birth_date.month_day}" for pair in _pairs(tokens))


def _tokens_of(names: Iterable[PersonName]) -> set[tuple[str, ...]]:
    return {core_tokens(form) for name in names for form in name_forms(name.whole)}


def _skeletons(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(skeleton(token) for token in tokens))


def _pairs(tokens: tuple[str, ...]) -> Iterator[str]:
    """Yield each unordered pair of skeletons; a name of one skeleton pairs with nothing."""
    found = sorted(_skeletons(tokens))
    if len(found) == 1:
        yield f"{found[0]}+"
    for first, second in itertools.combinations(found, 2):
        yield f"{first}+{second}"


def _joined(tokens: tuple[str, ...]) -> str:
    return full_skeleton("".join(tokens))[:JOINED_LENGTH]


def _turns(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for shift in range(min(len(tokens), MAX_TURNS)):
        yield tokens[shift:] + tokens[:shift]


def _months_around(birth_date: BirthDate | None) -> tuple[str, ...]:
    if birth_date is None or birth_date.month is None or birth_date.day is None:
        return ()
    year, month, day = birth_date.year, birth_date.month, birth_date.day
    swapped = (f"{year}-{day:02d}",) if day <= 12 else ()
    return (*(f"{year + shift}-{month:02d}" for shift in (-1, 0, 1)), *swapped)
