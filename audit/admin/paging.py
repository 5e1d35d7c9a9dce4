"""One page of a list by cursor: no COUNT, no OFFSET, so the ten-thousandth page costs what the first one does."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.text import capfirst
from unfold.views import ChangeList

AFTER = "after"
BEFORE = "before"
ORDER = "order"
OLDEST_FIRST = "oldest"
PORTS_MERGED = 64
WITH_THE_INDEX = frozenset({"since", "until", "port"})
PAGE_PARAMETERS = frozenset({AFTER, BEFORE, ORDER})


class CursorInvalid(ValueError):
    """The cursor in the address is not one that this list gave out."""


def encode_cursor(row: Model, fields: Sequence[str]) -> str:
    """Return where a row stands in its list. The fields hold times, codes and ids, never personal data: this goes into an URL."""
    values = [row._meta.get_field(name).value_to_string(row) for name in fields]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(model: type[Model], text: str, fields: Sequence[str]) -> list[Any]:
    """Return the values of a cursor. Raises CursorInvalid."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if (
            not isinstance(values, list)
            or len(values) != len(fields)
            or not all(isinstance(v, str) for v in values)
        ):
            raise CursorInvalid
        return [model._meta.get_field(name).to_python(v) for name, v in zip(fields, values, strict=True)]
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError, ValidationError, ValueError):
        raise CursorInvalid from None


def beyond(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition for the rows that follow a place in an ordering, in a form that an index on it answers."""
    name, value = ordering[0].removeprefix("-"), values[0]
    step = "lt" if ordering[0].startswith("-") else "gt"
    if len(ordering) == 1:
        return Q(**{f"{name}__{step}": value})
    same_or_beyond = Q(**{f"{name}__{step}e": value})
    return same_or_beyond & (Q(**{f"{name}__{step}": value}) | beyond(ordering[1:], values[1:]))


def turned(ordering: Sequence[str]) -> list[str]:
    """Return the ordering the other way round."""
    return [name[1:] if name.startswith("-") else f"-{name}" for name in ordering]


class CursorChangeList(ChangeList):
    """The change list of a ReadOnlyModelAdmin: its filters, what is being looked for, and one page of rows."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        admin = self.model_admin
        self.filter_specs, self.has_filters, self.has_active_filters = [], False, False
        self.find_term = admin.get_find_term(request)
        self.filterset = admin.get_filterset(request, self.root_queryset)
        known = PAGE_PARAMETERS | (set(self.filterset.base_filters) if self.filterset else set())
        if not known.issuperset(request.GET):
            # a misspelt filter would widen the list in silence, and a lookup of one's own would carry names in the URL
            raise DisallowedModelAdminLookup("This list has no such filter.")
        self.oldest_first = request.GET.get(ORDER) == OLDEST_FIRST
        rows = self.root_queryset
        if self.filterset is not None:
            rows = self.filterset.qs if self.filterset.form.is_valid() else rows.none()
        if self.find_term:
            rows = rows.filter(admin.find(self.find_term))
        return rows

    @property
    def filters_set(self) -> list[str]:
        """The names of the filters in use: never their values, which may be personal."""
        if self.filterset is None or not self.filterset.form.is_valid():
            return []
        given = self.filterset.form.cleaned_data
        return sorted(name for name, value in given.items() if value not in (None, "", []))

    def direction(self) -> list[str]:
        """Return the ordering of the list as it is shown."""
        ordering = list(self.model_admin.page_ordering)
        return turned(ordering) if self.oldest_first else ordering

    def get_results(self, request: HttpRequest) -> None:
        ordering = self.direction()
        fields = [name.removeprefix("-") for name in ordering]
        backwards = BEFORE in request.GET and AFTER not in request.GET
        direction = turned(ordering) if backwards else ordering
        rows = self.queryset
        cursor = request.GET.get(BEFORE if backwards else AFTER)
        if cursor:
            try:
                rows = rows.filter(beyond(direction, decode_cursor(self.model, cursor, fields)))
            except CursorInvalid:
                raise DisallowedModelAdminLookup("The page address is not one of this list.") from None
        page = self.read_page(request, rows, direction)
        more = len(page) > self.list_per_page
        page = page[: self.list_per_page]
        if backwards:
            page.reverse()
        has_next, has_previous = (True, more) if backwards else (more, bool(cursor))
        self.next_url = self.page_url({AFTER: encode_cursor(page[-1], fields)}) if page and has_next else None
        self.previous_url = (
            self.page_url({BEFORE: encode_cursor(page[0], fields)}) if page and has_previous else None
        )
        self.turnable = self.model_admin.page_ordering[0].startswith("-")
        self.first_url = self.page_url({})
        self.export_url = self.model_admin.export_url() + self.page_url({})
        self.order_url = self.page_url({ORDER: None if self.oldest_first else OLDEST_FIRST})
        self.result_list = page
        self.result_count = len(page)
        # nothing was counted, and equal numbers keep the heading from claiming a total
        self.full_result_count = len(page)
        self.show_full_result_count = False
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = False
        self.paginator = None

    def read_page(self, request: HttpRequest, rows: QuerySet[Any], direction: Sequence[str]) -> list[Any]:
        """Return the first rows in a direction, one more than a page holds, with their relations.

        An index on (port, time, id) gives the rows of one port in order, and those of several ports only port by port: so each
        port is asked for its first rows, and the first of these are read in full. With filters the planner does better alone.
        """
        admin, most = self.model_admin, self.list_per_page + 1
        ports = sorted(request.actor.port_ids)
        if rows.query.is_empty():
            return []
        plain = not self.find_term and WITH_THE_INDEX.issuperset(self.filters_set)
        if admin.port_column and plain and 1 < len(ports) <= PORTS_MERGED:
            fields = [name.removeprefix("-") for name in direction]
            parts = [
                rows.filter(**{admin.port_column: port}).order_by(*direction).values_list(*fields)[:most]
                for port in ports
            ]
            keys = list(parts[0].union(*parts[1:], all=True).order_by(*direction)[:most])
            if not keys:
                return []
            ends = {
                f"{fields[0]}__gte": min(k[0] for k in keys),
                f"{fields[0]}__lte": max(k[0] for k in keys),
            }
            rows = self.model._default_manager.filter(**ends, **{f"{fields[-1]}__in": [k[-1] for k in keys]})
        return list(admin.with_relations(rows.order_by(*direction))[:most])

    def page_url(self, changes: dict[str, str | None]) -> str:
        """Return the address of this list with the same filters on another page."""
        kept = {k: v for k, v in self.params.items() if k not in (AFTER, BEFORE) and k not in changes and v}
        return "?" + urlencode(kept | {k: v for k, v in changes.items() if v is not None})

    @property
    def page_title(self) -> str:
        return capfirst(self.opts.verbose_name_plural)
