"""One database set-up for the whole matrix: the world is made once, and every cell undoes what it did."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.template.response import SimpleTemplateResponse

from tests.db.permissions.world import World, build_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def fresh_sessions(world: World) -> None:
    """What a test has signed in is undone with the test."""
    world.clients.clear()


@pytest.fixture(autouse=True)
def unpainted_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not painted: who may see one is settled before, and painting takes most of the time."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
