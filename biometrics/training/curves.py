"""Draw the training curves of a log as SVG: python -m biometrics.training.curves LOG.jsonl OUT.svg"""

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 30, 45
LOWEST, HIGHEST = 0.04, 4.0
TICKS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
MEAN_OF = 5
CURVES = (
    ("loss", "loss, cross-entropy a frame", "#1f6feb"),
    ("character_error", "characters wrong in training strips, share", "#bf3989"),
)


def smooth(values: Sequence[float], reach: int = MEAN_OF) -> list[float]:
    """Return the running mean over the latest values. values: in order of the steps."""
    return [
        sum(values[max(0, end - reach) : end]) / len(values[max(0, end - reach) : end])
        for end in range(1, len(values) + 1)
    ]


def draw(log: Sequence[dict[str, float]]) -> str:
    """Return the SVG of a log: one entry a line of log.jsonl, with step, loss and character_error."""
    last = max(entry["step"] for entry in log)

    def place(step: float, value: float) -> tuple[float, float]:
        share = math.log(min(max(value, LOWEST), HIGHEST) / LOWEST) / math.log(HIGHEST / LOWEST)
        x = LEFT + step / last * (WIDTH - LEFT - RIGHT)
        return round(x, 1), round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for value in TICKS:
        _, y = place(0, value)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:g}</text>')
    for step in range(0, int(last) + 1, 1000):
        x, _ = place(step, 1)
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{step}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">step</text>')
    for number, (name, label, colour) in enumerate(CURVES):
        points = [
            place(entry["step"], value)
            for entry, value in zip(log, smooth([entry[name] for entry in log]), strict=True)
        ]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 220 + 260 * number}" y="20" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>\n"])


def main() -> None:
    """Read the log, write the picture."""
    log, out = (Path(argument) for argument in sys.argv[1:3])
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    out.write_text(draw(entries), encoding="utf-8")


if __name__ == "__main__":
    main()
