"""The few files that every page of the console loads, each named by its content: loaded once, and kept until they change."""

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

FILES: Mapping[str, str] = {
    "icon": "console/icon.svg",
    "style": "console/console.css",
    "htmx": "django_htmx/htmx-2.min.js",
    "script": "console/console.js",
}


@functools.cache
def assets() -> Mapping[str, str]:
    """Return the address of each file, with a digest of what it holds."""
    return {name: f"{static(path)}?v={_digest(path)}" for name, path in FILES.items()}


def _digest(path: str) -> str:
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(path)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
