"""Document numbers against listed ones: the same, the same of another issuer, or one that is easily misread
for it.
"""

from enum import StrEnum

from travelers.core.codes import normalise_code
from travelers.core.numbers import normalise_document_number

# characters that readers and typists take for one another
_CONFUSABLE = str.maketrans("OQILZSGB", "00112568")


class DocumentMatch(StrEnum):
    """How a number agrees with a listed one, or with a range of listed numbers."""

    EXACT = "exact"
    OTHER_ISSUER = "other_issuer"
    NEAR = "near"
    IN_RANGE = "in_range"

    @property
    def is_certain(self) -> bool:
        """Tell whether the listed document itself was presented, and not one that may be taken for it."""
        return self in (DocumentMatch.EXACT, DocumentMatch.IN_RANGE)


def fold_document_number(document_number: str) -> str:
    """Return the number with confusable characters merged: O Q 0, I L 1, Z 2, S 5, G 6, B 8.

    document_number: any text.
    """
    kept = "".join(c for c in normalise_document_number(document_number) if c.isalnum())
    return kept.translate(_CONFUSABLE)


def match_document(
    *, document_number: str, issuing_state: str, listed_number: str, listed_state: str
) -> DocumentMatch | None:
    """Return how a presented document agrees with a listed one, None where it does not.

    States: as in the MRZ, without fillers; an empty one is unknown and contradicts nothing.
    """
    presented, listed = normalise_document_number(document_number), normalise_document_number(listed_number)
    if not presented or fold_document_number(presented) != fold_document_number(listed):
        return None
    if presented != listed:
        return DocumentMatch.NEAR
    states = {normalise_code(code) for code in (issuing_state, listed_state) if code}
    return DocumentMatch.EXACT if len(states) < 2 else DocumentMatch.OTHER_ISSUER
