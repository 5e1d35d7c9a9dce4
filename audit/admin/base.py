"""The base of every admin page: read only, scoped to the actor's ports, and no personal data without its audit row."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import update_wrapper
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.contrib.admin import AdminSite, ShowFacets
from django.contrib.admin.utils import lookup_spawns_duplicates, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from audit.admin.detail import Fact, Section, facts_of
from audit.admin.exporting import ExportsRows
from audit.admin.paging import CursorChangeList, Sort, UnreadChangeList
from audit.core.actor import Actor, Role
from audit.services import record_read

FIND_MAX_LENGTH = 120
READING = ("GET", "HEAD")


def trail_name(model: type[Model]) -> str:
    """Return what the trail calls the rows of a model that has no shorter word, e.g. watchlist_version."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


class ReadOnlyModelAdmin(ExportsRows, ModelAdmin):
    """Shows rows and changes none: what changes them is a service with its own rules.

    object_type: what the trail calls such a row, whoever looks at it or changes it; by default by its model, as trail_name says.
    read_roles: of which one is needed. port_lookup: the lookup that says at which port a row belongs, e.g. "port_id__in";
    None for national data. port_columns: of its ports, where an index begins with each and goes on as page_ordering does.
    indexed_filters: with which the index of one port still gives the rows in their order.
    sorts: further ways to sort, by their names in the address.
    ports_merged: up to so many ports, times their columns, are asked one by one, each by that index; beyond, all rows are
    gone through by time.
    page_ordering: of the list, ending in a unique field, never a personal one; by "-id" alone, the order of writing, where
    nothing better has an index. orderings: further ones, that a filter brings with it, by the filter's name or "name=value",
    where its own index gives the rows in that order and no other.
    find: what the term that a person types stands for; it travels in a POST and stays in the session, for an URL may hold no
    name and no number.
    """

    object_type: str = ""
    read_roles: ClassVar[frozenset[Role]] = frozenset({Role.SUPERVISOR})
    port_lookup: ClassVar[str | None] = None
    port_columns: ClassVar[tuple[str, ...]] = ()
    ports_merged: ClassVar[int] = 64
    indexed_filters: ClassVar[frozenset[str]] = frozenset({"since", "until", "port"})
    page_ordering: ClassVar[tuple[str, ...]] = ("-id",)
    orderings: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
    usual_sort: ClassVar[str] = "Time"
    sorts: ClassVar[Mapping[str, Sort]] = MappingProxyType({})
    filterset_class: ClassVar[type[django_filters.FilterSet] | None] = None
    find: ClassVar[Callable[..., Q] | None] = None
    find_label: ClassVar[str] = "Name or document number"
    list_prefetch_related: ClassVar[Sequence[Any]] = ()
    list_note: ClassVar[str] = ""
    detail_template: ClassVar[str] = "admin/audit/detail.html"

    change_list_template = "admin/audit/list.html"
    actions = None
    actions_on_top = False
    sortable_by = ()
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_select_related: ClassVar[Sequence[str]] = ()

    class Media:
        css: ClassVar = {"all": ("audit/admin.css",)}

    def __init__(self, model: type[Model], admin_site: AdminSite):
        super().__init__(model, admin_site)
        self.object_type = self.object_type or trail_name(model)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By role at a post alone: neither Django's permissions nor a superuser's flag opens anything here."""
        return bool(request.user.is_active and request.user.is_staff and self.actor_of(request).roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # what a filter offers reaches as far as the rows of this page do
        request.page_actor = self.actor_of(request)
        if not self.has_view_permission(request):
            return self.model._default_manager.none()
        return self.scope(self.model._default_manager.all(), request.page_actor)

    def actor_of(self, request: HttpRequest) -> Actor:
        """Return the person as far as a role of this page is held: a role at one port opens nothing at another."""
        actor = request.actor.acting_as(self.read_roles)
        return actor if actor.has(*self.read_roles) else replace(actor, roles=frozenset())

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        """Return the rows at the actor's ports."""
        if self.port_lookup is None:
            return rows
        at_ports = {self.port_lookup: actor.port_ids}
        if lookup_spawns_duplicates(self.opts, self.port_lookup):
            return rows.filter(Exists(self.model._default_manager.filter(pk=OuterRef("pk"), **at_ports)))
        return rows.filter(**at_ports)

    # the list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CursorChangeList]:
        match = request.resolver_match
        return UnreadChangeList if match and match.url_name == self.export_name else CursorChangeList

    def get_filterset(self, request: HttpRequest, rows: QuerySet[Any]) -> django_filters.FilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(request.GET, queryset=rows, request=request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            change_list = response.context_data["cl"]
            response.context_data |= {"title": change_list.page_title, "find_url": self.find_url()}
        return response

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return rows with everything that their columns show."""
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)
        if self.list_prefetch_related:
            rows = rows.prefetch_related(*self.list_prefetch_related)
        return rows

    # finding somebody

    @property
    def find_key(self) -> str:
        return f"find:{self.opts.label_lower}"

    def find_url(self) -> str:
        return (
            reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_find")
            if self.find
            else ""
        )

    def get_find_term(self, request: HttpRequest) -> str:
        return request.session.get(self.find_key, "") if self.find else ""

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Take the term from the body of the request and show the list again; an empty term ends the search."""
        if request.method != "POST":
            return HttpResponseNotAllowed(("POST",))
        if not self.has_view_permission(request):
            raise PermissionDenied
        term = " ".join(request.POST.get("term", "").replace("\0", "").split())[:FIND_MAX_LENGTH]
        if term:
            request.session[self.find_key] = term
        else:
            request.session.pop(self.find_key, None)
        return HttpResponseRedirect(self.list_url())

    # one row

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        row = self.get_row(request, object_id)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": capfirst(self.opts.verbose_name),
            "media": self.media,
            **self.detail_context(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.detail_template, context)

    def get_row(self, request: HttpRequest, object_id: str) -> Model:
        """Return one row in the actor's reach. Raises PermissionDenied without the role, Http404 for everything else."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return row

    def detail_context(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        return {"sections": self.sections(request, row)}

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Section]:
        """Return the cards of the detail page; by default every field."""
        return [
            Section(capfirst(self.opts.verbose_name), [Fact(f.label, f.value, f.link) for f in facts_of(row)])
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's own log knows nothing here; the audit trail does."""
        raise Http404

    # addresses

    def list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def link_to(self, request: HttpRequest, model: type[Model], pk: Any) -> str:
        """Return the address of a row's page, "" when it has none or the actor may not read such rows."""
        admin = self.admin_site._registry.get(model)
        if pk is None or admin is None or not admin.has_view_permission(request):
            return ""
        try:
            name = f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}_change"
            return reverse(name, args=(pk,))
        except NoReverseMatch:
            return ""

    def get_urls(self) -> list[URLPattern]:
        label = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("find/", self.guard(self.find_view), name=f"{label}_find"),
            path("export/", self.guard(self.export_view), name=self.export_name),
            *super().get_urls(),
        ]

    def guard(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Return a view of this admin behind the site's sign-in."""
        guarded = self.admin_site.admin_view(view)
        guarded.model_admin = self
        return update_wrapper(guarded, view)


class AuditedModelAdmin(ReadOnlyModelAdmin):
    """Personal data: rows are read, recorded and drawn in one transaction; no audit row, no page.

    shown_beside: what the detail page shows of other objects, as "document.document_number": the same for every row and reader,
    for which cards a page has may tell of a silent hit.
    """

    shown_beside: ClassVar[tuple[str, ...]] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().changelist_view(request, extra_context)
            if isinstance(response, TemplateResponse):
                change_list = response.context_data["cl"]
                asked = {"filters": change_list.filters_set, "found_by_term": bool(change_list.find_term)}
                self.record_look(
                    request,
                    [row.pk for row in change_list.result_list],
                    action="listed",
                    detail=asked,
                    fields=[column for column in change_list.list_display if isinstance(column, str)],
                )
                response.render()
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().change_view(request, object_id, form_url, extra_context)
            if isinstance(response, TemplateResponse):
                own = [model_field.name for model_field in self.opts.concrete_fields]
                self.record_look(
                    request, [response.context_data["original"].pk], fields=[*own, *self.shown_beside]
                )
                response.render()
        response["Cache-Control"] = "private, no-store"
        return response

    def record_look(
        self,
        request: HttpRequest,
        object_ids: Iterable[UUID | str | int],
        *,
        object_type: str = "",
        fields: Iterable[str],
        action: str = "read",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the audit row of a look; when it fails, so does the page. fields: what the page showed, by column."""
        record_read(
            actor=request.actor,
            at=timezone.now(),
            object_type=object_type or self.object_type,
            object_ids=object_ids,
            action=action,
            detail=detail,
            fields={str(name) for name in fields},
        )
