"""The catalogues of the console are whole: every sentence in every language, and the machine's file made of the people's."""

import re

import pytest

from borders.console.words import REASONS, REFUSALS, say_reason
from borders.management.commands.make_catalogs import gather, languages, merge, render_files

PLACES = re.compile(r"%\(\w+\)s")


@pytest.mark.parametrize("language", languages())
def test_every_sentence_is_translated(language: str) -> None:
    catalog, found = merge(language)

    missing = [
        m.id for m in catalog if m.id and not all(m.string if isinstance(m.string, tuple) else (m.string,))
    ]
    assert found > 200
    assert missing == []


@pytest.mark.parametrize("language", languages())
def test_the_files_are_those_that_the_command_writes(language: str) -> None:
    catalog, _ = merge(language)

    for path, body in render_files(catalog):
        assert path.read_bytes() == body, f"run manage.py make_catalogs ({path.name}, {language})"


@pytest.mark.parametrize("language", languages())
def test_places_for_values_are_kept(language: str) -> None:
    catalog, _ = merge(language)

    for message in catalog:
        if not message.id:
            continue
        wanted = set(PLACES.findall(message.id[0] if isinstance(message.id, tuple) else message.id))
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert set(PLACES.findall(text)) == wanted, message.id


def test_codes_are_among_the_sentences() -> None:
    sentences = {message for _, message in gather()}

    assert {str(words) for words in (*REASONS.values(), *REFUSALS.values())} <= sentences


def test_a_code_without_words_is_read_out() -> None:
    assert say_reason("some_new_code") == "some new code"
