"""Recall against benign alerts, for lists of several sizes, in memory: the same keys and score as in PostgreSQL."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.accuracy.people.files import benign_rows, list_rows, mated_rows
from tests.accuracy.people.identities import identity_of
from tests.accuracy.people.perturb import BEYOND, KINDS
from watchlists.core.memory_index import build_index, screen_in_memory

LOWEST = 12.0
THRESHOLDS = tuple(np.arange(LOWEST, 30.1, 1.0).tolist())
BENIGN_ALERTS = 5.0


def measure_curves(sizes: list[int], options: argparse.Namespace, *, seed: str) -> dict[int, dict[str, Any]]:
    """Return for each size the points (threshold, recall, benign alerts per 1,000) and recall at BENIGN_ALERTS."""
    curves = {}
    for size in sizes:
        listed = list(list_rows(size, seed=seed))
        index = build_index(identity_of(row) for _, row in listed)
        places = {row["entry_id"]: place for place, (_, row) in enumerate(listed)}
        mated: dict[str, list[float]] = {kind: [] for kind in KINDS}
        candidates = 0
        for row in mated_rows(listed, options.each, seed=seed):
            answer = screen_in_memory(index, identity_of(row), LOWEST, most=500)
            wanted = places[row["expected_entry_id"]]
            candidates += bool((answer.candidates == wanted).any())
            bits = [score.bits for place, score in answer.hits if place == wanted]
            mated[row["kind"]].append(bits[0] if bits else float("-inf"))
        benign = []
        for row in benign_rows(options.benign, seed=seed):
            hits = screen_in_memory(index, identity_of(row), LOWEST, most=1).hits
            benign.append(hits[0][1].bits if hits else float("-inf"))
        curves[size] = _curve(mated, benign, candidates)
    return curves


def _curve(mated: dict[str, list[float]], benign: list[float], candidates: int) -> dict[str, Any]:
    found, alarms = np.concatenate([np.array(bits) for bits in mated.values()]), np.array(benign)
    allowed = int(len(alarms) * BENIGN_ALERTS / 1000)
    threshold = float(np.sort(alarms)[::-1][allowed]) + 0.01
    asked = np.concatenate([np.array(bits) for kind, bits in mated.items() if kind not in BEYOND])
    return {
        "mated": len(found),
        "benign": len(alarms),
        "candidate_recall": round(candidates / len(found), 4),
        "threshold_at_5_per_1000": round(threshold, 2),
        "recall_at_5_per_1000": round(float((found >= threshold).mean()), 4),
        "recall_at_5_per_1000_of_kinds_asked_for": round(float((asked >= threshold).mean()), 4),
        "recall_by_kind": {
            kind: round(float((np.array(bits) >= threshold).mean()), 3) for kind, bits in mated.items()
        },
        "points": [(t, float((found >= t).mean()), 1000 * float((alarms >= t).mean())) for t in THRESHOLDS],
    }


def draw(curves: dict[int, dict[str, Any]], path: Path, *, tell: Callable[[str], None]) -> None:
    """Plot the curves."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for size, curve in curves.items():
        points = [(alerts, recall) for _, recall, alerts in curve["points"] if alerts > 0]
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=f"{size:,} entries")
    axes.axvline(BENIGN_ALERTS, color="grey", linewidth=0.8, linestyle="--")
    axes.set_xscale("log")
    axes.set_xlabel("benign travellers alerted, of 1,000")
    axes.set_ylabel("listed travellers found")
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    tell(f"{path} written")
