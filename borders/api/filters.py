"""Filters of the lists of the border: ids, codes, states and times."""

import django_filters
from django.db.models import QuerySet

from audit.api.filters import CodeFilter, DayFilter, MomentFilter
from biometrics.core.outcomes import Route
from borders.core.recommendation import Advice
from borders.models import Crossing, Inspection, Referral, Stay
from borders.models.inspections import Direction


class InspectionFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Inspection.State.choices)
    direction = django_filters.ChoiceFilter(choices=Direction.choices)
    advice = django_filters.ChoiceFilter(choices=[(a.value, a.value) for a in Advice])
    port = CodeFilter(field_name="port__code", max_length=5)
    booth = CodeFilter(field_name="booth__code", max_length=10)
    client_reference = CodeFilter(max_length=64)
    traveler_id = django_filters.UUIDFilter()
    document_id = django_filters.UUIDFilter()
    opened_from = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_until = MomentFilter(field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = Inspection
        fields = ()


class CrossingFilter(django_filters.FilterSet):
    direction = django_filters.ChoiceFilter(choices=Direction.choices)
    transport_mode = django_filters.ChoiceFilter(choices=Crossing.TransportMode.choices)
    port = CodeFilter(field_name="port__code", max_length=5)
    booth = CodeFilter(field_name="booth__code", max_length=10)
    inspection_id = django_filters.UUIDFilter()
    traveler_id = django_filters.UUIDFilter()
    document_id = django_filters.UUIDFilter()
    occurred_from = MomentFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_until = MomentFilter(field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = Crossing
        fields = ()


class StayFilter(django_filters.FilterSet):
    traveler_id = django_filters.UUIDFilter()
    anomaly = django_filters.ChoiceFilter(choices=Stay.Anomaly.choices)
    open = django_filters.BooleanFilter(
        method="filter_open", label="Entered and not left, as far as recorded"
    )
    allowed_until_before = DayFilter(field_name="allowed_until", lookup_expr="lt")
    entered_from = MomentFilter(field_name="entered_at", lookup_expr="gte")
    entered_until = MomentFilter(field_name="entered_at", lookup_expr="lt")
    exited_from = MomentFilter(field_name="exited_at", lookup_expr="gte")
    exited_until = MomentFilter(field_name="exited_at", lookup_expr="lt")

    class Meta:
        model = Stay
        fields = ()

    def filter_open(self, rows: QuerySet[Stay], name: str, value: bool) -> QuerySet[Stay]:
        return (
            rows.filter(exit_id__isnull=True, anomaly="")
            if value
            else rows.exclude(exit_id__isnull=True, anomaly="")
        )


class ReferralFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Referral.State.choices)
    route = django_filters.ChoiceFilter(choices=[(r.value, r.value) for r in Route])
    inspection_id = django_filters.UUIDFilter()
    due_until = MomentFilter(field_name="due_at", lookup_expr="lt")
    opened_from = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_until = MomentFilter(field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = Referral
        fields = ()
