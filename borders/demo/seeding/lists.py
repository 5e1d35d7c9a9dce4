"""The watchlists of the demo: proposed by their owner, activated by a supervisor."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, system_actor
from biometrics.models import CapturedImage
from biometrics.services.faces import make_template
from biometrics.services.images import load_image, store_image
from borders.demo.lists import FACES_SOUGHT, DemoList, make_lists
from borders.demo.portraits import live_capture
from watchlists.models import Watchlist
from watchlists.services import ProposedEntry, activate_version, create_watchlist, propose_version
from watchlists.services.self_test import propose_test_list, run_self_test

# the capture of which the tracing unit has a picture; no scene shows the same one to a booth
PICTURE_ON_FILE = 1


@transaction.atomic
def seed_lists(*, owner: Actor, approver: Actor, at: datetime) -> int:
    """Make the lists that are missing, each with its first version in force; return how many."""
    present = set(Watchlist.objects.values_list("name", flat=True))
    # the templates cost a network, so they are made only when a list is
    if {
        wanted.name for wanted in make_lists(at=at, faces=dict.fromkeys(FACES_SOUGHT, UUID(int=0)))
    } <= present:
        return 0
    faces = {face: _template_of(owner, at, face) for face in FACES_SOUGHT}
    missing = [wanted for wanted in make_lists(at=at, faces=faces) if wanted.name not in present]
    for wanted in missing:
        _seed_list(owner, approver, at, wanted)
    return len(missing)


@transaction.atomic
def seed_test_list(*, owner: Actor, approver: Actor, at: datetime) -> int:
    """Put the made-up persons of the self-test in force where none are, and test at once; return how many lists.

    The operating point of name screening must be in force.
    """
    if Watchlist.objects.filter(is_test=True, active_version__isnull=False).exists():
        return 0
    version = propose_test_list(actor=owner, at=at)
    activate_version(actor=approver, at=at, version_id=version.id)
    # a test of before, when there was nothing to test, would stand for a day
    run_self_test(actor=system_actor("seed"), at=at)
    return 1


def _seed_list(owner: Actor, approver: Actor, at: datetime, wanted: DemoList) -> None:
    watchlist = create_watchlist(
        actor=owner,
        at=at,
        name=wanted.name,
        kind=wanted.kind,
        owner_unit=wanted.owner_unit,
        legal_basis=wanted.legal_basis,
    )
    version = propose_version(
        actor=owner, at=at, watchlist=watchlist, entries=wanted.entries, sha256=_fingerprint(wanted.entries)
    )
    activate_version(actor=approver, at=at, version_id=version.id)


def _fingerprint(entries: Sequence[ProposedEntry]) -> str:
    return hashlib.sha256(repr(entries).encode()).hexdigest()


def _template_of(owner: Actor, at: datetime, face: str) -> UUID:
    image = store_image(
        actor=owner, at=at, content=live_capture(face, PICTURE_ON_FILE), kind=CapturedImage.Kind.FACE
    )
    return make_template(image=image, image_bgr=load_image(image=image), at=at).id
