"""Travellers, their documents and readings, and the trust store that chips are verified against."""

from travelers.admin.documents import (
    document_term,
    reading_facts,
    readings_named,
    traveler_term,
    travelers_named,
)
from travelers.admin.trust_store import TrustedCertificateAdmin, TrustStoreVersionAdmin

__all__ = [
    "TrustStoreVersionAdmin",
    "TrustedCertificateAdmin",
    "document_term",
    "reading_facts",
    "readings_named",
    "traveler_term",
    "travelers_named",
]
