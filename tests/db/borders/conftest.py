"""Inspections as a booth sends them, and the pipeline with or without its real steps."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import cv2
import numpy as np
import pytest

from audit.core.actor import Actor
from biometrics.core.outcomes import Finding, Outcome
from borders.core.checks import CHECKS_OF_STEP
from borders.core.pipeline import Step
from borders.core.requests import InspectionRequest
from borders.models import Booth, CorrectionRequest, Inspection, Officer, PortOfEntry, RecordCorrection
from borders.services import pipeline
from borders.services.inspections import open_inspection
from borders.services.pipeline import process_inspection
from borders.services.steps import STEPS, StepInput, StepResult
from travelers.core.keyed import KeyedFields

ANNA = KeyedFields(
    document_code="P",
    issuing_state="UTO",
    document_number="L898902C3",
    primary_identifier="ERIKSSON",
    secondary_identifier="ANNA MARIA",
    nationality="UTO",
    birth_date=date(1974, 8, 12),
    sex="F",
    expiry_date=date(2032, 4, 15),
)
NUMBERS = itertools.count(1)
Open = Callable[..., Inspection]
Run = Callable[..., Inspection]


@pytest.fixture
def anna() -> KeyedFields:
    """Anna Maria Eriksson of Utopia with the specimen passport of Doc 9303-4."""
    return ANNA


@pytest.fixture
def png() -> Callable[..., bytes]:
    """png(shade=128): a small picture without a face or a zone."""

    def make(shade: int = 128) -> bytes:
        done, content = cv2.imencode(".png", np.full((240, 320, 3), shade, np.uint8))
        assert done
        return bytes(content)

    return make


@pytest.fixture
def alice_here(alice: Officer, booth: Booth, actor_of: Callable[..., Actor]) -> Actor:
    return actor_of(alice, booth)


@pytest.fixture
def bob_here(bob: Officer, booth: Booth, actor_of: Callable[..., Actor]) -> Actor:
    return actor_of(bob, booth)


@pytest.fixture
def charlie_there(charlie: Officer, land_booth: Booth, actor_of: Callable[..., Actor]) -> Actor:
    return actor_of(charlie, land_booth)


@pytest.fixture
def make_request() -> Callable[..., InspectionRequest]:
    """make_request(**changes): Anna enters by air, keyed by the officer; every call is another request."""

    def make(**changes: Any) -> InspectionRequest:
        reference = f"A1-{next(NUMBERS):06d}"
        request = InspectionRequest(reference, "ENTRY", conveyance="UT 123", keyed=ANNA)
        return replace(request, **changes)

    return make


@pytest.fixture
def opened(alice_here: Actor, at: datetime, make_request: Callable[..., InspectionRequest]) -> Open:
    """opened(at=…, **changes): an inspection as Alice opens it."""

    def make(*, when: datetime = at, **changes: Any) -> Inspection:
        inspection, created = open_inspection(actor=alice_here, at=when, request=make_request(**changes))
        assert created
        return inspection

    return make


@pytest.fixture
def ready(opened: Open, at: datetime) -> Run:
    """ready(**changes): an inspection that the workers have finished."""

    def make(*, when: datetime = at, **changes: Any) -> Inspection:
        inspection = opened(when=when, **changes)
        assert process_inspection(inspection_id=inspection.id, clock=lambda: when)
        inspection.refresh_from_db()
        return inspection

    return make


@pytest.fixture
def correct_record(bob: Officer, alice: Officer, airport: PortOfEntry, at: datetime) -> Callable[..., None]:
    """correct_record(id, field, was, value): a request about a traveller was granted."""

    def correct(record_id: UUID, field: str, was: str, value: str) -> None:
        request = CorrectionRequest.objects.create(
            reference=f"UTAIR-C-{next(NUMBERS)}",
            port=airport,
            record_type="TRAVELER",
            record_id=record_id,
            field=field,
            statement="Birth certificate shown",
            requester="PERSON",
            language="en",
            received_at=at,
            received_by=bob.user,
            due_on=at.date(),
        )
        RecordCorrection.objects.create(
            request=request,
            record_type="TRAVELER",
            record_id=record_id,
            field=field,
            was=was,
            value=value,
            corrected_at=at,
            corrected_by=alice.user,
        )

    return correct


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """outcomes({code: outcome}): from here on the steps answer so, and every check not named passes."""

    def set_outcomes(changed: Mapping[str, Outcome] = {}) -> None:
        def answer(step: Step) -> Callable[[StepInput], StepResult]:
            found = tuple(Finding(c, changed.get(c.code, Outcome.PASS)) for c in CHECKS_OF_STEP[step])
            return lambda given: StepResult(found)

        monkeypatch.setattr(pipeline, "STEPS", {step: answer(step) for step in STEPS})

    return set_outcomes
