"""Every address of the system, found by walking the URL configuration, and every command."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

OWN_APPS = ("audit", "biometrics", "travelers", "watchlists", "borders", "deploy")
# what Django's ModelAdmin has by itself: the line of the model in the table says who reads, and the rest is closed
STANDARD_PAGES = ("changelist", "change", "add", "delete", "history", "find", "export")


@dataclass(frozen=True, slots=True)
class Address:
    """One address. name: with its namespace. route: as the URL configuration spells it.

    area: api, console, training, admin or site.
    """

    name: str
    route: str
    area: str
    parameters: tuple[str, ...]


def addresses() -> list[Address]:
    """Return every address that a browser or a program can ask for, except the standard pages of the admin's models."""
    standard = {
        f"admin:{m._meta.app_label}_{m._meta.model_name}_{page}"
        for m in admin.site._registry
        for page in STANDARD_PAGES
    }
    found = []
    for name, route, pattern in _walk(get_resolver().url_patterns):
        if (
            name in standard or name == "admin:None"
        ):  # Django's redirects of old addresses, and the catch-all behind it
            continue
        namespace = name.partition(":")[0]
        area = namespace if namespace in ("admin", "console", "training") else "site"
        area = "api" if route.startswith("api/v1/") else area
        found.append(Address(name, route, area, tuple(_parameters(pattern))))
    return found


def models() -> list[Any]:
    """Return the models that have pages in the admin."""
    return list(admin.site._registry)


def commands() -> set[str]:
    """Return the names of our own management commands."""
    own = {c.name for c in map(_config_of, OWN_APPS) if c is not None}
    return {name for name, app in get_commands().items() if app in own}


def _config_of(label: str) -> Any:
    from django.apps import apps

    return next((c for c in apps.get_app_configs() if c.label == label), None)


def _walk(
    patterns: Iterable[URLPattern | URLResolver], route: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        spelled = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, spelled, inner)
        else:
            # what has no name goes by its route
            yield f"{namespace}{pattern.name}" if pattern.name or namespace else spelled, spelled, pattern


def _parameters(pattern: URLPattern) -> Iterator[str]:
    yield from pattern.pattern.converters
    regex = getattr(pattern.pattern, "regex", None)
    if regex is not None and not pattern.pattern.converters:
        yield from regex.groupindex


assert settings.ROOT_URLCONF == "deploy.urls"
