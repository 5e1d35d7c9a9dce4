"""Nothing in the admin adds, changes or deletes."""

from datetime import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from audit.admin import ReadOnlyModelAdmin
from borders.models import Booth, Crossing, Officer
from tests.db.factories import make_crossing

ADMINS = [pytest.param(a, id=m._meta.label_lower) for m, a in admin.site._registry.items()]


@pytest.mark.parametrize("model_admin", ADMINS)
def test_every_page_is_read_only(bob: Officer, model_admin: admin.ModelAdmin) -> None:
    request = RequestFactory().get("/")
    bob.user.is_staff = bob.user.is_superuser = True
    request.user = bob.user
    assert isinstance(model_admin, ReadOnlyModelAdmin)
    assert not model_admin.has_add_permission(request)
    assert not model_admin.has_change_permission(request)
    assert not model_admin.has_delete_permission(request)
    assert model_admin.get_actions(request) == {}
    assert model_admin.get_inlines(request, None) in ((), [])
    assert not model_admin.list_editable


@pytest.mark.parametrize("model_admin", ADMINS)
def test_add_page_is_refused_to_a_supervisor(bobs_browser: Client, model_admin: admin.ModelAdmin) -> None:
    label = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    assert bobs_browser.get(reverse(f"admin:{label}_add")).status_code == 403


@pytest.mark.parametrize("model_admin", ADMINS)
def test_nobody_without_a_sign_in_may_look(model_admin: admin.ModelAdmin) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert not model_admin.has_view_permission(request)


@pytest.fixture
def crossing(booth: Booth, alice: Officer, at: datetime) -> Crossing:
    return make_crossing(booth=booth, officer=alice, at=at)


def test_post_to_a_page_is_refused(bobs_browser: Client, crossing: Crossing) -> None:
    page = reverse("admin:borders_crossing_change", args=(crossing.id,))
    assert bobs_browser.post(page, {"direction": "EXIT"}).status_code == 405
    assert bobs_browser.post(reverse("admin:borders_crossing_changelist"), {"action": "x"}).status_code == 405


def test_delete_page_is_refused(bobs_browser: Client, crossing: Crossing) -> None:
    page = reverse("admin:borders_crossing_delete", args=(crossing.id,))
    assert bobs_browser.get(page).status_code == 403
    assert bobs_browser.post(page, {"post": "yes"}).status_code == 403
    assert Crossing.objects.filter(id=crossing.id).exists()


def test_django_s_own_history_is_closed(bobs_browser: Client, crossing: Crossing) -> None:
    assert bobs_browser.get(reverse("admin:borders_crossing_history", args=(crossing.id,))).status_code == 404
