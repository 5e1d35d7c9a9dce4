"""The demo's booth, against a server of canned answers on loopback."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from borders.demo.client import Booth, BoothError

Answers = dict[tuple[str, str], tuple[int, dict[str, Any]]]


class Canned(http.server.BaseHTTPRequestHandler):
    """Answers from the server's table, by method and address; keeps what came in."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.command, self.path, dict(self.headers), body))
        status, content = self.server.answers[self.command, self.path]
        encoded = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    do_GET = do_POST = answer  # noqa: N815 the names are the base class's

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canned)
    running.answers, running.received = {}, []
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def booth(server: http.server.ThreadingHTTPServer) -> Booth:
    return Booth(f"http://127.0.0.1:{server.server_port}", "the-token")


def test_inspection_is_sent_in_parts_and_waited_for(server, booth: Booth) -> None:
    server.answers = {
        ("POST", "/api/v1/inspections/?wait_s=5"): (201, {"id": "7", "state": "PROCESSING"}),
        ("GET", "/api/v1/inspections/7/?wait_s=5"): (200, {"id": "7", "state": "READY"}),
    }
    ready = booth.open_inspection({"client_reference": "r"}, page=b"the page", face=None)
    assert ready["state"] == "READY"
    _, _, headers, body = server.received[0]
    assert headers["Authorization"] == "Bearer the-token"
    assert b'name="inspection"\r\nContent-Type: application/json\r\n\r\n{"client_reference": "r"}\r\n' in body
    assert b'name="page_image"; filename="page_image"' in body
    assert b"face_image" not in body


def test_list_is_read_to_its_last_page(server, booth: Booth) -> None:
    following = "http://elsewhere/api/v1/hits/?cursor=abc&page_size=500"
    server.answers = {
        ("GET", "/api/v1/hits/?page_size=500"): (200, {"results": [1, 2], "next": following}),
        ("GET", "/api/v1/hits/?cursor=abc&page_size=500"): (200, {"results": [3], "next": None}),
    }
    assert booth.list_all("hits/") == [1, 2, 3]


def test_problem_document_gives_its_code_and_no_text_of_it(server, booth: Booth) -> None:
    problem = {"code": "invalid", "detail": "ERIKSSON", "errors": [{"field": "keyed.sex", "code": "bad_sex"}]}
    server.answers = {("POST", "/api/v1/inspections/7/decision/"): (400, problem)}
    with pytest.raises(BoothError) as caught:
        booth.decide("7", "CLEARED", "")
    assert caught.value.status == 400
    assert str(caught.value) == "inspections/7/decision/: 400 invalid keyed.sex: bad_sex"


def test_server_that_is_not_there_is_no_answer() -> None:
    with pytest.raises(BoothError) as caught:
        Booth("http://127.0.0.1:1", "").look("7")
    assert caught.value.status == 0
