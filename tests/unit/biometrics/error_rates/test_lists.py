"""Lists of pairs and pictures: what is wrong is named by line and column, the good rows stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.error_rates import ListFault, ListRefused, parse_pairs, parse_pictures

HEADER = b"reference,probe,mated,group\n"


@pytest.mark.parametrize(
    ("row", "line", "column", "code"),
    [
        (b",b.jpg,1,", 3, "reference", ListFault.CELL_EMPTY),
        (b"a.jpg,,0,", 3, "probe", ListFault.CELL_EMPTY),
        (b"a.jpg,b.jpg,yes,", 3, "mated", ListFault.MATED_UNKNOWN),
        (b"a.jpg,b.jpg", 3, "mated", ListFault.CELLS_MISSING),
        (b"a.jpg,b.jpg,1,F,too,many", 3, "", ListFault.CELLS_TOO_MANY),
        (b"a.jpg," + b"b" * 5000 + b",1,", 3, "probe", ListFault.CELL_TOO_LONG),
        (b"a\x00.jpg,b.jpg,1,", 3, "reference", ListFault.CELL_TOO_LONG),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_stay(
    row: bytes, line: int, column: str, code: ListFault
) -> None:
    pairs, faults = parse_pairs(HEADER + b"x.jpg,y.jpg,1,F\n" + row + b"\nx.jpg,z.jpg,0,\n")
    assert [(pair.line, pair.probe, pair.is_mated, pair.group) for pair in pairs] == [
        (2, "y.jpg", True, "F"),
        (4, "z.jpg", False, ""),
    ]
    assert [(fault.line, fault.column, fault.code) for fault in faults] == [(line, column, code)]


@pytest.mark.parametrize(
    ("content", "code", "column"),
    [
        (b"", ListFault.EMPTY, ""),
        (HEADER, ListFault.EMPTY, ""),
        (b"reference,probe,group\na,b,c\n", ListFault.COLUMN_MISSING, "mated"),
        (b"reference,probe,mated,mated\n", ListFault.COLUMN_TWICE, "mated"),
        (b"\xff\xfe\x00", ListFault.NOT_TEXT, ""),
        (HEADER + b"a,b,2,\n", ListFault.NO_GOOD_ROW, ""),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(content: bytes, code: ListFault, column: str) -> None:
    with pytest.raises(ListRefused) as refused:
        parse_pairs(content)
    assert (refused.value.code, refused.value.column) == (code, column)


def test_columns_may_stand_in_any_order_and_group_may_lack() -> None:
    pairs, faults = parse_pairs(b"\xef\xbb\xbfmated, probe ,note,reference\r\n1,b,hello,a\r\n")
    assert (pairs[0].reference, pairs[0].probe, pairs[0].is_mated, pairs[0].group) == ("a", "b", True, "")
    assert faults == ()


def test_an_empty_subject_is_somebody_not_enrolled() -> None:
    pictures, _ = parse_pictures(b"image,subject\na.jpg,\nb.jpg,s\n", needs_subject=False)
    assert [picture.subject for picture in pictures] == ["", "s"]


def test_an_enrolment_needs_a_subject() -> None:
    pictures, faults = parse_pictures(b"image,subject\na.jpg,\nb.jpg,s\n", needs_subject=True)
    assert len(pictures) == 1
    assert [(fault.line, fault.column) for fault in faults] == [(2, "subject")]


def test_quoted_lines_count_as_the_file_counts_them() -> None:
    _, faults = parse_pairs(HEADER + b'"a\nb",c,1,\na,b,3,\n')
    assert [fault.line for fault in faults] == [4]


@given(
    content=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: HEADER + text.encode("utf-8", "ignore"))
)
def test_any_bytes_give_rows_or_the_named_refusal(content: bytes) -> None:
    for parse in (parse_pairs, lambda b: parse_pictures(b, needs_subject=False)):
        try:
            rows, _ = parse(content)
        except ListRefused:
            continue
        assert rows
