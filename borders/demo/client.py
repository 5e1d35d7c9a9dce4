"""A booth of the demo: speaks to the server over HTTP and knows nothing of it but the public API."""

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 30.0
WAIT_S = 5.0
PATIENCE_S = 30.0
UNFINISHED = ("RECEIVED", "PROCESSING")


class BoothError(RuntimeError):
    """The server did not do what it was asked.

    status: of HTTP, 0 for no answer; code: of the problem document.
    """

    def __init__(self, status: int, code: str, path: str):
        super().__init__(f"{path}: {status or 'no answer'} {code}".strip())
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Booth:
    """One officer signed in at one booth."""

    url: str
    token: str

    @classmethod
    def sign_in(cls, url: str, *, username: str, password: str, port: str, booth: str) -> "Booth":
        """Sign an officer in. Raises BoothError."""
        body = {"username": username, "password": password, "port": port, "booth": booth}
        session = cls(url, "").send("POST", "sessions/", body)
        return cls(url, session["token"])

    def sign_out(self) -> None:
        self.send("DELETE", "sessions/current/")

    def open_inspection(
        self,
        request: dict[str, Any],
        *,
        page: bytes | None,
        face: bytes | None,
        chip: Mapping[str, bytes] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Send one traveller and return the inspection once it is checked. chip: files by part. Raises BoothError."""
        return self._await_ready(self.send_inspection(request, page=page, face=face, chip=chip))

    def send_inspection(
        self,
        request: dict[str, Any],
        *,
        page: bytes | None,
        face: bytes | None,
        chip: Mapping[str, bytes] = MappingProxyType({}),
        wait_s: float = WAIT_S,
    ) -> dict[str, Any]:
        """Send one traveller and return the first answer, after so long at most. Raises BoothError."""
        boundary = uuid.uuid4().hex
        body = _multipart(boundary, request, {"page_image": page, "face_image": face, **chip})
        media_type = f"multipart/form-data; boundary={boundary}"
        return self._exchange("POST", f"inspections/?wait_s={wait_s:g}", body, media_type)

    def correct(self, inspection_id: str, fields: dict[str, str]) -> dict[str, Any]:
        """Key what the machine could not read, and return the inspection once it is checked again.

        Raises BoothError.
        """
        path = f"inspections/{inspection_id}/correction/?wait_s={WAIT_S:g}"
        return self._await_ready(self.send("POST", path, {"fields": fields}))

    def look(self, inspection_id: str) -> dict[str, Any]:
        return self.send("GET", f"inspections/{inspection_id}/")

    def decide(self, inspection_id: str, outcome: str, reason: str) -> dict[str, Any]:
        """Decide and return the inspection as it then stands. Raises BoothError."""
        return self.send(
            "POST", f"inspections/{inspection_id}/decision/", {"outcome": outcome, "reason": reason}
        )

    def answer_hit(self, hit_id: str, answer: str, reason: str) -> str:
        """Claim a hit, answer it, and return its state: PROPOSED where a second person must look. Raises BoothError."""
        self.send("POST", f"hits/{hit_id}/claim/")
        hit = self.send("POST", f"hits/{hit_id}/adjudication/", {"answer": answer, "reason": reason})
        return str(hit["state"])

    def confirm_hit(self, hit_id: str) -> None:
        """Confirm a true match that somebody else has proposed. Raises BoothError."""
        self.send("POST", f"hits/{hit_id}/review/", {"verdict": "CONFIRMED"})

    def take_over(self, referral_id: str) -> dict[str, Any]:
        return self.send("POST", f"referrals/{referral_id}/acknowledgement/")

    def list_all(self, path: str) -> list[dict[str, Any]]:
        """Return all rows of a list, page by page. path: without a query. Raises BoothError."""
        rows: list[dict[str, Any]] = []
        query = "?page_size=500"
        while query:
            page = self.send("GET", path + query)
            rows += page["results"]
            following = urlsplit(page["next"] or "").query
            query = f"?{following}" if following else ""
        return rows

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        return self._exchange(method, path, content, "application/json")

    def _await_ready(self, inspection: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while inspection["state"] in UNFINISHED:
            if time.monotonic() > end:
                raise BoothError(0, "never_ready", "inspections/")
            inspection = self.send("GET", f"inspections/{inspection['id']}/?wait_s={WAIT_S:g}")
        return inspection

    def _exchange(self, method: str, path: str, body: bytes | None, media_type: str) -> dict[str, Any]:
        address = urlsplit(self.url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=TIMEOUT_S)
        headers = {"Accept": "application/json", "Content-Type": media_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        where = path.partition("?")[0]
        try:
            connection.request(method, f"{address.path.rstrip('/')}/api/v1/{path}", body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise BoothError(0, type(error).__name__, where) from error
        finally:
            connection.close()
        if response.status >= 400:
            raise BoothError(response.status, _code_of(content), where)
        return json.loads(content) if content else {}


def _multipart(boundary: str, request: dict[str, Any], files: dict[str, bytes | None]) -> bytes:
    parts = [('name="inspection"', "application/json", json.dumps(request).encode())]
    parts += [
        (f'name="{name}"; filename="{name}"', "application/octet-stream", content)
        for name, content in files.items()
        if content is not None
    ]
    body = b""
    for disposition, media_type, content in parts:
        head = f"Content-Disposition: form-data; {disposition}\r\nContent-Type: {media_type}"
        body += f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def _code_of(content: bytes) -> str:
    """Return the code of a problem document with the codes of the fields at fault; the body itself may name
    people.
    """
    try:
        problem = json.loads(content)
        fields = [f"{e['field']}: {e['code']}" for e in problem.get("errors", ())]
        return " ".join([str(problem.get("code", "")), *fields])
    except (ValueError, AttributeError, KeyError, TypeError):
        return ""
