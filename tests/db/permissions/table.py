"""Read matrix.txt: who may do what, as data."""

from dataclasses import dataclass
from pathlib import Path

from audit.core.actor import Role

ROLES = {
    "OFF": Role.OFFICER,
    "SEC": Role.SECOND_LINE,
    "SUP": Role.SUPERVISOR,
    "LST": Role.LIST_OWNER,
    "PRO": Role.PROTECTION,
    "ADJ": Role.ADJUDICATOR,
    "DPO": Role.DATA_PROTECTION,
    "ADM": Role.ADMINISTRATOR,
    "INT": Role.INTEGRATOR,
}
# of addresses, which walk.py finds
WALKED = ("site", "api", "console", "training", "admin")
AREAS = (*WALKED, "models", "commands")
REACHES = ("port", "country", "national", "self", "public", "absent", "leave")
FILE = Path(__file__).with_name("matrix.txt")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. methods: e.g. ("GET",). allowed: roles. scope: of OAuth2, "" for persons only."""

    area: str
    name: str
    methods: tuple[str, ...]
    allowed: frozenset[Role]
    reach: str
    scope: str = ""


def read_table(text: str | None = None) -> list[Line]:
    """Return the lines. Raises ValueError naming the line that cannot be read."""
    area, lines = "", []
    for number, raw in enumerate((FILE.read_text() if text is None else text).splitlines(), start=1):
        cells = raw.partition("#")[0].split()
        if not cells:
            continue
        if cells[0].startswith("["):
            area = cells[0].strip("[]")
            if area not in AREAS:
                raise ValueError(f"line {number}: no such area")
            continue
        if area == "commands":
            lines.append(Line(area, cells[0], (), frozenset(), cells[1]))
            continue
        name, methods, letters, reach = cells[0], cells[1].split(","), cells[2 : 2 + len(ROLES)], cells[11]
        if len(letters) != len(ROLES) or not set(letters) <= {"y", "."} or reach not in REACHES:
            raise ValueError(f"line {number}: nine times y or . and then one of {', '.join(REACHES)}")
        allowed = frozenset(r for r, letter in zip(ROLES.values(), letters, strict=True) if letter == "y")
        lines.append(Line(area, name, tuple(methods), allowed, reach, cells[12] if len(cells) > 12 else ""))
    return lines
