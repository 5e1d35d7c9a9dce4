"""A list in memory, found by the same keys and scored by the same code as the one in PostgreSQL: for evaluation."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchlists.core.candidates import Query, make_query, rarest_first, score_candidates, within_reach
from watchlists.core.indexing import born_of, index_entry
from watchlists.core.keys import query_keys
from watchlists.core.score import Identity, Score, profile_of
from watchlists.core.statistics import NameCounter, NameStatistics

CANDIDATES_MOST = 3000


@dataclass(frozen=True, slots=True)
class MemoryIndex:
    """keys: int64 (K,), sorted; places: int32 (K,), the entry of each key; born: int32 (N,); forms: N texts."""

    keys: NDArray[np.int64]
    places: NDArray[np.int32]
    born: NDArray[np.int32]
    forms: Sequence[str]
    statistics: NameStatistics


@dataclass(frozen=True, slots=True)
class MemoryAnswer:
    """candidates: places of all entries found by key. hits: (place, score) at or above the threshold."""

    candidates: NDArray[np.int32]
    hits: list[tuple[int, Score]]
    keys_dropped: int


def build_index(
    entries: Iterable[Identity], *, progress: Callable[[int], None] = lambda done: None
) -> MemoryIndex:
    """Return the index of some persons, in their order."""
    keys: list[NDArray[np.int64]] = []
    counts: list[int] = []
    born: list[int] = []
    forms: list[str] = []
    counter = NameCounter()
    for done, entry in enumerate(entries, 1):
        indexed = index_entry(
            names=entry.names,
            birth_dates=entry.birth_dates,
            sex=entry.sex,
            nationalities=entry.nationalities,
        )
        keys.append(np.array(indexed.keys, np.int64))
        counts.append(len(indexed.keys))
        born.append(born_of(entry.birth_dates))
        forms.append(indexed.search_form)
        counter.add(indexed.counted, entry.nationalities[0] if entry.nationalities else "")
        if done % 1000 == 0:
            progress(done)
    joined = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    places = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    order = np.argsort(joined, kind="stable")
    return MemoryIndex(joined[order], places[order], np.array(born, np.int32), forms, counter.statistics())


def find_candidates(index: MemoryIndex, keys: Iterable[int]) -> tuple[NDArray[np.int32], int]:
    """Return the places of the entries that share a key, and how many keys were left out as too common."""
    asked = np.array(sorted(keys), np.int64)
    starts = np.searchsorted(index.keys, asked, "left")
    ends = np.searchsorted(index.keys, asked, "right")
    counts = ends - starts
    dropped = 0
    if int(counts.sum()) > CANDIDATES_MOST * 4:
        kept, dropped = rarest_first(asked.tolist(), counts.tolist(), most=CANDIDATES_MOST * 4)
        mask = np.isin(asked, np.array(kept, np.int64))
        starts, ends = starts[mask], ends[mask]
    found = [index.places[a:b] for a, b in zip(starts, ends, strict=True) if b > a]
    return (np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)), dropped


def screen_in_memory(
    index: MemoryIndex, traveler: Identity, threshold: float, *, most: int = 50
) -> MemoryAnswer:
    """Return the entries at or above the threshold with their evidence, best first."""
    profile = profile_of(traveler)
    query = make_query(profile, index.statistics)
    birth_date = traveler.birth_dates[0] if traveler.birth_dates else None
    places, dropped = find_candidates(index, query_keys(traveler.names, birth_date))
    near = places[within_reach(query, index.born[places], threshold)]
    forms = ((place, index.forms[place]) for place in near.tolist())
    return MemoryAnswer(places, score_candidates(query, forms, threshold, most=most), dropped)


def query_of(index: MemoryIndex, traveler: Identity) -> Query:
    """Return a traveller made ready for this list."""
    return make_query(profile_of(traveler), index.statistics)
