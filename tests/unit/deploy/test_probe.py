"""deploy.probe: what a health check of a container hears."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from deploy.probe import ask, main


class Answering(http.server.BaseHTTPRequestHandler):
    status = 200
    asked: dict[str, str]

    def do_GET(self) -> None:
        type(self).asked = dict(self.headers)
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/healthz/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_web_server_that_answers_is_healthy(url, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", ".border.example,other.example")
    assert main([url]) == 0
    assert Answering.asked["Host"] == "border.example"


@pytest.mark.parametrize("status", [301, 400, 500, 503])
def test_any_other_answer_is_not(url, monkeypatch, status):
    monkeypatch.setattr(Answering, "status", status)
    assert main([url]) == 1


def test_no_answer_is_not():
    assert ask("http://127.0.0.1:1/healthz/", "") == 0
    assert main(["http://127.0.0.1:1/healthz/"]) == 1
