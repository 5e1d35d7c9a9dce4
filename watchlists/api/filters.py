"""Filters of entries and hits. Names and numbers are none: an address ends up in logs."""

import django_filters
from django.db.models import QuerySet

from audit.api.filters import CodeFilter, DayFilter, MomentFilter
from watchlists.models import Hit, Screening, Watchlist, WatchlistEntry, WatchlistVersion


class WatchlistEntryFilter(django_filters.FilterSet):
    watchlist_id = django_filters.UUIDFilter(field_name="version__watchlist_id")
    action = django_filters.ChoiceFilter(choices=WatchlistEntry.Action.choices)
    priority = django_filters.NumberFilter()
    nationality = CodeFilter(method="filter_nationality", max_length=3)
    review_before = DayFilter(field_name="review_by", lookup_expr="lt")
    valid_until_before = MomentFilter(field_name="valid_until", lookup_expr="lt")

    def filter_nationality(
        self, rows: QuerySet[WatchlistEntry], name: str, value: str
    ) -> QuerySet[WatchlistEntry]:
        return rows.filter(nationalities__contains=[value])

    class Meta:
        model = WatchlistEntry
        fields = ()


class WatchlistVersionFilter(django_filters.FilterSet):
    watchlist_id = django_filters.UUIDFilter()
    state = django_filters.ChoiceFilter(choices=WatchlistVersion.State.choices)
    kind = django_filters.ChoiceFilter(choices=WatchlistVersion.Kind.choices)
    reference = CodeFilter(max_length=60)

    class Meta:
        model = WatchlistVersion
        fields = ()


class ScreeningFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Screening.Status.choices)
    inspection_id = django_filters.UUIDFilter()

    class Meta:
        model = Screening
        fields = ()


class WatchlistFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=Watchlist.Kind.choices)

    class Meta:
        model = Watchlist
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
