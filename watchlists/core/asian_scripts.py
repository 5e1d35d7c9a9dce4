"""Thai and Tamil words in letters of A to Z, as their bearers write them abroad; Japanese names by what is known of them.

The tables of anyascii go letter by letter: that leaves vowels where Thai writes them (before the consonant that they
follow in speech), reads a Thai consonant at the end of a syllable as at its beginning, and takes from Tamil the vowel
that is not written. No table reads a Japanese name: its characters have several readings each, and names are listed whole.
"""

import functools
from collections.abc import Mapping
from importlib import resources


def _table(rows: str) -> dict[str, str]:
    pairs = (row.partition("=") for row in rows.split())
    return {letters: form for letters, _, form in pairs}


# at the beginning of a syllable
_THAI = _table(
    "ก=K ข=KH ฃ=KH ค=KH ฅ=KH ฆ=KH ง=NG จ=J ฉ=CH ช=CH ซ=S ฌ=CH ญ=Y ฎ=D ฏ=T ฐ=TH ฑ=TH ฒ=TH ณ=N ด=D ต=T ถ=TH ท=TH ธ=TH น=N "
    "บ=B ป=P ผ=PH ฝ=F พ=PH ฟ=F ภ=PH ม=M ย=Y ร=R ล=L ว=W ศ=S ษ=S ส=S ห=H ฬ=L อ= ฮ=H ฤ=RUE ฦ=LUE"
)
# at its end, where these sound otherwise
_THAI_END = _table(
    "ข=K ค=K ฆ=K จ=T ช=T ซ=T ฌ=T ญ=N ฎ=T ฏ=T ฐ=T ฑ=T ฒ=T ณ=N ด=T ถ=T ท=T ธ=T บ=P ผ=P ฝ=P พ=P ฟ=P ภ=P ร=N ล=N ศ=T ษ=T ส=T ฬ=N"
)
_THAI_BEFORE = _table("เ=E แ=AE โ=O ไ=AI ใ=AI")
_THAI_AFTER = _table("ะ=A ั=A า=A ำ=AM ิ=I ี=I ึ=UE ื=UE ุ=U ู=U ็= ๅ=A")
_THAI_TONES = frozenset("่้๊๋ํ๎ฺๆ")
_THAI_SILENT = "์"
_THAI_VOWELS_OF_TWO = {("E", "A"): "AO", ("E", "I"): "OE", ("E", "UE"): "UEA"}

_TAMIL = _table(
    "க=K ங=NG ச=S ஜ=J ஞ=N ட=T ண=N த=TH ந=N ன=N ப=P ம=M ய=Y ர=R ற=R ல=L ள=L ழ=ZH வ=V ஶ=SH ஷ=SH ஸ=S ஹ=H"
)
# between vowels and after a nasal; only the second is sure
_TAMIL_VOICED = {"K": "G", "S": "J", "T": "D", "TH": "D", "P": "B"}
_TAMIL_VOWELS = _table("அ=A ஆ=A இ=I ஈ=I உ=U ஊ=U எ=E ஏ=E ஐ=AI ஒ=O ஓ=O ஔ=AU")
_TAMIL_SIGNS = _table("ா=A ி=I ீ=I ு=U ூ=U ெ=E ே=E ை=AI ொ=O ோ=O ௌ=AU")
_TAMIL_SILENT = "்"
_NASALS = frozenset(("NG", "N", "M"))


def thai_spellings(word: str) -> tuple[str, ...]:
    """Return a Thai word as its syllables sound, then letter for letter as many families write it (VIRAKUL for วีรกูล).

    word: of the Thai block. () for a word without a letter. Source: Royal Thai General System of Transcription (1999).
    """
    units = _thai_units(word)
    sounding, literal = _thai_syllables(units, ends=True), _thai_syllables(units, ends=False)
    found = (sounding, literal, sounding.replace("J", "CH"), literal.replace("J", "CH"))
    return tuple(dict.fromkeys(filter(None, found)))


def _thai_units(word: str) -> list[tuple[str, str, str]]:
    """Return (vowel written before, consonant, vowel written after) of each consonant that is spoken."""
    units: list[tuple[str, str, str]] = []
    before = ""
    for character in word:
        if character in _THAI_BEFORE:
            before = _THAI_BEFORE[character]
        elif character in _THAI:
            carrier = character == "อ" and units and not before and not units[-1][2]
            if carrier and not units[-1][0]:
                units[-1] = (units[-1][0], units[-1][1], "O")
            elif not carrier:
                units.append((before, character, ""))
                before = ""
        elif character in _THAI_AFTER and units:
            first, consonant, after = units[-1]
            units[-1] = (first, consonant, after + _THAI_AFTER[character])
        elif character == _THAI_SILENT and units:
            units.pop()
    return units


def _thai_syllables(units: list[tuple[str, str, str]], *, ends: bool) -> str:
    written: list[str] = []
    is_open = is_bare = False
    for before, consonant, after in units:
        if not before and not after and is_open:
            # the end of a syllable, whose vowel is O where none is written
            form = _THAI_END.get(consonant, _THAI[consonant]) if ends else _THAI[consonant]
            written.append(("O" if is_bare else "") + form)
            is_open = is_bare = False
            continue
        if is_open and is_bare:
            written.append("A")
        vowel = _THAI_VOWELS_OF_TWO.get((before, after), before + after)
        written.append(_THAI[consonant] + vowel)
        is_open, is_bare = True, not vowel
    return "".join(written)


def tamil_spellings(word: str) -> tuple[str, ...]:
    """Return a Tamil word with the consonants that it writes alike unvoiced, then voiced between vowels.

    word: of the Tamil block. () for a word without a letter.
    """
    letters: list[tuple[str, bool]] = []  # (form, is a vowel)
    waiting = False  # a consonant whose vowel is not written yet
    for character in word:
        if character in _TAMIL:
            if waiting:
                letters.append(("A", True))
            letters.append((_TAMIL[character], False))
            waiting = True
        elif character in _TAMIL_SIGNS:
            letters.append((_TAMIL_SIGNS[character], True))
            waiting = False
        elif character == _TAMIL_SILENT:
            waiting = False
        elif character in _TAMIL_VOWELS:
            letters.append((_TAMIL_VOWELS[character], True))
            waiting = False
    if waiting:
        letters.append(("A", True))
    # Tamil begins no word with R: இரா is RA
    if [form for form, _ in letters[:2]] == ["I", "R"]:
        del letters[0]
    return tuple(dict.fromkeys(filter(None, (_tamil(letters, voiced=False), _tamil(letters, voiced=True)))))


def _tamil(letters: list[tuple[str, bool]], *, voiced: bool) -> str:
    written: list[str] = []
    for place, (form, is_vowel) in enumerate(letters):
        before = letters[place - 1] if place else ("", False)
        if is_vowel or not place:
            written.append(form)
        elif before[0] == form:
            # doubled, and in the names of Sanskrit for a voiced one: SUBRAMANIAM
            written[-1:] = [_TAMIL_VOICED.get(form, form) if voiced else form]
        elif before[0] in _NASALS or (voiced and before[1]):
            written.append(_TAMIL_VOICED.get(form, form))
        else:
            written.append(form)
    return "".join(written)


@functools.cache
def japanese_names() -> Mapping[str, tuple[str, ...]]:
    """Return name in characters -> its readings, commonest first. Data: data/japanese_names.txt."""
    text = resources.files("watchlists.core").joinpath("data/japanese_names.txt").read_text("utf-8")
    readings: dict[str, list[str]] = {}
    for line in text.splitlines():
        for pair in line.partition("#")[0].split():
            name, _, forms = pair.partition("=")
            readings.setdefault(name, []).extend(forms.split("/"))
    return {name: tuple(dict.fromkeys(forms)) for name, forms in readings.items()}
