"""JSON from outside is read strictly: each refusal has its code, and nothing costs more than milliseconds."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.api.parsers import MAX_JSON_BYTES, MAX_JSON_DEPTH, parse_json
from audit.api.problems import Problem

REFUSED = [
    (b"", "json_malformed"),
    (b"{", "json_malformed"),
    (b"{'a': 1}", "json_malformed"),
    (b'{"a": 1,}', "json_malformed"),
    (b'"\xff"', "json_malformed"),
    (b'"\xed\xa0\x80"', "json_malformed"),
    (b'{"a": "\x00"}', "json_malformed"),
    (b"1" * 5000, "json_malformed"),
    (b"[NaN]", "json_not_finite"),
    (b"[Infinity]", "json_not_finite"),
    (b"[-Infinity]", "json_not_finite"),
    (b"[1e999]", "json_not_finite"),
    (b'{"a": 1, "a": 1}', "json_duplicate_key"),
    (b'{"x": {"a": 1, "\\u0061": 2}}', "json_duplicate_key"),
    (b"[" * (MAX_JSON_DEPTH + 1) + b"]" * (MAX_JSON_DEPTH + 1), "json_too_deep"),
    (b"[" * 10_000, "json_too_deep"),
    (b'{"a":' * 10_000, "json_too_deep"),
    (b'["' + b"x" * MAX_JSON_BYTES + b'"]', "body_too_large"),
    (b'["' + b"x" * 1_000_000 + b'"]', "body_too_large"),
]


@pytest.mark.parametrize(("content", "code"), REFUSED)
def test_what_is_not_strict_json_is_refused_with_its_code(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_json(content)
    assert refused.value.code == code
    assert refused.value.status_code == (413 if code == "body_too_large" else 400)


ACCEPTED = [
    b"{}",
    b' {"a": [1, 2.5, -0.0, true, null, "x"]} ',
    b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH,
    '{"name": "إريكسون آنا"}'.encode(),
    b'["[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\\"[[[[[[[[[[[[[[[["]',
]


@pytest.mark.parametrize("content", ACCEPTED)
def test_plain_json_is_read_as_the_standard_library_reads_it(content: bytes) -> None:
    assert parse_json(content) == json.loads(content)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_value_or_the_named_error(content: bytes) -> None:
    with contextlib.suppress(Problem):
        parse_json(content)


@given(st.text(alphabet='[]{}":,\\0123456789.eE-ntfalsru ', max_size=200))
def test_text_that_looks_like_json_gives_a_value_or_the_named_error(text: str) -> None:
    with contextlib.suppress(Problem):
        parse_json(text.encode())


def test_the_error_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(Problem) as refused:
        parse_json(b'{"primary_identifier": "ERIKSSON"')
    assert "ERIKSSON" not in str(refused.value)
