"""The printed zone from pixels: an altered page is caught without the booth's help, a genuine one raises nothing."""

from datetime import date, timedelta

import cv2
import numpy as np
import pytest

from audit.models import AuditEntry
from biometrics.core.outcomes import Outcome
from borders.core.pipeline import Step
from borders.demo.captures import CaptureKind, capture
from borders.demo.cast import make_cast
from borders.demo.documents import DemoDocument, printed_fields
from borders.demo.pages import draw_page
from borders.models import Inspection
from borders.services import pipeline
from borders.services.pipeline import process_inspection
from borders.services.steps import STEPS, StepInput, StepResult
from borders.services.steps import printed as printed_step

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
VIZ_CODES = {
    "VIZ.NAME",
    "VIZ.BIRTH_DATE",
    "VIZ.DOCUMENT_NUMBER",
    "VIZ.EXPIRY_DATE",
    "VIZ.NATIONALITY",
    "VIZ.SEX",
}
PORTRAIT = cv2.imencode(".jpg", np.full((430, 340, 3), 190, np.uint8))[1].tobytes()


def picture(document: DemoDocument, kind: CaptureKind = CaptureKind.FLATBED) -> bytes:
    return capture(draw_page(document, PORTRAIT), 7, kind)


@pytest.fixture
def unhurried(settings, monkeypatch) -> None:
    """A busy machine must not turn what is read into what there was no time for."""
    settings.BOOTH_DEADLINE_S = 600.0
    monkeypatch.setattr(printed_step, "BUDGET_MS", 500_000.0)


def outcomes_of(inspection: Inspection) -> dict[str, tuple[str, str]]:
    rows = inspection.findings.filter(superseded_at=None, code__in=VIZ_CODES)
    return {row.code: (row.outcome, row.reason) for row in rows}


def test_an_altered_birth_date_is_caught_from_pixels_alone(ready, unhurried) -> None:
    document = make_cast(TODAY).altered_birth
    inspection = ready(keyed=None, page_image=picture(document, CaptureKind.HAND_HELD))
    found = outcomes_of(inspection)
    assert found.pop("VIZ.BIRTH_DATE") == (Outcome.FAIL, "different")
    assert {outcome for outcome, _ in found.values()} == {Outcome.PASS}
    assert "VIZ.BIRTH_DATE" in {reason["code"] for reason in inspection.reasons}
    assert inspection.printed_read["fields"]["birth_date"]["value"] == "1983-07-15"
    detail = inspection.findings.get(code="VIZ.BIRTH_DATE").detail["read_from_page"]["birth_date"]
    (left, top), _, (right, bottom), _ = detail["corners"]
    assert 0 < left < right
    assert 0 < top < bottom
    entry = AuditEntry.objects.get(action="printed_zone.read")
    assert entry.detail["fields"]["birth_date"] == "differs"
    assert "1983" not in str(entry.detail)


def test_a_genuine_page_passes_every_printed_check(ready, unhurried) -> None:
    inspection = ready(keyed=None, page_image=picture(make_cast(TODAY).bjorn))
    assert {outcome for outcome, _ in outcomes_of(inspection).values()} == {Outcome.PASS}


def test_the_booths_own_reader_wins_and_the_page_is_not_read_again(ready, monkeypatch) -> None:
    monkeypatch.setattr(printed_step, "read_printed", None)
    document = make_cast(TODAY).altered_birth
    sent = printed_fields(document) | {"birth_date": document.holder.birth_date.isoformat()}
    inspection = ready(keyed=None, page_image=picture(document), printed=sent)
    assert inspection.printed_read == {}
    assert outcomes_of(inspection)["VIZ.BIRTH_DATE"][0] == Outcome.PASS


def test_the_answer_of_the_zone_is_stored_before_the_page_is_read(opened, at, monkeypatch) -> None:
    inspection = opened(keyed=None, page_image=picture(make_cast(TODAY).anna))
    seen: list[object] = []

    def look(given: StepInput) -> StepResult:
        row = Inspection.objects.get(id=inspection.id)
        seen.append((row.reading.status, row.steps.get().step))
        return StepResult()

    monkeypatch.setattr(pipeline, "STEPS", {**STEPS, Step.READ_PRINTED: look})
    assert process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert seen == [("ACCEPTED", "READ")]


def test_near_the_booths_deadline_the_page_is_not_read_and_the_checks_say_so(opened, monkeypatch) -> None:
    monkeypatch.setattr(printed_step, "read_printed", None)
    inspection = opened(keyed=None, page_image=picture(make_cast(TODAY).anna))
    late = inspection.deadline_at - timedelta(seconds=1)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: late)
    inspection.refresh_from_db()
    assert set(outcomes_of(inspection).values()) == {(Outcome.UNDETERMINED, "out_of_time")}
    assert not {reason["code"] for reason in inspection.reasons} & VIZ_CODES


def test_where_it_is_switched_off_nothing_is_read(ready, settings, monkeypatch) -> None:
    settings.READ_PRINTED_ZONE = False
    monkeypatch.setattr(printed_step, "read_printed", None)
    inspection = ready(keyed=None, page_image=picture(make_cast(TODAY).anna))
    assert set(outcomes_of(inspection).values()) == {(Outcome.NOT_APPLICABLE, "not_printed")}


def test_a_page_without_a_zone_is_not_read(ready, png) -> None:
    inspection = ready(keyed=None, page_image=png())
    assert inspection.printed_read == {}
    assert inspection.steps.get(step=Step.READ_PRINTED).state == "DONE"
