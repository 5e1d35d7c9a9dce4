"""The data protection officer's desk: subjects, retention, holds, erasures, disclosures, overstayers whose data will go."""

from borders.admin.custody.registers import (
    DisclosureAdmin,
    ErasureAdmin,
    ErasureRequestAdmin,
    LegalHoldAdmin,
    OverstayNoticeAdmin,
)
from borders.admin.custody.retention import RetentionClassAdmin
from borders.admin.custody.subjects import DataSubjectAdmin

__all__ = [
    "DataSubjectAdmin",
    "DisclosureAdmin",
    "ErasureAdmin",
    "ErasureRequestAdmin",
    "LegalHoldAdmin",
    "OverstayNoticeAdmin",
    "RetentionClassAdmin",
]
