"""Names as words of the machine readable zone, in every form that Doc 9303-3 allows for them.

An entry's name may stand in any script and spelling, a traveller's name is mostly in the zone's letters
already. Both are folded here to the same forms, so that MÜLLER, MUELLER and MULLER meet.
"""

import itertools
import unicodedata
from dataclasses import dataclass

from biometrics.core.mrz.names import TransliterationError, mrz_name_forms, transliterate

MAX_FORMS = 48
MAX_TOKENS = 6
MAX_NAME_LENGTH = 240

_APOSTROPHES = frozenset("`´")

# words that come and go between documents of one person; kept where a name has two words or fewer
PARTICLES: frozenset[str] = frozenset(
    (
        *("AL", "EL", "BIN", "BEN", "IBN", "BINT", "ABU", "ABOU", "BU"),
        *("DE", "DEL", "LA", "LAS", "LOS", "DI", "DA", "DO", "DOS", "DAS", "DU", "E", "Y"),
        *("VAN", "VON", "DER", "DEN", "TEN", "TER"),
        *("MD", "MR", "MRS", "DR", "HAJI", "HADJI", "SHEIKH"),
    )
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """One name of a person, in any script. low_quality: the source itself calls the alias weak."""

    primary_identifier: str
    secondary_identifier: str = ""
    low_quality: bool = False

    @property
    def whole(self) -> str:
        """Return both identifiers, primary first."""
        return f"{self.primary_identifier} {self.secondary_identifier}".strip()


def name_forms(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the forms that a name may take, each as its words in the order given.

    name: any text; beyond MAX_NAME_LENGTH characters it is cut. Words are of A to Z, or of letters and digits
    of any script where Doc 9303-3 section 6 has no form for them. Returns distinct forms in a fixed order, at
    most MAX_FORMS; none for a text without a letter or digit. Source: Doc 9303-3, sections 4.6 and 6.
    """
    text = _fold(name[:MAX_NAME_LENGTH])
    if text.isascii() and all(character.isalpha() or character == " " for character in text):
        words = tuple(text.split())
        return (words,) if words else ()
    try:
        forms = {tuple(form.split("<")) for form in mrz_name_forms(text) if form}
    except TransliterationError:
        forms = _forms_word_by_word(text)
    return tuple(sorted(forms))[:MAX_FORMS]


def _fold(name: str) -> str:
    """Return the name in upper case: compatible letters merged, symbols as spaces, nothing invisible."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper())
    kept = []
    for character in text:
        kind = unicodedata.category(character)[0]
        if kind != "C":
            kept.append(" " if kind == "S" and character not in _APOSTROPHES else character)
    return "".join(kept)


def _forms_word_by_word(text: str) -> set[tuple[str, ...]]:
    """Return the forms of a name some of whose words the tables do not hold; those words stay as they are."""
    choices = []
    for word in text.replace("<", " ").split():
        try:
            forms = [form for form in sorted(mrz_name_forms(word)) if form]
        except TransliterationError:
            bare = _letters_and_digits(word)
            forms = [bare] if bare else []
        if forms:
            choices.append([tuple(form.split("<")) for form in forms])
    if not choices:
        return set()
    found = itertools.islice(itertools.product(*choices), MAX_FORMS)
    return {tuple(itertools.chain.from_iterable(parts)) for parts in found}


def _letters_and_digits(word: str) -> str:
    """Return a word letter by letter: in the zone's letters where there is a form, else as it is without its
    marks.
    """
    written = []
    for character in word:
        try:
            written.append(transliterate(character))
        except TransliterationError:
            bare = unicodedata.normalize("NFKD", character)
            written.append("".join(c for c in bare if c.isalnum() and not unicodedata.combining(c)))
    return unicodedata.normalize("NFC", "".join(written))


def core_tokens(form: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that identify: at most MAX_TOKENS, without particles where more than two words stand.

    form: as name_forms gives it. Never empty for a form that is not.
    """
    if len(form) > 2:
        form = tuple(word for word in form if word not in PARTICLES) or form
    return form[:MAX_TOKENS]
