"""Names as the machine readable zone writes them. Source: Doc 9303-3, sections 4.6 and 6."""

import itertools
import unicodedata

from biometrics.core.mrz.alphabet import FILLER, LETTERS
from biometrics.core.mrz.transliteration_tables import (
    ARABIC,
    ARABIC_FINAL_TEH_MARBUTA,
    ARABIC_SHADDA,
    ARABIC_TEH_MARBUTA,
    CYRILLIC,
    CYRILLIC_EXCEPTIONS,
    LATIN,
    UKRAINIAN_INITIALS,
)

_LETTERS = frozenset(LETTERS)
_MODIFIER_APOSTROPHES = frozenset("ʻʼʽʾʿ`´")


class TransliterationError(ValueError):
    """A name holds a character that Doc 9303-3, section 6, has no form for.

    The name is not in the message.
    """


def _components(name: str) -> list[str]:
    """Return the upper-case words of a name: hyphens part them, other punctuation vanishes (section 4.6)."""
    words = ""
    # upper case may part a letter from its mark: i with a dot above, from Turkish in small letters
    upper = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).upper())
    for character in upper:
        category = unicodedata.category(character)
        if character == FILLER or category in ("Zs", "Pd"):
            words += " "
        elif not category.startswith("P") and character not in _MODIFIER_APOSTROPHES:
            words += character
    return words.split()


def _strip_marks(character: str) -> str:
    base = "".join(
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    if not base or not _LETTERS.issuperset(base):
        raise TransliterationError("a character of the name has no form in the zone")
    return base


def _transliterate_component(component: str, latin: dict[str, str], language: str | None) -> str:
    """Return one word in letters of the zone. latin: the form chosen for each letter that has several."""
    exceptions = {} if language is None else CYRILLIC_EXCEPTIONS[language]
    written: list[str] = []
    for index, character in enumerate(component):
        if character in _LETTERS:
            form = character
        elif character in LATIN:
            form = latin.get(character, LATIN[character][0])
        elif language == "ukrainian" and index == 0 and character in UKRAINIAN_INITIALS:
            form = UKRAINIAN_INITIALS[character]
        elif character in CYRILLIC:
            form = exceptions.get(character, CYRILLIC[character])
        elif character == ARABIC_SHADDA:
            form = written[-1] if written else ""
        elif character == ARABIC_TEH_MARBUTA and index == len(component) - 1:
            form = ARABIC_FINAL_TEH_MARBUTA
        elif character in ARABIC:
            form = ARABIC[character]
        elif unicodedata.combining(character):
            # a mark that makes no letter of its own with what stands before it
            form = ""
        else:
            form = _strip_marks(character)
        written.append(form)
    return "".join(written)


def _write(components: list[str], latin: dict[str, str], language: str | None) -> str:
    words = (_transliterate_component(component, latin, language) for component in components)
    return FILLER.join(word for word in words if word)


def transliterate(name: str) -> str:
    """Return a name in the recommended form of the zone, words parted by one filler.

    name: any text in Latin, Cyrillic or Arabic script, or already in the zone's letters. Raises
    TransliterationError for a character that the tables do not hold. Source: Doc 9303-3, sections 4.6 and 6.
    """
    return _write(_components(name), {}, None)


def mrz_name_forms(name: str) -> frozenset[str]:
    """Return every form that a name may take in the zone, words parted by one filler.

    Ä is AE or A, Ö OE or O, Ü UE, UXX or U, Å AA or A, Ñ N or NXX; a letter takes the same form throughout
    the name. Cyrillic letters follow one language throughout. Compare by membership. Raises
    TransliterationError. Source: Doc 9303-3, section 6.
    """
    components = _components(name)
    letters = set("".join(components))
    several = sorted(letter for letter in letters if len(LATIN.get(letter, ())) > 1)
    languages: list[str | None] = [None]
    if letters & CYRILLIC.keys():
        languages += list(CYRILLIC_EXCEPTIONS)
    return frozenset(
        _write(components, dict(zip(several, choice, strict=True)), language)
        for choice in itertools.product(*(LATIN[letter] for letter in several))
        for language in languages
    )


def is_mrz_name_of(identifier: str, name: str, *, truncated: bool) -> bool:
    """Return whether an identifier read from a zone may stand for a name as printed elsewhere.

    identifier: as Mrz has it (words parted by spaces) or by fillers. truncated: the name field was full, so
    that words may be cut to their first letters and later words may be missing (Doc 9303-4 to 9303-7, section
    4.2.3). Raises TransliterationError for name.
    """
    words = identifier.replace(FILLER, " ").split()
    for form in mrz_name_forms(name):
        whole = form.split(FILLER) if form else []
        if words == whole:
            return True
        if truncated and len(words) <= len(whole):
            pairs = zip(whole, words, strict=False)
            if all(long.startswith(short) for long, short in pairs):
                return True
    return False
