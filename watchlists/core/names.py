"""Names of persons as the words that identify them."""

import functools
from dataclasses import dataclass

from watchlists.core.romanise import words_of

MAX_WORDS = 6
MAX_NAME_LENGTH = 240
# a word's spellings, the preferred one first
Word = tuple[str, ...]

# words that come and go between documents of one person; kept where a name has two words or fewer. Not those that are
# surnames of millions too: AN, DAS, DO, DU, LE, SO
PARTICLES: frozenset[str] = frozenset(
    (
        *(
            "AL",
            "EL",
            "UL",
            "AS",
            "AR",
            "AD",
            "ASH",
            "BIN",
            "BEN",
            "IBN",
            "BINT",
            "BINTI",
            "ABU",
            "ABOU",
            "BU",
        ),
        *(
            "OULD",
            "OLD",
            "UGLI",
            "OGLU",
            "OGLY",
            "QIZI",
            "KYZY",
            "DIN",
            "UD",
            "UR",
            "ABD",
            "ABDUL",
            "ABDEL",
            "ABDAL",
            "ABDUR",
            "ABDER",
            "ABDOUL",
        ),
        *("DE", "DEL", "LA", "LAS", "LOS", "DI", "DA", "DOS", "E", "Y", "I"),
        *("VAN", "VON", "DER", "DEN", "TEN", "TER", "ZU", "ZUR", "AF", "AV", "OF", "THE"),
        *(
            "MR",
            "MRS",
            "MS",
            "DR",
            "HAJI",
            "HADJI",
            "HAJJI",
            "ALHAJI",
            "SHEIKH",
            "SHAIKH",
            "SHRI",
            "SMT",
            "JR",
            "SR",
        ),
        *("THI", "VAN", "BTE", "BT", "BN", "WO", "AP"),
    )
)
ARTICLES: frozenset[str] = frozenset(("AL", "EL", "UL"))
# particles that say nothing where they agree with nothing; the others are names elsewhere (BIN and BEN, DI and DA)
EMPTY_PARTICLES: frozenset[str] = PARTICLES - {"BIN", "BEN", "BU", "DI", "DA", "TEN", "TER", "E", "I", "Y"}


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


@functools.lru_cache(20_000)
def core_words(name: str) -> tuple[Word, ...]:
    """Return the words that identify: at most MAX_WORDS, without particles where more than two words stand.

    name: any text, cut after MAX_NAME_LENGTH characters. Empty only for a text without letters and digits.
    """
    words = words_of(name[:MAX_NAME_LENGTH])
    if len(words) > 2:
        words = tuple(word for word in words if word[0] not in PARTICLES) or words
    elif len(words) == 2:
        words = tuple(word for word in words if word[0] not in ARTICLES) or words
    return words[:MAX_WORDS]
