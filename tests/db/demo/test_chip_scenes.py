"""The scenes with chips come out as the story says, through the real steps."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from borders.core.requests import InspectionRequest
from borders.demo.chips import ChipKind
from borders.demo.documents import printed_fields
from borders.demo.images import chip_upload, face_image, page_image
from borders.demo.places import FIRST_LINE
from borders.demo.seeding.places import demo_actor
from borders.demo.story import Scene, tell_story
from borders.models import Booth
from borders.services.inspections import open_inspection
from borders.services.pipeline import process_inspection
from travelers.core.chip import ActiveAuthenticationEvidence, ChipFiles

NOW = datetime.now(UTC)
SCENES = tuple(scene for scene in tell_story(NOW.date()) if scene.chip is not ChipKind.NONE)


def request_of(scene: Scene) -> InspectionRequest:
    upload = chip_upload(scene)
    parts = upload.parts
    evidence = {k: bytes.fromhex(v) for k, v in upload.evidence["active_authentication"].items()}
    return InspectionRequest(
        scene.key,
        scene.direction,
        conveyance=scene.conveyance,
        purpose_of_travel=scene.purpose,
        address_of_stay=scene.address,
        printed=printed_fields(scene.document),
        page_image=page_image(scene),
        face_image=face_image(scene),
        chip=ChipFiles(
            parts["ef_sod"],
            parts["ef_com"],
            {int(name[2:]): content for name, content in parts.items() if name.startswith("dg")},
            ActiveAuthenticationEvidence(**evidence),
        ),
    )


@pytest.mark.django_db
def test_the_chip_scenes_are_as_told(tmp_path, settings):
    settings.BMIS_DATA_DIR = tmp_path
    call_command("seed_demo")
    told = {}
    for scene in SCENES:
        username, code = FIRST_LINE[scene.port]
        booth = Booth.objects.get(code=code)
        actor = replace(demo_actor(username=username, at=NOW), booth_id=booth.id)
        inspection, _ = open_inspection(actor=actor, at=NOW, request=request_of(scene))
        process_inspection(inspection_id=inspection.id, clock=lambda: NOW)
        inspection.refresh_from_db()
        told[scene.key] = (inspection.advice, {reason["code"] for reason in inspection.reasons})
    assert told == {scene.key: (scene.expected.advice.value, set(scene.expected.codes)) for scene in SCENES}
