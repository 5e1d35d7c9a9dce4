"""Broken and hostile files: a code, a line and a field, and never anything else."""

import io
import tracemalloc
from itertools import repeat

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.watchlists.importers import samples
from tests.unit.watchlists.importers.samples import issues, read
from watchlists.core.importers import FORMATS, FileRefused
from watchlists.core.importers.drafts import RowRefused
from watchlists.core.importers.json_values import parse_object
from watchlists.core.importers.text import read_lines, read_rows

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>&b;</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY x SYSTEM "file:///etc/hostname">]><CONSOLIDATED_LIST/>"""
ONE = b"<CONSOLIDATED_LIST>\n<INDIVIDUAL>{}</INDIVIDUAL></CONSOLIDATED_LIST>"
DEEP = b"<CONSOLIDATED_LIST>" + b"<A>" * 100
LONG = (
    b"<CONSOLIDATED_LIST><INDIVIDUAL><DATAID>"
    + b"1" * (2 << 20)
    + b"</DATAID></INDIVIDUAL></CONSOLIDATED_LIST>"
)


@pytest.mark.parametrize(
    ("code", "content", "refusal"),
    [
        ("un", BILLION_LAUGHS, "doctype_refused"),
        ("un", EXTERNAL, "doctype_refused"),
        ("un", b"<CONSOLIDATED_LIST><INDIVIDUAL>&x;</INDIVIDUAL></CONSOLIDATED_LIST>", "entity_refused"),
        ("un", b"<?php x?><CONSOLIDATED_LIST/>", "instruction_refused"),
        ("un", DEEP, "too_deep"),
        ("un", LONG, "record_too_long"),
        ("un", b"", "empty_file"),
        ("un", b"<html/>", "wrong_root"),
        ("un", samples.UN[:-400], "not_well_formed"),
        ("un", b'<?xml version="1.0" encoding="klingon"?><CONSOLIDATED_LIST/>', "bad_encoding"),
        ("un", samples.OFAC, "not_well_formed"),
        ("ofac", b"", "empty_file"),
        ("ofac", b"a,b,c\n", "wrong_columns"),
        ("ofac", samples.UN, "wrong_columns"),
        ("ofac", b'1,"open quote' + b"x" * (1 << 18), "field_too_long"),
        ("ofac", b"1,\x00", "nul_byte"),
        ("ofac", b"x" * (3 << 20), "line_too_long"),
        ("ofac", b",".join(repeat(b"1", 500)) + b"\n", "too_many_columns"),
        ("eu", b"", "empty_file"),
        ("eu", b"a;b;c\n1;2;3\n", "wrong_columns"),
        ("eu", samples.EU.replace(b"NameAlias_WholeName", b"Name"), "wrong_columns"),
        ("eu", samples.EU.split(b"\n")[0] + b"\n", "empty_file"),
        ("uk", b"Name 6,Name 1\nA,B\n", "wrong_columns"),
        ("uk", b"<Designations>", "not_well_formed"),
        ("ftm", b"\n\n", "empty_file"),
        ("ftm", samples.FTM + samples.FTM_DELTA, "mixed_delta"),
        ("interpol", b'[{"entity_id": 1]', "not_json"),
        ("interpol", b"[1, 2", "not_json"),
        ("interpol", b"name,forename\n", "not_json"),
        ("interpol", b"[" * 100, "too_deep"),
        ("documents", b"number,status\n1,lost\n", "wrong_columns"),
    ],
)  # fmt: skip
def test_file_that_is_none_is_refused_with_its_code(code: str, content: bytes, refusal: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(code, content)
    assert refused.value.code == refusal


def test_wrong_column_is_named() -> None:
    with pytest.raises(FileRefused) as refused:
        read("eu", samples.EU.replace(b"NameAlias_WholeName", b"Name"))
    assert (refused.value.field, refused.value.line) == ("NameAlias_WholeName", 1)


def test_bytes_of_another_encoding_are_refused_with_their_line() -> None:
    with pytest.raises(FileRefused) as refused:
        read("ofac", b"1,2\n3,\xe9\n", encoding="utf-8")
    assert (refused.value.code, refused.value.line) == ("bad_encoding", 1)


@pytest.mark.parametrize(
    ("code", "content", "fault"),
    [
        ("un", ONE.replace(b"{}", b"<FIRST_NAME>A</FIRST_NAME>"), (2, "DATAID", "required")),
        ("un", ONE.replace(b"{}", b"<DATAID>1</DATAID>"), (2, "FIRST_NAME", "required")),
        ("ofac", samples.OFAC + b"\n702,too,few\n", (5, "row", "wrong_columns")),
        ("ofac", samples.OFAC.replace(b"700,", b"seven,", 1), (2, "ent_num", "bad_value")),
        ("ofac", samples.OFAC.replace(b'"individual"', b'"ghost"'), (2, "SDN_Type", "bad_value")),
        ("ofac", samples.OFAC.replace(b'"ERIKSSON,', b'"ERIK"SSON,'), (2, "row", "bad_quoting")),
        ("eu", samples.EU.replace(b";Utopia Trading;", b';"Utopia" Trading;'), (8, "row", "bad_quoting")),
        ("eu", samples.EU.replace(b"2026-02-27;14;", b"2026-02-27;;"), (8, "Entity_LogicalId", "required")),
        ("eu", samples.EU.replace(b"Utopia Trading", b""), (8, "NameAlias_WholeName", "required")),
        ("uk", samples.UK_CSV.replace(b",Entity,", b",Dragon,"), (5, "designation_type", "bad_value")),
        ("ftm", b"{}\n", (1, "id", "required")),
        ("ftm", b'{"id":"1","schema":"Person","properties":{"name":"A"}}\n', (1, "name", "bad_value")),
        ("ftm", b'{"id":"1","schema":"Person","properties":{}}\n', (1, "name", "required")),
        ("ftm", b'{"id":"1","id":"2"}\n', (1, "row", "repeated_name")),
        ("ftm", b'{"id":"1","schema":"Person","properties":{"name":["\\ud800"]}}\n', (1, "row", "bad_text")),
        ("ftm", b'{"op":"EAT","entity":{"id":"1"}}\n', (1, "op", "bad_value")),
        ("ftm", b"[1]\n", (1, "row", "not_an_object")),
        ("ftm", b"not json\n", (1, "row", "bad_json")),
        ("interpol", b'[{"entity_id":"1","name":""}]', (1, "name", "required")),
        ("interpol", b'[{"entity_id":"1","name":["A"]}]', (1, "name", "bad_value")),
        ("interpol", b'[\n{"name":"A"}]', (2, "entity_id", "required")),
    ],
)  # fmt: skip
def test_malformed_row_is_listed_with_line_field_and_reason(
    code: str, content: bytes, fault: tuple[int, str, str]
) -> None:
    assert fault in issues(read(code, content))


def test_rows_behind_a_malformed_one_are_read() -> None:
    items = read("ftm", b"not json\n" + samples.FTM)
    assert len(items) == 4


def outcome_of(code: str, content: bytes) -> str:
    """Return what became of a file: "read", or the code of the refusal. Any other exception rises."""
    try:
        read(code, content)
    except FileRefused as refused:
        return refused.code
    return "read"


@pytest.mark.parametrize("code", sorted(FORMATS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=600))
@example(content=b"\xff\xfe<\x00")
@example(content=b'"')
@example(content=b"{" * 50)
def test_any_bytes_give_items_or_the_named_error(code: str, content: bytes) -> None:
    assert outcome_of(code, content)


@pytest.mark.parametrize("code", sorted(samples.ALL))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_file_gives_items_or_the_named_error(code: str, data: st.DataObject) -> None:
    content = samples.ALL[code]
    at = data.draw(st.integers(0, len(content)))
    cut = data.draw(st.integers(0, 60))
    put = data.draw(st.binary(max_size=30))
    assert outcome_of(code, content[:at] + put + content[at + cut :])


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    try:
        found = parse_object(text)
    except RowRefused:
        return
    assert isinstance(found, dict)


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=300), size=st.integers(1, 7))
def test_lines_do_not_depend_on_how_the_bytes_arrive(content: bytes, size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(size)

    def lines(stream: io.BytesIO) -> list[str] | str:
        try:
            return list(read_lines(stream, "cp1252"))
        except FileRefused as refused:
            return refused.code

    assert lines(Slow(content)) == lines(io.BytesIO(content))


def test_long_file_is_read_in_little_memory() -> None:
    row = b'1,"ERIKSSON, Anna"' + b",-0- " * 10 + b"\n"

    class Endless(io.RawIOBase):
        left = 3_000_000

        def read(self, size: int = -1) -> bytes:
            size = min(size, self.left) // len(row) * len(row)
            self.left -= size
            return row * (size // len(row))

    tracemalloc.start()
    try:
        count = sum(1 for _ in read_rows(read_lines(Endless(), "utf-8"), delimiter=","))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 25_000
    assert peak < 4_000_000
