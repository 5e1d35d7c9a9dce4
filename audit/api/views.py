"""The base of every view on personal data: scoped to the actor's reach, and no answer without its audit row.

A view set names what it shows and narrows it to the actor:

    class CrossingViewSet(AuditedReadViewSet):
        object_type = "crossing"
        page_ordering = ("-occurred_at", "-id")
        serializer_class = CrossingSerializer
        filterset_class = CrossingFilter
        required_roles = {"closure": frozenset({Role.SECOND_LINE})}

        def scoped_queryset(self, actor: Actor) -> QuerySet[Crossing]:
            return Crossing.objects.filter(within_reach(actor, "port_id"))

An act on one object is an `@action(detail=True, methods=["post"])` that calls `self.get_object()` (404 outside the
reach), one service, and answers with `self.answer(fresh_object)`.
"""

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.viewsets import GenericViewSet

from audit.api.acting import get_actor, get_request_time
from audit.api.negotiation import AlwaysFirstRenderer
from audit.api.parsers import StrictJSONParser
from audit.api.permissions import HoldsRole, IsPosted
from audit.api.problems import Problem
from audit.api.schema import Codes, ProblemAutoSchema
from audit.core.actor import Actor, Role, system_actor
from audit.core.sharing import Scope, Sharing
from audit.services import note_disclosure, record_read

PAGE_PARAMETERS = frozenset({"cursor", "page_size"})


def within_reach(actor: Actor, *paths: str) -> Q:
    """Return the condition that one of the paths leads to a port of entry in the actor's reach."""
    if actor.everywhere:
        return Q()
    reach = Q()
    for path in paths:
        reach |= Q(**{f"{path}__in": actor.port_ids})
    return reach


@functools.cache
def shown_fields(serializer_class: type[BaseSerializer]) -> tuple[str, ...]:
    """Return the names of the fields that an answer holds."""
    serializer = serializer_class()
    return tuple(serializer.fields) if isinstance(serializer, Serializer) else ()


class AuditedReadViewSet(GenericViewSet):
    """List and detail of one kind of object.

    object_type: written into the audit rows. subject: attribute of a row that names the traveller whose data it is, "" where
    it is nobody's of ours: what a national system is shown goes into the register of disclosures by it.
    page_ordering: newest first, ending in "-id"; the first field is never null.
    required_roles: action -> roles of which one is needed; an action that is not named there is nobody's.
    required_scopes: action -> scope of the national systems that may call it; the rest is for persons only.
    further_parameters: action -> query parameters beyond filters and pages.
    problem_codes: action -> status -> codes of the problems that only this view answers with, for the OpenAPI description.
    """

    object_type: ClassVar[str]
    subject: ClassVar[str] = ""
    page_ordering: ClassVar[tuple[str, ...]] = ("-id",)
    required_roles: ClassVar[Mapping[str, frozenset[Role]]] = {}
    required_scopes: ClassVar[Mapping[str, Scope]] = {}
    further_parameters: ClassVar[Mapping[str, frozenset[str]]] = {}
    problem_codes: ClassVar[Mapping[str, Codes]] = {}
    permission_classes = (IsAuthenticated, IsPosted, HoldsRole)
    parser_classes = (StrictJSONParser,)
    schema = ProblemAutoSchema()
    content_negotiation_class = AlwaysFirstRenderer
    # an OPTIONS answer would describe fields to whoever may not read them
    metadata_class = None
    lookup_field = "id"
    lookup_value_converter = "uuid"
    http_method_names = ("get", "head", "post", "delete")

    @property
    def actor(self) -> Actor:
        return get_actor(self.request)

    @property
    def at(self) -> datetime:
        if self.request is None:  # the schema generator's view
            return timezone.now()
        return get_request_time(self.request)

    def scoped_queryset(self, actor: Actor) -> QuerySet[Any]:
        """Return the rows in the actor's reach; lazily, since the schema generator asks too."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.scoped_queryset(system_actor("schema"))
        actor = self.actor
        rows = self.scoped_queryset(actor)
        return rows if actor.sharing is None else self.shared_rows(rows, actor.sharing)

    def shared_rows(self, rows: QuerySet[Any], sharing: Sharing) -> QuerySet[Any]:
        """Return what of these rows a national system may know of; nothing, unless a view set says otherwise."""
        return rows.none()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer, for a national system with the fields of its terms only."""
        serializer = super().get_serializer(*args, **kwargs)
        sharing = None if getattr(self, "swagger_fake_view", False) else self.actor.sharing
        if sharing is not None:
            shown = sharing.fields.get(self.object_type, frozenset())
            fields = getattr(serializer, "child", serializer).fields
            for name in set(fields) - shown:
                fields.pop(name)
        return serializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.check_parameters(request)

    def check_parameters(self, request: Request) -> None:
        """Refuse a query parameter that means nothing here: a misspelt filter would widen the answer in silence."""
        known = set(self.further_parameters.get(self.action or "", ()))
        if self.action == "list":
            filters = getattr(self, "filterset_class", None)
            sharing = self.actor.sharing
            usable = {
                name
                for name, each in (filters.base_filters if filters else {}).items()
                # to ask by a field is to learn it
                if sharing is None
                or str(each.field_name).partition("__")[0].removesuffix("_id")
                in {f.removesuffix("_id") for f in sharing.fields.get(self.object_type, ())}
            }
            known |= PAGE_PARAMETERS | usable
        for name in request.query_params:
            if name not in known:
                raise Problem(
                    "unknown_parameter", 400, "This query parameter is not known here.", known=sorted(known)
                )
            if len(request.query_params.getlist(name)) > 1:
                raise Problem(
                    "repeated_parameter", 400, "This query parameter may be given once.", field=name
                )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    @transaction.atomic
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        # the names of the filters only: a value may be personal data
        asked = sorted(set(request.query_params) - PAGE_PARAMETERS)
        self.record_look([row.pk for row in page], action="listed", detail={"filters": asked})
        self.note_given(page)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @transaction.atomic
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    def answer(self, row: Any, status_code: int = status.HTTP_200_OK) -> Response:
        """Return one object as the answer, with the audit row of the look at it."""
        with transaction.atomic(savepoint=False):
            self.record_look([row.pk])
            self.note_given([row])
            return Response(self.represent(row), status=status_code)

    def represent(self, row: Any) -> Any:
        """Return one object as it is shown."""
        return self.get_serializer(row).data

    def note_given(self, rows: Iterable[Any]) -> None:
        """Enter what a national system is shown into the register of disclosures; when that fails, so does the request."""
        sharing = self.actor.sharing
        if sharing is None or not self.subject:
            return
        note_disclosure(
            actor=self.actor,
            at=self.at,
            subject_ids=[getattr(row, self.subject) for row in rows],
            recipient=sharing.partner,
            purpose=self.actor.purpose,
            legal_basis=sharing.legal_basis,
            fields=[
                f"{self.object_type}.{name}" for name in sorted(sharing.fields.get(self.object_type, ()))
            ],
            reference=f"{sharing.partner} terms {sharing.profile_version}",
        )

    def record_look(
        self,
        object_ids: Iterable[UUID],
        *,
        object_type: str | None = None,
        action: str = "read",
        detail: Mapping[str, Any] | None = None,
        fields: Iterable[str] = (),
    ) -> None:
        """Write the audit row of a look; when it fails, so does the request.

        fields: what is shown of an object of another type; to a national system never more than was agreed.
        """
        shown = set(fields)
        if not object_type:
            shown |= set(shown_fields(self.get_serializer_class()))
        sharing = self.actor.sharing
        if sharing is not None:
            agreed = sorted(sharing.fields.get(object_type or self.object_type, ()))
            detail = {**(detail or {}), "profile": sharing.profile_version, "fields": agreed}
            shown &= set(agreed)
        record_read(
            actor=self.actor,
            at=self.at,
            object_type=object_type or self.object_type,
            object_ids=object_ids,
            action=action,
            detail=detail,
            fields=shown,
        )
