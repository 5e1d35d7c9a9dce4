"""A word in the script of its culture."""

import re

from tests.accuracy.people.perturb.spelling import fold, school_of

_NATIVE: dict[str, tuple[tuple[str, str], ...]] = {
    "slavic": tuple(
        pair.split("=")  # type: ignore[misc]
        for pair in [
            "SHCH=Щ",
            "KH=Х",
            "ZH=Ж",
            "TS=Ц",
            "CH=Ч",
            "SH=Ш",
            "YU=Ю",
            "YA=Я",
            "YE=Е",
            "YO=Ё",
            "EY=ЕЙ",
            "IY=ИЙ",
            "A=А",
            "B=Б",
            "C=К",
            "D=Д",
            "E=Е",
            "F=Ф",
            "G=Г",
            "H=Г",
            "I=И",
            "J=Ж",
            "K=К",
            "L=Л",
            "M=М",
            "N=Н",
            "O=О",
            "P=П",
            "Q=К",
            "R=Р",
            "S=С",
            "T=Т",
            "U=У",
            "V=В",
            "W=В",
            "X=КС",
            "Y=Ы",
            "Z=З",
        ]
    ),
    "greek": tuple(
        pair.split("=")  # type: ignore[misc]
        for pair in [
            "TH=Θ",
            "CH=Χ",
            "PS=Ψ",
            "OU=ΟΥ",
            "MP=ΜΠ",
            "A=Α",
            "B=ΜΠ",
            "C=Κ",
            "D=Δ",
            "E=Ε",
            "F=Φ",
            "G=Γ",
            "H=Χ",
            "I=Ι",
            "J=ΤΖ",
            "K=Κ",
            "L=Λ",
            "M=Μ",
            "N=Ν",
            "O=Ο",
            "P=Π",
            "Q=Κ",
            "R=Ρ",
            "S=Σ",
            "T=Τ",
            "U=ΟΥ",
            "V=Β",
            "W=Β",
            "X=Ξ",
            "Y=Υ",
            "Z=Ζ",
        ]
    ),
    "arabic": tuple(
        pair.split("=")  # type: ignore[misc]
        for pair in [
            "TH=ث",
            "KH=خ",
            "DH=ذ",
            "SH=ش",
            "GH=غ",
            "CH=ش",
            "OU=و",
            "OO=و",
            "EE=ي",
            "AI=ي",
            "AA=ا",
            "B=ب",
            "T=ت",
            "J=ج",
            "H=ه",
            "D=د",
            "R=ر",
            "Z=ز",
            "S=س",
            "F=ف",
            "Q=ق",
            "K=ك",
            "L=ل",
            "M=م",
            "N=ن",
            "W=و",
            "Y=ي",
            "G=ج",
            "P=ب",
            "V=ف",
            "X=كس",
            "C=ك",
            "A=",
            "E=",
            "I=ي",
            "O=و",
            "U=و",
        ]
    ),
}


def to_native(word: str, culture: str) -> str | None:
    """Return a word in the script of its culture, None where there is no table for it here."""
    school = school_of(culture)
    table = _NATIVE.get(school)
    if table is None or culture in ("caucasian", "pakistani", "bengali", "malay", "hausa", "somali"):
        return None
    word = re.sub(r"([^EOA])\1", r"\1", fold(word))
    if school == "arabic":
        if word == "AL":
            return "ال"
        # long vowels are written, short ones are not: here the last A before a final consonant counts as long
        word = re.sub(r"C(?!H)", "S", word)
        word = re.sub(r"A([BDFHKLMNQRSTZ])$", r"AA\1", word)
    out, index = [], 0
    while index < len(word):
        size = next((s for s in (4, 2, 1) if any(k == word[index : index + s] for k, _ in table)), 0)
        if size:
            out.append(next(v for k, v in table if k == word[index : index + size]))
        if size == 1 and index == 0 and school == "arabic" and word[0] in "AEIOU":
            out[-1] = "ا"
        index += max(size, 1)
    return "".join(out)
