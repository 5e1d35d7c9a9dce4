"""Filters of travellers and documents. Names and numbers are none: an address ends up in logs."""

import django_filters

from audit.api.filters import CodeFilter, DayFilter, MomentFilter
from travelers.models import Sex, TravelDocument, Traveler


class TravelerFilter(django_filters.FilterSet):
    nationality = CodeFilter(max_length=3)
    sex = django_filters.ChoiceFilter(choices=[c for c in Sex.choices if c[0]])
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_until = MomentFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Traveler
        fields = ()


class TravelDocumentFilter(django_filters.FilterSet):
    traveler_id = django_filters.UUIDFilter()
    document_code = CodeFilter(max_length=2)
    issuing_state = CodeFilter(max_length=3)
    expires_before = DayFilter(field_name="expiry_date", lookup_expr="lt")
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_until = MomentFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = TravelDocument
        fields = ()
