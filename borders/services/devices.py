"""Terminals of booths: invited, enrolled with a key of their own, asked to prove it at each sign-in, and revoked at once."""

import base64
import binascii
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.core.actor import Actor, Role
from audit.services import record
from borders.models import Booth, BoothDevice, BoothSession

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
CODE_GOOD_FOR = timedelta(hours=1)
CHALLENGE_GOOD_FOR = timedelta(minutes=2)
KEY_MOST, SIGNATURE_BYTES = 400, 64


class DeviceRefused(PermissionError):
    """The terminal is not let in. code: code_unknown, bad_key, device_required, booth_unknown."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@transaction.atomic
def invite_device(*, actor: Actor, at: datetime, booth_id: UUID, name: str) -> tuple[BoothDevice, str]:
    """Return a terminal that may enrol within the hour, and its enrolment code, given out once.

    The booth lies at a port where the actor is an administrator. Raises DeviceRefused: booth_unknown.
    """
    booth = Booth.objects.filter(id=booth_id).first()
    here = actor.acting_as(ADMINISTRATORS)
    if booth is None or not here.has(*ADMINISTRATORS) or not here.reaches(booth.port_id):
        raise DeviceRefused("booth_unknown")
    code = base64.b32encode(secrets.token_bytes(10)).decode()
    device = BoothDevice.objects.create(
        booth=booth,
        name=name.strip()[:60],
        invited_by_id=actor.user_id,
        invited_at=at,
        code_sha256=_digest(code),
        code_expires_at=at + CODE_GOOD_FOR,
    )
    _note(actor, at, device, "device.invited")
    return device, code


@transaction.atomic
def enrol_device(*, at: datetime, origin: str, code: str, public_key: str) -> BoothDevice:
    """Take the key of a terminal that knows a code; the code is then used up. Raises DeviceRefused: code_unknown, bad_key."""
    _load_key(public_key)
    device = (
        BoothDevice.objects.select_for_update(of=("self",))
        .filter(
            code_sha256=_digest(code),
            enrolled_at__isnull=True,
            revoked_at__isnull=True,
            code_expires_at__gt=at,
        )
        .first()
    )
    if device is None:
        raise DeviceRefused("code_unknown")
    device.public_key, device.enrolled_at = public_key, at
    device.save(update_fields=("public_key", "enrolled_at"))
    _note(Actor(label="device", origin=origin), at, device, "device.enrolled")
    return device


@transaction.atomic
def revoke_device(*, actor: Actor, at: datetime, device_id: UUID) -> BoothDevice:
    """Let a terminal in no more; whoever is signed in there is out with the next request."""
    here = actor.acting_as(ADMINISTRATORS)
    device = BoothDevice.objects.select_for_update(of=("self",)).filter(id=device_id).first()
    if device is None or not here.has(*ADMINISTRATORS) or not here.reaches(device.booth.port_id):
        raise PermissionDenied
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by_id = at, actor.user_id
        device.save(update_fields=("revoked_at", "revoked_by"))
        ended = BoothSession.objects.filter(device=device, ended_at__isnull=True).update(ended_at=at)
        _note(actor, at, device, "device.revoked", sessions=ended)
    return device


def make_challenge(*, at: datetime) -> str:
    """Return what a terminal signs: the time and chance, sealed, so that nothing need be kept."""
    said = f"{int(at.timestamp() * 1000)}.{secrets.token_urlsafe(12)}"
    return f"{said}.{_seal(said)}"


def find_device(
    *, at: datetime, booth: Booth, device_id: UUID | None, challenge: str, signature: str
) -> BoothDevice | None:
    """Return the terminal that signed the challenge: enrolled at this booth, not revoked, and answering for the first time.

    None where no device is given and none is required. Raises DeviceRefused: device_required.
    """
    if device_id is None:
        if settings.REQUIRE_DEVICES:
            raise DeviceRefused("device_required")
        return None
    with transaction.atomic():
        device = (
            BoothDevice.objects.select_for_update(of=("self",))
            .filter(id=device_id, booth=booth, enrolled_at__isnull=False, revoked_at__isnull=True)
            .first()
        )
        made_at = _read_challenge(challenge, at)
        if (
            device is None
            or made_at is None
            or (device.challenge_at is not None and made_at <= device.challenge_at)
            or not _is_signed(device, challenge, signature)
        ):
            raise DeviceRefused("device_required")
        device.challenge_at, device.used_at = made_at, at
        device.save(update_fields=("challenge_at", "used_at"))
    return device


def message_of(device_id: UUID, challenge: str) -> bytes:
    """Return the octets that a terminal signs."""
    return f"bmis-sign-in\n{device_id}\n{challenge}".encode()


def _read_challenge(challenge: str, at: datetime) -> datetime | None:
    said, _, seal = challenge.rpartition(".")
    if not said or not constant_time_compare(seal, _seal(said)):
        return None
    made_at = datetime.fromtimestamp(int(said.partition(".")[0]) / 1000, UTC)
    return made_at if -CHALLENGE_GOOD_FOR < at - made_at < CHALLENGE_GOOD_FOR else None


def _is_signed(device: BoothDevice, challenge: str, signature: str) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(raw) != SIGNATURE_BYTES:
        return False
    # as WebCrypto gives it: r and s, 32 octets each
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    try:
        _load_key(device.public_key).verify(
            encode_dss_signature(r, s), message_of(device.id, challenge), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True


def _load_key(public_key: str) -> ec.EllipticCurvePublicKey:
    if len(public_key) > KEY_MOST:
        raise DeviceRefused("bad_key")
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        raise DeviceRefused("bad_key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DeviceRefused("bad_key")
    return key


def _digest(code: str) -> str:
    return hashlib.sha256("".join(code.split()).upper().encode()).hexdigest()


def _seal(said: str) -> str:
    return salted_hmac("borders.devices.challenge", said, algorithm="sha256").hexdigest()


def _note(actor: Actor, at: datetime, device: BoothDevice, action: str, **detail: int) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="device",
        object_id=device.id,
        detail={"booth": str(device.booth_id), **detail},
    )
