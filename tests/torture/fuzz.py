"""Every parser of outside input against noise and damaged specimens: size = calls a parser.

A call gives a value or the parser's own named error, within SLOWEST_MS and without eating memory. Anything else is a crash.
The longer campaigns of single parsers are `make bench NAME=mrz_fuzz` and `NAME=chip_fuzz`.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import random
import resource
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import django

from tests.torture.report import Outcome

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SLOWEST_MS = 1000.0
MEMORY_MIB = 150
# what has broken parsers elsewhere: lengths, nesting, other scripts, numbers that are none
TOKENS = (
    *(
        b"\x00",
        b"\xff\xff\xff\xff",
        b"\x84\xff\xff\xff\xff",
        b"\x80",
        b"\x30\x80",
        b"\x7f\xff\xff\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b"\xff\xfe",
        b'"',
        b'""',
        b"'",
        b"\r",
        b"\n\n",
        b",,,,",
        b"[" * 40,
        b"{" * 40,
        b'{"a":' * 40,
        b"1e999",
        b"-0",
        b"NaN",
    ),
    *(
        b"\\ud800",
        b"\\u0000",
        b"<!DOCTYPE a>",
        b"<!ENTITY a 'b'>",
        b"&a;",
        b"<![CDATA[",
        b"]]>",
        b"<<<<<<",
        b"\xd9\xa3",
    ),
    *(b"9" * 400, b"\xf0\x9f\x98\x80", b"\xc2\xa0", b"0000-00-00", b"9999-99-99", b"A" * 3000),
)


def damage(rng: random.Random, content: bytes) -> bytes:
    """Return the bytes with one to five places changed, cut, repeated, swapped or filled with what hurts."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(7):
            case 0 if at < len(changed):
                changed[at] = rng.randrange(256)
            case 1:
                del changed[at : at + rng.randint(1, 60)]
            case 2:
                changed[at:at] = rng.randbytes(rng.randint(1, 12))
            case 3:
                changed[at:at] = changed[at : at + rng.randint(1, 80)] * rng.randint(1, 20)
            case 4:
                changed[at:at] = rng.choice(TOKENS)
            case 5:
                del changed[at:]
            case _:
                changed[at : at + 4] = rng.choice(TOKENS)
    return bytes(changed)


@dataclass(frozen=True)
class Target:
    """parse: bytes in. refusals: the named errors. specimens: what it takes, to be damaged."""

    name: str
    parse: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    specimens: tuple[bytes, ...]


def make_targets() -> list[Target]:
    return [
        *image_targets(),
        *zone_targets(),
        *chip_targets(),
        *list_targets(),
        *request_targets(),
        *message_targets(),
        *key_targets(),
        *trail_targets(),
    ]


def image_targets() -> list[Target]:
    import cv2
    import numpy as np

    from biometrics.core.images import ImageRefused, decode_image, inspect_image

    picture = np.random.default_rng(1).integers(0, 255, (128, 96, 3), np.uint8)
    endings = (".jpg", ".png", ".bmp", ".tiff", ".webp", ".jp2")
    specimens = tuple(cv2.imencode(ending, picture)[1].tobytes() for ending in endings)
    return [
        Target("image header", inspect_image, (ImageRefused,), specimens),
        Target("image pixels", decode_image, (ImageRefused,), specimens),
    ]


def zone_targets() -> list[Target]:
    from biometrics.core.mrz import MrzFormatError, parse_mrz
    from tests.bench.mrz_fuzz import SPECIMENS
    from tests.documents.pki.seals import make_seal, make_vds_nc, seal_signer
    from tests.documents.pki.state import utopia
    from travelers.core.chip import Invalid, Malformed
    from travelers.core.seals.vds import parse_seal
    from travelers.core.seals.vds_nc import parse_vds_nc

    def parse_lines(content: bytes) -> object:
        return parse_mrz(tuple(content.decode("utf-8", "surrogateescape").split("\n")), at=AT)

    zones = tuple("\n".join(lines).encode() for lines in SPECIMENS)
    signer = seal_signer(utopia())
    return [
        Target("MRZ", parse_lines, (MrzFormatError,), zones),
        Target("digital seal", parse_seal, (Malformed, Invalid), (make_seal(signer),)),
        Target("digital seal NC", parse_vds_nc, (Malformed, Invalid), (make_vds_nc(signer),)),
    ]


def chip_targets() -> list[Target]:
    from tests.documents.pki.state import master_list, revocation_list, utopia
    from travelers.core.chip import Invalid, Malformed, data_groups
    from travelers.core.chip.certificate import parse_certificate
    from travelers.core.chip.crl import parse_crl
    from travelers.core.chip.master_list import parse_master_list
    from travelers.core.chip.security_object import parse_security_object
    from travelers.core.chip.tlv import parse_der
    from travelers.core.chip.trust_import import read_trust_file

    state = utopia()
    files = state.files()
    root = parse_certificate(state.csca.der)

    def read_trust(content: bytes) -> object:
        return read_trust_file(content, roots=[root], anchors=[root])

    listed = master_list(state, state.csca.der)
    parsers: list[tuple[Callable[[bytes], object], bytes]] = [
        (parse_der, state.csca.der),
        (parse_certificate, state.csca.der),
        (parse_crl, revocation_list(state, 1, 2, 3)),
        (parse_master_list, listed),
        (read_trust, listed),
        (parse_security_object, files.sod or b""),
        (data_groups.parse_common, files.com or b""),
    ]
    for number, content in state.groups.items():
        parse = getattr(data_groups, f"parse_dg{number}", None)
        if parse is not None:
            parsers.append((parse, content))
    return [
        Target(f"chip {parse.__name__.removeprefix('parse_')}", parse, (Malformed, Invalid), (specimen,))
        for parse, specimen in parsers
    ]


def list_targets() -> list[Target]:
    from biometrics.core.error_rates.lists import ListRefused, parse_pairs
    from tests.unit.watchlists.importers import samples
    from watchlists.core.importers import FORMATS, FileRefused

    specimens = {**samples.ALL, "uk": samples.UK_CSV}
    further = {"uk": (samples.UK_XML,), "ftm": (samples.FTM_DELTA,)}

    def reader(read: Any) -> Callable[[bytes], object]:
        return lambda content: list(read(io.BytesIO(content), "utf-8", {}))

    found = [
        Target(f"list {code}", reader(kind.read), (FileRefused,), (specimens[code], *further.get(code, ())))
        for code, kind in FORMATS.items()
    ]
    pairs = b"path_a,path_b,mated\na.jpg,b.jpg,1\n"
    return [*found, Target("list of pairs", parse_pairs, (ListRefused,), (pairs,))]


def request_targets() -> list[Target]:
    from django.test import RequestFactory

    from audit.api.parsers import parse_json
    from audit.api.problems import Problem
    from borders.api.parsers import InspectionUploadParser
    from borders.core.manifests import ManifestRefused, parse_manifest
    from borders.core.rules import RuleRefused, parse_parameters
    from tests.torture.traffic import make_travelers

    request = json.dumps(next(make_travelers(1, "fuzz"))).encode()
    manifest = json.dumps(
        {
            "conveyance": "UA417",
            "port": "UTZIA",
            "direction": "ENTRY",
            "scheduled_at": "2026-11-22T10:00:00Z",
            "passengers": [{"primary_identifier": "ERIKSSON", "secondary_identifier": "ANNA MARIA"}],
        }
    ).encode()
    part = b'--b\r\nContent-Disposition: form-data; name="inspection"\r\nContent-Type: application/json\r\n\r\n{}\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="face_image"; filename="x"\r\n\r\n\xff\xd8\xff\r\n--b--\r\n'
    factory = RequestFactory()

    def parse_upload(content: bytes) -> object:
        media_type = "multipart/form-data; boundary=b"
        sent = factory.generic("POST", "/api/v1/inspections/", content, content_type=media_type)
        return InspectionUploadParser().parse(io.BytesIO(content), media_type, {"request": sent})

    return [
        Target("JSON", parse_json, (Problem,), (request,)),
        Target("multipart", parse_upload, (Problem,), (part + file,)),
        Target(
            "manifest",
            lambda content: parse_manifest(parse_json(content)),
            (Problem, ManifestRefused),
            (manifest,),
        ),
        Target(
            "rule",
            lambda content: parse_parameters(content.decode("utf-8", "replace")),
            (RuleRefused,),
            (b'{"days": 3}',),
        ),
    ]


def message_targets() -> list[Target]:
    """Of carriers, of terminals, and what comes back to us in an address."""
    from audit.api.pagination import TimePagination
    from audit.api.problems import Problem
    from borders.core.edifact import EdifactRefused
    from borders.core.paxlst import read_passenger_list
    from borders.services.devices import DeviceRefused, _load_key
    from tests.unit.borders.test_paxlst import BODY, PERSON, interchange

    def turn_page(content: bytes) -> object:
        pages = TimePagination()
        pages.ordering = ("-at", "-id")
        return pages._behind(content.decode("utf-8", "replace"))

    cursor = f"2026-11-20T09:00:00+00:00~{UUID(int=9).hex}".encode()
    messages = (interchange(*BODY, *PERSON, "CNT+42:1"), interchange(*BODY, *PERSON * 20, una=""))
    return [
        Target("PAXLST", lambda content: read_passenger_list(content, at=AT), (EdifactRefused,), messages),
        Target("page cursor", turn_page, (Problem,), (base64.urlsafe_b64encode(cursor),)),
        Target(
            "terminal's key",
            lambda content: _load_key(content.decode("utf-8", "replace")),
            (DeviceRefused,),
            (make_device_key(),),
        ),
    ]


def make_device_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def key_targets() -> list[Target]:
    """What is sealed, and the records of the key store: a disk may give back anything."""
    from biometrics.core import envelope

    subject, item = UUID(int=1), UUID(int=2)
    key, master = bytes(range(32)), bytes(range(32, 64))
    belonging = envelope.Belonging(subject, envelope.Kind.IMAGE, item, "inspection")
    sealed = envelope.seal(b"a picture" * 20, key=key, slot=3, nonce=bytes(12), belonging=belonging)
    slot = envelope.wrap_key(key, master=master, nonce=bytes(12), subject=subject)

    def read_whole_slot(content: bytes) -> object:
        # with the checksum right, so that what lies behind it is reached
        body = content[: envelope.SLOT_BYTES - 4].ljust(envelope.SLOT_BYTES - 4, b"\0")
        found = envelope.read_slot(body + zlib.crc32(body).to_bytes(4, "big"))
        return None if found.is_destroyed else envelope.unwrap_key(found, master=master)

    refusals = (envelope.SealBroken, envelope.SlotDamaged)
    return [
        Target(
            "sealed content",
            lambda c: envelope.open_sealed(c, key=key, belonging=belonging),
            refusals,
            (sealed,),
        ),
        Target("slot of the key store", read_whole_slot, refusals, (slot, envelope.destroyed_slot(subject))),
    ]


def trail_targets() -> list[Target]:
    """Heads and statements that booths and auditors hand back."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from audit.core import notes, pruning
    from deploy import verify_audit as stranger

    key, name = Ed25519PrivateKey.from_private_bytes(bytes(32)), "bmis.invalid/audit"
    head = notes.Head(name, "central", 20, 3, "ab" * 32, "2026-11-22T09:00:00.000000Z")
    removed = pruning.Pruning(
        *(name, "central", str(UUID(int=7)), 1, 3, 1, 20, "ab" * 32),
        *("2020-11-22T09:00:00.000000Z", "LOGS-1", "2026-11-22T09:00:00.000000Z"),
    )
    signed_head = notes.sign_note(notes.format_head(head), name=name, key=key).encode()
    statement = notes.sign_note(pruning.format_pruning(removed), name=name, key=key).encode()
    line = notes.format_verifier_key(name, key.public_key())
    keys = notes.parse_verifier_keys([line])

    def text(content: bytes) -> str:
        return content.decode("utf-8", "replace")

    def read_head(content: bytes) -> object:
        return notes.is_signed(text(content), keys), notes.parse_head(text(content))

    def read_statement(content: bytes) -> object:
        return stranger.read_pruning(text(content), keys), pruning.parse_pruning(text(content))

    return [
        Target("head of the trail", read_head, (notes.NoteInvalid,), (signed_head,)),
        Target("statement of a pruning", read_statement, (notes.NoteInvalid,), (statement,)),
        Target(
            "verifier keys",
            lambda c: notes.parse_verifier_keys(text(c).splitlines()),
            (notes.NoteInvalid,),
            (line.encode(),),
        ),
        Target("heads, by the stranger", lambda c: stranger.read_note(text(c), keys), (), (signed_head,)),
    ]


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Throw away what the libraries below Python write of each damaged picture; a crash is told by the table."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def run(*, seed: int, size: int) -> Outcome:
    django.setup()
    crashes: Counter[str] = Counter()
    first: dict[str, str] = {}
    taken = refused = 0
    slow: Counter[str] = Counter()
    targets = make_targets()
    resting = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with quiet_libraries():
        for target in targets:
            rng = random.Random(f"{seed} {target.name}")
            for number in range(size):
                content = (
                    rng.randbytes(rng.randrange(600))
                    if rng.random() < 0.1
                    else damage(rng, rng.choice(target.specimens))
                )
                begun = time.process_time()
                try:
                    target.parse(content)
                    taken += 1
                except target.refusals:
                    refused += 1
                except Exception as crash:
                    kind = f"{target.name}: {type(crash).__name__}"
                    crashes[kind] += 1
                    # where, never what: the text of an exception may repeat the input
                    first.setdefault(kind, f"{kind} at call {number}, {where(crash)}")
                if (milliseconds := (time.process_time() - begun) * 1e3) > SLOWEST_MS:
                    slow[f"{target.name}: a call took {milliseconds:.0f} ms of processor time"] += 1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - resting
    faults = [*first.values(), *slow]
    if grown > MEMORY_MIB:
        faults.append(f"memory grew by {grown:.0f} MiB")
    return Outcome(
        campaign="fuzz",
        size=f"{len(targets)} parsers x {size}",
        seed=seed,
        found=f"{crashes.total()} crashes",
        faults=tuple(faults),
        notes=(f"{taken} taken, {refused} refused by name, memory grew by {grown:.0f} MiB",),
    )


def where(crash: BaseException) -> str:
    trace = crash.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
