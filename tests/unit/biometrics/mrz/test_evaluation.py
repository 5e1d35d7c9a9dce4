"""Figures of the reader: intervals, distances, manifests, and which reading counts as what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.mrz import ReadingStatus, UnreadableReason
from biometrics.core.mrz.evaluation import (
    ManifestError,
    ManifestFault,
    Measured,
    Share,
    Specimen,
    edit_distance,
    evaluate,
    parse_manifest,
    percentile,
    wilson_interval,
)

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
HEAD = "file,type,all_checks_valid,mrz\n"


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (28, 28, 0.8794, 1.0),
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (81, 94, 0.77764, 0.91736),
    ],
)
def test_intervals_equal_wilsons(count: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(count, total) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_rate(count: int, total: int) -> None:
    count = min(count, total)
    low, high = wilson_interval(count, total)
    assert 0 <= low <= count / total <= high <= 1


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("ABC", "", 3),
        ("ABC", "ABC", 0),
        ("ABC", "AXC", 1),
        ("ABC", "BC", 1),
        ("KITTEN", "SITTING", 3),
    ],
)
def test_edits_are_counted(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == distance


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0), ([3], 0.95, 3), ([1, 2], 0.5, 1.5), ([4, 1, 3, 2], 1.0, 4)],
)
def test_percentiles_interpolate(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_a_manifest_gives_specimens() -> None:
    content = HEAD + f"a.jpg,TD3,1,{'|'.join(TD3)}\nb.jpg,TD2,0,{'|'.join(TD2)}\nc.png,none,,\n"
    assert parse_manifest(content.encode()) == (
        Specimen("a.jpg", "TD3", False, TD3),
        Specimen("b.jpg", "TD2", True, TD2),
        Specimen("c.png", "none", False, ()),
    )


def test_a_level_is_a_group_of_its_own_in_the_manifests_order() -> None:
    rows = [f"{name}.jpg,TD3,1,{'|'.join(TD3)},{level}" for name, level in (("a", "phone"), ("b", "hard"))]
    specimens = parse_manifest("\n".join(["file,type,all_checks_valid,mrz,level", *rows]).encode())
    found = evaluate(
        [
            Measured(specimens[0], ReadingStatus.ACCEPTED, None, TD3, 1.0, 1.0),
            Measured(specimens[1], ReadingStatus.UNREADABLE, UnreadableReason.GLARE, (), 1.0, 1.0),
        ]
    )
    assert {level: figures.exact.count for level, figures in found.by_level.items()} == {
        "phone": 1,
        "hard": 0,
    }
    assert list(found.by_level) == ["phone", "hard"]


@pytest.mark.parametrize("lines", ["A" * 9 + "|" + "B" * 30 + "|" + "C" * 30, "A" * 30])
def test_a_national_zone_can_be_measured(lines: str) -> None:
    specimens = parse_manifest((HEAD + f"a.jpg,national,true,{lines}\n").encode())
    assert specimens[0].lines == tuple(lines.split("|"))
    assert not specimens[0].is_misprinted


def test_columns_may_stand_in_any_order_beside_others() -> None:
    content = b"\xef\xbb\xbfnote,mrz,all_checks_valid,type,file\nx,,,none,c.png\n"
    assert parse_manifest(content) == (Specimen("c.png", "none", False, ()),)


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", ManifestFault.COLUMNS_MISSING, None),
        (b"file,type\na,b\n", ManifestFault.COLUMNS_MISSING, None),
        (b"\xff\xfe\x00", ManifestFault.NOT_TEXT, None),
        (HEAD.encode(), ManifestFault.EMPTY, None),
        ((HEAD + ",TD3,1,\n").encode(), ManifestFault.FILE_MISSING, 2),
        ((HEAD + "c.png,none,,\na.jpg,TD3,yes,\n").encode(), ManifestFault.BAD_FLAG, 3),
        ((HEAD + "a.jpg,TD3,1,P<UTO|L898\n").encode(), ManifestFault.BAD_LINES, 2),
        ((HEAD + "a.jpg,TD3,1,,,\n").encode(), ManifestFault.TOO_MANY_CELLS, 2),
    ],
)
def test_a_bad_manifest_is_refused_with_code_and_line(
    content: bytes, code: ManifestFault, row: int | None
) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(content)
    assert (caught.value.code, caught.value.row) == (code, row)


def specimens_or_code(content: bytes) -> object:
    try:
        return parse_manifest(content)
    except ManifestError as error:
        return error.code


@given(st.binary(max_size=300))
def test_any_bytes_are_a_manifest_or_refused(content: bytes) -> None:
    for given_content in (content, HEAD.encode() + content):
        assert specimens_or_code(given_content)


def measured(
    lines: tuple[str, ...], read: tuple[str, ...], status: ReadingStatus, *, misprinted: bool = False
) -> Measured:
    reason = UnreadableReason.NO_ZONE_FOUND if status is ReadingStatus.UNREADABLE else None
    specimen = Specimen("x.jpg", "TD3" if len("".join(lines)) == 88 else "other", misprinted, lines)
    return Measured(specimen, status, reason, read, 10.0, 20.0)


def test_rates_count_what_they_say() -> None:
    wrong = (TD3[0].replace("ANNA", "ANMA"), TD3[1])
    found = evaluate(
        [
            measured(TD3, TD3, ReadingStatus.ACCEPTED),
            measured(TD3, wrong, ReadingStatus.ACCEPTED),
            measured(TD2, TD2, ReadingStatus.REVIEW, misprinted=True),
            measured(TD2, (), ReadingStatus.UNREADABLE),
            measured((), (), ReadingStatus.UNREADABLE),
            measured((), TD3, ReadingStatus.REVIEW),
        ]
    )
    assert found.overall.exact == Share(2, 4)
    assert found.overall.wrong_accepted == Share(1, 2)
    assert found.overall.unreadable == Share(1, 4)
    assert found.by_type["TD3"].exact == Share(1, 2)
    assert found.by_type["TD3"].character_errors == pytest.approx(1 / 176)
    assert found.by_type["other"].character_errors == pytest.approx(72 / 144)
    assert found.misprinted_accepted == Share(0, 1)
    assert (found.empty_accepted, found.empty_reported) == (Share(0, 2), Share(1, 2))
    assert (found.cpu_ms, found.wall_ms) == ((10.0, 10.0), (20.0, 20.0))


def test_an_empty_set_has_figures_too() -> None:
    assert evaluate([]).overall.exact.interval == (0.0, 1.0)
