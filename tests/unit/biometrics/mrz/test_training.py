"""Training: the same seed draws the same strips and, where torch is installed, gives the same weights."""

import json
from pathlib import Path

import numpy as np
import pytest

from biometrics.training.curves import draw, smooth
from biometrics.training.evaluation_set import PageOrder
from biometrics.training.glyphs import load_glyphs
from biometrics.training.strips import BLANK, IGNORED, draw_strip
from tests.unit.biometrics.mrz.pages import FONT, ROOT

LOG = ROOT / "biometrics/networks/mrz_reader_log.jsonl"


def test_the_same_seed_draws_the_same_strip() -> None:
    glyphs = load_glyphs(FONT)
    one, other, next_seed = (draw_strip(np.random.default_rng([seed, 3]), glyphs) for seed in (5, 5, 6))
    assert (one.image == other.image).all()
    assert (one.labels == other.labels).all()
    assert not (one.image == next_seed.image).all()
    assert set(np.unique(one.labels)) <= {IGNORED, BLANK, *range(1, 38)}


def test_the_same_seed_writes_the_same_file() -> None:
    one, other = (PageOrder(9, number, FONT, True).draw() for number in (4, 4))
    assert one.jpeg == other.jpeg
    assert one.lines == other.lines
    assert PageOrder(9, 4, FONT, False).draw().lines == ()


def test_the_committed_log_is_that_of_a_whole_training() -> None:
    entries = [json.loads(line) for line in LOG.read_text().splitlines()]
    assert [entry["step"] for entry in entries] == list(range(50, 6001, 50))
    assert entries[0]["loss"] > 5 * entries[-1]["loss"]
    assert draw(entries).count("<polyline") == 2


def test_a_curve_is_smoothed_over_what_came_before() -> None:
    assert smooth([4, 2, 0, 2], reach=2) == [4, 3, 1, 1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch calls its own exporter by an old name
def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is in the group training only")
    fonts = Path("/usr/share/fonts/opentype/ocr-b/OCRBS.otf")
    if not fonts.is_file():
        pytest.skip("Debian's fonts-ocr-b is not installed")
    from biometrics.training.train import train

    for name in ("one", "other"):
        train(tmp_path / name, steps=100, stop=2, seed=7, peak_rate=3e-3)
    one, other = (torch.load(tmp_path / name / "checkpoint.pt")["network"] for name in ("one", "other"))
    assert all(torch.equal(one[name], other[name]) for name in one)
