"""The notice of refusal: on which grounds entry or exit may be refused, and what a person is told about it.

The grounds follow the standard form of Regulation (EU) 2016/399 Annex V part B, which many States use alike. A country names its
own legal basis for each as data, and leaves out those that its law does not know. No ground tells of a machine's score or of a
list: a notice says what the officer decided.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Ground(StrEnum):
    """Why a person may be refused. A person decides, and names at least one."""

    NO_DOCUMENT = "NO_DOCUMENT"
    FALSE_DOCUMENT = "FALSE_DOCUMENT"
    NO_VISA = "NO_VISA"
    FALSE_VISA = "FALSE_VISA"
    PURPOSE_UNCLEAR = "PURPOSE_UNCLEAR"
    STAY_USED_UP = "STAY_USED_UP"
    NO_MEANS = "NO_MEANS"
    NOT_ADMITTED = "NOT_ADMITTED"
    PUBLIC_ORDER = "PUBLIC_ORDER"


GROUND_TEXTS: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.NO_DOCUMENT: "You have no valid travel document.",
        Ground.FALSE_DOCUMENT: "Your travel document is false, altered, or not your own.",
        Ground.NO_VISA: "You have no valid visa or residence permit.",
        Ground.FALSE_VISA: "Your visa or residence permit is false, altered, or not your own.",
        Ground.PURPOSE_UNCLEAR: "You have no papers that show the purpose and conditions of your stay.",
        Ground.STAY_USED_UP: "You have already stayed as long as the rules allow in this period.",
        Ground.NO_MEANS: "You do not have enough means for your stay and your return journey.",
        Ground.NOT_ADMITTED: "A decision of an authority against your entry is in force.",
        Ground.PUBLIC_ORDER: "An authority holds that your entry endangers public order, safety or health.",
    }
)
# every sentence of the notice, in the order in which it stands there; gathered into the catalogues
NOTICE_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "title_entry": "Notice of refusal of entry",
        "title_exit": "Notice of refusal of exit",
        "reference": "Reference number",
        "decided": "Date and time of the decision (UTC)",
        "port": "Port of entry",
        "name": "Name",
        "birth_date": "Date of birth",
        "nationality": "Nationality",
        "document": "Travel document",
        "unknown": "not known",
        "grounds": "Why you were refused",
        "legal_basis": "Legal basis",
        "by_officer": "An officer made this decision. No machine refuses anybody.",
        "appeal": "How to appeal",
        "appeal_until": "You may appeal in writing, yourself or through somebody you authorise, until and including",
        "appeal_to": "Send your appeal, with the reference number of this notice, to",
        "appeal_help": "You may ask for legal advice, for an interpreter, and to speak to your consulate.",
        "no_appeal": "No authority for appeals is named for this port of entry. Ask the officer in writing.",
        "protection": (
            "If you are afraid to go back, or need help, tell any officer now. Nobody may be refused while that is looked into."
        ),
        "signature_officer": "Officer (badge number) and signature",
        "signature_person": "Received by the person concerned (signature)",
        "signature_note": "Signing says that you received this notice, not that you agree.",
        "page": "Page",
        "training": "Training: not valid",
    }
)


class NoticeRefused(ValueError):
    """The notice cannot be issued or printed.

    code: not_refused (nobody was refused), protection_blocks_refusal, ground_required, ground_unknown (not a ground of this
    country), grounds_given (issued already on other grounds), notice_missing, language_unknown; field: or "".
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field
