"""One page of a list by cursor: no COUNT over the list, so the ten-thousandth page costs what the first one does.

A page is asked for outright first. Where that takes longer than DIRECT_MS, as it may for a rare value among millions of rows,
the list is looked through span by span, and after SPANS_S the page says how far it came and goes on from there: span by
span for as long as FURTHER_S a request where its script asks (static/audit/look-further.js).
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.text import capfirst
from unfold.views import ChangeList

from audit.admin.filters import narrowed

AFTER = "after"
BEFORE = "before"
ORDER = "order"
OLDEST_FIRST = "oldest"
DIRECT_MS = 80
FEW_MS = 150
SPANS_S = 0.07
# somebody who has a rare row looked for further sees how far it came each second, and can stop it
FURTHER_S = 1.0
LOOKS_FURTHER = "X-Look-Further"
SPAN_ROWS = 1000
SPAN_GROWTH = 4
QUERY_CANCELED = "57014"
SORT = "sort"
GROUP = "group"
PAGE_PARAMETERS = frozenset({AFTER, BEFORE, ORDER, SORT, GROUP})


@dataclass(frozen=True, slots=True)
class Sort:
    """One way to sort a list, by its own index, or by a column of few values: one group after the other, each in the usual order.

    ordering: ends in a unique field, and holds nothing personal; () for the usual order. column: lookup of the groups;
    values: the groups in their order, given the request.
    """

    title: str
    ordering: tuple[str, ...] = ()
    column: str = ""
    values: Callable[[HttpRequest], Sequence[Any]] = lambda request: ()


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


def beyond(ordering: Sequence[str], values: Sequence[Any], *, inclusive: bool = False) -> Q:
    """Return the condition for the rows that follow a place in an ordering, in a form that an index on it answers.

    inclusive: the row at the place itself belongs to them.
    """
    name, value = ordering[0].removeprefix("-"), values[0]
    step = "lt" if ordering[0].startswith("-") else "gt"
    if len(ordering) == 1:
        return Q(**{f"{name}__{step}{'e' if inclusive else ''}": value})
    same_or_beyond = Q(**{f"{name}__{step}e": value})
    further = beyond(ordering[1:], values[1:], inclusive=inclusive)
    return same_or_beyond & (Q(**{f"{name}__{step}": value}) | further)


def turned(ordering: Sequence[str]) -> list[str]:
    """Return the ordering the other way round."""
    return [name[1:] if name.startswith("-") else f"-{name}" for name in ordering]


def sorted_rows(rows: QuerySet[Any], ordering: Sequence[str]) -> QuerySet[Any]:
    """Return few rows in an order. The expression keeps the planner from an index of that order, along which it would look for
    them through the whole table.
    """
    name = ordering[0].removeprefix("-")
    plain = Coalesce(F(name), F(name))
    return rows.order_by(plain.desc() if ordering[0].startswith("-") else plain.asc(), *ordering[1:])


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """Have each statement within end after so long. Raises OperationalError (QUERY_CANCELED); nothing else is lost by it.

    None of them gets helpers: to start these takes longer than a page may.
    """
    names = ("statement_timeout", "max_parallel_workers_per_gather")
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    changed = ", ".join(f"set_config('{name}', %s, true)" for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}, {changed}", [str(milliseconds), "0"])
        before = cursor.fetchone()[: len(names)]
        yield
        cursor.execute(f"SELECT {changed}", before)


class CursorChangeList(ChangeList):
    """The change list of a ReadOnlyModelAdmin: its filters, what is being looked for, and one page of rows."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        admin = self.model_admin
        self.filter_specs, self.has_filters, self.has_active_filters = [], False, False
        self.actor = admin.actor_of(request)
        self.find_term = admin.get_find_term(request)
        self.filterset = admin.get_filterset(request, self.root_queryset)
        known = PAGE_PARAMETERS | (set(self.filterset.base_filters) if self.filterset else set())
        if not known.issuperset(request.GET):
            # a misspelt filter would widen the list in silence, and a lookup of one's own would carry names in the URL
            raise DisallowedModelAdminLookup("This list has no such filter.")
        self.oldest_first = request.GET.get(ORDER) == OLDEST_FIRST
        self.sort_name = request.GET.get(SORT, "")
        if self.sort_name and self.sort_name not in admin.sorts:
            raise DisallowedModelAdminLookup("This list has no such order.")
        self.sort: Sort | None = admin.sorts.get(self.sort_name)
        rows = self.root_queryset
        if self.filterset is not None:
            rows = self.filterset.qs if self.filterset.form.is_valid() else rows.none()
        if self.find_term:
            rows = narrowed(rows, admin.find(self.find_term))
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
        ordering = list((self.sort and self.sort.ordering) or self.usual_ordering())
        return turned(ordering) if self.oldest_first else ordering

    def usual_ordering(self) -> tuple[str, ...]:
        """Return the ordering that the filters in use bring with them, else that of the list."""
        orderings = self.model_admin.orderings
        for name in self.filters_set if orderings else ():
            found = orderings.get(f"{name}={self.params.get(name)}") or orderings.get(name)
            if found is not None:
                return found
        return self.model_admin.page_ordering

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Return the ways to sort: name, title, whether it is the one in use."""
        return [(name, sort.title, name == self.sort_name) for name, sort in self.model_admin.sorts.items()]

    def groups(self, request: HttpRequest) -> list[Q]:
        """Return the conditions of the groups, one after the other; a list that is not grouped is one group."""
        if self.sort is None or not self.sort.column:
            return [Q()]
        values = list(self.sort.values(request))
        if self.oldest_first:
            values.reverse()
        return [Q(**{self.sort.column: value}) for value in values] or [Q(pk__in=())]

    def get_results(self, request: HttpRequest) -> None:
        ordering = self.direction()
        fields = [name.removeprefix("-") for name in ordering]
        backwards = BEFORE in request.GET and AFTER not in request.GET
        direction = turned(ordering) if backwards else ordering
        rows = self.queryset
        cursor = request.GET.get(BEFORE if backwards else AFTER)
        place = None
        if cursor:
            try:
                place = decode_cursor(self.model, cursor, fields)
            except CursorInvalid:
                raise DisallowedModelAdminLookup("The page address is not one of this list.") from None
        self.searched_to: list[Any] | None = None
        grouped = self.read_groups(request, rows, direction, place, backwards=backwards)
        more = len(grouped) > self.list_per_page
        grouped = grouped[: self.list_per_page]
        if backwards:
            grouped.reverse()
        page = [row for _, row in grouped]
        # where the search stopped, a page goes on from there and not from its last row
        ends = [(n, encode_cursor(row, fields)) for n, row in (grouped[:1] + grouped[-1:])] or [(0, "")] * 2
        if self.searched_to is not None:
            stopped = self.model(**dict(zip(fields, self.searched_to, strict=True)))
            ends[0 if backwards else 1] = (self.searched_group, encode_cursor(stopped, fields))
        unfinished = self.searched_to is not None
        has_next, has_previous = (
            (bool(page), more or unfinished) if backwards else (more or unfinished, bool(cursor))
        )
        self.next_url = self.cursor_url(AFTER, ends[1]) if ends[1][1] and has_next else None
        self.previous_url = self.cursor_url(BEFORE, ends[0]) if ends[0][1] and has_previous else None
        self.turnable = self.sort is not None or self.usual_ordering()[0].startswith("-")
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

    def read_groups(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        direction: Sequence[str],
        place: list[Any] | None,
        *,
        backwards: bool,
    ) -> list[tuple[int, Any]]:
        """Return the first rows after a place, one more than a page holds, each with the number of its group."""
        groups = self.groups(request)
        first = len(groups) - 1 if backwards and not place else 0
        given = request.GET.get(GROUP, str(first))
        if not given.isdecimal() or not int(given) < len(groups):
            raise DisallowedModelAdminLookup("The page address is not one of this list.")
        numbers = range(int(given), -1, -1) if backwards else range(int(given), len(groups))
        found: list[tuple[int, Any]] = []
        for number in numbers:
            here = place if number == int(given) else None
            part = self.read_page(request, rows.filter(groups[number]), direction, here)
            found += [(number, row) for row in part]
            if self.searched_to is not None or len(found) > self.list_per_page:
                self.searched_group = number
                break
        return found[: self.list_per_page + 1]

    def read_page(
        self, request: HttpRequest, rows: QuerySet[Any], direction: Sequence[str], place: list[Any] | None
    ) -> list[Any]:
        """Return the first rows of a direction after a place, one more than a page holds, with their relations."""
        admin, most = self.model_admin, self.list_per_page + 1
        if rows.query.is_empty():
            return []
        following = rows.filter(beyond(direction, place)) if place else rows
        ports = self.ports = sorted(admin.actor_of(request).port_ids)
        columns = admin.port_columns
        several = 1 < len(ports) * len(columns) <= admin.ports_merged
        usual = self.sort is None or not self.sort.ordering
        if (
            columns
            and usual
            and self.usual_ordering() == admin.page_ordering
            and not self.find_term
            and admin.indexed_filters.issuperset(self.filters_set)
        ):
            if several:
                return self.read_merged(following, direction, ports, most)
            if len(ports) == len(columns) == 1:
                return list(admin.with_relations(following.order_by(*direction))[:most])
        spread = ports if several else []
        if LOOKS_FURTHER in request.headers:
            return self.read_in_spans(rows, direction, place, spread, most, FURTHER_S)
        few = getattr(rows.query, "few_rows", False)
        try:
            with at_most(FEW_MS if few else DIRECT_MS):
                if few:
                    return self.read_by_keys(sorted_rows(following, direction), direction, most)
                return list(admin.with_relations(following.order_by(*direction))[:most])
        except OperationalError as failure:
            if getattr(failure.__cause__, "sqlstate", "") != QUERY_CANCELED:
                raise
        return self.read_in_spans(rows, direction, place, spread, most, SPANS_S)

    def read_merged(
        self, rows: QuerySet[Any], direction: Sequence[str], ports: Sequence[Any], most: int
    ) -> list[Any]:
        """Return the first rows at several ports, or at one that several columns may name.

        An index on (port, time, id) gives the rows of one port in order, and those of several ports only port by port: so
        each port is asked for its first rows, and the first of these are read in full.
        """
        # a row that names one port twice comes once
        one_column = len(self.model_admin.port_columns) == 1
        parts = self.part_by_port(rows, direction, ports, slice(most))
        return self.read_by_keys(
            parts[0].union(*parts[1:], all=one_column).order_by(*direction), direction, most
        )

    def part_by_port(
        self, rows: QuerySet[Any], direction: Sequence[str], ports: Sequence[Any], part: slice
    ) -> list[QuerySet[Any]]:
        """Return where a part of the rows of each port and port column stands, one query each."""
        fields = [name.removeprefix("-") for name in direction]
        return [
            rows.filter(**{column: port}).order_by(*direction).values_list(*fields)[part]
            for port in ports
            for column in self.model_admin.port_columns
        ]

    def read_by_keys(self, rows: QuerySet[Any], direction: Sequence[str], most: int) -> list[Any]:
        """Return the first of these rows in full: first where they stand, then what belongs to them."""
        fields = [name.removeprefix("-") for name in direction]
        keys = list(rows.values_list(*fields)[:most])
        if not keys:
            return []
        # the time leads to their partitions; put in order here: given an order and a limit, the planner would walk along it
        wanted = {f"{fields[0]}__in": [k[0] for k in keys], f"{fields[-1]}__in": [k[-1] for k in keys]}
        found = self.model_admin.with_relations(self.model._default_manager.filter(**wanted))
        by_id = {getattr(row, fields[-1]): row for row in found}
        return [by_id[key[-1]] for key in keys if key[-1] in by_id]

    def read_in_spans(
        self,
        rows: QuerySet[Any],
        direction: Sequence[str],
        place: list[Any] | None,
        ports: Sequence[Any],
        most: int,
        seconds: float,
    ) -> list[Any]:
        """Look through the list in spans of so many rows until the page is full, the list ends, or the time is up.

        Then `searched_to` says how far it came.
        """
        begun, size = time.monotonic(), SPAN_ROWS
        found: list[Any] = []
        while True:
            span_begun = time.monotonic()
            end = self.end_of_span(direction, place, ports, size)
            span = rows.filter(beyond(direction, place)) if place else rows
            if end is not None:
                span = span.filter(beyond(turned(direction), end, inclusive=True))
            ordered = self.model_admin.with_relations(span.order_by(*direction))
            found += ordered[: most - len(found)]
            if end is None or len(found) >= most:
                return found
            place = list(end)
            now = time.monotonic()
            left = seconds - (now - begun)
            if (now - span_begun) * SPAN_GROWTH > left:
                if now - span_begun > left:
                    self.searched_to = place
                    return found
            else:
                size *= SPAN_GROWTH

    def end_of_span(
        self, direction: Sequence[str], place: list[Any] | None, ports: Sequence[Any], size: int
    ) -> tuple[Any, ...] | None:
        """Return the place before which lie at most `size` rows of the actor's ports, None when fewer are left."""
        admin = self.model_admin
        fields = [name.removeprefix("-") for name in direction]
        # of the plain table where no index leads by these ports: rows of other ports count as looked through too
        by_port = bool(ports) or len(admin.port_columns) == len(self.ports) == 1
        rows = self.root_queryset if by_port else self.model._default_manager.all()
        rows = rows.filter(beyond(direction, place)) if place else rows
        if not ports:
            return next(iter(rows.order_by(*direction).values_list(*fields)[size : size + 1]), None)
        share = max(1, size // (len(ports) * len(admin.port_columns)))
        parts = self.part_by_port(rows, direction, ports, slice(share, share + 1))
        return next(iter(parts[0].union(*parts[1:], all=True).order_by(*direction)[:1]), None)

    def cursor_url(self, step: str, end: tuple[int, str]) -> str:
        """Return the address of the page on one side of a row. end: number of the row's group, and its cursor."""
        return self.page_url({step: end[1], GROUP: str(end[0]) if end[0] else None})

    def page_url(self, changes: dict[str, str | None]) -> str:
        """Return the address of this list with the same filters on another page."""
        kept = {
            k: v for k, v in self.params.items() if k not in (AFTER, BEFORE, GROUP) and k not in changes and v
        }
        return "?" + urlencode(kept | {k: v for k, v in changes.items() if v is not None})

    @property
    def searched_words(self) -> str:
        """Return how far the search came, where the list goes by time."""
        reached = self.searched_to[0] if self.searched_to else None
        return f"{reached.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(reached, datetime) else ""

    @property
    def page_title(self) -> str:
        return capfirst(self.opts.verbose_name_plural)


class UnreadChangeList(CursorChangeList):
    """The same list without its page of rows: an export form shows nobody, and the file reads its rows itself."""

    def get_results(self, request: HttpRequest) -> None:
        self.result_list: list[Any] = []
        self.result_count = self.full_result_count = 0
