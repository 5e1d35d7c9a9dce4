"""Forgeries in logic: what a forger does to zone, page, issuer, lists, visa and record, one function a kind.

Each takes a genuine adult's document and gives the traveller who presents the forgery.
"""

from tests.documents.forgeries.holder import HOLDER_KINDS
from tests.documents.forgeries.issuer import ISSUER_KINDS
from tests.documents.forgeries.kinds import Kind
from tests.documents.forgeries.lists import LISTS_KINDS
from tests.documents.forgeries.manifest import MANIFEST_KINDS
from tests.documents.forgeries.page import PAGE_KINDS
from tests.documents.forgeries.protection import PROTECTION_KINDS, member_of_party
from tests.documents.forgeries.record import RECORD_KINDS
from tests.documents.forgeries.validity import VALIDITY_KINDS
from tests.documents.forgeries.visa import VISA_KINDS
from tests.documents.forgeries.zone import ZONE_KINDS

LOGICAL_KINDS: tuple[Kind, ...] = (
    *ZONE_KINDS,
    *PAGE_KINDS,
    *VALIDITY_KINDS,
    *ISSUER_KINDS,
    *LISTS_KINDS,
    *HOLDER_KINDS,
    *VISA_KINDS,
    *RECORD_KINDS,
    *MANIFEST_KINDS,
    *PROTECTION_KINDS,
)

__all__ = ["LOGICAL_KINDS", "Kind", "member_of_party"]
