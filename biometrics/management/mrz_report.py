"""The page that evaluate_mrz writes: figures, and every miss with its picture, strips, truth and reading."""

import base64
import html
from itertools import zip_longest
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from biometrics.core.images import encode_jpeg
from biometrics.core.mrz import MrzReading, capture_advice
from biometrics.core.mrz.evaluation import Evaluation, Figures, Measured
from biometrics.core.mrz.zone_picture import cut_zone
from biometrics.services.mrz import read_page
from biometrics.services.mrz_files import open_picture

PICTURE_WIDTH_PX = 720
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse}td,th{border:1px solid #d0d7de;padding:.3rem .6rem;text-align:left}
article{border-top:2px solid #d0d7de;margin-top:2rem;padding-top:1rem}img{max-width:100%;height:auto}
pre{font:15px/1.6 monospace;overflow-x:auto}mark{background:#ffd8d3;font-weight:bold}
.accepted h2{color:#a40e26}
@media (prefers-color-scheme: dark){body{background:#15181c;color:#e6e6e6}mark{background:#7a2b25;color:#fff}}
"""


def write_report(folder: Path, found: Evaluation, measured: list[Measured], images: Path) -> Path:
    """Write DIR/index.html, one file that needs nothing else. Returns its path."""
    misses = [one for one in measured if not one.is_exact]
    # wrong readings that were accepted come first: they are what must not happen
    misses.sort(key=lambda one: (one.status.value, one.specimen.file))
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>MRZ reader: misses</title>",
        '<meta name=viewport content="width=device-width">',
        f"<style>{STYLE}</style><h1>MRZ reader: {len(misses)} of {len(measured)} pictures missed</h1>",
        figures_table(found),
        *(miss_article(one, images) for one in misses),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def figures_table(found: Evaluation) -> str:
    """Return the figures as a table."""
    head = "".join(
        f"<th>{name}</th>"
        for name in (
            "type",
            "pictures",
            "exact",
            "95 %",
            "character errors",
            "accepted",
            "wrong among accepted",
        )
    )
    rows = [figures_row("all", found.overall), *(figures_row(*item) for item in found.by_type.items())]
    rows += [figures_row(f"level {level}", figures) for level, figures in found.by_level.items()]
    times = "processor ms {:.1f} median, {:.1f} p95".format(*found.cpu_ms)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table><p>{times}</p>"


def figures_row(name: str, figures: Figures) -> str:
    """Return one row."""
    low, high = figures.exact.interval
    cells = (
        html.escape(name), figures.exact.total, f"{figures.exact.share:.1%}", f"{low:.1%} to {high:.1%}",
        f"{figures.character_errors:.2%}", f"{figures.accepted.share:.1%}",
        f"{figures.wrong_accepted.count} of {figures.wrong_accepted.total}",
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def miss_article(one: Measured, images: Path) -> str:
    """Return one miss: picture, strips, truth against reading."""
    image = open_picture(images / one.specimen.file)
    reading = read_page(image_bgr=image)
    strips = cut_zone(image, reading)
    advice = ", ".join(capture_advice(reading))
    outcome = html.escape(f"{one.specimen.type} · {one.status} · {one.reason or advice}")
    return "\n".join(
        [
            f'<article class="{one.status}"><h2>{html.escape(one.specimen.file)}</h2><p>{outcome}</p>',
            embed(outline(image, reading), "the picture"),
            "" if strips is None else embed(strips, "the strips"),
            f"<pre>{compare_lines(one.specimen.lines, one.lines)}</pre></article>",
        ]
    )


def compare_lines(truth: tuple[str, ...], read: tuple[str, ...]) -> str:
    """Return truth and reading below one another, differing characters marked."""
    rows = []
    for printed, seen in zip_longest(truth, read, fillvalue=""):
        marked = "".join(
            f"<mark>{html.escape(character)}</mark>" if character != other else html.escape(character)
            for character, other in zip_longest(seen, printed, fillvalue="")
        )
        rows.append(f"truth    {html.escape(printed)}\nreading  {marked}")
    return "\n".join(rows) or "nothing to read, nothing read"


def outline(image: npt.NDArray[Any], reading: MrzReading) -> npt.NDArray[Any]:
    """Return the picture, smaller, with the zone found drawn in."""
    scale = min(1.0, PICTURE_WIDTH_PX / image.shape[1])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if reading.corners is not None:
        corners = np.round(np.array(reading.corners) * scale).astype(np.int32)
        cv2.polylines(small, [corners], True, (40, 40, 230), 2, cv2.LINE_AA)
    return small


def embed(image: npt.NDArray[Any], name: str) -> str:
    """Return an image element that carries its own bytes."""
    content = base64.b64encode(encode_jpeg(image, 80)).decode("ascii")
    return f'<p><img alt="{name}" src="data:image/jpeg;base64,{content}"></p>'
