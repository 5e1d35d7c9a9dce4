"""Who was looked up, as one fingerprint: an exception holds for exactly this person with exactly this document."""

import hashlib
import json
from dataclasses import dataclass

from travelers.core.codes import normalise_code
from travelers.core.numbers import normalise_document_number


@dataclass(frozen=True, slots=True)
class Presented:
    """What a traveller presented. birth_date: ISO 8601, or the six characters of the MRZ where it is not whole."""

    primary_identifier: str = ""
    secondary_identifier: str = ""
    birth_date: str = ""
    sex: str = ""
    nationality: str = ""
    document_number: str = ""
    issuing_state: str = ""


def presented_hash(presented: Presented, corrected: Presented | None = None) -> str | None:
    """Return the SHA-256 of what was presented, 64 hexadecimal digits; None without a document, which is too wide a
    ground for an exception.

    corrected: the same as it was set right on request, None where nothing was: with a correction it is another ground.
    """
    number = normalise_document_number(presented.document_number)
    if not number:
        return None
    parts = [
        " ".join(presented.primary_identifier.upper().split()),
        " ".join(presented.secondary_identifier.upper().split()),
        presented.birth_date,
        presented.sex,
        normalise_code(presented.nationality),
        number,
        normalise_code(presented.issuing_state),
    ]
    if corrected is not None:
        parts += [corrected.primary_identifier, corrected.secondary_identifier, corrected.birth_date]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
