"""An HTTP client that sends by the clock, whether or not earlier answers have come.

A client that waits for an answer before it sends again hides every stall of the server ("coordinated omission"). Here a
request is due at a time, and its latency counts from that time on, also when the client itself was late.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """status 0: none came. seconds: from the time at which the request was due."""

    status: int
    seconds: float
    body: Any
    retry_after: str = ""

    @property
    def code(self) -> str:
        return self.body.get("code", "") if isinstance(self.body, dict) else ""


@dataclass
class Connections:
    """HTTP/1.1 connections to one server, kept alive, as many as there are requests under way."""

    host: str
    port: int
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the connection used latest that the server has not closed for being idle, else a new one."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self.host, self.port)

    async def send(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await self.connect()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status_line, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            # every answer of the API says how long it is; another kind is a fault, and shows as no answer
            content = await reader.readexactly(int(headers["content-length"]))
            status = int(status_line.split()[1])
        except BaseException:
            writer.close()
            raise
        if headers.get("connection", "") == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return status, headers, content

    def close(self) -> None:
        for _, writer in self.idle:
            writer.close()


def make_request(host: str, path: str, token: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    return (
        f"POST /api/v1/{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode() + content


async def send_at_rate(
    connections: Connections,
    *,
    rate: float,
    seconds: float,
    next_request: Callable[[], tuple[bytes, Callable[[Answer], None]]],
) -> int:
    """Send `rate` requests a second for so many seconds and wait for all answers; return how many were sent.

    next_request: returns the bytes and what to do with the answer; called when the request is due.
    """
    count = round(rate * seconds)
    begun = time.perf_counter()
    under_way = set()

    async def send(request: bytes, take: Callable[[Answer], None], due: float) -> None:
        status, headers, content = 0, {}, b""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, headers, content = await connections.send(request)
        except (OSError, EOFError, TimeoutError, LookupError, ValueError):
            pass
        seconds = time.perf_counter() - due
        take(Answer(status, seconds, json.loads(content or b"null"), headers.get("retry-after", "")))

    for number in range(count):
        due = begun + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        request, take = next_request()
        task = asyncio.create_task(send(request, take, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    while under_way:
        await asyncio.wait(under_way)
    return count
