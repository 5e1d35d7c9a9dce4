"""Faces in the pipeline: 1:1 with the page, 1:N with earlier crossings and watchlists, all kept as evidence.

Templates are given, because what is tested here is what the pipeline makes of their comparison.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
import pytest

from biometrics.core.outcomes import Outcome
from biometrics.models import CapturedImage, Comparison, GalleryMember, Template
from biometrics.services.faces import FaceNotFound, engine_in_use
from borders.demo.pki.chips import make_dg2, make_sod
from borders.models import Inspection
from borders.services.decisions import decide
from borders.services.steps import faces as step
from tests.documents.pki.state import SIGNED_AT, utopia
from travelers.core.chip import ChipFiles
from travelers.models import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("operating_points")]
ANNA, EVA, NOBODY = 10, 20, 0


@pytest.fixture
def faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of one shade show one person; shade 0 shows nobody."""

    def make_template(*, image: CapturedImage, image_bgr, at) -> Template:
        shade = int(image_bgr[0, 0, 0])
        if shade == NOBODY:
            raise FaceNotFound
        engine = engine_in_use()
        vector = np.random.default_rng(shade).normal(size=engine.dimension).astype("<f4")
        vector /= np.linalg.norm(vector)
        template, _ = Template.objects.get_or_create(
            image=image,
            engine=engine.name,
            engine_version=engine.version,
            defaults={
                "vector": vector.tobytes(),
                "dimension": engine.dimension,
                "face_count": 1,
                "box": [0, 0, 10, 10],
                "quality": {"defects": [], "measures": {}},
                "created_at": at,
            },
        )
        return template

    monkeypatch.setattr(step, "make_template", make_template)


@pytest.fixture
def matched(faces, ready, png) -> Callable[..., Inspection]:
    """matched(page, face, **changes): an inspection with these two pictures."""

    def make(page: int | None, face: int | None, **changes) -> Inspection:
        pictures = {
            name: png(shade)
            for name, shade in (("page_image", page), ("face_image", face))
            if shade is not None
        }
        return ready(**pictures, **changes)

    return make


def found(inspection: Inspection) -> dict[str, tuple[str, str]]:
    rows = inspection.findings.filter(code__startswith="FACE.", superseded_at=None)
    return {row.code.removeprefix("FACE."): (row.outcome, row.reason) for row in rows}


@pytest.mark.parametrize(
    ("page", "face", "holder"),
    [
        (ANNA, ANNA, (Outcome.PASS, "")),
        (ANNA, EVA, (Outcome.FAIL, "below_threshold")),
        (NOBODY, ANNA, (Outcome.UNDETERMINED, "portrait_not_found")),
        (ANNA, NOBODY, (Outcome.UNDETERMINED, "face_not_found")),
        (ANNA, None, (Outcome.UNDETERMINED, "not_taken")),
        (None, ANNA, (Outcome.UNDETERMINED, "no_page_image")),
    ],
)
def test_the_live_face_against_the_portrait(matched, page, face, holder) -> None:
    inspection = matched(page, face)
    assert not inspection.steps.filter(state="FAILED").exists()
    assert found(inspection)["HOLDER"] == holder


def test_a_comparison_is_kept_with_its_finding(matched) -> None:
    inspection = matched(ANNA, ANNA)
    finding = inspection.findings.get(code="FACE.HOLDER")
    assert finding.comparison.score == pytest.approx(1.0, abs=1e-4)
    assert finding.comparison.threshold == finding.detail["threshold"]
    assert (finding.comparison.probe, finding.comparison.reference) == (
        inspection.live_template,
        inspection.portrait_template,
    )


def test_the_watchlists_are_searched_with_every_live_face(matched) -> None:
    inspection = matched(ANNA, ANNA)
    comparison = Comparison.objects.get(gallery__name="watchlist")
    assert comparison.probe == inspection.live_template
    assert step.watchlist_comparison(inspection.live_template) == comparison


def test_a_person_without_a_document_has_no_portrait_to_match(matched, anna) -> None:
    declared = replace(anna, document_code="", issuing_state="", document_number="", expiry_date=None)
    inspection = matched(None, ANNA, keyed=declared)
    assert found(inspection)["HOLDER"] == (Outcome.NOT_APPLICABLE, "no_document")


def test_clearing_enrols_the_live_face_for_the_traveller(matched, alice_here, at) -> None:
    inspection = matched(ANNA, ANNA)
    decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="no lists here")
    inspection.refresh_from_db()
    member = GalleryMember.objects.get(gallery__name="crossings")
    assert (member.template, member.subject_id) == (inspection.live_template, inspection.traveler_id)
    assert Enrolment.objects.get().traveler == inspection.traveler


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, (Outcome.PASS, "same_traveler")),
        ({"document_number": "X0000001"}, (Outcome.PASS, "same_traveler")),
        (
            {"document_number": "X0000001", "primary_identifier": "LINDQVIST"},
            (Outcome.FAIL, "known_under_other_identity"),
        ),
    ],
    ids=["same document", "another document, same identity", "two identities"],
)
def test_a_face_that_crossed_before(matched, alice_here, anna, at, change, outcome) -> None:
    first = matched(ANNA, ANNA)
    decide(actor=alice_here, at=at, inspection_id=first.id, outcome="CLEARED", reason="no lists here")
    again = matched(ANNA, ANNA, keyed=replace(anna, **change), when=at + timedelta(days=2))
    assert found(again)["OTHER_IDENTITY"] == outcome
    assert again.findings.get(code="FACE.OTHER_IDENTITY").comparison.gallery.name == "crossings"


def test_a_face_whose_recorded_name_was_corrected_is_the_same_traveller(
    matched, alice_here, anna, at, correct_record
) -> None:
    first = matched(ANNA, ANNA)
    decide(actor=alice_here, at=at, inspection_id=first.id, outcome="CLEARED", reason="no lists here")
    first.refresh_from_db()
    correct_record(first.traveler_id, "primary_identifier", "ERIKSSON", "LINDQVIST")
    changed = replace(anna, document_number="X0000001", primary_identifier="LINDQVIST")

    again = matched(ANNA, ANNA, keyed=changed, when=at + timedelta(days=2))

    assert found(again)["OTHER_IDENTITY"] == (Outcome.PASS, "same_traveler")
    detail = again.findings.get(code="FACE.OTHER_IDENTITY").detail
    assert detail["corrected_on_request"] == {str(first.traveler_id): ["primary_identifier"]}


def test_a_stranger_is_nobody_known(matched, alice_here, at) -> None:
    first = matched(ANNA, ANNA)
    decide(actor=alice_here, at=at, inspection_id=first.id, outcome="CLEARED", reason="no lists here")
    assert found(matched(EVA, EVA))["OTHER_IDENTITY"] == (Outcome.PASS, "no_candidate")


def chip_with(shade: int, *, authentic: bool = True) -> ChipFiles:
    """Return a chip of Utopia whose portrait has a shade."""
    state = utopia()
    picture = cv2.imencode(".jpg", np.full((240, 320, 3), shade, np.uint8))[1].tobytes()
    groups = state.groups | {2: make_dg2(picture)}
    signed = groups if authentic else state.groups
    sod = make_sod(signed, state.signer, state.csca.name, signing_time=SIGNED_AT)
    return ChipFiles(sod, None, groups)


@pytest.mark.parametrize(
    ("page", "chip", "face", "authentic", "holder", "portraits"),
    [
        (ANNA, ANNA, ANNA, True, (Outcome.PASS, "chip"), "three_agree"),
        (EVA, ANNA, ANNA, True, (Outcome.PASS, "chip"), "page_differs"),
        (ANNA, EVA, ANNA, True, (Outcome.FAIL, "chip"), "chip_differs"),
        (ANNA, EVA, ANNA, False, (Outcome.PASS, "page"), "chip_differs"),
        (ANNA, ANNA, EVA, True, (Outcome.FAIL, "chip"), "live_differs"),
        (ANNA, NOBODY, ANNA, True, (Outcome.PASS, "page"), "chip_portrait_not_found"),
    ],
)
def test_the_portrait_in_the_chip_comes_first(
    matched, page, chip, face, authentic, holder, portraits
) -> None:
    inspection = matched(page, face, chip=chip_with(chip, authentic=authentic))
    row = inspection.findings.get(code="FACE.HOLDER", superseded_at=None)
    assert (row.outcome, row.detail["reference"]) == holder
    assert found(inspection)["PORTRAITS"][1] == portraits
