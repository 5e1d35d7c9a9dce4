"""Published tables of crossings, for persons and for national statistics systems."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from audit.api.filters import CodeFilter, DayFilter
from audit.api.views import AuditedReadViewSet
from audit.core.actor import Actor, Role
from audit.core.sharing import Scope, Sharing
from borders.core.statistics import METHOD_NOTE
from borders.models import PortOfEntry, StatisticsRelease
from borders.services.statistics import as_csv

READERS = frozenset(set(Role) - {Role.SYSTEM})


class StatisticsTableSerializer(serializers.Serializer):
    """One table; of a withheld one nothing but that."""

    rows = serializers.ListField(child=serializers.CharField(), help_text="Codes of ports, OTHERS")
    columns = serializers.ListField(
        child=serializers.CharField(), help_text="Values of the attribute, OTHERS, UNKNOWN"
    )
    cells = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField(allow_null=True)),
        help_text="Row, or TOTAL, to column to crossings; null is withheld",
    )
    row_totals = serializers.DictField(child=serializers.IntegerField(), help_text="Never withheld")
    withheld = serializers.BooleanField(help_text="Too few crossings for a table")


class StatisticsReleaseSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="country_id")
    tables = serializers.DictField(
        child=serializers.DictField(child=StatisticsTableSerializer()),
        help_text="Direction to attribute to table; length of stay of exits only",
    )
    method = serializers.SerializerMethodField(help_text="How it was counted, and what is withheld")

    class Meta:
        model = StatisticsRelease
        fields = ("id", "country", "month", "made_at", "method_version", "method", "tables")
        read_only_fields = fields

    def get_method(self, row: StatisticsRelease) -> str:
        return METHOD_NOTE


class StatisticsFilter(django_filters.FilterSet):
    country = CodeFilter(field_name="country_id", max_length=3)
    since = DayFilter(field_name="month", lookup_expr="gte")
    until = DayFilter(field_name="month", lookup_expr="lte")

    class Meta:
        model = StatisticsRelease
        fields = ()


@extend_schema_view(
    list=extend_schema(summary="List the published months with their tables, the latest first"),
    retrieve=extend_schema(summary="Show the tables of one month"),
)
class StatisticsViewSet(AuditedReadViewSet):
    object_type = "statistics_release"
    page_ordering = ("-month", "-id")
    page_by_date = True
    serializer_class = StatisticsReleaseSerializer
    filterset_class = StatisticsFilter
    required_roles = dict.fromkeys(("list", "retrieve", "file"), READERS)
    required_scopes = dict.fromkeys(("list", "retrieve", "file"), Scope.STATISTICS_READ)

    def scoped_queryset(self, actor: Actor) -> QuerySet[StatisticsRelease]:
        rows = StatisticsRelease.objects.select_related("country")
        if actor.everywhere:
            return rows
        return rows.filter(country__in=PortOfEntry.objects.filter(id__in=actor.port_ids).values("country"))

    def shared_rows(self, rows: QuerySet[StatisticsRelease], sharing: Sharing) -> QuerySet[StatisticsRelease]:
        # they are about nobody: what holds for records of persons has nothing to hold here
        return rows

    @extend_schema(
        summary="Give the tables of one month as CSV, with a note on the method",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, id: Any = None) -> HttpResponse:
        row = self.get_object()
        self.record_look([row.id], action="exported")
        return HttpResponse(
            as_csv(row),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="bmis-{row.country_id}-{row.month:%Y-%m}.csv"'
            },
        )
