"""Verbs on readings, travellers and documents, chips and the trust store: one file for each noun."""

from travelers.services.readings import (
    AlreadyCorrected,
    HolderUnknown,
    TemplateTaken,
    link_enrolment,
    record_keyed_reading,
    record_mrz_reading,
    register_holder,
)

__all__ = [
    "AlreadyCorrected",
    "HolderUnknown",
    "TemplateTaken",
    "link_enrolment",
    "record_keyed_reading",
    "record_mrz_reading",
    "register_holder",
]
