"""Browsers of the cast, and the sidebar that deploy/settings.py wires up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from borders.models import Officer

SignIn = Callable[..., Client]

# of every page at a desk: its savepoint and what keeps a session short, opened and closed
DESK_QUERIES = 4


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """sign_in(officer, staff=True): a browser in which an officer is signed in."""

    def browser(officer: Officer, *, staff: bool = True) -> Client:
        officer.user.is_staff = staff
        officer.user.save(update_fields=("is_staff",))
        client = Client()
        client.force_login(officer.user)
        return client

    return browser


@pytest.fixture
def bobs_browser(sign_in: SignIn, bob: Officer) -> Client:
    return sign_in(bob)


@pytest.fixture
def charlies_browser(sign_in: SignIn, charlie: Officer) -> Client:
    return sign_in(charlie)


@pytest.fixture
def plain_supervisor(bob: Officer) -> Officer:
    """Bob while he owns no list."""
    bob.assignments.filter(role="LIST_OWNER").delete()
    return bob


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
