"""Ask one address as one person, and say in one letter what happened."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.db.permissions.walk import Address
from tests.db.permissions.world import World

# differs from answer to answer by itself: the policy holds a nonce
UNALIKE = ("Content-Length", "Date", "Content-Security-Policy")
# an id of the request that is given comes back as it is; one that is made up differs from answer to answer
HEADERS = {"X-Request-ID": "permission-matrix"}
# of services and pages: the person may come in, and what they send or wish is then judged
JUDGED = ("role_required", "scope_required", "not_assigned", "permission_denied")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. letter: y let in, . refused, 0 as absent, x no such method, - sign in first, ! broken."""

    letter: str
    status: int
    body: bytes = b""
    listed: frozenset[str] = field(default_factory=frozenset)
    headers: tuple[tuple[str, str], ...] = ()


def url_of(world: World, address: Address, *, absent: bool = False) -> str:
    values = world.values_of(address.name, address.parameters, absent)
    try:
        return reverse(address.name, kwargs=values) if values else reverse(address.name)
    except NoReverseMatch:
        return "/" + address.route.rstrip("$")


def ask(client: Client, method: str, url: str) -> Answer:
    """Send one request and undo all that it did."""
    with asked(client, method, url) as response:
        return judge(response)


@contextmanager
def asked(
    client: Client, method: str, url: str, data: Mapping[str, str] | None = None
) -> Iterator[HttpResponse]:
    """Send one request; within, what it did can be read, and behind it all of that is undone."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        body = {"format": "json"} if "/api/" in url and method not in ("GET", "HEAD") else {}
        yield getattr(client, method.lower())(url, data, headers=HEADERS, **body)
        transaction.set_rollback(True)
    client.cookies = cookies


def judge(response: HttpResponse) -> Answer:
    status = response.status_code
    body = b"" if response.streaming else response.content
    headers = tuple(sorted((k, v) for k, v in response.items() if k not in UNALIKE))
    return Answer(_letter(response, status, body), status, body, _listed(response), headers)


def _letter(response: Any, status: int, body: bytes) -> str:
    if status >= 500:
        return "!"
    if status == 401 or (status in (302, 204) and _to_sign_in(response)):
        return "-"
    if status == 403:
        told = body and "problem" in response.get("Content-Type", "")
        code = response.json().get("code") if told else ""
        return "." if not code or code in JUDGED else "y"
    return {404: "0", 405: "x"}.get(status, "y")


def _to_sign_in(response: HttpResponse) -> bool:
    target = response.get("Location", "") or response.get("HX-Redirect", "")
    # the desk sends whoever wants to leave without having come in to its first page, which asks for a sign-in; its page of
    # sign-in sends only those there who have come in
    leaves = target == "/admin/" and response.request["PATH_INFO"] != "/admin/login/"
    return leaves or target.startswith(("/admin/login/", "/booth/sign-in/"))


def _listed(response: Any) -> frozenset[str]:
    """Return the ids in the rows of a page of the admin."""
    context = getattr(response, "context_data", None) or {}
    return frozenset(str(row.pk) for row in context["cl"].result_list) if "cl" in context else frozenset()
