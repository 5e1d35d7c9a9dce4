"""The verbs of the audit trail: write it, seal it, verify it."""

from audit.services.disclosing import note_disclosure
from audit.services.storing import store, store_rows, store_unless_known
from audit.services.trail import READ_IDS_KEPT, gathered_trail, one_act, record, record_read

__all__ = [
    "READ_IDS_KEPT",
    "gathered_trail",
    "note_disclosure",
    "one_act",
    "record",
    "record_read",
    "store",
    "store_rows",
    "store_unless_known",
]
