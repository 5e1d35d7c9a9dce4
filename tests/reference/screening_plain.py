"""The slow, obvious twin of the candidate search: the rules of watchlists/core/keys.py without keys, one pair
at a time.
"""

from itertools import combinations

from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName, core_tokens, name_forms
from watchlists.core.sounds import full_skeleton, skeleton


def is_candidate(
    traveler_names: tuple[PersonName, ...],
    traveler_born: BirthDate | None,
    entry_names: tuple[PersonName, ...],
    entry_born: BirthDate | None,
) -> bool:
    """Tell whether an entry is to be scored for a traveller, by comparing every form of every name."""
    return any(
        _forms_meet(presented, traveler_born, listed, entry_born)
        for presented in _all_tokens(traveler_names)
        for listed in _all_tokens(entry_names)
    )


def _all_tokens(names: tuple[PersonName, ...]) -> list[tuple[str, ...]]:
    return [core_tokens(form) for name in names for form in name_forms(name.whole)]


def _forms_meet(
    presented: tuple[str, ...],
    traveler_born: BirthDate | None,
    listed: tuple[str, ...],
    entry_born: BirthDate | None,
) -> bool:
    a, b = {skeleton(t) for t in presented}, {skeleton(t) for t in listed}
    if a == b:
        return True
    year_is_near = entry_born is None or (
        traveler_born is not None and abs(traveler_born.year - entry_born.year) <= 1
    )
    both_full = bool(traveler_born and entry_born and traveler_born.is_full and entry_born.is_full)
    same_day = both_full and traveler_born.month_day == entry_born.month_day
    if _share_a_pair(a, b) and (year_is_near or same_day):
        return True
    if sorted(presented) == sorted(listed) and traveler_born == entry_born and both_full:
        return True
    if a & b and both_full and _months_meet(traveler_born, entry_born):
        return True
    return year_is_near and any(_joined(turn) == _joined(listed) for turn in _turns(presented))


def _share_a_pair(a: set[str], b: set[str]) -> bool:
    if len(a) == 1 or len(b) == 1:
        return a == b
    return bool(set(combinations(sorted(a), 2)) & set(combinations(sorted(b), 2)))


def _months_meet(traveler: BirthDate, entry: BirthDate) -> bool:
    """Tell whether the months are one, give or take a year, or the day was taken for the month."""
    if traveler.month == entry.month and abs(traveler.year - entry.year) <= 1:
        return True
    return traveler.day <= 12 and traveler.day == entry.month and traveler.year == entry.year


def _joined(tokens: tuple[str, ...]) -> str:
    return full_skeleton("".join(tokens))[:10]


def _turns(tokens: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tokens[i:] + tokens[:i] for i in range(min(4, len(tokens)))]


def edit_distance_at_most_one(a: str, b: str) -> bool:
    """Tell it by trying every word that is one edit away. Letters of A to Z."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    near = {a}
    for i in range(len(a) + 1):
        near |= {a[:i] + c + a[i:] for c in letters}
        if i < len(a):
            near.add(a[:i] + a[i + 1 :])
            near |= {a[:i] + c + a[i + 1 :] for c in letters}
        if i + 1 < len(a):
            near.add(a[:i] + a[i + 1] + a[i] + a[i + 2 :])
    return b in near
