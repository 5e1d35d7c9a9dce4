"""Galleries: who, of all that are enrolled, is most like this probe."""

from biometrics.core.gallery.exact import (
    AlreadyEnrolledError,
    Candidate,
    ExactGallery,
    Gallery,
    NotEnrolledError,
)

__all__ = ["AlreadyEnrolledError", "Candidate", "ExactGallery", "Gallery", "NotEnrolledError"]
