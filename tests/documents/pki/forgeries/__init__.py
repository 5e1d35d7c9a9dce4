"""Every kind of cryptographic tampering, and what it must come out as.

Each function makes one forged (or merely doubtful) chip. The tables name mechanism, result and code; docs/chip.md
is written from the same codes.
"""

from tests.documents.pki.forgeries.curves import CURVES_KINDS
from tests.documents.pki.forgeries.groups import GROUPS_KINDS
from tests.documents.pki.forgeries.kinds import Forgery, Kind
from tests.documents.pki.forgeries.security_object import SECURITY_OBJECT_KINDS
from tests.documents.pki.forgeries.signer import SIGNER_KINDS

KINDS: tuple[Kind, ...] = (
    *GROUPS_KINDS,
    *SECURITY_OBJECT_KINDS,
    *SIGNER_KINDS,
    *CURVES_KINDS,
)

__all__ = ["KINDS", "Forgery", "Kind"]
