"""Custody of personal data: how long it is kept, what forbids erasing it, erasing and proving that, giving it to its subject."""

from borders.services.custody.desk import mark_family, remove_old_exports, see_overstay_notice
from borders.services.custody.disclosures import enter_disclosure, record_disclosure
from borders.services.custody.due import Walk, find_due
from borders.services.custody.erasure import (
    ErasureRefused,
    erase_entry_faces,
    erase_images,
    erase_inspections,
    erase_traveler,
)
from borders.services.custody.erasure_requests import (
    approved_request,
    carry_out_erasure,
    decide_erasure,
    propose_erasure,
)
from borders.services.custody.expiry import RetentionFailed, RetentionIncomplete, erase_expired
from borders.services.custody.finishing import ErasureUnfinished, Tried, finish_erasures
from borders.services.custody.holds import lift_hold, place_hold
from borders.services.custody.periods import (
    RetentionRefused,
    decide_retention,
    periods_in_force,
    propose_retention,
)
from borders.services.custody.proof import prove_erasure
from borders.services.custody.restoring import reapply_erasures
from borders.services.custody.subject_access import (
    SubjectExport,
    SubjectUnknown,
    export_subject,
    fields_told,
)

__all__ = [
    "ErasureRefused",
    "ErasureUnfinished",
    "RetentionFailed",
    "RetentionIncomplete",
    "RetentionRefused",
    "SubjectExport",
    "SubjectUnknown",
    "Tried",
    "Walk",
    "approved_request",
    "carry_out_erasure",
    "decide_erasure",
    "decide_retention",
    "enter_disclosure",
    "erase_entry_faces",
    "erase_expired",
    "erase_images",
    "erase_inspections",
    "erase_traveler",
    "export_subject",
    "fields_told",
    "find_due",
    "finish_erasures",
    "lift_hold",
    "mark_family",
    "periods_in_force",
    "place_hold",
    "propose_erasure",
    "propose_retention",
    "prove_erasure",
    "reapply_erasures",
    "record_disclosure",
    "remove_old_exports",
    "see_overstay_notice",
]
