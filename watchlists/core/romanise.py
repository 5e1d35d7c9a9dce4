"""Words of a name in any script as words of A to Z, each with the few spellings that it may take.

Latin and Cyrillic follow Doc 9303-3 section 6, with every form that it allows. Arabic, Hebrew and Greek have
tables of their own here, because their letters in the zone are made for machines and not for comparison; Thai,
Tamil and Japanese names have theirs in asian_scripts.py. All other scripts go letter by letter through the tables
of anyascii. Vowels that a script does not write stay out: KRM for كريم, and the comparison knows it.
"""

import functools
import re
import unicodedata

from anyascii import anyascii

from biometrics.core.mrz.names import TransliterationError, mrz_name_forms, transliterate
from watchlists.core.asian_scripts import japanese_names, tamil_spellings, thai_spellings

MAX_SPELLINGS = 4
# a word without its vowels says something from so many letters on
FEWEST_CONSONANTS = 3
LONGEST_WORD = 60


def _table(rows: str) -> dict[str, str]:
    pairs = (row.partition("=") for row in rows.split())
    return {letters: form for letters, _, form in pairs}


_ARABIC = _table(
    "ا=A أ=A إ=I آ=A ٱ=A ء= ئ= ؤ=U ب=B ت=T ث=TH ج=J ح=H خ=KH د=D ذ=DH ر=R ز=Z س=S ش=SH ص=S ض=D ط=T ظ=Z غ=GH "
    "ف=F ق=Q ك=K ک=K ل=L م=M ن=N ه=H ة=A ى=A پ=P چ=CH ژ=ZH گ=G ڤ=V ٹ=T ڈ=D ڑ=R ں=N ہ=H ھ=H ے=E ې=E ۍ=AY ځ=Z څ=S "
    "ړ=R ږ=ZH ښ=SH ڼ=N ټ=T ډ=D ݢ=G ڽ=NY ڠ=NG"
)
_HEBREW = _table(
    "א= ב=B ג=G ד=D ה=H ז=Z ח=H ט=T י=Y כ=K ך=K ל=L מ=M ם=M נ=N ן=N ס=S ע= פ=P ף=F צ=TZ ץ=TZ ק=K ר=R ש=SH ת=T"
)
_GREEK_PAIRS = _table("ΟΥ=OU ΑΥ=AV ΕΥ=EV ΗΥ=IV ΜΠ=B ΝΤ=NT ΓΓ=NG ΓΚ=GK ΓΧ=NCH ΓΞ=NX ΑΙ=AI ΕΙ=EI ΟΙ=OI ΥΙ=YI")
_GREEK = _table(
    "Α=A Β=V Γ=G Δ=D Ε=E Ζ=Z Η=I Θ=TH Ι=I Κ=K Λ=L Μ=M Ν=N Ξ=X Ο=O Π=P Ρ=R Σ=S Τ=T Υ=Y Φ=F Χ=CH Ψ=PS Ω=O"
)
# surnames that a character's commonest reading gets wrong
_HAN_SURNAMES = _table(
    "曾=ZENG 单=SHAN 單=SHAN 解=XIE 仇=QIU 区=OU 區=OU 查=ZHA 朴=PIAO 翟=ZHAI 尉=YU 员=YUN 盖=GE 种=CHONG 覃=QIN 乐=YUE "
    "柏=BAI 洗=XIAN 冼=XIAN 缪=MIAO 繆=MIAO 万俟=MOQI 长孙=ZHANGSUN 尹=YIN 仉=ZHANG 那=NA 都=DU 沈=SHEN 任=REN 宁=NING"
)
_INDIC = frozenset(
    (
        "DEVANAGARI",
        "BENGALI",
        "GURMUKHI",
        "GUJARATI",
        "ORIYA",
        "TELUGU",
        "KANNADA",
        "MALAYALAM",
        "SINHALA",
    )
)
_ARTICLE = "ال"
# Doc 9303-3 section 6.C writes these for Arabic letters; longest first
_ZONE_ARABIC = tuple(
    _table(
        "XKH=KH XSH=SH XTH=TH XDH=DH XSS=S XDZ=D XTT=T XZZ=Z XAH=A XAA=A XAE=A XTA=A XYA=Y XAY=A XKK=K XGG=G XXT=T "
        "XXD=D XXR=R XYH=H XXG=H XNN=N XDO=H XJ=ZH XC=CH XH=H XE= XI=I"
    ).items()
)
# letters that Persian, Dari and Urdu read otherwise
_PERSIAN = _table("ض=Z ذ=Z ظ=Z ث=S")
_VOWELS = frozenset("AEIOUY")
# "of the faith" glued to the name: NUREDDIN for NUR AL-DIN
_OF_THE_FAITH = re.compile(r"^([A-Z]{3,}?)(?:[AEOU]{1,2}|I)?(?:[AEOU]LD|DD)(?:I|EE|IE|Y)NE?$")
_GLUED = re.compile(
    r"^(?:AL(?!EX|BE|FR|VA|ON|IC|IN|IS|IZ|FO)|EL(?!IZ|EN|IA|IS)|DELA|DELOS|DELAS|DEL|DOS|DAS|VANDER|VANDEN|VAN|VON|BIN|BEN|IBN|BINT|ABDEL|ABDUL|ABDAL|ABDOUL)(?=[A-Z]{4})"
    r"|^(?:VAN|THI|ABU|ABOU|BU)(?=[A-Z]{3})"
)


def words_of(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a name in their order, each as its spellings, the preferred one first.

    name: any text. Spellings are of A to Z and 0 to 9; a word that no table can write stays as it is. At most
    MAX_SPELLINGS a word; no words for a text without letters or digits. Source: Doc 9303-3, sections 4.6, 6.
    """
    words: list[tuple[str, ...]] = []
    for written in _fold(name).split():
        words += _spell(written[:LONGEST_WORD])
    return tuple(words)


def _fold(name: str) -> str:
    """Return the name in upper case with spaces between words: apostrophes vanish, other signs part words."""
    if name.isascii() and name.replace(" ", "").isalpha():
        return name.upper()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper())
    kept = []
    for character in text:
        kind = unicodedata.category(character)
        if kind[0] in "LN":
            kept.append(character)
        elif kind[0] == "M":
            if kept:
                kept.append(character)
        elif kind[0] in "ZS" or (kind[0] == "P" and character not in "'’‘ʼ`´.·・״׳\"") or character == "<":
            kept.append("" if character in "`´" else " ")
        elif character in "·・" or character == ".":
            kept.append(" ")
    return unicodedata.normalize("NFC", "".join(kept))


@functools.lru_cache(100_000)
def _spell(word: str) -> tuple[tuple[str, ...], ...]:
    """Return the words that a written word stands for (one for each syllable of Han and Hangul)."""
    if word.isascii():
        return ((*_latin_spellings((word,)),),) if word.isalnum() else ()
    scripts = {_script(character) for character in word if unicodedata.category(character)[0] == "L"}
    if scripts <= {"LATIN", "CYRILLIC"} and scripts:
        try:
            forms = sorted(form for form in mrz_name_forms(word) if form)
        except TransliterationError:
            forms = []
        if forms:
            preferred = transliterate(word).replace("<", "")
            forms.sort(key=lambda form: (form.replace("<", "") != preferred, len(form)))
            return (_latin_spellings(tuple(form.replace("<", "") for form in forms)),)
    if scripts == {"ARABIC"}:
        return (_arabic(word),)
    if scripts == {"HEBREW"}:
        return (_hebrew(word),)
    if scripts == {"GREEK"}:
        return (_latin_spellings((_greek(word),)),)
    if scripts == {"THAI"} and (found := thai_spellings(word)):
        return (found[:MAX_SPELLINGS],)
    if scripts == {"TAMIL"} and (found := tamil_spellings(word)):
        return (found[:MAX_SPELLINGS],)
    if scripts & {"CJK", "HANGUL"}:
        return _japanese(word) or _syllables(word)
    written = re.sub(r"[^A-Z0-9]", "", anyascii(word).upper())
    if scripts & _INDIC:
        # the sign of nasality sounds like the consonant after it
        written = re.sub(r"M(?=[CDGHJKSTZ])", "N", written)
    return (_latin_spellings((written,)),) if written else ((word,),)


def _script(character: str) -> str:
    return unicodedata.name(character, "?").split(" ")[0].split("-")[0]


def _latin_spellings(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms with what else they may stand for: without a glued particle, without the zone's Arabic X."""
    spellings = list(forms[:MAX_SPELLINGS])
    for form in forms[:1]:
        bare = _OF_THE_FAITH.sub(r"\1", _GLUED.sub("", form))
        if bare != form:
            spellings.append(bare)
        if "X" in form and 3 * sum(character in _VOWELS for character in form) <= len(form):
            plain = form
            for code, letters in _ZONE_ARABIC:
                plain = plain.replace(code, letters)
            if plain:
                spellings.append(plain)
    return tuple(dict.fromkeys(spellings))[: MAX_SPELLINGS + 1]


# how the letters waw, yeh and jeem are read, and the table for the others
_ARABIC_READINGS = (
    ("U", "I", "J", _ARABIC),
    ("U", "I", "J", _ARABIC | _PERSIAN),
    ("W", "Y", "J", _ARABIC),
    ("U", "I", "G", _ARABIC),
)


def _arabic(word: str) -> tuple[str, ...]:
    bare = "".join(c for c in unicodedata.normalize("NFKC", word) if unicodedata.category(c) != "Mn")
    bases = [bare]
    if bare.startswith(_ARTICLE) and len(bare) > 4:
        bases = [bare[2:], bare]
    found = []
    for base in bases:
        for waw, yeh, jeem, table in _ARABIC_READINGS:
            letters = []
            for index, character in enumerate(base):
                if character == "ع":
                    letters.append("A" if index == 0 else "")
                elif character == "و":
                    letters.append("W" if index == 0 else waw)
                elif character in "يی":
                    letters.append("Y" if index == 0 else yeh)
                elif character == "ج":
                    letters.append(jeem)
                else:
                    letters.append(table.get(character, ""))
            found.append("".join(letters))
    kept = list(dict.fromkeys(form for form in found if form))[:MAX_SPELLINGS]
    # letters that stand for long vowels are written by one and left out by another
    bare = "".join(c for place, c in enumerate(kept[0]) if not place or c not in _VOWELS) if kept else ""
    if len(bare) >= FEWEST_CONSONANTS and bare not in kept:
        kept.append(bare)
    return tuple(kept) or (word,)


def _hebrew(word: str) -> tuple[str, ...]:
    bare = "".join(c for c in word if unicodedata.category(c)[0] == "L")
    found = []
    for vav, bet, pe, kaf, shin in (
        ("O", "B", "P", "K", "SH"),
        ("V", "V", "F", "CH", "S"),
        ("V", "B", "P", "K", "SH"),
    ):
        letters = []
        for index, character in enumerate(bare):
            if character == "ו":
                letters.append("V" if index == 0 else vav)
            elif character == "ב":
                letters.append("B" if index == 0 else bet)
            elif character == "פ":
                letters.append("P" if index == 0 else pe)
            elif character == "כ":
                letters.append("K" if index == 0 else kaf)
            elif character == "ש":
                letters.append(shin)
            elif character in "אע":
                letters.append("A" if index == 0 else "")
            elif character == "ה":
                letters.append("A" if index == len(bare) - 1 else "H")
            elif character == "י":
                letters.append("Y" if index == 0 else "I")
            else:
                letters.append(_HEBREW.get(character, ""))
        found.append("".join(letters))
    kept = tuple(dict.fromkeys(form for form in found if form))[:MAX_SPELLINGS]
    return kept or (word,)


def _greek(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", word.upper()) if unicodedata.category(c) != "Mn")
    written, index = [], 0
    while index < len(plain):
        pair = plain[index : index + 2]
        if pair in _GREEK_PAIRS:
            at_end = pair in ("ΑΥ", "ΕΥ", "ΗΥ") and plain[index + 2 : index + 3] in tuple("ΘΚΞΠΣΤΦΧΨ")
            form = _GREEK_PAIRS[pair]
            written.append(form[:-1] + "F" if at_end else "MP" if pair == "ΜΠ" and index else form)
            index += 2
        else:
            written.append(_GREEK.get(plain[index], ""))
            index += 1
    return "".join(written)


def _japanese(word: str) -> tuple[tuple[str, ...], ...] | None:
    """Return a name that is a listed Japanese one, or a listed surname with a listed given name; None for any other.

    A name of one character may be Chinese as well: it is Japanese only beside another that is listed.
    """
    known = japanese_names()
    if len(word) > 1 and word in known:
        return (known[word],)
    for size in (3, 2, 1):
        if len(word) > size and word[:size] in known and word[size:] in known and len(word) > 2:
            return known[word[:size]], known[word[size:]]
    return None


def _syllables(word: str) -> tuple[tuple[str, ...], ...]:
    """Return a Han or Hangul name syllable by syllable."""
    found: list[tuple[str, ...]] = []
    for index, character in enumerate(word):
        if index == 0 and character in _HAN_SURNAMES:
            common = re.sub(r"[^A-Z]", "", anyascii(character).upper())
            found.append(tuple(dict.fromkeys((_HAN_SURNAMES[character], common))))
            continue
        written = re.sub(r"[^A-Z0-9]", "", anyascii(character).upper())
        if written or unicodedata.category(character)[0] in "LN":
            found.append((written or character,))
    return tuple(found)
