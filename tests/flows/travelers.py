"""Travellers for load: the demo's own documents and faces at one booth, without a story."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from borders.demo.captures import CaptureKind, capture
from borders.demo.cast import make_cast
from borders.demo.client import Booth
from borders.demo.documents import printed_fields
from borders.demo.logins import read_logins
from borders.demo.pages import draw_page
from borders.demo.places import FIRST_LINE
from borders.demo.portraits import live_capture, portrait
from borders.demo.story import AIRPORT
from tests.flows.stack import Stack


@dataclass(frozen=True, slots=True)
class Sample:
    """request: of the API, without client_reference. page, face: JPEG files."""

    request: dict[str, Any]
    page: bytes
    face: bytes


def make_samples() -> list[Sample]:
    """Return one entry each of six travellers with documents in order, pages by flatbed and by hand in turn."""
    cast = make_cast(timezone.now().date())
    documents = (cast.anna, cast.bjorn, cast.mother, cast.first_identity, cast.unreadable, cast.overstayer)
    samples = []
    for number, document in enumerate(documents):
        page = draw_page(document, portrait(document.holder.face))
        kind = CaptureKind.HAND_HELD if number % 2 else CaptureKind.FLATBED
        request = {
            "direction": "ENTRY",
            "conveyance": "UA 417",
            "purpose_of_travel": "TOURISM",
            "address_of_stay": "Harbour Lodge, Zenith",
            "printed": printed_fields(document),
        }
        samples.append(Sample(request, capture(page, number, kind), live_capture(document.holder.face, 0)))
    return samples


def sign_in_first_line(stack: Stack) -> Booth:
    """Return the first booth of the airport with its officer signed in."""
    username, booth = FIRST_LINE[AIRPORT]
    password = read_logins(stack.folder)[username]
    return Booth.sign_in(stack.web_url, username=username, password=password, port=AIRPORT, booth=booth)
