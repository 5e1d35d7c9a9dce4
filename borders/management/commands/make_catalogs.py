"""`manage.py make_catalogs`: gather the words of the console and write the catalogues of its languages anew."""

from __future__ import annotations

import io
import re
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

from biometrics.core.mrz.advice import ADVICE_TEXTS
from biometrics.core.quality import MEASURES
from borders.core.checks import CHECKS_OF_STEP
from borders.core.explanations import explain, explained
from borders.core.protection import QUESTIONS
from borders.core.redress import FIELD_WORDS, LETTER_TEXTS
from borders.core.refusals import GROUND_TEXTS, NOTICE_TEXTS

ROOM = Path(__file__).resolve().parents[2]
LOCALE = ROOM / "locale"
# the same sentences give the same files, on any day
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
# one call in what templatize() makes of a template, which is Python but for its indentation
CALL = re.compile(r"""\b(?:_|n?p?gettext)\((?:u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*"|[\w, ])+\)""")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


class Command(BaseCommand):
    help = "Write borders/locale: every sentence of the console, kept where it was translated (needs babel)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when a catalogue is not up to date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for language in languages():
            catalog, found = merge(language)
            missing = [m.id for m in catalog if m.id and not _is_translated(m)]
            files = render_files(catalog)
            self.stdout.write(f"{language}: {found} sentences, {len(missing)} without translation")
            if options["check"]:
                if missing or any(not path.exists() or path.read_bytes() != body for path, body in files):
                    stale.append(language)
                continue
            for path, body in files:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
        if stale:
            raise CommandError(
                f"not up to date: {', '.join(stale)}; run manage.py make_catalogs and translate"
            )


def languages() -> list[str]:
    """Return the languages that have a catalogue: all but English, in which the sentences are written."""
    return [code for code, _ in settings.LANGUAGES if code != "en"]


def gather() -> set[tuple[str | None, Any]]:
    """Return every sentence of the console as (context, sentence or (one, many))."""
    from babel.messages.extract import extract

    found: set[tuple[str | None, Any]] = set()
    sources = [p.read_text("utf-8") for p in sorted((ROOM / "console").rglob("*.py"))]
    sources += [
        "\n".join(CALL.findall(templatize(p.read_text("utf-8"), origin=p.name)))
        for room in ("console", "training")
        for p in sorted((ROOM / "templates" / room).rglob("*.html"))
    ]
    for source in sources:
        for _, message, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            found.add((context, message))
    # sentences that stand in core, where nothing knows of languages
    found |= {(None, check.statement) for checks in CHECKS_OF_STEP.values() for check in checks}
    found |= {(None, text) for text in ADVICE_TEXTS.values()}
    found |= {(None, explain(*found_as)) for found_as in explained()}
    found |= {(None, question.text) for question in QUESTIONS}
    found |= {
        (None, text)
        for texts in (GROUND_TEXTS, NOTICE_TEXTS, LETTER_TEXTS, FIELD_WORDS)
        for text in texts.values()
    }
    found |= {(None, text) for m in MEASURES for text in (m.advice_low, m.advice_high) if text}
    return found


def merge(language: str) -> tuple[Any, int]:
    """Return the catalogue of a language with what is translated already, and the number of its sentences."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    known = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    catalog = Catalog(
        locale=language, project="bmis", version="1", fuzzy=False, header_comment="# The booth console."
    )
    catalog.creation_date = catalog.revision_date = UNDATED
    gathered = gather()
    for context, message in sorted(gathered, key=lambda item: (str(item[1]), item[0] or "")):
        before = known.get(message[0] if isinstance(message, tuple) else message, context)
        # a sentence that is only like the one now wanted does not count: it would say something else
        catalog.add(message, before.string if before else None, context=context)
    return catalog, len(gathered)


def render_files(catalog: Any) -> list[tuple[Path, bytes]]:
    """Return the .po and the .mo file of a catalogue, the same bytes for the same sentences."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    folder = LOCALE / str(catalog.locale) / "LC_MESSAGES"
    text, machine = io.BytesIO(), io.BytesIO()
    write_po(text, catalog, width=0, omit_header=False, no_location=True)
    lines = [
        line
        for line in text.getvalue().splitlines(keepends=True)
        if not line.startswith((b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By'))
    ]
    write_mo(machine, catalog)
    return [(folder / "django.po", b"".join(lines)), (folder / "django.mo", machine.getvalue())]


def _is_translated(message: Any) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(strings) and all(strings)
