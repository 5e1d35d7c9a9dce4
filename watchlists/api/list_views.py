"""Lists and their versions to read and decide, changes to propose, and screenings for national systems."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.parsers import StrictJSONParser
from audit.api.problems import Problem
from audit.api.views import AuditedReadViewSet, shown_fields, within_reach
from audit.core.actor import Actor, Role
from audit.core.sharing import Scope, Sharing
from watchlists.api.filters import ScreeningFilter, WatchlistFilter, WatchlistVersionFilter
from watchlists.api.list_serializers import (
    ChangesInputSerializer,
    ChangesSerializer,
    EmergencyInputSerializer,
    EntryInputSerializer,
    ScreeningAnswerSerializer,
    ScreeningInputSerializer,
    ScreeningSerializer,
    VersionDecisionInputSerializer,
    WatchlistSerializer,
    WatchlistVersionSerializer,
)
from watchlists.core.exceptions import Presented
from watchlists.core.proposals import ProposalRefused, ProposedEntry
from watchlists.models import Screening, Watchlist, WatchlistVersion
from watchlists.queries import ADJUDICATORS, READERS_OF_ENTRIES
from watchlists.services import (
    ListRefused,
    activate_version,
    confirm_emergency,
    end_emergency,
    propose_changes,
    raise_emergency,
    reject_version,
)
from watchlists.services.screening import screen_presented
from watchlists.services.withheld import write_withheld_hits

READERS = frozenset(READERS_OF_ENTRIES)
CHANGES_MAX_BYTES = 4 << 20
_STATUS_OF_REFUSAL = {
    "role_required": 403,
    "person_required": 403,
    "bad_reference": 400,
    "too_many_rows": 400,
}
_DETAIL_OF_REFUSAL = {
    "role_required": "This act needs another role.",
    "second_person_required": "Another person than the proposer must decide.",
    "not_proposed": "The version is decided already.",
    "version_pruned": "What the version held is gone: the list's period for it was over.",
    "stale_proposal": "The changes were proposed for a version that is no longer in force.",
    "reference_reused": "The reference was sent before, with other rows.",
    "reason_required": "The decision needs a reason.",
}


class ChangesParser(StrictJSONParser):
    """JSON of many rows."""

    max_bytes = CHANGES_MAX_BYTES


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ListRefused as refused:
        detail = _DETAIL_OF_REFUSAL.get(refused.code, "The act cannot be done.")
        raise Problem(refused.code, _STATUS_OF_REFUSAL.get(refused.code, 409), detail) from refused
    except ProposalRefused as refused:
        raise Problem(
            "entry_refused",
            400,
            "The entry cannot stand in a list.",
            field=refused.field,
            reason=refused.code,
        ) from refused


@extend_schema_view(
    list=extend_schema(summary="List watchlists"),
    retrieve=extend_schema(summary="Show one watchlist"),
)
class WatchlistViewSet(AuditedReadViewSet):
    object_type = "watchlist"
    page_ordering = ("-id",)
    serializer_class = WatchlistSerializer
    filterset_class = WatchlistFilter
    required_roles: ClassVar = dict.fromkeys(("list", "retrieve", "changes", "emergencies"), READERS)
    required_scopes: ClassVar = {"changes": Scope.LISTS_PROPOSE}
    problem_codes: ClassVar = {
        "changes": {409: ("reference_reused",), 403: ("person_required",)},
        "emergencies": {400: ("entry_refused",), 403: ("person_required",)},
    }

    def scoped_queryset(self, actor: Actor) -> QuerySet[Watchlist]:
        return Watchlist.objects.filter(is_test=False).select_related("active_version")

    def shared_rows(self, rows: QuerySet[Watchlist], sharing: Sharing) -> QuerySet[Watchlist]:
        return rows.filter(name__in=sharing.lists)

    @extend_schema(
        summary="Put and take off entries of a list, as one proposed version",
        request=ChangesInputSerializer,
        responses=ChangesSerializer,
    )
    @action(detail=True, methods=["post"], parser_classes=[ChangesParser])
    def changes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        watchlist = self.get_object()
        given = ChangesInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        puts = [_row(row, index, watchlist) for index, row in enumerate(given.validated_data["entries"])]
        with _refusals():
            made = propose_changes(
                actor=self.actor,
                at=self.at,
                watchlist=watchlist,
                reference=given.validated_data["reference"],
                puts=puts,
                deletions=given.validated_data["deletions"],
            )
        code = status.HTTP_200_OK if made.repeated or made.version is None else status.HTTP_201_CREATED
        return Response(ChangesSerializer(made).data, status=code)

    @extend_schema(
        summary="Put one entry in force at once, for 24 hours",
        request=EmergencyInputSerializer,
        responses={201: WatchlistVersionSerializer},
    )
    @action(detail=True, methods=["post"], url_path="emergency-entries")
    def emergencies(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        watchlist = self.get_object()
        outer = EmergencyInputSerializer(data=request.data)
        outer.is_valid(raise_exception=True)
        row = EntryInputSerializer(data=request.data["entry"])
        row.is_valid(raise_exception=True)
        with _refusals():
            version = raise_emergency(
                actor=self.actor, at=self.at, watchlist=watchlist, entry=row.entry(watchlist)
            )
        return Response(WatchlistVersionSerializer(version).data, status=status.HTTP_201_CREATED)


def _row(row: dict[str, Any], index: int, watchlist: Watchlist) -> ProposedEntry | ProposalRefused:
    """Return a row as an entry, or why it is none: the first field at fault and its code."""
    given = EntryInputSerializer(data=row)
    if given.is_valid():
        return given.entry(watchlist)
    field, code = next(_faults(given.errors))
    return ProposalRefused(code, index, field)


def _faults(errors: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from _faults(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(errors, list):
        for index, inner in enumerate(errors):
            nested = isinstance(inner, dict | list)
            yield from _faults(inner, f"{field}.{index}" if nested else field)
    else:
        yield field, str(getattr(errors, "code", "invalid"))


@extend_schema_view(
    list=extend_schema(summary="List versions of watchlists"),
    retrieve=extend_schema(summary="Show one version"),
)
class WatchlistVersionViewSet(AuditedReadViewSet):
    object_type = "watchlist_version"
    page_ordering = ("-proposed_at", "-id")
    serializer_class = WatchlistVersionSerializer
    filterset_class = WatchlistVersionFilter
    required_roles: ClassVar = dict.fromkeys(
        ("list", "retrieve", "activation", "rejection", "confirmation", "ending"), READERS
    )
    problem_codes: ClassVar = {
        act: {
            403: ("person_required",),
            409: ("second_person_required", "not_proposed", "stale_proposal", "version_pruned"),
        }
        for act in ("activation", "rejection", "confirmation", "ending")
    }

    def scoped_queryset(self, actor: Actor) -> QuerySet[WatchlistVersion]:
        versions = WatchlistVersion.objects.filter(watchlist__is_test=False)
        return versions.select_related("watchlist", "proposed_by__officer", "approved_by__officer")

    @extend_schema(
        summary="Put a proposed or superseded version in force",
        request=VersionDecisionInputSerializer,
        responses=WatchlistVersionSerializer,
    )
    @action(detail=True, methods=["post"])
    def activation(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._decide(request, activate_version)

    @extend_schema(
        summary="Turn a proposed version down",
        request=VersionDecisionInputSerializer,
        responses=WatchlistVersionSerializer,
    )
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._decide(request, reject_version)

    @extend_schema(
        summary="Take an emergency entry into the list",
        request=VersionDecisionInputSerializer,
        responses=WatchlistVersionSerializer,
    )
    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._decide(request, confirm_emergency)

    @extend_schema(
        summary="End an emergency entry",
        request=VersionDecisionInputSerializer,
        responses=WatchlistVersionSerializer,
    )
    @action(detail=True, methods=["post"])
    def ending(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._decide(request, end_emergency)

    def _decide(self, request: Request, service: Callable[..., WatchlistVersion]) -> Response:
        version = self.get_object()
        given = VersionDecisionInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with _refusals():
            service(
                actor=self.actor, at=self.at, version_id=version.id, reason=given.validated_data["reason"]
            )
        return self.answer(self.get_object())


@extend_schema_view(
    list=extend_schema(summary="List screenings at the actor's ports, without what they found"),
    retrieve=extend_schema(summary="Show which lists one screening searched, without what it found"),
)
class ScreeningViewSet(AuditedReadViewSet):
    object_type = "screening"
    page_ordering = ("-id",)
    serializer_class = ScreeningSerializer
    filterset_class = ScreeningFilter
    required_roles: ClassVar = dict.fromkeys(("list", "retrieve", "create"), frozenset(ADJUDICATORS))
    required_scopes: ClassVar = {"create": Scope.SCREENINGS_ASK}

    def scoped_queryset(self, actor: Actor) -> QuerySet[Screening]:
        return Screening.objects.filter(within_reach(actor, "port_id"))

    @extend_schema(
        summary="Look up a person or a document in the lists in force",
        request=ScreeningInputSerializer,
        responses={201: ScreeningAnswerSerializer},
    )
    @transaction.atomic
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = ScreeningInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        actor = self.actor
        # hits belong to the port of whoever asks, where somebody will have to answer them
        port_id = next(iter(actor.port_ids)) if len(actor.port_ids) == 1 else None
        result = screen_presented(
            actor=actor, at=self.at, presented=Presented(**given.validated_data), port_id=port_id
        )
        if actor.has(Role.LIST_OWNER):
            write_withheld_hits(screening_ids=[result.screening.id])
            hits = list(result.screening.hits.select_related("entry").order_by("-score", "id"))
        elif actor.sharing is not None and "hits" not in actor.sharing.fields.get("screening", ()):
            hits = []
        else:
            # as they were just stored: a national system reads no hit of the database
            hits = sorted(result.hits, key=lambda hit: (hit.score is not None, -(hit.score or 0.0), hit.id))
            prefetch_related_objects(hits, "entry")
        answer = {
            "id": result.screening.id,
            "status": result.screening.status,
            "reason": result.screening.reason,
            "lists": [
                {"watchlist_id": i, "version": n} for i, n in sorted(result.screening.list_versions.items())
            ],
            "checks": [
                {"code": f.check.code, "outcome": f.outcome.value, "reason": f.reason}
                for f in result.findings
            ],
            "hits": hits,
            "at": self.at,
        }
        shown = shown_fields(ScreeningAnswerSerializer)
        self.record_look([result.screening.id], object_type=self.object_type, action="answered", fields=shown)
        return Response(ScreeningAnswerSerializer(answer).data, status=status.HTTP_201_CREATED)
