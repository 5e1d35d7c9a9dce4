"""The oracle of every fault campaign: what was acknowledged is there exactly once, and nothing else is.

Acknowledged means that a booth had an answer. Reads the tables directly, never the code that it judges.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg

from borders.core.states import INSPECTION_STATES

SETTLED_S = 90.0
UNFINISHED = ("RECEIVED", "PROCESSING")


@dataclass
class Ledger:
    """What the booths were told. opened: client reference -> inspection id. cleared: client reference -> crossing id.

    sent: every reference that was ever sent, answered or not.
    """

    prefix: str
    sent: set[str] = field(default_factory=set)
    opened: dict[str, str] = field(default_factory=dict)
    cleared: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    lost: int
    doubled: int
    stuck: int
    illegal: int
    unsent: int

    @property
    def faults(self) -> tuple[str, ...]:
        names = ("lost", "doubled", "stuck", "illegal", "unsent")
        return tuple(f"{getattr(self, name)} {name}" for name in names if getattr(self, name))


# each counts what there is more than once of a thing that exists once; %(prefix)s: the references of the campaign
DOUBLED = (
    "SELECT count(*) FROM (SELECT 1 FROM borders_inspection WHERE client_reference LIKE %(prefix)s"
    " GROUP BY client_reference HAVING count(*) > 1) d",
    "SELECT count(*) FROM (SELECT 1 FROM borders_crossing c JOIN borders_inspection i ON i.id = c.inspection_id"
    " WHERE i.client_reference LIKE %(prefix)s GROUP BY i.id HAVING count(*) > 1) d",
    "SELECT count(*) FROM (SELECT 1 FROM borders_inspectionstep s JOIN borders_inspection i ON i.id = s.inspection_id"
    " WHERE i.client_reference LIKE %(prefix)s GROUP BY s.inspection_id, s.step, s.round HAVING count(*) > 1) d",
    "SELECT count(*) FROM (SELECT 1 FROM borders_decision d JOIN borders_inspection i ON i.id = d.inspection_id"
    " WHERE i.client_reference LIKE %(prefix)s GROUP BY i.id, d.line HAVING count(*) > 1) d",
    "SELECT count(*) FROM (SELECT 1 FROM borders_outboxmessage o JOIN borders_inspection i ON i.id = o.object_id"
    " WHERE i.client_reference LIKE %(prefix)s GROUP BY o.topic, o.object_id HAVING count(*) > 1) d",
    "SELECT count(*) FROM (SELECT 1 FROM audit_auditentry a JOIN borders_inspection i ON i.id::text = a.object_id"
    " WHERE i.client_reference LIKE %(prefix)s AND a.action IN ('inspection.opened', 'inspection.decided')"
    " GROUP BY a.action, a.object_id HAVING count(*) > 1) d",
    "SELECT count(*) FROM (SELECT 1 FROM audit_auditentry a JOIN borders_crossing c ON c.id::text = a.object_id"
    " JOIN borders_inspection i ON i.id = c.inspection_id"
    " WHERE i.client_reference LIKE %(prefix)s AND a.action = 'crossing.recorded'"
    " GROUP BY a.object_id HAVING count(*) > 1) d",
)
# an act without its trace is half an act
WITHOUT_TRACE = (
    "SELECT count(*) FROM borders_inspection i WHERE i.client_reference LIKE %(prefix)s AND NOT EXISTS"
    " (SELECT FROM audit_auditentry a WHERE a.action = 'inspection.opened' AND a.object_id = i.id::text)",
    "SELECT count(*) FROM borders_crossing c JOIN borders_inspection i ON i.id = c.inspection_id"
    " WHERE i.client_reference LIKE %(prefix)s AND NOT EXISTS"
    " (SELECT FROM audit_auditentry a WHERE a.action = 'crossing.recorded' AND a.object_id = c.id::text)",
)
ILLEGAL = (
    "SELECT count(*) FROM borders_inspection WHERE client_reference LIKE %(prefix)s AND NOT state = ANY(%(states)s)",
    "SELECT count(*) FROM borders_inspection i WHERE i.client_reference LIKE %(prefix)s"
    " AND (i.state = 'CLEARED') <> EXISTS (SELECT FROM borders_crossing c WHERE c.inspection_id = i.id)",
    "SELECT count(*) FROM borders_inspection i WHERE i.client_reference LIKE %(prefix)s"
    " AND (i.state IN ('CLEARED', 'REFERRED', 'REFUSED', 'WITHDRAWN', 'RETAKEN'))"
    " <> EXISTS (SELECT FROM borders_decision d WHERE d.inspection_id = i.id)",
    "SELECT count(*) FROM borders_inspection i WHERE i.client_reference LIKE %(prefix)s"
    " AND i.state NOT IN ('RECEIVED', 'PROCESSING') AND i.advice = ''",
)
STUCK = (
    "SELECT count(*) FROM borders_inspection WHERE client_reference LIKE %(prefix)s AND state = ANY(%(unfinished)s)",
    "SELECT count(*) FROM borders_outboxmessage o WHERE done_at IS NULL AND EXISTS"
    " (SELECT FROM borders_inspection i WHERE i.id = o.object_id AND i.client_reference LIKE %(prefix)s)",
)


def check(ledger: Ledger, database_url: str, settled_s: float = SETTLED_S) -> Verdict:
    """Compare what was acknowledged with what is stored. Waits for what is still on its way, settled_s at most."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def count(statements: tuple[str, ...]) -> int:
            values = {
                "prefix": f"{ledger.prefix}-%",
                "states": list(INSPECTION_STATES.states),
                "unfinished": list(UNFINISHED),
            }
            return sum(connection.execute(statement, values).fetchone()[0] for statement in statements)  # type: ignore[index]

        end = time.monotonic() + settled_s
        while (stuck := count(STUCK)) and time.monotonic() < end:
            time.sleep(1)
        stored = connection.execute(
            "SELECT i.client_reference, i.id::text, c.id::text FROM borders_inspection i"
            " LEFT JOIN borders_crossing c ON c.inspection_id = i.id WHERE i.client_reference LIKE %s",
            [f"{ledger.prefix}-%"],
        ).fetchall()
        inspections: Mapping[str, str] = {reference: inspection for reference, inspection, _ in stored}
        crossings: Mapping[str, str | None] = {reference: crossing for reference, _, crossing in stored}
        lost = sum(inspections.get(reference) != kept for reference, kept in ledger.opened.items())
        lost += sum(crossings.get(reference) != kept for reference, kept in ledger.cleared.items())
        return Verdict(
            lost=lost + count(WITHOUT_TRACE),
            doubled=count(DOUBLED),
            stuck=stuck,
            illegal=count(ILLEGAL),
            unsent=len(inspections.keys() - ledger.sent),
        )
