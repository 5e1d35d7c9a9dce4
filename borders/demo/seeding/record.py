"""The record as the story begins: the overstayer is in the country, everybody else is not.

What is missing goes through the same services as every other crossing.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from audit.core.actor import system_actor
from borders.demo.documents import DemoDocument, printed_fields
from borders.demo.images import face_image, page_image
from borders.demo.places import COUNTRY_CODE, FIRST_LINE
from borders.demo.story import LAND_POST, Scene, tell_story
from borders.models import Booth, BoothSession, Inspection
from borders.models.inspections import Direction
from borders.queries import actor_of_session, open_stay_of
from borders.services.decisions import decide
from borders.services.inspections import InspectionRequest, open_inspection
from borders.services.partitions import ensure_partitions
from borders.services.pipeline import process_inspection
from travelers.models import TravelDocument

# more than the 90 days allowed, and within the document's time
STAYED = timedelta(days=130)
PARTITION_MONTHS = 9
CAPTURE_OF_EARLIER = 0
REASON = "Before the story begins: the record is brought to its start."


class SeedFailed(RuntimeError):
    """A crossing that precedes the story was not cleared by the checks. The message is state and codes."""


def seed_record(*, at: datetime) -> int:
    """Record the overstayer's entry of 130 days ago, and the exits of whoever an interrupted run left inside.

    Returns how many crossings were recorded. Raises SeedFailed when a check refers the entry, which would be
    a fault of this checkout.
    """
    ensure_partitions(actor=system_actor("seed"), at=at - STAYED, months_ahead=PARTITION_MONTHS)
    made = 0
    for scene in tell_story(at.date()):
        if scene.direction != Direction.EXIT or scene.document is None:
            continue
        inside = _is_inside(scene.document)
        if scene.expected.state == "CLEARED" and inside:
            _pass_booth(scene, scene.document, port=scene.port, direction=Direction.EXIT, at=at)
            made += 1
        elif scene.expected.state != "CLEARED" and not inside:
            _pass_booth(scene, scene.document, port=LAND_POST, direction=Direction.ENTRY, at=at - STAYED)
            made += 1
    return made


def _is_inside(document: DemoDocument) -> bool:
    known = TravelDocument.objects.filter(
        issuing_state=document.issuing_state,
        document_number=document.document_number,
        document_code=document.document_code,
    ).first()
    return (
        known is not None
        and open_stay_of(traveler_id=known.traveler_id, country_code=COUNTRY_CODE) is not None
    )


def _pass_booth(
    scene: Scene, document: DemoDocument, *, port: str, direction: Direction, at: datetime
) -> None:
    username, booth_code = FIRST_LINE[port]
    session = BoothSession(
        officer=User.objects.get(username=username).officer,
        booth=Booth.objects.select_related("port").get(port__code=port, code=booth_code),
    )
    actor = actor_of_session(session=session, at=at, origin="seed_demo")
    request = InspectionRequest(
        client_reference=f"seed-{scene.key}-{at:%Y%m%dT%H%M%S}",
        direction=direction.value,
        conveyance=scene.conveyance,
        purpose_of_travel="TOURISM",
        address_of_stay="Camping Larch Bridge",
        party_reference=f"seed-{scene.party}-{at:%Y%m%dT%H%M%S}" if scene.party else "",
        printed=printed_fields(document),
        page_image=page_image(scene),
        face_image=face_image(scene, live=CAPTURE_OF_EARLIER),
    )
    inspection, _ = open_inspection(actor=actor, at=at, request=request)
    process_inspection(inspection_id=inspection.id, clock=lambda: at)
    inspection = Inspection.objects.get(id=inspection.id)
    # who was left inside may be a child without the parent, whom the checks rightly refer
    if inspection.reasons and direction is Direction.ENTRY:
        codes = ", ".join(reason["code"] for reason in inspection.reasons)
        raise SeedFailed(f"{inspection.state}: {codes}")
    decide(actor=actor, at=at, inspection_id=inspection.id, outcome="CLEARED", reason=REASON)
