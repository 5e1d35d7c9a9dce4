"""Expected failures of the services as problem documents: which status and which words for which code."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from django.core.exceptions import PermissionDenied

from audit.api.problems import Problem
from biometrics.core.images import ImageRefusal, ImageRefused, inspect_image
from borders.core import redress
from borders.core.refusals import NoticeRefused
from borders.services.corrections import CorrectionRefused
from borders.services.decisions import AlreadyDecided, DecisionRefused, InspectionNotReady
from borders.services.inspections import ClientReferenceReused, RequestRefused
from borders.services.referrals import ReferralRefused

IMAGE_STATUS: Mapping[ImageRefusal, int] = MappingProxyType(
    dict.fromkeys(ImageRefusal, 400)
    | {ImageRefusal.TOO_LARGE: 413, ImageRefusal.TOO_MANY_PIXELS: 413}
    | {ImageRefusal.TYPE_UNSUPPORTED: 415, ImageRefusal.ANIMATED: 415}
)
# the request is well formed, and the object or the rules do not allow it now
CONFLICTS = frozenset(
    {
        "not_ready",
        "not_open",
        "not_acknowledged",
        "outcome_not_allowed",
        "protection_blocks_refusal",
        "protection_needs_referral",
        "identity_missing",
        "not_refused",
        "grounds_given",
        "notice_missing",
        "not_received",
        "not_decided",
    }
)
REFUSED = (
    RequestRefused,
    CorrectionRefused,
    DecisionRefused,
    ReferralRefused,
    NoticeRefused,
    redress.CorrectionRefused,
)
NOT_THIS_PERSON = frozenset({"second_person_required"})


def check_image(field: str, content: bytes | None) -> None:
    """Refuse an image by its header, so that the answer can say which of the two it was."""
    if content is None:
        return
    try:
        inspect_image(content)
    except ImageRefused as refusal:
        raise image_problem(refusal, field) from None


def image_problem(refusal: ImageRefused, field: str = "") -> Problem:
    extra = {"field": field} if field else {}
    return Problem(
        str(refusal.code), IMAGE_STATUS[ImageRefusal(refusal.code)], "The image is not accepted.", **extra
    )


@contextmanager
def refusals_as_problems() -> Iterator[None]:
    """Turn the named exceptions of the services into problems; anything else rises."""
    try:
        yield
    except ImageRefused as refusal:
        raise image_problem(refusal) from None
    except ClientReferenceReused as refusal:
        raise Problem(refusal.code, 409, "This client reference stands for another request.") from None
    except InspectionNotReady as refusal:
        raise Problem(refusal.code, 409, "The checks are still running.") from None
    except AlreadyDecided as refusal:
        raise Problem(refusal.code, 409, "This inspection was decided meanwhile.") from None
    except REFUSED as refusal:
        raise coded_problem(refusal.code, refusal.field) from None
    except PermissionDenied:
        raise Problem("role_required", 403, "This act needs another role.") from None


def coded_problem(code: str, field: str) -> Problem:
    extra = {"field": field} if field else {}
    if code in CONFLICTS:
        return Problem(code, 409, "The state of the object does not allow this.", **extra)
    if code == "chip_file_too_large":
        return Problem(code, 413, "The file of the chip is larger than allowed.", **extra)
    if code in NOT_THIS_PERSON:
        return Problem(code, 403, "This act needs another person.", **extra)
    return Problem(code, 400, "The request cannot be taken.", **extra)
