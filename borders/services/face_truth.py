"""What a decision says about the faces: the truth that the engine's error rates are measured by."""

from datetime import datetime
from typing import Any

from audit.core.actor import Actor
from biometrics.core.outcomes import Outcome
from biometrics.services.accuracy import record_adjudication
from borders.core.decision_rules import Verdict
from borders.core.face_checks import FACE_HOLDER
from borders.models import Inspection, InspectionFinding


def settle_face(
    *, actor: Actor, at: datetime, inspection: Inspection, verdict: Verdict, traveler_id: Any
) -> None:
    """Record the comparison of live face and document as settled, if the decision settles it.

    CLEARED: the officer took the person for the holder, whatever the score said. REFUSED where the faces did not match: taken
    for somebody else. Anything else leaves it open.
    """
    if inspection.face_image_id is None:
        return  # nothing was compared
    finding = InspectionFinding.objects.filter(
        inspection=inspection, code=FACE_HOLDER.code, superseded_at__isnull=True, comparison__isnull=False
    ).first()
    is_refused = finding is not None and verdict is Verdict.REFUSED and finding.outcome == Outcome.FAIL
    if finding is None or not (verdict is Verdict.CLEARED or is_refused):
        return
    reading = inspection.reading
    record_adjudication(
        actor=actor,
        at=at,
        comparison_id=finding.comparison_id,
        mated=verdict is Verdict.CLEARED,
        subject_id=traveler_id if verdict is Verdict.CLEARED else None,
        sex=reading.sex if reading is not None else "",
        birth_date=reading.birth_date if reading is not None else None,
        document_type=reading.document_code if reading is not None else "",
    )
