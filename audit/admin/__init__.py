"""The admin's common ground, and the audit trail itself."""

from audit.admin.badges import Tone, badge
from audit.admin.base import AuditedModelAdmin, ReadOnlyModelAdmin
from audit.admin.detail import Fact, Picture, Section, Table, show, show_time, show_when, words
from audit.admin.entries import AuditEntryAdmin

__all__ = [
    "AuditEntryAdmin",
    "AuditedModelAdmin",
    "Fact",
    "Picture",
    "ReadOnlyModelAdmin",
    "Section",
    "Table",
    "Tone",
    "badge",
    "show",
    "show_time",
    "show_when",
    "words",
]
