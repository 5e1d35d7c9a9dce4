"""Pages by cursor: the same cost on page one and on page one million, and no row shown twice while new ones arrive."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from audit.api.cursors import open_cursor, seal_cursor
from audit.api.problems import Problem
from audit.core.times import read_moment

_SEPARATOR = "~"


class TimePagination(BasePagination):
    """Newest first, page after page. A view names its order in `page_ordering`: ("-<time>", "-id") or ("-id",); where the time is
    a date it says so in `page_by_date`.

    The cursor is the place of the last row shown, not a count of rows: the next page begins behind it,
    whatever was added meanwhile. A national system gets it sealed (cursors.py): its terms may keep time and id to us.
    """

    page_size = 50
    max_page_size = 500
    sealed_for = ""
    by_date = False

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.request = request
        sharing = getattr(request.auth, "sharing", None)
        self.sealed_for = "" if sharing is None else f"{sharing.partner}\0{type(view).__qualname__}"
        self.ordering: Sequence[str] = getattr(view, "page_ordering", ("-id",))
        self.by_date = getattr(view, "page_by_date", False)
        if self.ordering not in (("-id",), (self.ordering[0], "-id")) or not self.ordering[0].startswith("-"):
            raise TypeError("page_ordering must be ('-<time>', '-id') or ('-id',)")
        size = self.get_page_size(request)
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(self._behind(cursor))
        rows = list(queryset.order_by(*self.ordering)[: size + 1])
        self.has_next = len(rows) > size
        self.page = rows[:size]
        return self.page

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(self.page_size))
        if not (
            text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= self.max_page_size
        ):
            raise Problem("page_size_invalid", 400, f"page_size is a number from 1 to {self.max_page_size}.")
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.get_next_link(), "results": data})

    def get_next_link(self) -> str | None:
        if not self.has_next:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "cursor", self._cursor(self.page[-1]))

    def _cursor(self, row: Any) -> str:
        parts = [row.id.hex]
        if len(self.ordering) == 2:
            parts.insert(0, getattr(row, self.ordering[0][1:]).isoformat())
        place = _SEPARATOR.join(parts).encode()
        if self.sealed_for:
            place = seal_cursor(place, belonging=self.sealed_for)
        return base64.urlsafe_b64encode(place).decode().rstrip("=")

    def _behind(self, cursor: str) -> Q:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            place = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
            if self.sealed_for:
                place = open_cursor(place, belonging=self.sealed_for)
            *times, row_id = place.decode("ascii").split(_SEPARATOR)
            behind = UUID(row_id)
            moments = [date.fromisoformat(t) if self.by_date else read_moment(t) for t in times]
            if len(moments) != len(self.ordering) - 1:
                raise ValueError("a cursor of another list")
        except (ValueError, binascii.Error):
            raise Problem("cursor_invalid", 400, "The cursor does not come from this list.") from None
        if not moments:
            return Q(id__lt=behind)
        name = self.ordering[0][1:]
        # the first condition alone bounds the index scan
        return Q(**{f"{name}__lte": moments[0]}) & (Q(**{f"{name}__lt": moments[0]}) | Q(id__lt=behind))

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "From `next` of the page before.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_page_size,
                    "default": self.page_size,
                },
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": "string",
                    "format": "uri",
                    "nullable": True,
                    "description": "Address of the next page; null on the last one.",
                },
                "results": schema,
            },
        }
