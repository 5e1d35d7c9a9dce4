"""Training posts: what a drawn traveller meets, how the trainee is judged, and that nothing of it is counted anywhere."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.core.actor import Role, system_actor
from biometrics.models import GalleryMember
from borders.models import (
    Booth,
    Crossing,
    Decision,
    DecisionReview,
    Inspection,
    PortOfEntry,
    PostAssignment,
    ProtectionCase,
    ProtectionService,
    Stay,
    TrainingRun,
)
from borders.queries import actor_of_user
from borders.services.decisions import decide
from borders.services.inspections import open_inspection
from borders.services.pipeline import process_inspection
from borders.services.protection import remind_services
from borders.services.training import reference_of, runs_of, start_run
from tests.db.conftest import POSTED_SINCE, make_officer, open_session
from travelers.models import Enrolment, TravelDocument, Traveler
from watchlists.models import Hit, Screening

pytestmark = pytest.mark.django_db
# of rows that stand for people who crossed, and of what is asked about them
REAL = (Crossing, Stay, Traveler, TravelDocument, Enrolment, GalleryMember, Hit, Screening)


@pytest.fixture
def training_booth(utopia) -> Booth:
    port = PortOfEntry.objects.create(
        country=utopia, code="UTTRN", name="Training post", kind="LAND", training=True
    )
    return Booth.objects.create(port=port, code="T1")


@pytest.fixture
def trainee(alice, bob, training_booth, actor_of, operating_points):
    """Alice and Bob are posted there besides; Alice is at its booth."""
    for officer, role in ((alice, Role.OFFICER), (bob, Role.SUPERVISOR)):
        PostAssignment.objects.create(
            officer=officer, port=training_booth.port, role=role, valid_from=POSTED_SINCE
        )
    return actor_of(alice, training_booth)


@pytest.fixture
def practised(trainee, make_request, at):
    """practised(outcome, …): Anna is called up, checked, and decided so by the trainee."""

    def practise(outcome: str, right_outcome: str = "CLEARED", *, listed: bool = False) -> Inspection:
        run = start_run(
            actor=trainee, at=at, scene="anna-in", right_outcome=right_outcome, right_codes=(), listed=listed
        )
        request = make_request(client_reference=reference_of(run))
        opened, _ = open_inspection(actor=trainee, at=at, request=request)
        process_inspection(inspection_id=opened.id, clock=lambda: at)
        decide(actor=trainee, at=at, inspection_id=opened.id, outcome=outcome, reason="seen")
        return Inspection.objects.get(id=opened.id)

    return practise


def test_cleared_traveller_leaves_no_crossing_and_nobody_behind(practised) -> None:
    inspection = practised("CLEARED")

    assert (inspection.training, inspection.state, inspection.crossing_id) == (True, "CLEARED", None)
    assert {model.__name__: model.objects.count() for model in REAL} == {m.__name__: 0 for m in REAL}


def test_answer_is_compared_with_the_right_one(practised, alice) -> None:
    practised("CLEARED")
    practised("CLEARED", right_outcome="REFERRED")

    runs, score = runs_of(officer_id=alice.id)
    assert [run.is_right for run in runs].count(True) == 1
    assert (score.answered, score.right, score.median_s) == (2, 1, 0.0)


def test_practice_list_answers_in_place_of_the_real_ones(practised) -> None:
    inspection = practised("REFERRED", listed=True)

    found = {f.code: f for f in inspection.findings.filter(code__startswith="SCREEN.")}
    assert found["SCREEN.DOCUMENT"].outcome == "FAIL"
    assert {f.detail["list_versions"]["Practice list"] for f in found.values()} == {1}


def test_drawn_traveller_is_called_up_at_a_training_post_only(alice, booth, actor_of, at) -> None:
    with pytest.raises(PermissionDenied):
        start_run(
            actor=actor_of(alice, booth),
            at=at,
            scene="anna-in",
            right_outcome="CLEARED",
            right_codes=(),
            listed=False,
        )


def test_no_account_reaches_a_training_post_outside_its_booth(trainee, alice, bob, training_booth) -> None:
    for officer in (alice, bob):
        actor = actor_of_user(user=officer.user, at=timezone.now(), origin="127.0.0.1")
        assert not actor.reaches(training_booth.port_id)


def test_real_booth_does_not_find_the_document_in_use_at_a_training_post(
    trainee, make_request, ready, at
) -> None:
    opened, _ = open_inspection(actor=trainee, at=at, request=make_request())
    process_inspection(inspection_id=opened.id, clock=lambda: at)

    finding = ready().findings.get(code="TRAVEL.TWO_PLACES")

    assert finding.outcome != "FAIL"


def pages_of_the_admin() -> Iterator[str]:
    yield reverse("admin:index")
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_no_list_statistic_or_export_of_the_admin_shows_a_training_run(practised, bob, at, settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    bob.user.is_staff = True
    bob.user.save()
    client = Client()
    client.force_login(bob.user)
    pages = {page: client.get(page) for page in pages_of_the_admin()}
    # the trail is no count of travellers: acts of training are acts, and stay in it
    plain = {p: r.status_code for p, r in pages.items() if "auditentry" not in p}

    referred = practised("REFERRED")
    practised("CLEARED")

    for page, status in plain.items():
        response = client.get(page)
        assert response.status_code == status, page
        shown = response.content.decode()
        assert "UTTRN" not in shown, page
        assert str(referred.id) not in shown, page
        counted = getattr(response, "context_data", None) or {}
        if "cl" in counted:
            rows = list(counted["cl"].result_list)
            assert not any(isinstance(r, Inspection | Decision) for r in rows), page


def test_no_list_of_the_api_shows_a_training_run(practised, api_client, bob, booth) -> None:
    practised("REFERRED")
    client = api_client(bob, booth)

    for kind in ("inspections", "crossings", "stays", "travelers", "documents", "referrals", "hits"):
        assert client.get(f"/api/v1/{kind}/").json()["results"] == [], kind


def test_nobody_reviews_what_was_decided_of_a_drawn_traveller(practised) -> None:
    inspection = practised("CLEARED", "REFERRED", listed=True)

    assert inspection.decisions.filter(override=True).exists()
    assert not DecisionReview.objects.exists()


def test_every_table_that_points_to_an_inspection_is_known_to_this_test() -> None:
    """A new table below an inspection must be looked at: is it counted anywhere but by the ports of the actor?"""
    pointing = {
        model._meta.model_name
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model is Inspection
    }
    assert pointing <= {
        "crossing",
        "inspectionstep",
        "inspectionfinding",
        "decision",
        "decisionreview",
        "referral",
        "protectioncase",
        "capturefault",
        "facilitatorcase",
        "trainingrun",
    }


def test_service_is_not_reminded_of_a_drawn_traveller(practised, at) -> None:
    service = ProtectionService.objects.create(kind="HEALTH", name="Doctor", contact="telephone 1")
    ProtectionCase.objects.create(
        inspection=practised("REFERRED"),
        cause="CLAIM",
        opened_at=at,
        state="REFERRED",
        service=service,
        referred_at=at,
        due_at=at,
    )

    assert remind_services(actor=system_actor("sweep"), at=at + timedelta(days=1)) == 0


def test_trainee_is_told_what_was_right(trainee, alice, training_booth) -> None:
    open_session(alice, training_booth, "t")
    client = Client()
    client.cookies["booth"] = "t"

    page = client.get(reverse("training:scenes"))
    assert "nothing is counted" in page.content.decode()
    form = client.post(reverse("training:call", args=("expired",)))
    assert 'data-preset="/booth/training/expired/page.jpg"' in form.content.decode()
    assert client.get("/booth/training/expired/page.jpg")["Content-Type"] == "image/jpeg"
    run = TrainingRun.objects.get()
    assert (run.right_outcome, run.right_codes) == ("REFERRED", ["DOCUMENT.EXPIRED"])


@pytest.mark.parametrize("path", ["", "expired/page.jpg"])
def test_real_booth_has_no_training_pages(alice, booth, path: str) -> None:
    open_session(alice, booth, "t")
    client = Client()
    client.cookies["booth"] = "t"

    assert client.get(f"{reverse('training:scenes')}{path}").status_code == 404


def test_second_line_of_a_training_post_reads_no_real_history(
    practised, ready, alice_here, training_booth, at
) -> None:
    real = ready()
    decide(actor=alice_here, at=at, inspection_id=real.id, outcome="CLEARED", reason="seen")
    dora = make_officer("dora", "UT-0102", training_booth.port, Role.SECOND_LINE)
    drawn = practised("REFERRED")
    open_session(dora, training_booth, "t")
    client = Client()
    client.cookies["booth"] = "t"

    shown = client.get(reverse("console:take-over", args=(drawn.id,))).content.decode()

    assert "Not seen before" in shown
    assert "Stays" not in shown
