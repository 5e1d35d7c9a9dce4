"""Every address of the API, found by walking the URL configuration, so that a new one is covered on the day it is born."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import RequestFactory
from django.urls import URLPattern
from rest_framework.test import APIClient

from borders.api import urls
from borders.api.failures import server_error

# gives the token that all others ask for; a terminal has nothing else yet, and a system proves itself by its own secret
PUBLIC = {
    *(
        ("sessions/", "post"),
        ("devices/", "post"),
        ("devices/challenge/", "get"),
        ("devices/challenge/", "head"),
    ),
    *(("oauth/token/", "post"), ("oauth/revocation/", "post")),
}
DOORS = {path for path, _ in PUBLIC}
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
PARAMETERS = {"id": "01890000-0000-7000-8000-00000000dead", "kind": "page"}


def addresses() -> Iterator[tuple[str, str]]:
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern), "an included URL configuration is to be walked too"
        path = str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            kind = {"UUIDConverter": "uuid", "StringConverter": "str"}[type(converter).__name__]
            path = path.replace(f"<{kind}:{name}>", PARAMETERS[name])
        for method in METHODS:
            yield path, method


def test_the_walk_finds_the_addresses_of_the_contract() -> None:
    found = {path.replace(PARAMETERS["id"], "{id}") for path, _ in addresses()}
    assert found >= {
        "sessions/",
        "sessions/current/",
        "schema/",
        "inspections/",
        "inspections/{id}/",
        "inspections/{id}/decision/",
        "inspections/{id}/correction/",
        "inspections/{id}/images/page/",
        "crossings/",
        "crossings/{id}/",
        "stays/",
        "stays/{id}/",
        "travelers/",
        "travelers/{id}/",
        "documents/",
        "documents/{id}/",
        "watchlist-entries/",
        "watchlist-entries/{id}/",
        "hits/",
        "hits/{id}/",
        "hits/{id}/claim/",
        "hits/{id}/adjudication/",
        "referrals/",
        "referrals/{id}/",
        "referrals/{id}/acknowledgement/",
        "referrals/{id}/closure/",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), [a for a in addresses() if a not in PUBLIC])
def test_nothing_answers_without_sign_in(path: str, method: str) -> None:
    response = getattr(APIClient(), method)(f"/api/v1/{path}")
    allowed = (401, 405) if path in DOORS else (401,)
    assert response.status_code in allowed
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \xff", "Bearer a b", f"Bearer {'x' * 5000}"]
)
def test_a_token_that_is_none_is_refused(header: str) -> None:
    response = APIClient().get("/api/v1/inspections/", HTTP_AUTHORIZATION=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_an_address_that_does_not_exist_is_a_problem_document(as_alice: APIClient) -> None:
    for path in ("nothing/", "inspections/not-an-id/", f"inspections/{uuid4()}/nothing/", ""):
        response = as_alice.get(f"/api/v1/{path}")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_records_are_changed_by_named_acts_only(as_alice: APIClient, method: str) -> None:
    response = getattr(as_alice, method)(f"/api/v1/crossings/{uuid4()}/")
    assert response.status_code == 405


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/inspections/", "application/problem+json"), ("/admin/", "text/html")]
)
def test_a_failure_of_the_server_is_told_in_the_form_that_the_client_reads(path: str, kind: str) -> None:
    response = server_error(RequestFactory().get(path))
    assert response.status_code == 500
    assert response["Content-Type"].startswith(kind)
