"""A name as a passport has it, and a word as another office writes it."""

import random
import re
import unicodedata

_SPECIAL = dict(
    pair.split("=")
    for pair in [
        "Ä=AE",
        "Ö=OE",
        "Ü=UE",
        "Å=AA",
        "Æ=AE",
        "Ø=OE",
        "Œ=OE",
        "ẞ=SS",
        "Þ=TH",
        "Ð=D",
        "Đ=D",
        "Ł=L",
        "İ=I",
        "Ñ=N",
    ]
)

# (letters, what another office writes for them); one alternative is drawn for each word
_RESPELL: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "arabic": (
        ("OU", ("U", "OO")),
        ("EE", ("I",)),
        ("OO", ("U", "OU")),
        ("KH", ("K", "H")),
        ("Q", ("K", "G")),
        ("GH", ("G",)),
        ("TH", ("T",)),
        ("DH", ("D", "Z")),
        ("CH", ("SH",)),
        ("SH", ("CH",)),
        ("J", ("DJ", "G")),
        ("DJ", ("J",)),
        ("MM", ("M",)),
        ("LL", ("L",)),
        ("SS", ("S",)),
        ("AI", ("EI", "AY")),
        ("EI", ("AI",)),
        ("W", ("OU",)),
        ("U", ("OU", "O")),
        ("I", ("EE", "E")),
        ("EE", ("I",)),
        ("O", ("U", "OU")),
        ("E", ("A", "I")),
        ("AH$", ("A",)),
        ("A$", ("AH",)),
    ),
    "slavic": (
        ("SHCH", ("SCH", "CHTCH")),
        ("KH", ("H", "CH")),
        ("ZH", ("J", "Z")),
        ("TS", ("C", "TZ")),
        ("CH", ("TCH", "TSCH")),
        ("YU", ("IU", "JU")),
        ("YA", ("IA", "JA")),
        ("YE", ("E", "IE")),
        ("YO", ("E", "IO")),
        ("EY$", ("EI", "EJ")),
        ("IY$", ("II", "Y")),
        ("Y$", ("I", "II", "IY")),
        ("OV$", ("OFF", "OW")),
        ("EV$", ("EFF", "EW")),
        ("KS", ("X",)),
        ("IA", ("IYA", "JA")),
        ("V", ("W",)),
        ("SH", ("SCH", "CH")),
        ("Y", ("I", "J")),
        ("G", ("H",)),
    ),
    "chinese": (
        ("^ZH", ("CH",)),
        ("^X", ("HS", "SH")),
        ("^Q", ("CH",)),
        ("^J", ("CH",)),
        ("^Z", ("TS", "TZ")),
        ("^C(?!H)", ("TS",)),
        ("^G", ("K",)),
        ("^D", ("T",)),
        ("^B", ("P",)),
        ("IAN", ("IEN",)),
        ("ONG", ("UNG",)),
        ("R", ("J",)),
        ("UO", ("O",)),
        ("UI", ("WEI",)),
        ("^YU", ("YUE", "YÜ")),
        ("IE", ("IEH",)),
    ),
    "korean": (
        ("^K", ("G",)),
        ("^P", ("B",)),
        ("OO", ("U",)),
        ("EE", ("I",)),
        ("YOUNG", ("YEONG", "YUNG")),
        ("HYUN", ("HYEON", "HYON")),
        ("JUNG", ("JEONG", "CHUNG")),
        ("^J", ("CH",)),
        ("SUNG", ("SEONG",)),
        ("SEUNG", ("SUNG",)),
        ("KYUNG", ("GYEONG", "KYONG")),
        ("CHUL", ("CHEOL", "CHOL")),
        ("EON", ("ON", "UN")),
        ("EO", ("O", "U")),
        ("AE", ("AI",)),
        ("U", ("OO",)),
        ("I", ("EE",)),
        ("^CH", ("J",)),
    ),
    "indian": (
        ("EE", ("I",)),
        ("OO", ("U",)),
        ("SH", ("S",)),
        ("V", ("W", "B")),
        ("W", ("V",)),
        ("AA", ("A",)),
        ("TH", ("T",)),
        ("T$", ("TH",)),
        ("KSH", ("X",)),
        ("Y$", ("I",)),
        ("I$", ("Y", "EE")),
        ("AN$", ("",)),
        ("U", ("OO",)),
        ("I", ("EE",)),
        ("A$", ("",)),
        ("PH", ("F",)),
        ("DH", ("D",)),
    ),
    "greek": (
        ("CH", ("H", "X")),
        ("OU", ("U",)),
        ("EI", ("I",)),
        ("OI", ("I",)),
        ("AI", ("E",)),
        ("F", ("PH",)),
        ("V", ("B",)),
        ("GI", ("YI",)),
        ("K", ("C",)),
        ("X", ("KS",)),
        ("Y", ("I",)),
        ("OS$", ("O",)),
        ("TH", ("T",)),
        ("D", ("DH",)),
        ("I", ("Y",)),
    ),
    "west": (
        ("CK", ("K",)),
        ("PH", ("F",)),
        ("TT", ("T",)),
        ("LL", ("L",)),
        ("SS", ("S",)),
        ("NN", ("N",)),
        ("Z", ("S",)),
        ("Y", ("I",)),
        ("EI", ("AI", "EY")),
        ("K", ("C",)),
        ("C", ("K",)),
        ("I", ("Y",)),
        ("OU", ("U",)),
        ("W", ("V",)),
        ("S$", ("Z",)),
        ("V", ("W",)),
        ("E$", ("",)),
        ("H", ("",)),
    ),
}
_SCHOOL = {
    "somali": "arabic", "persian": "arabic", "dari_pashto": "arabic", "pakistani": "arabic", "bengali": "arabic",
    "turkish": "west", "hausa": "arabic", "russian": "slavic", "ukrainian": "slavic", "central_asian": "slavic", "caucasian": "slavic",  # noqa: E501
    "chinese": "chinese", "cantonese": "chinese", "korean": "korean", "north_korean": "korean", "hindi": "indian", "punjabi": "indian",  # noqa: E501
    "tamil": "indian", "thai": "indian", "greek": "greek", "malay": "arabic",
}  # fmt: skip


def fold(name: str) -> str:
    """Return a name as a passport's zone has it: Doc 9303-3 section 6, apostrophes gone."""
    text = unicodedata.normalize("NFC", name).upper()
    out = []
    for character in text:
        if character in _SPECIAL:
            out.append(_SPECIAL[character])
            continue
        for part in unicodedata.normalize("NFKD", character):
            if "A" <= part <= "Z" or part == " ":
                out.append(part)
    return "".join(out)


def school_of(culture: str) -> str:
    """Return by whose rules the names of a culture are respelled."""
    return "arabic" if culture.startswith("arabic") else _SCHOOL.get(culture, "west")


def respell(word: str, culture: str, rng: random.Random) -> str:
    """Return a word as another office would write it; the same word where no rule applies."""
    school = school_of(culture)
    rules = [rule for rule in _RESPELL[school] if re.search(rule[0], word)]
    rng.shuffle(rules)
    for pattern, alternatives in rules:
        written = re.sub(pattern, rng.choice(alternatives), word, count=1)
        if written != word and len(written) > 1:
            return fold(written)
    return word
