"""A browser at a booth, signed in, and an inspection of the cast that nobody has decided."""

import hashlib
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from borders.models import Booth, Inspection, Officer
from borders.services.inspections import InspectionRequest, open_inspection
from borders.services.pipeline import process_inspection
from tests.db.conftest import ActorOf, open_session
from travelers.core.keyed import KeyedFields

Browser = Callable[[Officer, Booth], Client]


@pytest.fixture
def browser() -> Browser:
    """browser(officer, booth): a browser whose officer is signed in there. Forms without their token are refused."""

    def open_browser(officer: Officer, booth: Booth) -> Client:
        token = uuid4().hex
        open_session(officer, booth, token)
        client = Client(enforce_csrf_checks=False)
        client.cookies["booth"] = token
        client.token_sha256 = hashlib.sha256(token.encode()).hexdigest()
        return client

    return open_browser


@pytest.fixture
def inspection(alice: Officer, booth: Booth, actor_of: ActorOf, operating_points: None) -> Inspection:
    """Anna Maria Eriksson, keyed by hand, checked, and not decided."""
    now = timezone.now()
    keyed = KeyedFields(
        document_code="P",
        issuing_state="UTO",
        document_number="L898902C3",
        primary_identifier="ERIKSSON",
        secondary_identifier="ANNA MARIA",
        nationality="UTO",
    )
    request = InspectionRequest(
        client_reference=f"t-{uuid4()}", direction="ENTRY", conveyance="UT 101", keyed=keyed
    )
    opened, _ = open_inspection(actor=actor_of(alice, booth), at=now, request=request)
    process_inspection(inspection_id=opened.id, clock=timezone.now)
    return Inspection.objects.get(id=opened.id)
