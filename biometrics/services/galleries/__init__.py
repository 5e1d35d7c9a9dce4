"""Galleries: the row is the truth, an index a projection of it that every search follows to the gallery's version."""

from biometrics.services.galleries.members import EnrolmentRefused, NewMember, enrol, enrol_many, remove
from biometrics.services.galleries.searching import (
    BACKENDS,
    Candidate,
    GallerySearch,
    UnknownBackend,
    find_alike,
    forget_projections,
    reached_version,
    seal_gallery,
    search_galleries,
    search_gallery,
    search_gallery_batch,
)

__all__ = [
    "BACKENDS",
    "Candidate",
    "EnrolmentRefused",
    "GallerySearch",
    "NewMember",
    "UnknownBackend",
    "enrol",
    "enrol_many",
    "find_alike",
    "forget_projections",
    "reached_version",
    "remove",
    "seal_gallery",
    "search_galleries",
    "search_gallery",
    "search_gallery_batch",
]
