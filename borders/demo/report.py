"""The table of a run, and what did not go as the story expects."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from borders.demo.play import Result

STEPS = ("READ", "READ_PRINTED", "CHECK_DOCUMENT", "MATCH_FACE", "SCREEN", "CHECK_RECORD")
CODES, LONGEST_CODE = "Checks that refer", "PARTY.MINOR_ACCOMPANIED"
COLUMNS = (
    ("Traveller", False),
    ("Where", False),
    ("Document read", False),
    (CODES, False),
    ("Face", True),
    ("Hits", True),
    ("Advice", False),
    ("Decided", False),
    ("ms: read check face screen record", True),
    ("waited", True),
)
MOST_CODES = 4
LEAST_WIDTH = 168


def make_console() -> Console:
    """Return the console; where there is no terminal, lines are wide enough for the table."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LEAST_WIDTH)


def print_table(console: Console, results: Sequence[Result]) -> None:
    """Print one row for each scene. What deviates stands in red."""
    table = Table(
        title="A day at the borders of Utopia", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for title, is_number in COLUMNS:
        justify = "right" if is_number else "left"
        table.add_column(
            title, justify=justify, overflow="fold", min_width=len(LONGEST_CODE) * (title == CODES)
        )
    for result in results:
        style = "red" if any(result.deviations()) else ""
        table.add_row(*(Text(cell) for cell in _cells(result)), style=style)
    console.print(table)


def print_protection(console: Console, results: Sequence[Result]) -> None:
    """Print who was referred to protection, and each reason in words. Nobody of them was refused by a machine."""
    for result in results:
        reasons = list(_reasons(result.latest))
        if reasons:
            console.print(Text(f"{result.scene.title}: referred to protection, because"))
            for reason in reasons:
                console.print(Text(f"  - {reason}"))


def _reasons(inspection: dict[str, Any]) -> Iterator[str]:
    """Yield why somebody was referred to protection: what speaks for them first, then what else was found."""
    if not any(r["route"] == "PROTECTION" for r in inspection.get("referrals", ())):
        return
    against = [
        f
        for f in inspection["findings"]
        if f.get("outcome") in ("FAIL", "UNDETERMINED") and f.get("severity") != "INFORM"
    ]
    for finding in sorted(against, key=lambda f: (f["route"] != "PROTECTION", f["code"])):
        reason = finding["reason"].replace("_", " ")
        yield finding["explanation"] or f"Expected: {finding['statement']} Found: {reason}."


def print_deviations(console: Console, results: Sequence[Result]) -> int:
    """Print what differs from the story; return how many scenes do."""
    count = 0
    for result in results:
        differing = list(result.deviations())
        count += bool(differing)
        for line in differing:
            console.print(Text(f"{result.scene.title}: {line}", style="red"))
    return count


def _cells(result: Result) -> tuple[str, ...]:
    scene, seen, latest = result.scene, result.seen, result.latest
    where = f"{scene.port} {scene.direction.lower()}"
    if not seen:
        return (scene.title, where, result.failure, *[""] * (len(COLUMNS) - 3))
    face = seen["face"]
    return (
        scene.title,
        where,
        _document(result),
        _codes(result),
        f"{face['score']:.2f}" if face and face["score"] is not None else "–",
        str(len(result.hit_ids)),
        f"{seen['advice']} → {result.corrected['advice']}" if result.corrected else seen["advice"],
        _decisions(latest),
        _step_times(seen),
        f"{result.waited_ms:.0f}",
    )


def _document(result: Result) -> str:
    def describe(reading: dict[str, Any] | None) -> str:
        if reading is None:
            return "nothing"
        if reading["source"] != "MRZ":
            return str(reading["source"]).lower()
        status = f"{reading['layout']} {str(reading['status']).lower()}".strip()
        return f"{status}: {reading['reason'].replace('_', ' ')}" if reading["reason"] else status

    first = describe(result.seen["reading"])
    return f"{first}, then {describe(result.corrected['reading'])}" if result.corrected else first


def _codes(result: Result) -> str:
    """Return the checks that refer, one a line; of very many the expected ones first."""
    expected = result.scene.expected.codes
    codes = sorted(result.codes, key=lambda code: (code not in expected, code))
    kept = codes if len(codes) <= MOST_CODES else codes[: MOST_CODES - 1]
    further = [] if len(kept) == len(codes) else [f"and {len(codes) - len(kept)} more"]
    return "\n".join([*kept, *further])


def _decisions(inspection: dict[str, Any]) -> str:
    chain = [decision["outcome"].capitalize() for decision in inspection["decisions"]]
    routes = sorted({r["route"].replace("_", " ").lower() for r in inspection["referrals"]})
    if inspection["state"] == "REFERRED" and routes:
        chain.append(f"waits: {' + '.join(routes)}")
    return " → ".join(chain)


def _step_times(inspection: dict[str, Any]) -> str:
    elapsed = {step["step"]: step["elapsed_ms"] for step in inspection["steps"] if step["round"] == 1}
    return " ".join(f"{elapsed[step]:.0f}" if step in elapsed else "–" for step in STEPS)
