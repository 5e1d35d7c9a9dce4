"""Uploads that unpack into far more than they are, against a real web server: size = times each is sent.

Each must be refused with a code within LONGEST_S, and the web processes may not grow by more than MEMORY_MIB.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django
import psutil

from tests.flows.stack import Stack
from tests.torture.report import Outcome

LONGEST_S = 1.0
MEMORY_MIB = 150.0
SAMPLE_S = 0.01
MIB = 1024 * 1024
BOUNDARY = "torture"


@dataclass(frozen=True)
class Bomb:
    """statuses: of which the answer must have one."""

    name: str
    body: bytes
    content_type: str
    statuses: tuple[int, ...] = (400, 413, 415)
    path: str = "inspections/"
    headers: tuple[tuple[str, str], ...] = ()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(side: int) -> bytes:
    """Return a complete PNG of side x side pixels of one colour, a thousandth of what it unpacks to."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side * 3)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """Return a small picture with a compressed comment of 200 MB."""
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    comment = b"Comment\0\0" + zlib.compress(bytes(200 * MIB), 9)
    # more pixel data than the header announces, too
    pixels = zlib.compress(bytes(100 * MIB), 9)
    parts = (chunk(b"IHDR", header), chunk(b"zTXt", comment), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg_bomb() -> bytes:
    """Return a JPEG whose header announces 65,500 x 65,500 pixels."""
    frame = struct.pack(">HBHHB", 17, 8, 65_500, 65_500, 3) + bytes((1, 17, 0, 2, 17, 1, 3, 17, 1))
    return (
        b"\xff\xd8\xff\xe0"
        + struct.pack(">H", 16)
        + b"JFIF\0\1\1\0\0\1\0\1\0\0"
        + b"\xff\xc0"
        + frame
        + b"\xff\xd9"
    )


def jpeg2000_bomb() -> bytes:
    """Return a JPEG 2000 code stream of 2^31 x 2^31 pixels in one tile."""
    most = 2**31 - 1
    size = struct.pack(">HHIIIIIIIIH", 47, 0, most, most, 0, 0, most, most, 0, 0, 3) + bytes((7, 1, 1) * 3)
    box = struct.pack(">I4sI", 12, b"jP  ", 0x0D0A870A) + struct.pack(
        ">I4s4sI4s", 20, b"ftyp", b"jp2 ", 0, b"jp2 "
    )
    inner = struct.pack(">I4sIIHBBBB", 22, b"ihdr", most, most, 3, 7, 7, 0, 0)
    head = struct.pack(">I4s", 8 + len(inner), b"jp2h") + inner
    stream = b"\xff\x4f\xff\x51" + size
    return box + head + struct.pack(">I4s", 0, b"jp2c") + stream


def upload(sent: str, **files: bytes) -> bytes:
    lines = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="inspection"\r\n\r\n{sent}\r\n'.encode()
    for name, content in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        lines += head.encode() + content + b"\r\n"
    return lines + f"--{BOUNDARY}--\r\n".encode()


def make_bombs(travelers: Iterator[dict[str, Any]]) -> Iterator[Bomb]:
    """Yield every upload that has no business being taken. travelers: requests that would be."""
    multipart, plain = f"multipart/form-data; boundary={BOUNDARY}", "application/json"
    for name, image in (
        ("PNG, 10,000 x 10,000", png_bomb(10_000)),
        ("JPEG, 65,500 x 65,500", jpeg_bomb()),
        ("JPEG 2000, 2^31 x 2^31", jpeg2000_bomb()),
        ("TIFF of nothing", b"II*\0\x08\0\0\0\xff\xff" + bytes(2000)),
        ("20 MB of JPEG marker", b"\xff\xd8\xff" + bytes(20_000_001)),
    ):
        yield Bomb(name, upload(json.dumps(next(travelers)), page_image=image), multipart)
    yield Bomb(
        "chip file of 24 MB",
        upload(json.dumps(next(travelers)), ef_sod=b"\x77\x84\xff\xff\xff\xff" + bytes(24 * 1000 * 1000)),
        multipart,
    )
    yield Bomb(
        "chip nested 100,000 deep",
        upload(json.dumps(next(travelers)), ef_sod=b"\x30\x80" * 100_000),
        multipart,
        (400, 413, 415, 201),
    )
    # a small picture is taken, whatever hangs on it: what counts is that the worker unpacks none of it
    small = upload(json.dumps(next(travelers)), page_image=png_text_bomb())
    yield Bomb("PNG with 300 MB behind its pixels", small, multipart, (201, 400, 413))
    yield Bomb("30 MB", upload(json.dumps(next(travelers)), page_image=bytes(30 * 1000 * 1000)), multipart)
    parts = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="p{n}"\r\n\r\nx\r\n' for n in range(10_000)
    )
    yield Bomb("10,000 parts", parts.encode() + f"--{BOUNDARY}--\r\n".encode(), multipart)
    files = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="dg1"; filename="f{n}"\r\n\r\nx\r\n'
        for n in range(10_000)
    )
    yield Bomb("10,000 files", files.encode() + f"--{BOUNDARY}--\r\n".encode(), multipart)
    yield Bomb(
        "part with a header of 5 MB",
        b"--torture\r\nX: " + b"a" * 5_000_000 + b"\r\n\r\n--torture--\r\n",
        multipart,
    )
    yield Bomb("JSON 500,000 deep", b'{"a":' * 500_000, plain)
    yield Bomb("JSON arrays 10,000 deep", b"[" * 10_000 + b"]" * 10_000, plain)
    yield Bomb("JSON text of 20 MB", b'{"conveyance": "' + b"a" * 20_000_000 + b'"}', plain)
    yield Bomb("JSON number of 60,000 digits", b'{"conveyance": ' + b"9" * 60_000 + b"}", plain)
    yield Bomb(
        "JSON of 10,000 keys", json.dumps({f"k{n}": n for n in range(6_000)})[:60_000].encode() + b"}", plain
    )
    packed = gzip.compress(bytes(200 * MIB))
    yield Bomb("gzip of 200 MB", packed, plain, headers=(("Content-Encoding", "gzip"),))
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
    yield Bomb("XML entities", laughs * 10_000, "application/xml")
    yield Bomb(
        "manifest of a million passengers",
        b'{"passengers": [' + b"{}," * 1_000_000 + b"{}]}",
        plain,
        path="manifests/",
    )


def send(address: tuple[str, int], token: str, bomb: Bomb) -> tuple[int, str]:
    """Return (status, code); status 0 if the server closed the connection before all was sent."""
    connection = http.client.HTTPConnection(*address, timeout=30)
    headers = {"Content-Type": bomb.content_type, "Authorization": f"Bearer {token}", **dict(bomb.headers)}
    try:
        # refused while we were sending: the answer may be there all the same
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", f"/api/v1/{bomb.path}", bomb.body, headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        return 0, "no answer"
    finally:
        connection.close()
    try:
        return response.status, str(json.loads(content).get("code", ""))
    except ValueError:
        return response.status, ""


class MemoryWatch(threading.Thread):
    """Samples the memory of processes and their children; peak: MiB above what it was at the start."""

    def __init__(self, *pids: int):
        super().__init__(daemon=True)
        parents = [psutil.Process(pid) for pid in pids]
        self.processes = [
            member for parent in parents for member in (parent, *parent.children(recursive=True))
        ]
        self.resting = self.measure()
        self.peak = 0.0
        self.over = threading.Event()

    def measure(self) -> float:
        return sum(process.memory_info().rss for process in self.processes) / MIB

    def run(self) -> None:
        while not self.over.wait(SAMPLE_S):
            self.peak = max(self.peak, self.measure() - self.resting)


def run(*, seed: int, size: int) -> Outcome:
    django.setup()
    from urllib.parse import urlsplit

    from tests.torture.traffic import make_travelers, sign_in_everywhere

    stack = Stack.prepare()
    faults: list[str] = []
    slowest, largest, count = ("", 0.0), ("", 0.0), 0
    try:
        stack.start()
        address = (urlsplit(stack.web_url).hostname or "", stack.web_port)
        booth = sign_in_everywhere(stack)[0]
        travelers = make_travelers(seed, "bomb")
        # every thread of every process has answered once, so that what it keeps is not taken for the bomb's
        for _ in range(20):
            booth.send("GET", "inspections/")
        for _ in range(size):
            for bomb in make_bombs(travelers):
                watch = MemoryWatch(stack.children["web"].pid, stack.worker_pid)
                watch.start()
                begun = time.monotonic()
                status, code = send(address, booth.token, bomb)
                seconds = time.monotonic() - begun
                time.sleep(1.0 if status == 201 else 3 * SAMPLE_S)  # what is taken goes to the worker
                watch.over.set()
                watch.join()
                count += 1
                slowest = max(slowest, (bomb.name, seconds), key=lambda pair: pair[1])
                largest = max(largest, (bomb.name, watch.peak), key=lambda pair: pair[1])
                if status not in bomb.statuses or (status >= 400 and not code):
                    faults.append(f"{bomb.name}: answered {status} {code}")
                if seconds > LONGEST_S:
                    faults.append(f"{bomb.name}: took {seconds:.2f} s")
                if watch.peak > MEMORY_MIB:
                    faults.append(f"{bomb.name}: took {watch.peak:.0f} MiB")
        booth.send("GET", "inspections/")  # and the service is still there
    finally:
        stack.close()
    refused = count - len({fault.partition(":")[0] for fault in faults})
    return Outcome(
        campaign="bombs",
        size=f"{count} uploads",
        seed=seed,
        found=f"{refused} of {count} refused within bounds",
        faults=tuple(faults),
        notes=(f"slowest {slowest[0]}, {slowest[1]:.2f} s; most memory {largest[0]}, {largest[1]:.0f} MiB",),
    )
