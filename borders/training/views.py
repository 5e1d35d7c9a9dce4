"""The trainee's pages: who can be called up, the form with the drawn pictures laid in, and how it went."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from borders.console.entry import booth_page
from borders.console.views.inspections import make_form
from borders.services.training import reference_of, runs_of, start_run
from borders.training.scenes import LISTED, codes_of, picture_of, scenes_of

KINDS = {"page": "page_image", "face": "face_image"}


@require_GET
@booth_page()
def scenes_page(request: HttpRequest) -> HttpResponse:
    """Offer the drawn travellers, and show the trainee's own answers so far."""
    _check_post(request)
    runs, score = runs_of(officer_id=request.booth_session.officer_id)
    numbers = {key: number for number, key in enumerate(scenes_of(request.received_at.date()), 1)}
    for run in runs:
        run.number = numbers.get(run.scene, "–")
    context = {
        "session": request.booth_session,
        "scenes": [(number, key) for key, number in numbers.items()],
        "runs": runs,
        "score": score,
    }
    return render(request, "training/scenes.html", context)


@require_POST
@booth_page()
def call_page(request: HttpRequest, key: str) -> HttpResponse:
    """Call a drawn traveller up: the form of the booth, with page and face laid in as a reader and a camera would."""
    _check_post(request)
    scene = scenes_of(request.received_at.date()).get(key)
    if scene is None:
        raise Http404
    run = start_run(
        actor=request.actor,
        at=request.received_at,
        scene=key,
        right_outcome=scene.first_line.outcome,
        right_codes=codes_of(scene),
        listed=key in LISTED,
    )
    form = make_form(request, {"direction": scene.direction, "conveyance": scene.conveyance})
    form |= {
        "client_reference": reference_of(run),
        "presets": {name: reverse("training:picture", args=(key, kind)) for kind, name in KINDS.items()},
        "purpose": scene.purpose,
        "address": scene.address,
    }
    return render(request, "console/screen.html", form)


@require_GET
@booth_page()
def picture_page(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """Show a drawn page or face."""
    _check_post(request)
    today = request.received_at.date()
    content = picture_of(key, kind, today) if key in scenes_of(today) and kind in KINDS else None
    if content is None:
        raise Http404
    return HttpResponse(
        content, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"}
    )


def _check_post(request: HttpRequest) -> None:
    if not request.booth_session.booth.port.training:
        raise Http404
