"""Seeding the demo country: whole, by the rules, and once."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone

from audit.core.actor import Role, system_actor
from biometrics.models import GalleryMember, OperatingPoint
from borders.demo.documents import printed_fields
from borders.demo.images import face_image, page_image
from borders.demo.logins import FILE_NAME, read_logins
from borders.demo.places import COUNTRY_CODE, FIRST_LINE, PORTS, SECOND_LINE, STAFF, TRAINEES
from borders.demo.seeding import seed_places, seed_record
from borders.demo.story import Scene, tell_story
from borders.models import (
    Booth,
    BoothSession,
    Country,
    Crossing,
    Inspection,
    OutboxMessage,
    PostAssignment,
    Stay,
)
from borders.queries import actor_of_session, actor_of_user
from borders.services.decisions import decide
from borders.services.inspections import InspectionRequest, open_inspection
from borders.services.pipeline import process_inspection
from watchlists.models import SelfTestRun, Watchlist, WatchlistEntry, WatchlistVersion
from watchlists.queries import self_test_alarm

pytestmark = pytest.mark.django_db


@pytest.fixture
def data_dir(settings, tmp_path: Path) -> Path:
    """An empty data folder of this test."""
    settings.BMIS_DATA_DIR = tmp_path
    settings.IMAGE_STORE_DIR = tmp_path / "images"
    return tmp_path


@pytest.fixture
def seeded(data_dir: Path) -> Path:
    """The data folder of a seeded country."""
    call_command("seed_demo", verbosity=0)
    return data_dir


def count_rows() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


def find(key: str) -> Scene:
    return next(scene for scene in tell_story(timezone.now().date()) if scene.key == key)


def let_in(scene: Scene) -> None:
    """Bring a traveller in as the play does, all in this process."""
    at = timezone.now()
    username, booth_code = FIRST_LINE[scene.port]
    session = BoothSession(
        officer=User.objects.get(username=username).officer,
        booth=Booth.objects.get(port__code=scene.port, code=booth_code),
    )
    actor = actor_of_session(session=session, at=at, origin="127.0.0.1")
    assert scene.document is not None
    request = InspectionRequest(
        client_reference="left-inside",
        direction=scene.direction.value,
        conveyance=scene.conveyance,
        purpose_of_travel=scene.purpose,
        printed=printed_fields(scene.document),
        page_image=page_image(scene),
        face_image=face_image(scene),
    )
    inspection, _ = open_inspection(actor=actor, at=at, request=request)
    process_inspection(inspection_id=inspection.id, clock=timezone.now)
    decide(
        actor=actor, at=timezone.now(), inspection_id=inspection.id, outcome="CLEARED", reason="Of the test."
    )


def test_second_run_changes_nothing(seeded: Path) -> None:
    rows, logins = count_rows(), (seeded / FILE_NAME).read_bytes()
    call_command("seed_demo", verbosity=0)
    assert count_rows() == rows
    assert (seeded / FILE_NAME).read_bytes() == logins


def test_country_asks_the_purpose_and_has_a_port_of_every_kind(seeded: Path) -> None:
    country = Country.objects.get(code=COUNTRY_CODE)
    assert country.asks_purpose
    real = country.ports.filter(training=False)
    assert set(real.values_list("code", "kind")) == {(code, kind) for code, (_, kind) in PORTS.items()}


def test_country_has_a_post_to_train_at(seeded: Path) -> None:
    post = Country.objects.get(code=COUNTRY_CODE).ports.get(training=True)
    assert {a.officer.user.username for a in post.assignments.all()} == set(TRAINEES)


def is_let_in(username: str, password: str) -> bool:
    request = RequestFactory().post("/admin/login/")
    return authenticate(request, username=username, password=password) is not None


def test_logins_are_kept_closed_and_work(seeded: Path) -> None:
    assert stat.S_IMODE((seeded / FILE_NAME).stat().st_mode) == 0o600
    passwords = read_logins(seeded)
    assert all(is_let_in(p.username, passwords[p.username]) for p in STAFF)


def test_lost_file_of_logins_is_made_anew_and_its_passwords_work(seeded: Path) -> None:
    before = read_logins(seeded)
    (seeded / FILE_NAME).unlink()
    call_command("seed_demo", verbosity=0)
    after = read_logins(seeded)
    assert after["bob"] != before["bob"]
    assert is_let_in("bob", after["bob"])


def test_nobody_is_a_superuser_and_officers_cannot_open_the_admin(seeded: Path) -> None:
    assert not User.objects.filter(is_superuser=True).exists()
    staff = set(User.objects.filter(is_staff=True).values_list("username", flat=True))
    assert staff == {
        person.username for person in STAFF if person.role not in (Role.OFFICER, Role.SECOND_LINE)
    }


def test_every_line_of_every_port_is_posted(seeded: Path) -> None:
    for line, role in ((FIRST_LINE, Role.OFFICER), (SECOND_LINE, Role.SECOND_LINE)):
        for port, (username, booth) in line.items():
            posts = PostAssignment.objects.filter(
                officer__user__username=username, port__code=port, role=role.value
            )
            assert posts.exists()
            assert Booth.objects.filter(port__code=port, code=booth, active=True).exists()


def test_officer_reaches_one_port_only(seeded: Path) -> None:
    actor = actor_of_user(user=User.objects.get(username="charlie"), at=timezone.now(), origin="")
    assert len(actor.port_ids) == 1


def test_thresholds_and_lists_stand_on_two_persons_each(seeded: Path) -> None:
    points = OperatingPoint.objects.filter(state=OperatingPoint.State.ACTIVE)
    assert points.count() == 7
    assert all(p.proposed_by_id != p.approved_by_id and p.provenance for p in points)
    versions = WatchlistVersion.objects.filter(state="ACTIVE")
    assert versions.count() == Watchlist.objects.count() == 4
    assert all(v.proposed_by_id != v.approved_by_id for v in versions)


def test_engine_passes_its_self_test_from_the_first_day_on(seeded: Path) -> None:
    assert SelfTestRun.objects.get().passed
    assert self_test_alarm(at=timezone.now()) == ""


def test_lists_hold_a_silent_entry_and_a_face_to_protect(seeded: Path) -> None:
    entries = WatchlistEntry.objects.filter(version__active_of__isnull=False)
    assert entries.filter(action=WatchlistEntry.Action.SILENT).exists()
    missing = entries.get(action=WatchlistEntry.Action.PROTECT)
    assert GalleryMember.objects.filter(gallery__name="watchlist", subject_id=missing.id).exists()


def test_overstayer_is_in_the_country_and_over_the_time_allowed(seeded: Path) -> None:
    stay = Stay.objects.get(exit_id__isnull=True)
    assert stay.allowed_until is not None
    assert stay.allowed_until < timezone.now().date()
    crossing = Crossing.objects.get(id=stay.entry_id)
    assert crossing.occurred_at == stay.entered_at
    inspection = Inspection.objects.get(id=crossing.inspection_id)
    assert (inspection.state, inspection.advice) == ("CLEARED", "CLEAR")
    assert inspection.live_template is not None


def test_seeding_leaves_nothing_to_be_sent(seeded: Path) -> None:
    waiting = OutboxMessage.objects.filter(
        topic=OutboxMessage.Topic.INSPECTION_RECEIVED, done_at__isnull=True
    )
    assert not waiting.exists()


def test_whoever_an_interrupted_run_left_inside_is_brought_out(seeded: Path) -> None:
    let_in(find("anna-in"))
    assert Stay.objects.filter(exit_id__isnull=True).count() == 2
    assert seed_record(at=timezone.now()) == 1
    assert Stay.objects.filter(exit_id__isnull=True).count() == 1
    assert seed_record(at=timezone.now()) == 0


def test_child_who_was_left_inside_alone_is_brought_out_too(seeded: Path) -> None:
    let_in(find("daughter-in"))
    assert seed_record(at=timezone.now()) == 1
    assert Stay.objects.filter(exit_id__isnull=True).count() == 1


def test_posts_of_an_earlier_day_are_not_posted_again(data_dir: Path) -> None:
    at = timezone.now()
    passwords = {person.username: "a password of the tests" for person in STAFF}
    assert seed_places(actor=system_actor("seed"), at=at, passwords=passwords) > 0
    later = at + timedelta(days=30)
    assert seed_places(actor=system_actor("seed"), at=later, passwords=passwords) == 0


def test_production_gets_no_demo_country(data_dir: Path, settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_play_without_logins_says_what_to_do(data_dir: Path) -> None:
    with pytest.raises(CommandError, match="seed_demo") as caught:
        call_command("play_demo", url="http://127.0.0.1:1")
    assert caught.value.returncode == 2
