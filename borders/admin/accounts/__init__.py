"""Accounts at the administrator's desk: officers, their posts, and changes that wait for a second administrator."""

from borders.admin.accounts.changes import AccountChangeAdmin
from borders.admin.accounts.officers import OfficerAdmin
from borders.admin.accounts.posts import PostAssignmentAdmin

__all__ = ["AccountChangeAdmin", "OfficerAdmin", "PostAssignmentAdmin"]
