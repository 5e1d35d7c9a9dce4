"""The headers of every answer that a browser may draw: what a page may load, and what it may ask the terminal for.

The booth console sets its own (console/entry.py), with the camera. Here are all others: nothing for programs, and for the desk
its own files only. The desk's pages are drawn by Alpine.js, whose expressions in attributes need 'unsafe-eval'; no inline
script runs there, and of inline styles only the theme's own block, by a nonce of this answer, and two by their hashes.
"""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from borders.api.desk import DESK

# of unfold's skeleton, exactly as it stands in its template: colours of ours, so not the same for good
STYLE_BLOCKS = (b'<style id="unfold-theme-colors">',)
POLICY_OF_PROGRAMS = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# blocks that never change: that of unfold's change list, and that which htmx adds for its indicators
STYLE_HASHES = "'sha256-+MEQ/O07HiRf96s+FyiSQj7xKrHjGPZWCed2MyGUBF4=' 'sha256-bsV5JivYxvGywDAZ22EZJKBFip65Ng9xoJVLbBg7bdo='"
POLICY_OF_DESK = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; "
    f"style-src 'self' {STYLE_HASHES} 'nonce-{{nonce}}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()"


class HeadersMiddleware:
    """Stands before everything that answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        if "Content-Security-Policy" in response:
            return response
        if not request.path.startswith(DESK):
            response["Content-Security-Policy"] = POLICY_OF_PROGRAMS
            return response
        nonce = secrets.token_urlsafe(16)
        response["Content-Security-Policy"] = POLICY_OF_DESK.format(nonce=nonce)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            content = response.content
            for block in STYLE_BLOCKS:
                content = content.replace(block, block[:-1] + f' nonce="{nonce}">'.encode(), 1)
            response.content = content
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(content))
        return response
