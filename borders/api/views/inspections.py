"""Inspections: open one, wait for its checks, decide, correct, look at its images."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from audit.api.parsers import StrictJSONParser
from audit.api.problems import Problem
from audit.api.views import AuditedReadViewSet, within_reach
from audit.core.actor import Actor
from audit.queries.prepared import PreparedQuery, prepared_statements
from audit.services import one_act
from biometrics.services.images import read_content
from borders.api.filters import InspectionFilter
from borders.api.lane import Place, ask_for_place, take_short_lane
from borders.api.parsers import FILE_PARTS, IMAGE_PARTS, JSON_PART, InspectionUploadParser
from borders.api.portraits import cut_portrait
from borders.api.refusals import IMAGE_STATUS, check_image, refusals_as_problems
from borders.api.serializers.inspection_input import (
    CorrectionSerializer,
    DecisionInputSerializer,
    InspectionInputSerializer,
    InspectionUploadSerializer,
)
from borders.api.serializers.inspections import (
    InspectionSerializer,
    InspectionSummarySerializer,
    images_of,
    shared_serializer,
)
from borders.api.views.redress import NOTICE_CODES, RefusalNoticeActs
from borders.api.waiting import read_wait_s, wait_until_ready
from borders.core.chip_requests import CHIP_PARTS, SEAL_PART
from borders.models import Decision, Inspection, InspectionFinding, InspectionStep, Referral
from borders.queries import shown_findings
from borders.services.access import BORDER_ROLES
from borders.services.corrections import correct_reading
from borders.services.decisions import decide
from borders.services.inspections import open_inspection
from borders.services.outbox import publish
from borders.services.refusal_notices import NOTICE_ROLES
from borders.services.settlement import UNFINISHED, settle_inspection
from borders.tasks import send_inspection

WAIT = OpenApiParameter(
    "wait_s",
    float,
    description="Seconds to wait for the checks, 0 to 10. The answer comes as soon as they are done; "
    "what is not done by then goes on.",
)
IMAGE_KINDS = ("page", "face", "portrait", "chip")
IMAGE_CODES = {
    status: [r.value for r, s in IMAGE_STATUS.items() if s == status] for status in set(IMAGE_STATUS.values())
}
UPLOAD_CODES = (
    "unknown_field",
    "repeated_part",
    "not_a_file",
    "multipart_malformed",
    "identity_required",
    "required",
    "chip_file_empty",
)


@extend_schema_view(
    list=extend_schema(summary="List the inspections of the actor's ports, newest first"),
    retrieve=extend_schema(summary="Show one inspection, or wait for it", parameters=[WAIT]),
)
class InspectionViewSet(RefusalNoticeActs, AuditedReadViewSet):
    object_type = "inspection"
    page_ordering = ("-opened_at", "-id")
    filterset_class = InspectionFilter
    required_roles = dict.fromkeys(
        ("list", "retrieve", "image", "create", "decision", "correction"), BORDER_ROLES
    ) | {"refusal_notice": NOTICE_ROLES, "refusal_notice_file": NOTICE_ROLES}
    further_parameters = {name: frozenset({"wait_s"}) for name in ("create", "retrieve", "correction")} | {
        "refusal_notice_file": frozenset({"language"})
    }
    problem_codes = {
        "create": {
            400: ["wait_invalid", *UPLOAD_CODES, *IMAGE_CODES[400]],
            409: ["client_reference_reused"],
            413: [*IMAGE_CODES[413], "chip_file_too_large"],
            415: IMAGE_CODES[415],
        },
        "retrieve": {400: ["wait_invalid"]},
        "decision": {
            400: ["reason_required"],
            403: ["second_person_required"],
            409: [
                "already_decided",
                "inspection_not_ready",
                "outcome_not_allowed",
                "protection_blocks_refusal",
                "protection_needs_referral",
                "identity_missing",
            ],
        },
        "correction": {400: ["wait_invalid", "required", "bad_code"], 409: ["not_ready"]},
        "image": {404: ["image_missing"]},
        **NOTICE_CODES,
    }

    def get_parsers(self) -> list[Any]:
        if self.action_map and self.action_map.get("post") == "create":
            return [StrictJSONParser(), InspectionUploadParser()]
        return super().get_parsers()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.action_map and self.action_map.get(str(request.method).lower()) == "list":
            return super().dispatch(request, *args, **kwargs)
        with prepared_statements():
            return super().dispatch(request, *args, **kwargs)

    def get_serializer_class(self) -> type[InspectionSummarySerializer]:
        return InspectionSummarySerializer if self.action == "list" else InspectionSerializer

    def scoped_queryset(self, actor: Actor) -> QuerySet[Inspection]:
        rows = Inspection.objects.filter(within_reach(actor, "port_id")).select_related(
            "port", "booth", "officer"
        )
        return rows if self.action == "list" else with_evidence(rows)

    @extend_schema(
        summary="Open an inspection, once per booth and client_reference",
        parameters=[WAIT],
        request={
            "application/json": InspectionInputSerializer,
            "multipart/form-data": InspectionUploadSerializer,
        },
        responses={
            201: OpenApiResponse(InspectionSerializer, description="Opened now"),
            200: OpenApiResponse(InspectionSerializer, description="Opened before by the same request"),
        },
    )
    def create(self, request: Request) -> Response:
        wait_s = self.read_wait_s()
        sent, files = read_upload(request)
        images = {name: files.get(name) for name in IMAGE_PARTS}
        serializer = InspectionInputSerializer(data=sent)
        serializer.is_valid(raise_exception=True)
        for part, content in images.items():
            check_image(part, content)
        asked = serializer.make_request(**images, seal=files.get(SEAL_PART), chip_parts=chip_parts_of(files))
        response = None
        with ask_for_place() as place, one_act():
            with refusals_as_problems():
                opened, created = open_inspection(
                    actor=self.actor, at=self.at, request=asked, claims=bool(place)
                )
            if created:
                enqueue_on_commit(opened, place)
                if not wait_s:
                    response = self.answer(without_evidence(opened), 201)
        if response is None:
            response = self.answer_when_ready(opened, wait_s, 201 if created else 200)
        response["Location"] = reverse("inspection-detail", kwargs={"id": opened.id})
        return response

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        wait_s = self.read_wait_s()
        if wait_s:
            self.wait(self.find(), wait_s)
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Decide an inspection",
        request=DecisionInputSerializer,
        responses={200: OpenApiResponse(InspectionSerializer, description="Decided")},
    )
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, id: Any = None) -> Response:
        inspection = self.find()
        sent = validated(DecisionInputSerializer, request)
        if inspection.state in UNFINISHED and self.at >= inspection.deadline_at:
            # what was not checked in time stays so, even if the decision itself is refused
            inspection = settle_inspection(actor=self.actor, at=self.at, inspection_id=inspection.id)
        with one_act():
            with refusals_as_problems():
                decided = decide(
                    actor=self.actor,
                    at=self.at,
                    inspection_id=inspection.id,
                    outcome=sent["outcome"],
                    reason=sent["reason"],
                    seen=inspection,
                )
            decided.decided_by = self.request.user
            return self.answer(load_evidence(decided.inspection, decided=decided))

    @extend_schema(
        summary="Correct what was read, and have it checked again",
        parameters=[WAIT],
        request=CorrectionSerializer,
        responses={200: OpenApiResponse(InspectionSerializer, description="Being checked again")},
    )
    @action(detail=True, methods=["post"])
    def correction(self, request: Request, id: Any = None) -> Response:
        wait_s = self.read_wait_s()
        inspection = self.find()
        sent = validated(CorrectionSerializer, request)
        with refusals_as_problems():
            corrected = correct_reading(
                actor=self.actor, at=self.at, inspection_id=inspection.id, fields=sent["fields"]
            )
        enqueue_on_commit(corrected)
        return self.answer_when_ready(corrected, wait_s)

    @extend_schema(
        summary="Show one image of an inspection as sent: page, face, chip; or the portrait cut from the page",
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=IMAGE_KINDS)],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"], url_path="images/<str:kind>")
    @transaction.atomic
    def image(self, request: Request, id: Any = None, kind: str = "") -> HttpResponse:
        inspection = self.get_object()
        image = images_of(inspection).get(kind)
        if image is None:
            raise Http404
        # of the inspection, whose trail names everybody who saw it
        shown = {"image": str(image.id), "kind": kind}
        self.record_look(
            [inspection.id], object_type="inspection", action="image_read", detail=shown, fields=[kind]
        )
        try:
            if kind == "portrait":
                content, media_type = cut_portrait(inspection.portrait_template), "image/jpeg"
            else:
                content, media_type = read_content(image=image), image.media_type
        except LookupError:
            raise Problem("image_missing", 404, "The file of this image is not in the store.") from None
        return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": "inline"})

    def find(self) -> Inspection:
        """Return the inspection at this address without its evidence, which costs more to read than any act to do."""
        inspection = _FOUND.first(id=self.kwargs["id"])
        if inspection is None or not self.actor.reaches(inspection.port_id):
            raise Http404
        return inspection

    def represent(self, row: Inspection) -> Any:
        if self.actor.sharing is not None:
            return super().represent(row)
        return shared_serializer().to_representation(row)

    def read_wait_s(self) -> float:
        return read_wait_s(self.request.query_params.get("wait_s", "0"))

    def answer_when_ready(self, inspection: Inspection, wait_s: float, status_code: int = 200) -> Response:
        self.wait(inspection, wait_s)
        self.kwargs["id"] = inspection.id
        return self.answer(self.get_object(), status_code)

    def wait(self, inspection: Inspection, wait_s: float) -> None:
        if wait_s:
            wait_until_ready(inspection_id=inspection.id, wait_s=wait_s)


def with_evidence(rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
    """Return the inspections with all that their JSON shows, in a fixed number of queries."""
    return rows.select_related(
        "party",
        "reading",
        "page_image",
        "face_image",
        "portrait_template__image",
        "chip_verification__portrait",
    ).prefetch_related(
        Prefetch(
            "findings",
            InspectionFinding.objects.filter(superseded_at__isnull=True)
            .select_related("comparison__operating_point")
            .order_by("id"),
            to_attr="findings_in_force",
        ),
        Prefetch("steps", InspectionStep.objects.order_by("id"), to_attr="steps_in_order"),
        Prefetch(
            "decisions",
            Decision.objects.select_related("decided_by__officer").order_by("decided_at"),
            to_attr="decisions_in_order",
        ),
        Prefetch(
            "referrals",
            Referral.objects.select_related("opened_by__officer", "acknowledged_by__officer").order_by("id"),
            to_attr="referrals_in_order",
        ),
    )


_FOUND = PreparedQuery(
    lambda id: Inspection.objects.filter(id=id).only("id", "port_id", "state", "deadline_at"), id=UUID
)
_FINDINGS = PreparedQuery(
    lambda inspection: (
        InspectionFinding.objects.filter(inspection_id=inspection, superseded_at__isnull=True)
        .select_related("comparison__operating_point")
        .order_by("id")
    ),
    inspection=UUID,
)
_STEPS = PreparedQuery(
    lambda inspection: InspectionStep.objects.filter(inspection_id=inspection).order_by("id"),
    inspection=UUID,
)
_DECISIONS = PreparedQuery(
    lambda inspection: (
        Decision.objects.filter(inspection_id=inspection)
        .select_related("decided_by__officer")
        .order_by("decided_at")
    ),
    inspection=UUID,
)
_REFERRALS = PreparedQuery(
    lambda inspection: (
        Referral.objects.filter(inspection_id=inspection)
        .select_related("opened_by__officer", "acknowledged_by__officer")
        .order_by("id")
    ),
    inspection=UUID,
)


def load_evidence(inspection: Inspection, *, decided: Decision) -> Inspection:
    """Return an inspection that was just decided with all that its JSON shows; its images are read where it has some."""
    compared = inspection.face_image_id is not None or inspection.chip_id is not None
    inspection.findings_in_force = (
        _FINDINGS.all(inspection=inspection.id) if compared else shown_findings(inspection_id=inspection.id)
    )
    inspection.steps_in_order = _STEPS.all(inspection=inspection.id)
    # the first line decides once, before any other
    is_only = decided.line == Decision.Line.FIRST
    inspection.decisions_in_order = [decided] if is_only else _DECISIONS.all(inspection=inspection.id)
    inspection.referrals_in_order = _REFERRALS.all(inspection=inspection.id)
    return inspection


def without_evidence(inspection: Inspection) -> Inspection:
    """Return an inspection that was opened in this very transaction: nobody has looked at it yet."""
    inspection.findings_in_force = inspection.steps_in_order = ()
    inspection.decisions_in_order = inspection.referrals_in_order = ()
    return inspection


def read_upload(request: Request) -> tuple[Any, dict[str, bytes]]:
    """Return the inspection as sent, and the files by their part."""
    if request.content_type.partition(";")[0].strip().lower() != InspectionUploadParser.media_type:
        return request.data, {}
    if JSON_PART not in request.data:
        raise Problem(
            "required", 400, "The part with the JSON of the inspection is missing.", field=JSON_PART
        )
    return request.data[JSON_PART], {name: request.data[name] for name in FILE_PARTS if name in request.data}


def chip_parts_of(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of the chip among those of an upload."""
    return {name: content for name, content in files.items() if name in CHIP_PARTS}


def enqueue_on_commit(inspection: Inspection, place: Place | None = None) -> None:
    """Have an inspection checked here, in its place or in another, if it has nothing to look at; else by the workers."""

    def send() -> None:
        if not take_short_lane(inspection, place):
            publish(inspection_id=inspection.id, send=send_inspection)

    transaction.on_commit(send)


def validated(serializer_class: Any, request: Request) -> Any:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
