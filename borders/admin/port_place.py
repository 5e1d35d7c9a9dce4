"""The form in which an administrator says where a port of entry lies."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from audit.admin import Fact, ReadOnlyModelAdmin, show
from borders.models import PortOfEntry
from borders.services.places import PLACE_ROLES, PlaceRefused, place_port

NAME = "borders_portofentry_place"
REFUSALS = {
    "required": "Latitude and longitude belong together: give both or neither.",
    "bad_value": "This is not a number of degrees, such as 59.65",
    "out_of_range": "Latitudes go from -90 to 90 degrees, longitudes from -180 to 180",
}


def place_fact(request: HttpRequest, port: PortOfEntry) -> Fact:
    """Return where a port lies, with the way to the form for whoever may change it."""
    may = request.actor.has(*PLACE_ROLES)
    known = port.latitude is not None and port.longitude is not None
    where = f"{port.latitude:.4f}, {port.longitude:.4f}" if known else show(None)
    return Fact("Latitude, longitude", where, reverse(f"admin:{NAME}", args=(port.id,)) if may else "")


def place_urls(page: ReadOnlyModelAdmin) -> list[URLPattern]:
    """Return the address of the form, behind the site's sign-in."""

    def view(request: HttpRequest, port_id: UUID) -> HttpResponse:
        return place_view(page, request, port_id)

    return [path("<uuid:port_id>/place/", page.guard(view), name=NAME)]


def place_view(page: ReadOnlyModelAdmin, request: HttpRequest, port_id: UUID) -> HttpResponse:
    """Show the form, or set the place and go back to the port."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(("GET", "HEAD", "POST"))
    port: Any = page.get_row(request, str(port_id))
    if not request.actor.has(*PLACE_ROLES):
        raise Http404
    entered = {name: show_degrees(getattr(port, name)) for name in ("latitude", "longitude")}
    if request.method == "POST":
        entered = {name: request.POST.get(name, "") for name in entered}
        try:
            place_port(actor=request.actor, at=timezone.now(), port_id=port.id, **entered)
        except PlaceRefused as refusal:
            said = REFUSALS.get(refusal.code, refusal.code)
            messages.error(request, said if said.endswith(".") else f"{said}: {refusal.field}.")
        else:
            messages.success(request, "The place is set. Journeys are measured by it from now on.")
            return HttpResponseRedirect(reverse("admin:borders_portofentry_change", args=(port.id,)))
    request.current_app = page.admin_site.name
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": f"Where {port.name} lies",
        "port": port,
        "entered": entered,
        "back": reverse("admin:borders_portofentry_change", args=(port.id,)),
    }
    return TemplateResponse(request, "admin/borders/port_place.html", context)


def show_degrees(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
