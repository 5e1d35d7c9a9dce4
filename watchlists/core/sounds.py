"""Consonant skeletons: what remains of a word when the spellings of one sound are merged and vowels are
dropped.

MOHAMED, MUHAMMAD and MOHAMMED give MHMD. Known to stay apart: G and J (GAMAL, JAMAL), D and Z (RAMADAN,
RAMAZAN), and short syllables of Chinese and Korean names.
"""

import re

SKELETON_LENGTH = 4
_VOWELS = frozenset("AEIOUY")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# "servant of the": joined to the next word or not, with its vowel or not
_ABD = re.compile(r"^ABD(?:[EAOU]+[LRSNTDZ]?)?L?(?=[A-Z]{3})")
# in this order: longer spellings first
_SOUNDS: tuple[tuple[str, str], ...] = (
    *(("SHCH", "S"), ("TSCH", "S"), ("SCH", "S"), ("TCH", "S"), ("SH", "S"), ("CH", "S")),
    *(
        ("KH", "K"),
        ("GH", "K"),
        ("PH", "V"),
        ("TH", "T"),
        ("DZH", "J"),
        ("DH", "D"),
        ("ZH", "J"),
        ("DJ", "J"),
    ),
    *(("CK", "K"), ("TS", "S"), ("TZ", "S"), ("X", "KS"), ("CE", "SE"), ("CI", "SI"), ("CY", "SI")),
    *(("C", "K"), ("Q", "K"), ("G", "K"), ("W", "V"), ("F", "V"), ("Z", "S")),
)


def full_skeleton(word: str) -> str:
    """Return the merged consonants of a word.

    word: one word as name_forms gives it, not empty. A word without consonants gives "_" and its first two
    letters; a word outside A to Z gives "=" and itself, so that no two of them meet by accident.
    """
    if not _LETTERS.issuperset(word):
        return f"={word}"
    text = _ABD.sub("", word)
    for spelling, sound in _SOUNDS:
        text = text.replace(spelling, sound)
    kept: list[str] = []
    for index, character in enumerate(text):
        silent_h = character == "H" and index > 0 and text[index - 1] not in _VOWELS
        if character in _VOWELS or silent_h or (kept and kept[-1] == character):
            continue
        kept.append(character)
    return "".join(kept) or f"_{word[:2]}"


def skeleton(word: str) -> str:
    """Return the first SKELETON_LENGTH consonants of a word; marked skeletons ("_", "=") whole.

    word: not empty.
    """
    full = full_skeleton(word)
    return full if full[0] == "=" else full[:SKELETON_LENGTH]


def has_consonants(found: str) -> bool:
    """Tell whether a skeleton is made of consonants, so that its equality says something."""
    return found[0] not in "_="
