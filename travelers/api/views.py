"""Travellers and documents: read only, in the actor's reach."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from audit.api.views import AuditedReadViewSet
from audit.core.actor import RECORD_READERS, Actor
from audit.core.sharing import Scope, Sharing
from travelers.api.filters import TravelDocumentFilter, TravelerFilter
from travelers.api.serializers import TravelDocumentSerializer, TravelerSerializer
from travelers.models import TravelDocument, Traveler
from travelers.queries import documents_in_reach, is_withheld, travelers_in_reach


@extend_schema_view(
    list=extend_schema(summary="List travellers inspected or recorded at the actor's ports"),
    retrieve=extend_schema(summary="Show one traveller"),
)
class TravelerViewSet(AuditedReadViewSet):
    object_type = "traveler"
    subject = "id"
    required_roles = {"list": RECORD_READERS, "retrieve": RECORD_READERS}
    required_scopes = {"list": Scope.TRAVELERS_READ, "retrieve": Scope.TRAVELERS_READ}
    page_ordering = ("-created_at", "-id")
    serializer_class = TravelerSerializer
    filterset_class = TravelerFilter

    def scoped_queryset(self, actor: Actor) -> QuerySet[Traveler]:
        reachable = documents_in_reach(actor=actor).order_by("id")
        return travelers_in_reach(actor=actor).prefetch_related(
            Prefetch("documents", queryset=reachable, to_attr="reachable_documents")
        )

    def shared_rows(self, rows: QuerySet[Traveler], sharing: Sharing) -> QuerySet[Traveler]:
        if sharing.since is not None:
            rows = rows.filter(created_at__gte=sharing.since)
        if sharing.nationals_only:
            rows = rows.filter(nationality=sharing.state)
        return rows.exclude(is_withheld(state=sharing.state))


@extend_schema_view(
    list=extend_schema(summary="List travel documents inspected or recorded at the actor's ports"),
    retrieve=extend_schema(summary="Show one travel document"),
)
class TravelDocumentViewSet(AuditedReadViewSet):
    object_type = "document"
    subject = "traveler_id"
    required_roles = {"list": RECORD_READERS, "retrieve": RECORD_READERS}
    required_scopes = {"list": Scope.DOCUMENTS_READ, "retrieve": Scope.DOCUMENTS_READ}
    page_ordering = ("-created_at", "-id")
    serializer_class = TravelDocumentSerializer
    filterset_class = TravelDocumentFilter

    def scoped_queryset(self, actor: Actor) -> QuerySet[TravelDocument]:
        return documents_in_reach(actor=actor)

    def shared_rows(self, rows: QuerySet[TravelDocument], sharing: Sharing) -> QuerySet[TravelDocument]:
        if sharing.since is not None:
            rows = rows.filter(created_at__gte=sharing.since)
        if sharing.nationals_only:
            rows = rows.filter(traveler__nationality=sharing.state)
        return rows.exclude(is_withheld(state=sharing.state, path="traveler_id"))
