"""A traveller who has crossed with everything that the system keeps of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from audit.core.actor import Actor, Role, system_actor
from biometrics.core.envelope import Kind
from biometrics.models import Template
from biometrics.services.galleries import forget_projections
from biometrics.services.keys import seal_for
from borders.models import Crossing, Inspection, PortOfEntry, Stay
from borders.services.decisions import decide
from tests.db.conftest import make_officer

SWEEP = system_actor("sweep")


@dataclass
class Passed:
    """One crossing and its inspection."""

    inspection: Inspection
    crossing: Crossing
    stay: Stay
    vector: np.ndarray


Pass = Callable[..., Passed]


@pytest.fixture(autouse=True)
def _stores_of_this_test(settings, tmp_path: Path) -> None:
    settings.MASTER_KEY_FILE = tmp_path / "keys" / "master"
    settings.KEY_STORE_FILE = tmp_path / "keys" / "subjects"
    settings.ERASURE_REGISTER_FILE = tmp_path / "keys" / "erasures.jsonl"
    settings.IMAGE_STORE_DIR = tmp_path / "images"
    settings.GALLERY_DIR = tmp_path / "galleries"
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.EXPORT_DIR = tmp_path / "exports"
    forget_projections()


@pytest.fixture
def dora(airport: PortOfEntry, actor_of) -> Actor:
    """The data protection officer."""
    return actor_of(make_officer("dora", "UT-0090", airport, Role.DATA_PROTECTION))


@pytest.fixture
def david(airport: PortOfEntry, actor_of) -> Actor:
    """The second data protection officer."""
    return actor_of(make_officer("david", "UT-0091", airport, Role.DATA_PROTECTION))


@pytest.fixture
def passes(ready, png, alice_here: Actor, at: datetime, operating_points) -> Pass:
    """passes(when=…, **changes): Anna is inspected with a face, found by its template, and cleared."""

    def make(*, when: datetime = at, seed: int = 1, **changes) -> Passed:
        inspection = ready(when=when, face_image=png(seed), address_of_stay="12 Harbour Road", **changes)
        vector = np.random.default_rng(seed).standard_normal(128).astype("<f4")
        image = inspection.face_image
        octets = seal_for(
            vector.tobytes(), key=image.subject_key, kind=Kind.TEMPLATE, item=image.id, model="sface 1"
        )
        template = Template.objects.create(
            image=image, engine="sface", engine_version="1", vector=octets, subject_key=image.subject_key,
            dimension=128, face_count=1, box=[1, 2, 3, 4], quality={"defects": []}, created_at=when,
        )  # fmt: skip
        Inspection.objects.filter(id=inspection.id).update(live_template=template)
        decide(
            actor=alice_here,
            at=when + timedelta(seconds=20),
            inspection_id=inspection.id,
            outcome="CLEARED",
            reason="Seen and cleared",
        )
        inspection.refresh_from_db()
        crossing = Crossing.objects.get(id=inspection.crossing_id)
        stay = Stay.objects.filter(traveler=crossing.traveler).order_by("-id")[0]
        return Passed(inspection, crossing, stay, vector)

    return make
