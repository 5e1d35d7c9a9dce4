"""Names that are one name in other spellings, as data: watchlists/core/data/name_variants.txt."""

import functools
from collections.abc import Mapping
from importlib import resources


@functools.cache
def variant_table() -> Mapping[str, tuple[str, ...]]:
    """Return spelling -> the names it is a spelling of. Each line of the data is one name: head, then spellings."""
    text = resources.files("watchlists.core").joinpath("data/name_variants.txt").read_text("utf-8")
    heads: dict[str, list[str]] = {}
    for line in text.splitlines():
        spellings = line.partition("#")[0].split()
        for spelling in spellings:
            heads.setdefault(spelling, []).append(spellings[0])
    return {spelling: tuple(dict.fromkeys(found)) for spelling, found in heads.items()}


def heads_of(word: str) -> tuple[str, ...]:
    """Return the names of which a word is a listed spelling, () where there is none. word: of A to Z."""
    return variant_table().get(word, ())
