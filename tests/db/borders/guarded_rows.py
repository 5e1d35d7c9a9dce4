"""A crossing with a row of its own in every table that stands under a row policy."""

from datetime import timedelta
from typing import Any

from django.db import connection

from borders.models import (
    Booth,
    CaptureAhead,
    CorrectionRequest,
    Crossing,
    DecisionReview,
    Officer,
    ProtectionAnswer,
    ProtectionCase,
    RecordCorrection,
    RefusalNotice,
)
from tests.db.factories import (
    make_crossing,
    make_entry,
    make_finding,
    make_hit,
    make_referral,
    make_stay,
    make_step,
)
from watchlists.models import Adjudication, AdjudicationReview, Hit, Lead, RetroScreeningRun

TABLES = (
    "borders_crossing",
    "borders_stay",
    "borders_inspection",
    "borders_decision",
    "borders_referral",
    "borders_protectioncase",
    "watchlists_hit",
    "borders_inspectionstep",
    "borders_inspectionfinding",
    "borders_captureahead",
    "borders_protectionanswer",
    "borders_refusalnotice",
    "borders_decisionreview",
    "borders_correctionrequest",
    "borders_recordcorrection",
    "watchlists_screening",
    "watchlists_adjudication",
    "watchlists_adjudicationreview",
    "watchlists_lead",
)
# a stay's history is one in a country, with what was corrected about it
OF_COUNTRY = ("borders_crossing", "borders_stay", "borders_recordcorrection")
OF_PROTECTION = ("borders_protectioncase", "borders_protectionanswer")


def make_guarded(*, booth: Booth, alice: Officer, bob: Officer, at: Any, number: int = 0) -> Crossing:
    """Return a crossing at a booth, with one row in every guarded table. number: another person's, with another document."""
    made = make_crossing(booth=booth, officer=alice, at=at, number=number)
    make_stay(crossing=made)
    make_referral(inspection=made.inspection, officer=alice)
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at, source_id=f"E-{number + 1}")
    hit = make_hit(inspection=made.inspection, entry=entry, at=at)
    _add_beside(made, hit, alice, bob, at, number)
    return made


def _add_beside(made: Crossing, hit: Hit, alice: Officer, bob: Officer, at: Any, number: int) -> None:
    """Add what hangs on a crossing, a row of each kind."""
    inspection, soon = made.inspection, at + timedelta(hours=1)
    case = ProtectionCase.objects.create(inspection=inspection, cause="CLAIM", opened_at=at)
    ProtectionAnswer.objects.create(
        case=case, question="SAFE", answer="YES", language="en", asked_by=alice.user, asked_at=at
    )
    make_step(inspection=inspection)
    make_finding(inspection=inspection)
    CaptureAhead.objects.create(
        booth=inspection.booth, kind="FACE", content=b"x", sha256="0" * 64, taken_at=at
    )
    decision = inspection.decisions.get()
    RefusalNotice.objects.create(
        decision=decision,
        reference=f"R-{number}",
        grounds=[],
        authority={},
        issued_by=alice.user,
        issued_at=at,
    )
    DecisionReview.objects.create(
        decision=decision, inspection=inspection, port_id=inspection.port_id, cause="REFUSAL",
        decided_by=alice.user, opened_at=at, due_at=soon,
    )  # fmt: skip
    asked = CorrectionRequest.objects.create(
        reference=f"C-{number}", port_id=inspection.port_id, record_type="CROSSING", record_id=made.id, field="direction",
        statement="It was the other way", requester="PERSON", language="en", received_at=at, due_on=soon.date(),
        received_by=alice.user,
    )  # fmt: skip
    RecordCorrection.objects.create(
        request=asked, record_type="CROSSING", record_id=made.id, field="direction", value="EXIT",
        corrected_at=at, corrected_by=bob.user,
    )  # fmt: skip
    answer = Adjudication.objects.create(
        hit=hit, answer="TRUE_MATCH", reason="Same", adjudicated_by=alice.user, at=at
    )
    AdjudicationReview.objects.create(adjudication=answer, verdict="CONFIRMED", reviewed_by=bob.user, at=at)
    run = RetroScreeningRun.objects.create(
        version=hit.entry.version, state="DONE", since=at, until=soon, total=1, started_at=at
    )
    Lead.objects.create(run=run, entry=hit.entry, screening=hit.screening, kind="NAME", found_at=at)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
