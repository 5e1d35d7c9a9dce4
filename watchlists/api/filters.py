"""Filters of entries and hits. Names and numbers are none: an address ends up in logs."""

import django_filters

from audit.api.filters import CodeFilter, DayFilter, MomentFilter
from watchlists.models import Hit, WatchlistEntry


class WatchlistEntryFilter(django_filters.FilterSet):
    watchlist_id = django_filters.UUIDFilter(field_name="version__watchlist_id")
    action = django_filters.ChoiceFilter(choices=WatchlistEntry.Action.choices)
    priority = django_filters.NumberFilter()
    nationality = CodeFilter(max_length=3)
    review_before = DayFilter(field_name="review_by", lookup_expr="lt")
    valid_until_before = MomentFilter(field_name="valid_until", lookup_expr="lt")

    class Meta:
        model = WatchlistEntry
        fields = ()


class HitFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Hit.State.choices)
    kind = django_filters.ChoiceFilter(choices=Hit.Kind.choices)
    inspection_id = django_filters.UUIDFilter(field_name="screening__inspection_id")
    entry_id = django_filters.UUIDFilter()
    found_from = MomentFilter(field_name="found_at", lookup_expr="gte")
    found_until = MomentFilter(field_name="found_at", lookup_expr="lt")

    class Meta:
        model = Hit
        fields = ()
