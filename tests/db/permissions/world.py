"""The world of the matrix, made once: three ports in two countries, one person for each role at each port, and one object
of every kind at the first port."""

import contextlib
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient

from audit.core.actor import Role
from audit.core.sharing import OBJECT_OF_SCOPE, Scope
from audit.models import AuditEntry
from biometrics.core.error_rates import measure_month
from borders.core.redress import RecordType, Requester
from borders.models import (
    Booth,
    CorrectionRequest,
    Country,
    Crossing,
    Officer,
    Partner,
    PortOfEntry,
    PostAssignment,
    ProtectionCase,
    ProtectionService,
    StatisticsRelease,
)
from borders.queries import actor_of_user
from borders.services.partners import Terms, approve_profile, enrol_partner, propose_profile
from tests.db.conftest import make_officer, open_session
from tests.db.factories import (
    make_comparison,
    make_crossing,
    make_entry,
    make_finding,
    make_hit,
    make_image,
    make_operating_point,
    make_referral,
    make_stay,
    make_template,
)
from tests.db.permissions.walk import OWN_APPS

# own port, another post of the same country, a post of another country
PLACES = ("own", "post", "abroad")
# how a session can be worth nothing
WORTHLESS = ("none", "garbage", "disabled", "expired", "ended", "booth off")
# by what the persons of an area sign in; at a desk otherwise
KINDS = {"api": "api", "console": "console", "training": "training"}
ABSENT = UUID("01890000-0000-7000-8000-00000000dead")
POSTED_SINCE = datetime(2020, 1, 1, tzinfo=UTC)

# whose id a parameter of an address is: by the name of the address (longest beginning first), then by the parameter
OBJECTS = {
    "inspection": "borders.inspection",
    "crossing": "borders.crossing",
    "stay": "borders.stay",
    "referral": "borders.referral",
    "traveler": "travelers.traveler",
    "document": "travelers.traveldocument",
    "watchlist": "watchlists.watchlist",
    "watchlist-version": "watchlists.watchlistversion",
    "watchlist-entry": "watchlists.watchlistentry",
    "hit": "watchlists.hit",
    "screening": "watchlists.screening",
    "correction-request": "borders.correctionrequest",
    "statistics": "borders.statisticsrelease",
    "subject": "travelers.traveler",
    "console:protection": "borders.protectioncase",
    "console:": "borders.inspection",
}
WORDS = {
    "kind": "page",
    "act": "refer",
    "code": "claim",
    "url": "nothing/",
    "app_label": "borders",
    "content_type_id": "1",
    "check_code": "DOCUMENT.EXPIRED",
    "key": "expired",
}
WORDS_OF = {"admin:borders_checkrule_check": {"code": "DOCUMENT.EXPIRED"}}
WORDS_OF |= {f"admin:borders_{name}_act": {"code": "revoke"} for name in ("partner", "boothdevice")}
WORDS_OF["admin:watchlists_hit_image"] = {"kind": "live"}
WORDS_OF["admin:borders_correctionrequest_act"] = {"code": "decide"}
WORDS_OF["admin:borders_checkrule_propose"] = WORDS_OF["admin:borders_checkrule_check"]


@dataclass
class World:
    """objects: by model label, of the first port. clients: of a person by (area, role, place)."""

    ports: dict[str, PortOfEntry] = field(default_factory=dict)
    booths: dict[str, Booth] = field(default_factory=dict)
    officers: dict[tuple[Role | str, str], Officer] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    clients: dict[tuple[str, Role | str, str], Client] = field(default_factory=dict)

    def client(self, area: str, role: Role | str, place: str) -> Client:
        """Return the client of a person: a booth's program, a booth's browser, or the browser at a desk."""
        kind = KINDS.get(area, "desk")
        key = (kind, role, place)
        if key not in self.clients:
            booth = self.booths["training" if kind == "training" else place]
            self.clients[key] = self._make_client(kind, self.officers[role, place], booth)
        return self.clients[key]

    def _make_client(self, kind: str, officer: Officer, booth: Booth) -> Client:
        if kind == "desk":
            client = Client()
            client.force_login(officer.user)
            return client
        token = uuid4().hex
        open_session(officer, booth, token)
        return client_with(kind, token)

    def system(self, scope: Scope) -> Client:
        """Return the client of a national system whose token holds this scope alone; its terms hold them all."""
        key = ("api", f"system {scope}", "own")
        if key not in self.clients:
            self.clients[key] = client_with("api", make_token(self.objects["borders.partner"], scope))
        return self.clients[key]

    def worthless(self, area: str, how: str) -> Client:
        """Return a client whose sign-in is worth nothing."""
        kind = KINDS.get(area, "desk")
        key = (kind, f"worthless {how}", "own")
        if key not in self.clients:
            self.clients[key] = self._make_worthless(kind, how)
        return self.clients[key]

    def _make_worthless(self, kind: str, how: str) -> Client:
        if how == "none":
            return APIClient() if kind == "api" else Client()
        officer = self.officers["all", "own"] if how != "disabled" else self.officers["disabled", "own"]
        token = uuid4().hex
        if kind == "desk":
            client = Client()
            client.force_login(officer.user)
            if how in ("garbage", "booth off"):  # a desk has no booth
                client.cookies["sessionid"] = token
            elif how in ("expired", "ended"):
                client.session.flush()
            return client
        if how != "garbage":
            own = "training" if kind == "training" else "own"
            booth = self.booths[f"{own} off" if how == "booth off" else own]
            session = open_session(officer, booth, token)
            if how == "expired":
                session.started_at -= timedelta(hours=13)
                session.expires_at = timezone.now() - timedelta(seconds=1)
            elif how == "ended":
                session.ended_at = timezone.now()
            session.save()
        return client_with(kind, token)

    def values_of(self, name: str, parameters: tuple[str, ...], absent: bool = False) -> dict[str, Any]:
        """Return what an address is filled with: the ids of our objects, or ids of nothing."""
        return {p: self._value_of(name, p, absent) for p in parameters}

    def _value_of(self, name: str, parameter: str, absent: bool) -> Any:
        word = WORDS_OF.get(name, {}).get(parameter, WORDS.get(parameter))
        if word is not None:
            return word
        label = label_of(name)
        if label is None:
            raise LookupError(f"{name}: say in world.py (OBJECTS or WORDS) what {parameter} is")
        row = self.objects.get(label)
        return ABSENT if absent or row is None else row.pk


def label_of(name: str) -> str | None:
    """Return the label of the model whose object an address shows."""
    if name.startswith("admin:"):
        app_label, _, rest = name.removeprefix("admin:").partition("_")
        return f"{app_label}.{rest.partition('_')[0]}"
    known = [prefix for prefix in OBJECTS if name.startswith(prefix)]
    return OBJECTS[max(known, key=len)] if known else None


def make_token(partner: Partner, *scopes: str) -> str:
    """Give a partner a token, as the token endpoint would."""
    token = uuid4().hex
    AccessToken.objects.create(
        application=partner.application,
        token=token,
        expires=timezone.now() + timedelta(minutes=15),
        scope=" ".join(scopes),
    )
    return token


def client_with(kind: str, token: str) -> Client:
    if kind == "api":
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client
    client = Client()
    client.cookies["booth"] = token
    return client


def build_world() -> World:
    """Make the whole of it."""
    world = World()
    utopia = Country.objects.create(code="UTO", name="Utopia")
    other = Country.objects.create(code="XXA", name="Atlantis")
    for place, code, country in (
        ("own", "UTAIR", utopia),
        ("post", "UTLND", utopia),
        ("abroad", "XAAIR", other),
    ):
        port = PortOfEntry.objects.create(country=country, code=code, name=f"Port {place}", kind="AIR")
        world.ports[place] = port
        world.booths[place] = Booth.objects.create(port=port, code="A1")
    # everybody is posted at the training post too, which nobody but a session at its booth may notice
    school = PortOfEntry.objects.create(
        country=utopia, code="UTTRN", name="Training post", kind="LAND", training=True
    )
    world.ports["training"], world.booths["training"] = school, Booth.objects.create(port=school, code="T1")
    for own in ("own", "training"):
        world.booths[f"{own} off"] = Booth.objects.create(port=world.ports[own], code="A0", active=False)
    roles = [r for r in Role if r != Role.SYSTEM]
    for place in PLACES:
        for role in roles:
            world.officers[role, place] = _person(world, f"{role.value}-{place}", place, role)
    for name in ("all", "disabled"):
        world.officers[name, "own"] = _person(world, name, "own", *roles)
    world.officers["second", "own"] = _person(world, "second", "own", Role.SUPERVISOR, Role.LIST_OWNER)
    User.objects.filter(username="disabled").update(is_active=False)
    world.officers["disabled", "own"].user.refresh_from_db()
    plain = _person(world, "plain", "own", *roles)
    plain.user.is_staff = False
    plain.user.save()
    world.officers["plain", "own"] = plain
    _build_objects(world)
    _build_partner(world)
    return world


def _person(world: World, name: str, place: str, *roles: Role) -> Officer:
    officer = make_officer(name, f"B-{name}"[:20], world.ports[place], *roles)
    for role in roles:
        PostAssignment.objects.create(
            officer=officer, port=world.ports["training"], role=role, valid_from=POSTED_SINCE
        )
    officer.user.is_staff = True
    officer.user.save(update_fields=("is_staff",))
    return officer


def _build_partner(world: World) -> None:
    """A national system of another State, which may do everything that a system may at our first port."""
    now = timezone.now()
    actor = actor_of_user(user=world.officers["all", "own"].user, at=now, origin="tests")
    second = actor_of_user(user=world.officers[Role.DATA_PROTECTION, "own"].user, at=now, origin="tests")
    partner, _, _ = enrol_partner(actor=actor, at=now, code="POLICE", name="Police of Elsewhere", state="XXE")
    terms = Terms(
        purpose="border_control",
        legal_basis="Border act, 30",
        scopes=tuple(s.value for s in Scope),
        fields=dict.fromkeys(set(OBJECT_OF_SCOPE.values()), ("id",)),
        ports=("UTAIR",),
        lists=(world.objects["watchlists.watchlist"].name,),
        requests_per_minute=6000,
        valid_from=now,
        valid_until=now + timedelta(days=30),
    )
    profile = propose_profile(actor=actor, at=now, partner_id=partner.id, terms=terms)
    approve_profile(actor=second, at=now, profile_id=profile.id)
    world.objects |= {"borders.partner": partner, "borders.partnerprofile": profile}


def _build_objects(world: World) -> None:
    now, booth = timezone.now(), world.booths["own"]
    officer, second = world.officers["all", "own"], world.officers["second", "own"]
    page, face = make_image(at=now, kind="PAGE"), make_image(at=now)
    template, probe = make_template(image=page, at=now), make_template(image=face, at=now)
    crossing = make_crossing(
        booth=booth, officer=officer, at=now, page_image=page, face_image=face, portrait_template=template
    )
    inspection = crossing.inspection
    point = make_operating_point(proposed_by=officer, approved_by=second, at=now)
    comparison = make_comparison(probe=probe, reference=template, point=point, at=now)
    make_finding(inspection=inspection, comparison=comparison)
    entry = make_entry(proposed_by=officer, approved_by=second, at=now)
    hit = make_hit(inspection=inspection, entry=entry, at=now)
    service = ProtectionService.objects.create(port=booth.port, kind="ASYLUM", name="Office", contact="300")
    case = ProtectionCase.objects.create(
        inspection=inspection, cause="OFFICER", opened_by=officer.user, opened_at=now
    )
    rows = [
        *(crossing, inspection, inspection.reading, inspection.traveler, crossing.document),
        *(page, template, point, comparison, service, case, entry, entry.version, entry.version.watchlist),
        *(hit, hit.screening, booth, booth.port, booth.port.country, officer, officer.assignments.first()),
        inspection.decisions.get(),
        make_stay(crossing=crossing),
        make_referral(inspection=inspection, officer=officer, route="PROTECTION"),
        _make_request(crossing, officer, now),
        AuditEntry.objects.create(
            at=now,
            kind="READ",
            action="port.read",
            port_id=booth.port_id,
            object_type="port",
            fields=["code"],
        ),
        StatisticsRelease.objects.create(
            country=booth.port.country, month=date(2026, 1, 1), tables={}, method_version=1, made_at=now
        ),
    ]
    world.objects |= {row._meta.label_lower: row for row in rows}
    given = _given(world)
    for model in apps.get_models():
        label = model._meta.label_lower
        if label in world.objects or model._meta.app_label not in OWN_APPS or "partner" in label:
            continue
        with contextlib.suppress(DatabaseError, Cannot, ValueError, TypeError), transaction.atomic():
            world.objects[label] = _fill(world, model, now, given.get(label, {}))


def _given(world: World) -> dict[str, dict[str, Any]]:
    """Return what the types of the fields do not say: the database has rules between columns, and pages ask whose a row is."""
    crossing, second = world.objects["borders.crossing"], world.officers["second", "own"]
    one, other = sorted((crossing.traveler_id, uuid4()))
    return {
        "biometrics.accuracymeasurement": {"month": date(2026, 1, 1), "figures": measure_month([])[0]},
        "biometrics.deduplicationpair": {"subject_a": one, "subject_b": other},
        "biometrics.identificationreview": {
            "comparison": world.objects["biometrics.comparison"],
            "subject_id": crossing.traveler_id,
            "port_id": crossing.port_id,
        },
        "borders.legalhold": {"traveler_id": crossing.traveler_id},
        "borders.overstaynotice": {"stay": world.objects["borders.stay"]},
        "borders.retentionclass": {"version": 9, "years": 1, "proposed_by": second.user},
    }


def _make_request(crossing: Crossing, officer: Officer, at: datetime) -> CorrectionRequest:
    return CorrectionRequest.objects.create(
        reference="UTAIR-C-1",
        port=crossing.port,
        record_type=RecordType.CROSSING,
        record_id=crossing.id,
        field="conveyance",
        statement="Boarding pass shown",
        requester=Requester.PERSON,
        language="en",
        received_at=at,
        received_by=officer.user,
        due_on=at.date() + timedelta(days=30),
    )


class Cannot(Exception):
    """A row of this kind cannot be made up from the types of its fields alone."""


def _fill(world: World, model: type[models.Model], now: datetime, given: dict[str, Any]) -> models.Model:
    """Make a row out of what is given, the types of its other fields, and the objects that are there already."""
    values = dict(given)
    for each in model._meta.concrete_fields:
        if (
            each.name in given
            or each.primary_key
            or each.has_default()
            or each.null
            or (each.blank and isinstance(each, models.CharField | models.TextField))
        ):
            continue
        values[each.name] = _made_up(world, each, now)
    return model.objects.create(**values)


def _made_up(world: World, each: Any, now: datetime) -> Any:
    if each.is_relation:
        label = each.related_model._meta.label_lower
        if label == "auth.user":
            return world.officers["all", "own"].user
        if label not in world.objects:
            raise Cannot
        return world.objects[label]
    if each.choices:
        return each.choices[0][0]
    kinds: tuple[tuple[type, Any], ...] = (
        (models.DateTimeField, now),
        (models.DateField, now.date()),
        (models.BooleanField, False),
        (models.IntegerField, 1),
        (models.FloatField, 1.0),
        (models.UUIDField, uuid4()),
        (models.JSONField, {}),
        (models.TextField, "-"),
        (models.BinaryField, b"0" * 32),
        (models.CharField, hashlib.sha256(each.name.encode()).hexdigest()[: each.max_length or 8]),
    )
    for kind, value in kinds:
        if isinstance(each, kind):
            return value
    raise Cannot
