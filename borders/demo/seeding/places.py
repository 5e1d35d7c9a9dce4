"""The country, its ports and booths, and the people who work there."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model

from audit.core.actor import Actor, Role
from audit.services import record
from borders.demo.places import (
    AUTHORITIES,
    BOOTHS,
    COUNTRY_CODE,
    COUNTRY_NAME,
    GROUNDS,
    OWNERS,
    PORTS,
    SERVICE_DIRECTOR_MAIL,
    SERVICE_MAIL,
    SERVICES,
    STAFF,
    TRAINEES,
    TRAINING_BOOTHS,
    TRAINING_POST,
    Staff,
)
from borders.models import (
    Booth,
    Country,
    Officer,
    OwnerContact,
    PortOfEntry,
    PostAssignment,
    ProtectionService,
    RefusalGround,
)
from borders.queries import actor_of_user, assignments_at

# earlier than the earliest crossing that is seeded
POSTED_BEFORE = timedelta(days=400)


@transaction.atomic
def seed_places(*, actor: Actor, at: datetime, passwords: Mapping[str, str]) -> int:
    """Make what is missing of the country, ports, booths, accounts and posts; return how many rows were made
    or changed.

    passwords: by user name; an account with another password gets this one.
    """
    made = 0
    country, created = Country.objects.get_or_create(
        code=COUNTRY_CODE, defaults={"name": COUNTRY_NAME, "asks_purpose": True} | AUTHORITIES
    )
    made += _note(actor, at, country, created)
    ports = {}
    for code, (name, kind) in PORTS.items():
        port, created = PortOfEntry.objects.get_or_create(
            code=code, defaults={"country": country, "name": name, "kind": kind}
        )
        made += _note(actor, at, port, created)
        ports[code] = port
        for booth_code in BOOTHS[code]:
            booth, created = Booth.objects.get_or_create(port=port, code=booth_code)
            made += _note(actor, at, booth, created)
    ports[TRAINING_POST], created = PortOfEntry.objects.get_or_create(
        code=TRAINING_POST,
        defaults={"country": country, "name": "Training post", "kind": "LAND", "training": True},
    )
    made += _note(actor, at, ports[TRAINING_POST], created)
    for booth_code in TRAINING_BOOTHS:
        booth, created = Booth.objects.get_or_create(port=ports[TRAINING_POST], code=booth_code)
        made += _note(actor, at, booth, created)
    for kind, name, contact, minutes in SERVICES:
        service, created = ProtectionService.objects.get_or_create(
            port=None,
            name=name,
            defaults={
                "kind": kind,
                "contact": contact,
                "minutes_to_acknowledge": minutes,
                "email": SERVICE_MAIL,
                "escalation_email": SERVICE_DIRECTOR_MAIL,
            },
        )
        made += _note(actor, at, service, created)
    for owner_unit, telephone, email in OWNERS:
        contact, created = OwnerContact.objects.get_or_create(
            owner_unit=owner_unit, defaults={"telephone": telephone, "email": email}
        )
        made += _note(actor, at, contact, created)
    for code, legal_basis in GROUNDS:
        ground, created = RefusalGround.objects.get_or_create(
            country=country, code=code, defaults={"legal_basis": legal_basis}
        )
        made += _note(actor, at, ground, created)
    for person in STAFF:
        made += _seed_person(actor, at, person, ports, passwords[person.username])
    return made


def demo_actor(*, username: str, at: datetime) -> Actor:
    """Return the actor for somebody of the demo, as in the browser."""
    return actor_of_user(user=User.objects.get(username=username), at=at, origin="seed_demo")


def _seed_person(
    actor: Actor, at: datetime, person: Staff, ports: Mapping[str, PortOfEntry], password: str
) -> int:
    user, created = User.objects.get_or_create(
        username=person.username, defaults={"is_staff": person.is_staff}
    )
    made = _note(actor, at, user, created)
    if created or not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=("password",))
        record(actor=actor, at=at, action="user.password_set", object_type="user", object_id=user.pk)
        made += not created
    officer, created = Officer.objects.get_or_create(
        user=user, defaults={"badge_number": person.badge_number}
    )
    made += _note(actor, at, officer, created)
    for code in person.ports:
        made += _seed_post(actor, at, officer, ports[code], person.role)
    if person.username in TRAINEES:
        made += _seed_post(actor, at, officer, ports[TRAINING_POST], Role(TRAINEES[person.username]))
    return made


def _seed_post(actor: Actor, at: datetime, officer: Officer, port: PortOfEntry, role: Role) -> int:
    if assignments_at(officer_id=officer.id, at=at).filter(port=port, role=role.value).exists():
        return 0
    post = PostAssignment.objects.create(
        officer=officer, port=port, role=role.value, valid_from=at - POSTED_BEFORE
    )
    return _note(actor, at, post, created=True)


def _note(actor: Actor, at: datetime, row: Model, created: bool) -> int:
    if created:
        name = str(row._meta.verbose_name).replace(" ", "_")
        record(actor=actor, at=at, action=f"{name}.created", object_type=name, object_id=row.pk)
    return int(created)
