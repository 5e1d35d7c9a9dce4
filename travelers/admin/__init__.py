"""Travellers, their documents and readings, and the trust store that chips are verified against."""

from travelers.admin.documents import document_term, reading_facts, traveler_term
from travelers.admin.trust_store import TrustedCertificateAdmin, TrustStoreVersionAdmin

__all__ = [
    "TrustStoreVersionAdmin",
    "TrustedCertificateAdmin",
    "document_term",
    "reading_facts",
    "traveler_term",
]
