"""Travellers and their documents, what was read from page and chip, and the certificates that chips are trusted by."""

from travelers.models.chips import ChipFile, ChipReading, ChipVerification
from travelers.models.documents import DocumentReading, Enrolment, Sex, TravelDocument, Traveler
from travelers.models.trust_store import (
    RevocationList,
    TrustedCertificate,
    TrustStoreCertificate,
    TrustStoreRevocationList,
    TrustStoreVersion,
)

__all__ = [
    "ChipFile",
    "ChipReading",
    "ChipVerification",
    "DocumentReading",
    "Enrolment",
    "RevocationList",
    "Sex",
    "TravelDocument",
    "Traveler",
    "TrustStoreCertificate",
    "TrustStoreRevocationList",
    "TrustStoreVersion",
    "TrustedCertificate",
]
