"""Verbs on readings, travellers and documents, chips and the trust store: one file for each noun."""

from travelers.services.chips import (
    chip_result,
    is_portrait_authentic,
    store_chip,
    verify_stored_chip,
)
from travelers.services.readings import (
    AlreadyCorrected,
    HolderUnknown,
    TemplateTaken,
    link_enrolment,
    record_chip_reading,
    record_keyed_reading,
    record_mrz_reading,
    register_holder,
)
from travelers.services.trust_store import get_trust_store

__all__ = [
    "AlreadyCorrected",
    "HolderUnknown",
    "TemplateTaken",
    "chip_result",
    "get_trust_store",
    "is_portrait_authentic",
    "link_enrolment",
    "record_chip_reading",
    "record_keyed_reading",
    "record_mrz_reading",
    "register_holder",
    "store_chip",
    "verify_stored_chip",
]
