"""What a face says about a traveller: quality, the holder of the document (1:1), another identity (1:N)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from biometrics.core.faces import PAGE_CHIP, PairScore, compare_three
from biometrics.core.outcomes import Check, Finding, Outcome, Severity

FACE_QUALITY = Check(
    "FACE.QUALITY",
    "The live face image is good enough to compare.",
    Severity.INFORM,
    "ISO/IEC 29794-5",
)
FACE_HOLDER = Check(
    "FACE.HOLDER",
    "The live face is the face of the portrait in the document (1:1).",
    Severity.BLOCK,
    "ISO/IEC 19795-1",
)
FACE_OTHER_IDENTITY = Check(
    "FACE.OTHER_IDENTITY",
    "The live face has not crossed the border under another identity (1:N).",
    Severity.BLOCK,
    "ISO/IEC 19795-1",
)
FACE_PORTRAITS = Check(
    "FACE.PORTRAITS",
    "The portrait on the page, the portrait in the chip and the live face are one person (1:1, each with each).",
    Severity.REVIEW,
    "ICAO Doc 9303-10, section 4.7.2",
)
FACE_CHECKS: tuple[Check, ...] = (FACE_QUALITY, FACE_HOLDER, FACE_OTHER_IDENTITY, FACE_PORTRAITS)

# a name this long may be cut off in one document and go on in another: TD1 holds 30 characters, TD3 39
TRUNCATION_LENGTH = 25


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody says to be.

    Identifiers as in the MRZ, words parted by one space; birth_date None: unknown.
    """

    primary_identifier: str
    secondary_identifier: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class KnownFace:
    """One candidate of the search among earlier crossings. score: higher is more alike.

    identity: with what was corrected on request. corrected: the fields in which that differs from the record.
    """

    traveler_id: UUID
    identity: Identity
    score: float
    corrected: tuple[str, ...] = ()


def is_same_identity(a: Identity, b: Identity) -> bool:
    """Tell whether two identities are one: same birth date and same names.

    An unknown birth date agrees with an unknown one only. Names agree letter by letter, or where the shorter
    is a long beginning of the other, as in a document with a shorter name field (Doc 9303-3 section 4.6).
    """
    if a.birth_date != b.birth_date:
        return False
    shorter, longer = sorted((_joined(a), _joined(b)), key=len)
    return shorter == longer or (len(shorter) >= TRUNCATION_LENGTH and longer.startswith(shorter))


def judge_quality(*, face_count: int, defects: Sequence[str], measures: dict[str, object]) -> Finding:
    """Return the finding on a live face image.

    face_count: faces in it, at least 1. defects: codes of the measures that fall short, worst first.
    measures: the native values, kept as evidence.
    """
    detail = {"face_count": face_count, "defects": list(defects), "measures": measures}
    if defects:
        return Finding(FACE_QUALITY, Outcome.FAIL, defects[0], detail)
    return Finding(FACE_QUALITY, Outcome.PASS, "", detail)


def judge_holder(*, score: float | None, threshold: float, reference: str = "page") -> Finding:
    """Return the finding of a 1:1 comparison: PASS at or above the threshold. score None: not comparable.

    reference: "chip" or "page", whose portrait it was compared with.
    """
    detail = {"score": score, "threshold": threshold, "reference": reference}
    if score is None:
        return Finding(FACE_HOLDER, Outcome.UNDETERMINED, "not_comparable", detail)
    if score >= threshold:
        return Finding(FACE_HOLDER, Outcome.PASS, "", detail)
    return Finding(FACE_HOLDER, Outcome.FAIL, "below_threshold", detail)


def judge_portraits(
    *,
    page_live: PairScore | None,
    chip_live: PairScore | None,
    page_chip: PairScore | None,
    chip_missing: str = "",
) -> Finding:
    """Return the finding of the three-way comparison; None: that pair was not compared.

    chip_missing: why there is no portrait of the chip, "" if there is one. With page and chip compared, FAIL says
    which picture stands apart: page_differs (a replaced page portrait), chip_differs (a replaced or foreign
    chip), live_differs (an impostor with a consistent document), all_differ, or one_pair_differs, as a mixture
    of two faces may look. It is evidence for a person and no detector of mixtures.
    """
    pairs = {"page_live": page_live, "chip_live": chip_live, "page_chip": page_chip}
    compared = {name: pair for name, pair in pairs.items() if pair is not None}
    detail: dict[str, object] = {
        name: {"score": pair.score, "threshold": pair.threshold} for name, pair in compared.items()
    }
    if chip_missing == "no_chip":
        return Finding(FACE_PORTRAITS, Outcome.NOT_APPLICABLE, chip_missing, detail)
    if page_chip is None:
        return Finding(FACE_PORTRAITS, Outcome.UNDETERMINED, chip_missing or "not_comparable", detail)
    evidence = compare_three(page_live=page_live, chip_live=chip_live, page_chip=page_chip)
    if evidence.disagreeing == (PAGE_CHIP,):
        return Finding(FACE_PORTRAITS, Outcome.FAIL, "portraits_differ", detail)
    if evidence.outcome is Outcome.FAIL:
        return Finding(FACE_PORTRAITS, Outcome.FAIL, evidence.code, detail)
    # page and chip alone, or with the live face on one side
    code = evidence.code if len(compared) == 3 else "portraits_agree"
    return Finding(FACE_PORTRAITS, Outcome.PASS, code, detail)


def judge_other_identity(
    *, candidates: Sequence[KnownFace], own: Identity | None, own_traveler_id: UUID | None, threshold: float
) -> Finding:
    """Return the finding of the search among earlier crossings.

    candidates: those at or above the threshold, best first. own: what the document or the traveller says,
    None when nothing was read. own_traveler_id: the traveller already known by this document. A candidate of
    another name or birth date is a FAIL; the traveller's own earlier crossings are not. With candidates and
    nothing to compare them to it stays UNDETERMINED.
    """
    detail: dict[str, object] = {
        "threshold": threshold,
        "candidates": [{"traveler": str(c.traveler_id), "score": c.score} for c in candidates],
    }
    corrected = {str(c.traveler_id): list(c.corrected) for c in candidates if c.corrected}
    if corrected:
        detail["corrected_on_request"] = corrected
    if not candidates:
        return Finding(FACE_OTHER_IDENTITY, Outcome.PASS, "no_candidate", detail)
    if own is None:
        return Finding(FACE_OTHER_IDENTITY, Outcome.UNDETERMINED, "identity_unknown", detail)
    others = [
        c for c in candidates if c.traveler_id != own_traveler_id and not is_same_identity(c.identity, own)
    ]
    if others:
        detail["others"] = [str(c.traveler_id) for c in others]
        return Finding(FACE_OTHER_IDENTITY, Outcome.FAIL, "known_under_other_identity", detail)
    return Finding(FACE_OTHER_IDENTITY, Outcome.PASS, "same_traveler", detail)


def _joined(identity: Identity) -> str:
    return f"{identity.primary_identifier}  {identity.secondary_identifier}".upper().strip()
