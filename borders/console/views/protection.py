"""The protection desk: cases that nobody else reads, questions in the traveller's language, the way to a named service."""

import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_GET, require_POST

from audit.services import record_read
from borders.console import shown
from borders.console.entry import booth_page
from borders.console.words import ANSWERS, OUTCOMES, SERVICES, say, say_refusal
from borders.core.protection import (
    Cause,
    ProtectionRefused,
    excludes_consulate,
    questions_for,
    suggest_services,
)
from borders.core.record_checks import age_at
from borders.models import Inspection, ProtectionCase
from borders.services.notifications import failed_message
from borders.services.protection import (
    FACILITATOR_ROLES,
    SEALED_ROLES,
    acknowledge_case,
    answer_questions,
    ask_protection,
    cases_in_reach,
    close_case,
    hand_over_case,
    latest_answers,
    needs_another_way,
    open_facilitator_case,
    refer_case,
    services_for,
    take_back_case,
)

CASES_SHOWN = 100
Act = Callable[[HttpRequest, uuid.UUID], Any]
ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "refer": lambda r, case_id: refer_case(
            actor=r.actor, at=r.received_at, case_id=case_id, service_id=_id(r.POST.get("service", ""))
        ),
        "acknowledge": lambda r, case_id: acknowledge_case(actor=r.actor, at=r.received_at, case_id=case_id),
        "take-back": lambda r, case_id: take_back_case(actor=r.actor, at=r.received_at, case_id=case_id),
        "hand-over": lambda r, case_id: hand_over_case(actor=r.actor, at=r.received_at, case_id=case_id),
        "close": lambda r, case_id: close_case(
            actor=r.actor, at=r.received_at, case_id=case_id, outcome=r.POST.get("outcome", "")
        ),
    }
)


@require_POST
@booth_page()
def ask_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Ask for protection from the booth: an act of two seconds that shows nothing, and that nobody beside can read."""
    _check_there(request, inspection_id)
    cause = Cause.CLAIM if request.POST.get("cause") == Cause.CLAIM else Cause.OFFICER
    ask_protection(actor=request.actor, at=request.received_at, inspection_id=inspection_id, cause=cause)
    return render(request, "console/asked.html")


@require_POST
@booth_page(roles=FACILITATOR_ROLES)
def facilitator_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Open a case of its own against a suspected facilitator."""
    _check_there(request, inspection_id)
    try:
        open_facilitator_case(
            actor=request.actor,
            at=request.received_at,
            inspection_id=inspection_id,
            indicators=tuple(request.POST.getlist("indicator"))[:20],
        )
    except ProtectionRefused as refusal:
        return render(request, "console/message.html", {"message": say_refusal(refusal.code)}, status=422)
    return render(request, "console/asked.html", {"of_facilitator": True})


@require_GET
@booth_page(roles=SEALED_ROLES)
@transaction.atomic
def cases_page(request: HttpRequest) -> HttpResponse:
    """List the unfinished cases, those whose service is late first."""
    rows = (
        cases_in_reach(actor=request.actor)
        .exclude(state=ProtectionCase.State.CLOSED)
        .select_related("inspection__reading", "service")
    )
    cases = list(rows.order_by("reminded_at", "due_at", "opened_at")[:CASES_SHOWN])
    if cases:
        _look(request, [c.id for c in cases], shown.CASES, action="listed")
    context = {"session": request.booth_session, "cases": cases, "at": request.received_at}
    return render(request, "console/protection.html", context)


@require_GET
@booth_page(roles=SEALED_ROLES)
@transaction.atomic
def case_page(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show one case: the person, the questions in the chosen language, what the answers point to, the next act."""
    return _show(request, _find(request, case_id))


@require_POST
@booth_page(roles=SEALED_ROLES)
def answers_page(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    case = _find(request, case_id)
    given = {
        name.removeprefix("q-"): answer
        for name, answer in request.POST.items()
        if name.startswith("q-") and answer
    }
    known = latest_answers(case_id=case.id)
    changed = {code: answer for code, answer in given.items() if known.get(code) != answer}
    try:
        if changed:
            answer_questions(
                actor=request.actor,
                at=request.received_at,
                case_id=case.id,
                answers=changed,
                language=_asked_in(request),
                is_minor=is_minor(case.inspection),
            )
    except ProtectionRefused as refusal:
        return _show(request, case, message=say_refusal(refusal.code))
    return redirect(f"{request.path.removesuffix('answers/')}?in={_asked_in(request)}")


@require_POST
@booth_page(roles=SEALED_ROLES)
def act_page(request: HttpRequest, case_id: uuid.UUID, act: str) -> HttpResponse:
    """Refer, acknowledge, take back, hand over or close."""
    case = _find(request, case_id)
    if act not in ACTS:
        raise Http404
    try:
        ACTS[act](request, case.id)
    except ProtectionRefused as refusal:
        return _show(request, _find(request, case_id), message=say_refusal(refusal.code))
    return redirect("console:protection-case", case.id)


def is_minor(inspection: Inspection) -> bool:
    """Tell whether the person is below the age of the port's country; with an unknown birth date nobody is told a child."""
    reading = inspection.reading
    if reading is None or reading.birth_date is None:
        return False
    years = age_at(birth_date=reading.birth_date, at=inspection.opened_at)
    return years < inspection.port.country.minor_below_years


def _show(request: HttpRequest, case: ProtectionCase, message: str = "") -> HttpResponse:
    minor = is_minor(case.inspection)
    answers = latest_answers(case_id=case.id)
    suggested = suggest_services(answers, is_minor=minor)
    excluded = {"CONSULATE"} if excludes_consulate(answers) else set()
    services = [s for s in services_for(port_id=case.inspection.port_id) if s.kind not in excluded]
    order = {kind: n for n, kind in enumerate(suggested)}
    services.sort(key=lambda s: order.get(s.kind, len(order)))
    language = _asked_in(request)
    with translation.override(language):
        # the questions are read to the traveller, in the traveller's language; the page is the officer's
        questions = [
            {
                "code": q.code,
                "text": say(q.text),
                "answers": [(a.value, str(w)) for a, w in ANSWERS.items()],
                "answer": answers.get(q.code, ""),
            }
            for q in questions_for(is_minor=minor)
        ]
    with transaction.atomic():
        _look(request, [case.id], shown.CASE)
        return render(
            request,
            "console/protection_case.html",
            {
                "session": request.booth_session,
                "case": case,
                "inspection": case.inspection,
                "is_minor": minor,
                "questions": questions,
                "asked_in": language,
                "asked_rtl": language in settings.LANGUAGES_BIDI,
                "services": [(s, str(SERVICES[s.kind]), s.kind in suggested) for s in services],
                "outcomes": [(o.value, str(w)) for o, w in OUTCOMES.items()],
                "message": message,
                "failed": failed_message(case_id=case.id),
                "needs_another_way": needs_another_way(case, at=request.received_at),
                "at": request.received_at,
            },
            status=422 if message else 200,
        )


def _asked_in(request: HttpRequest) -> str:
    wanted = request.POST.get("in") or request.GET.get("in", "")
    return wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()


def _find(request: HttpRequest, case_id: uuid.UUID) -> ProtectionCase:
    rows = cases_in_reach(actor=request.actor).select_related(
        "inspection__reading", "inspection__port__country", "inspection__face_image", "service"
    )
    case = rows.filter(id=case_id).first()
    if case is None:
        raise Http404
    return case


def _check_there(request: HttpRequest, inspection_id: uuid.UUID) -> None:
    if not Inspection.objects.filter(id=inspection_id, port_id__in=request.actor.port_ids).exists():
        raise Http404


def _look(request: HttpRequest, ids: list[uuid.UUID], fields: tuple[str, ...], action: str = "read") -> None:
    record_read(
        actor=request.actor,
        at=request.received_at,
        object_type="protection_case",
        object_ids=ids,
        action=action,
        detail={"in": "console"},
        fields=fields,
    )


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ProtectionRefused("service_unknown", "service") from None
