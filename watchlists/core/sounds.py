"""Codes of words that sound alike: consonant skeletons, coarse codes of short syllables, and sounds with vowels.

MOHAMED, MUHAMMAD and MOHAMMED have the skeleton MHMD. One syllable is too short for a skeleton to say
anything, and is written in too many ways (JEONG, JUNG, CHUNG): its code merges voiced and unvoiced sounds.
Names whose spellings no rule joins are joined by the table of variants.
"""

import functools
import re

from watchlists.core.variants import heads_of

SKELETON_LENGTH = 4
_VOWELS = frozenset("AEIOUY")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# "servant of the": joined to the next word or not, with its vowel or not; the L may turn into the sound after it, which is
# then double (ABDURRAHMAN) or written once (ABDURAHMAN) and then belongs to the name
_ABD = re.compile(r"^ABD(?:[EAOU]+(?:L|([RSNTDZ])(?=\1))?)?L?(?=[A-Z]{3})")
# in this order: longer spellings first
_SOUNDS: tuple[tuple[str, str], ...] = (
    *(("CHR", "KR"), ("CHL", "KL")),
    *(("SHCH", "S"), ("TSCH", "S"), ("SCH", "S"), ("TCH", "S"), ("SH", "S"), ("CH", "S"), ("HS", "S")),
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
    *(("CK", "K"), ("CZ", "S"), ("SZ", "S"), ("TS", "S"), ("TZ", "S"), ("DZ", "S")),
    *(("X", "KS"), ("CE", "SE"), ("CI", "SI"), ("CY", "SI"), ("GUE", "KE"), ("GUI", "KI"), ("QU", "K")),
    *(("C", "K"), ("Q", "K"), ("G", "K"), ("W", "V"), ("F", "V"), ("Z", "S")),
)
# French spelling of a W before a vowel: OUATTARA, AOUI
_OU_FOR_W = re.compile(r"(?<![^AEIOUY])OU(?=[AEIY])")
_SOUND_OF = dict(_SOUNDS)
# none of the longer spellings gives a letter that is itself respelled: single letters can follow by a table
_SOUND_PATTERN = re.compile("|".join(spelling for spelling, _ in _SOUNDS if len(spelling) > 1))
_LETTER_SOUNDS = str.maketrans({spelling: sound for spelling, sound in _SOUNDS if len(spelling) == 1})
# merged besides where a word is too short for anything finer, and in joined names
_COARSE = str.maketrans("BDJGR", "PTSKL")
_ONE_SYLLABLE = re.compile(r"[^AEIOUY]*[AEIOUYW]+[^AEIOUY]*")
_VOWEL_SOUNDS = str.maketrans("EYOW", "IIUU")
_VOWEL_PAIRS = (
    ("OU", "U"),
    ("OO", "U"),
    ("EE", "I"),
    ("IE", "I"),
    ("AE", "A"),
    ("OE", "O"),
    ("UE", "U"),
    ("AA", "A"),
)


def _merge(word: str) -> str:
    if word[0] == "X":
        word = f"S{word[1:]}"
    if "OU" in word:
        word = _OU_FOR_W.sub("W", word)
    # without vowels T and S that meet are two letters of the script: MTSDQ is MOTASSADEQ
    if is_unvowelled(word):
        word = word.replace("TS", "T S").replace("DZ", "D Z").replace("HS", "H S")
    return _SOUND_PATTERN.sub(_sound_found, word).translate(_LETTER_SOUNDS).replace(" ", "")


def _sound_found(found: re.Match[str]) -> str:
    return _SOUND_OF[found.group()]


@functools.lru_cache(50_000)
def full_skeleton(word: str) -> str:
    """Return the merged consonants of a word.

    word: one word as words_of gives it, not empty. A word without consonants gives "_" and its first two
    letters; a word outside A to Z gives "=" and itself, so that no two of them meet by accident.
    """
    if not _LETTERS.issuperset(word):
        return f"={word}"
    text = _merge(_ABD.sub("", word) if word[0] == "A" else word)
    kept: list[str] = []
    if "H" not in text:
        kept = [c for before, c in zip(" " + text, text, strict=False) if c != before and c not in _VOWELS]
        return "".join(kept) or f"_{word[:2]}"
    vowelled = not is_unvowelled(word)
    for index, character in enumerate(text):
        if character in _VOWELS:
            continue
        before = text[index - 1] if index else ""
        silent = vowelled and before not in _VOWELS
        if character == before or (character == "H" and index and silent):
            continue
        if character == "H" and index == len(text) - 1 and kept:
            continue
        kept.append(character)
    return "".join(kept) or f"_{word[:2]}"


def skeleton(word: str) -> str:
    """Return the code of one spelling: its first SKELETON_LENGTH consonants, or for one syllable its coarse code.

    word: not empty. Marked codes ("_", "=", "~") are whole.
    """
    full = full_skeleton(word)
    if full[0] == "=":
        return full
    if len(word) <= 6 and _ONE_SYLLABLE.fullmatch(word):
        return "~" + syllable_code(word)
    return full[:SKELETON_LENGTH]


@functools.lru_cache(50_000)
def syllable_code(word: str) -> str:
    """Return what remains of one syllable when voiced and unvoiced, aspirated and plain sounds are merged."""
    text = _merge(word)
    head = re.match(r"[^AEIOUYV]*V?(?=[AEIOUY])", text) or re.match(r"[^AEIOUY]*", text)
    start = head.group() if head else ""
    rest = text[len(start) :]
    tail = re.sub(r"[AEIOUYV]", "", rest).replace("NK", "N").rstrip("H")
    begin = start.translate(_COARSE)[:1]
    end = tail.translate(_COARSE)
    if len(end) > 1 and end[0] == "L":
        end = end[1:]
    return f"{begin}-{end[:2]}" if begin or end else f"-{word[:2]}"


@functools.lru_cache(50_000)
def codes_of(word: str) -> tuple[str, ...]:
    """Return the codes of one spelling, the one for counting first: of the names that it varies, and its own.

    KH is a K to some offices and an H to others (KHARITONOV, HARITONOV): such a word has the codes of both.
    """
    own = [skeleton(word)]
    if "KH" in word[:-1] and _LETTERS.issuperset(word):
        own.append(skeleton(word.replace("KH", "H")))
    heads = heads_of(word)
    return tuple(dict.fromkeys((*map(skeleton, heads), *own))) if heads or len(own) > 1 else (own[0],)


@functools.lru_cache(50_000)
def sound_of(word: str) -> str:
    """Return a word with its vowels, spellings of one sound merged: KARIM and KAREEM are one. word: not empty."""
    if not _LETTERS.issuperset(word):
        return f"={word}"
    text = _ABD.sub("ABD", word) if word[0] == "A" else word
    if "OU" in text:
        text = _OU_FOR_W.sub("W", text)
    for pair, one in _VOWEL_PAIRS:
        text = text.replace(pair, one)
    text = _merge(text).translate(_VOWEL_SOUNDS)
    if "H" not in text:
        return "".join([c for before, c in zip(" " + text, text, strict=False) if c != before])
    kept: list[str] = []
    for index, character in enumerate(text):
        if kept and kept[-1] == character:
            continue
        if character == "H" and index and (index == len(text) - 1 or text[index - 1] not in "AIU"):
            continue
        kept.append(character)
    return "".join(kept)


def joined_code(word: str) -> str:
    """Return the coarse consonants of joined words."""
    full = full_skeleton(word)
    return full if full[0] in "=_" else full.translate(_COARSE)


def has_consonants(found: str) -> bool:
    """Tell whether a code is made of consonants, so that its equality says something."""
    return found[0] not in "_="


def is_unvowelled(word: str) -> bool:
    """Tell whether a word comes from a script that writes no vowels (two letters or more, none of them a vowel)."""
    return len(word) > 1 and _VOWELS.isdisjoint(word[1:])
