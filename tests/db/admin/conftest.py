"""Browsers of the cast, and the sidebar that deploy/settings.py wires up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from borders.models import Officer
from borders.services.second_factor import STEPPED_UP

VERIFY, ENROL = "/admin/second-factor/", "/admin/second-factor/enrolment/"

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


def code_of(officer: Officer, *, ahead: int = 0) -> str:
    device = TOTPDevice.objects.filter(user=officer.user).latest("id")
    return f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits) + ahead:06d}"


def age_code(browser: Client, *, by_s: int = 3600) -> None:
    session = browser.session
    session[STEPPED_UP] = timezone.now().timestamp() - by_s
    session.save()


@pytest.fixture
def enrolled(bobs_browser: Client, bob: Officer) -> Client:
    """Bob's browser, in which he has just enrolled."""
    bobs_browser.get(ENROL)
    assert bobs_browser.post(ENROL, {"code": code_of(bob)}).status_code == 200
    TOTPDevice.objects.update(last_t=-1)  # a code is good once, and the next is half a minute away
    return bobs_browser


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
