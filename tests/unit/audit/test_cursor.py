"""Cursors that did not come from the list are refused, never followed and never an error of the server."""

import base64
import contextlib
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from audit.api.pagination import TimePagination
from audit.api.problems import Problem
from audit.models import AuditEntry


def ask(ordering: tuple[str, ...], **parameters: str) -> None:
    request = Request(APIRequestFactory().get("/", parameters))
    page = TimePagination()
    page.ordering = ordering
    if "cursor" in parameters:
        page._behind(parameters["cursor"])
    else:
        page.paginate_queryset(AuditEntry.objects.none(), request, SimpleNamespace(page_ordering=ordering))


def encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


ID = "0" * 32
FOREIGN = [
    ("", ("-id",)),
    ("%", ("-id",)),
    ("é", ("-id",)),
    (encode("\x00"), ("-id",)),
    (encode("not an id"), ("-id",)),
    (encode(f"2026-11-20T09:00:00+00:00~{ID}"), ("-id",)),
    (encode(ID), ("-at", "-id")),
    (encode(f"2026-11-20T09:00:00~{ID}"), ("-at", "-id")),
    (encode(f"yesterday~{ID}"), ("-at", "-id")),
    (encode(f"2026-11-20T09:00:00+00:00~2026-11-20T09:00:00+00:00~{ID}"), ("-at", "-id")),
]


@pytest.mark.parametrize(("cursor", "ordering"), FOREIGN)
def test_a_foreign_cursor_is_refused(cursor: str, ordering: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as refused:
        ask(ordering, cursor=cursor)
    assert refused.value.code == "cursor_invalid"


@given(st.text(max_size=80))
def test_any_text_as_a_cursor_is_taken_or_refused_by_name(cursor: str) -> None:
    with contextlib.suppress(Problem):
        ask(("-at", "-id"), cursor=cursor)


@pytest.mark.parametrize("size", ["0", "-1", "501", "9" * 50, "1.5", "ten", "", "٣"])
def test_a_page_size_that_is_no_number_in_range_is_refused(size: str) -> None:
    with pytest.raises(Problem) as refused:
        ask(("-id",), page_size=size)
    assert refused.value.code == "page_size_invalid"
