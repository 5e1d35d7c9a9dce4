"""Codes of States from what lists write: alpha-2, alpha-3, English names, names of citizens."""

import unicodedata
from functools import lru_cache

from travelers.core.codes import KNOWN_CODES, normalise_code
from watchlists.core.importers.country_names import ALPHA_2, NAMES_OF_STATES

_BY_NAME: dict[str, str] = {
    name.strip(): code.strip()
    for line in NAMES_OF_STATES.strip().splitlines()
    for code, _, names in (line.partition(":"),)
    for name in names.split(",")
}
_BY_ALPHA_2: dict[str, str] = dict(pair.split("=") for pair in ALPHA_2.split())


@lru_cache(maxsize=4096)
def state_code(text: str) -> str:
    """Return the code that the machine readable zone has for a State (D for Germany), "" for what is no known State.

    text: alpha-2 or alpha-3 code, English name or name of citizens, in any case.
    """
    bare = text.strip()
    if len(bare) > 100:
        return ""
    upper = bare.upper()
    if len(upper) == 2 and upper in _BY_ALPHA_2:
        return normalise_code(_BY_ALPHA_2[upper])
    if len(upper) <= 3 and normalise_code(upper) in KNOWN_CODES:
        return normalise_code(upper)
    return normalise_code(_BY_NAME.get(_name_key(bare), ""))


def _name_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("&", " and "))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    key = " ".join(kept.split())
    return key.removeprefix("the ")
