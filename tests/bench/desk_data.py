"""The rows of the supervisor's desk for the crossings of tests.bench.record_data, by SQL alone: inspections, decisions, findings,
referrals, reviews, stays, audit rows.

Of the findings only those against CLEAR are made, one for each fifth crossing; steps only for the latest day.
"""

import time
from typing import Any

from django.db import connection
from rich.console import Console

from tests.bench.record_data import AT, indexes_later, insert

# a share of rows by the hash of an id: {0}: the id, {1}: a seed, {2}: one in so many
ONE_IN = "abs(uuid_hash_extended({0}, {1}) % {2}) = 0"
TABLES = {
    "inspections": (
        "travelers_documentreading",
        "borders_inspection",
    ),
    "decisions": ("borders_decision", "borders_decisionreview"),
    "findings": ("borders_inspectionfinding",),
    "referrals": ("borders_referral",),
    "stays": ("borders_stay",),
    "audit rows": ("audit_auditentry",),
    "steps": ("borders_inspectionstep",),
}


def fill_desk(*, crossings: int, console: Console) -> float:
    """Make the rows beside the crossings; return the seconds. A database that holds them already stays as it is."""
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM borders_inspection)")
        if cursor.fetchone()[0]:
            return 0.0
        cursor.execute(
            "SET session_replication_role = replica; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'"
        )
        _cast(cursor)
        makers = (_inspections, _decisions, _findings, _referrals, _stays, _audit, _steps)
        for (title, tables), make in zip(TABLES.items(), makers, strict=True):
            with indexes_later(cursor, tables, console):
                make(cursor)
            console.print(f"{title}, {time.perf_counter() - begun:.0f} s")
        cursor.execute("SET session_replication_role = origin; RESET work_mem")
        cursor.execute("VACUUM ANALYZE")
        console.print(f"vacuumed, {time.perf_counter() - begun:.0f} s")
    return time.perf_counter() - begun


def _cast(cursor: Any) -> None:
    """A supervisor of all ports, one of the first port, which is large, and one of the last."""
    for number, badge, ports in (
        (2, "B-2", "SELECT id FROM borders_portofentry"),
        (3, "B-3", "SELECT id FROM borders_portofentry ORDER BY code LIMIT 1"),
        (4, "B-4", "SELECT id FROM borders_portofentry ORDER BY code DESC LIMIT 1"),
    ):
        user = {
            "id": str(number),
            "username": f"'{badge}'",
            "password": "'!'",
            "is_staff": "true",
            "is_active": "true",
        }
        insert(cursor, "auth_user", user, "")
        insert(
            cursor,
            "borders_officer",
            {"id": "gen_random_uuid()", "user_id": str(number), "badge_number": f"'{badge}'"},
            "",
        )
        post = {
            "id": "gen_random_uuid()", "officer_id": "o.id", "port_id": "p.id", "role": "'SUPERVISOR'",
            "valid_from": "timestamptz '2020-01-01'",
        }  # fmt: skip
        insert(
            cursor,
            "borders_postassignment",
            post,
            f"FROM borders_officer o, ({ports}) p WHERE o.user_id = {number}",
        )


def _inspections(cursor: Any) -> None:
    reading = {
        "id": "d.id", "source": "'MRZ'", "status": "'ACCEPTED'", "layout": "'TD3'", "read_at": "d.created_at",
        "document_code": "'P'", "issuing_state": "'FRA'", "document_number": "d.document_number",
        "primary_identifier": "t.primary_identifier", "secondary_identifier": "t.secondary_identifier",
        "birth_date": "t.birth_date", "nationality": "t.nationality",
    }  # fmt: skip
    source = "FROM travelers_traveldocument d JOIN travelers_traveler t ON t.id = d.traveler_id"
    insert(cursor, "travelers_documentreading", reading, source)
    cursor.execute(f"UPDATE travelers_traveler SET nationality = 'TUV' WHERE {ONE_IN.format('id', 3, 2000)}")
    refer = ONE_IN.format("c.id", 19, 25)
    made = {
        "id": "c.inspection_id", "port_id": "c.port_id", "booth_id": "c.booth_id", "officer_id": "c.officer_id",
        "client_reference": "c.id::text", "direction": "c.direction", "state": "'CLEARED'",
        "opened_at": "c.occurred_at - interval '20 seconds'", "deadline_at": "c.occurred_at",
        "ready_at": "c.occurred_at - interval '18 seconds'", "reading_id": "c.document_id",
        "traveler_id": "c.traveler_id", "document_id": "c.document_id", "printed": "'{}'", "printed_read": "'{}'",
        "advice": f"CASE WHEN {refer} THEN 'REFER' ELSE 'CLEAR' END", "crossing_id": "c.id",
    }  # fmt: skip
    insert(cursor, "borders_inspection", made, "FROM borders_crossing c")
    # and those that never crossed: one in four hundred refused, a few that wait
    for share, state, since in (
        (400, "REFUSED", "720 days"),
        (50, "READY", "10 minutes"),
        (50, "REFERRED", "2 hours"),
    ):
        fields = made | {
            "id": f"timed_id(c.occurred_at, '{state}' || c.id)", "client_reference": f"'{state}' || c.id::text",
            "state": f"'{state}'", "advice": "'REFER'", "crossing_id": "NULL",
        }  # fmt: skip
        within = f"c.occurred_at > timestamptz '{AT.isoformat()}' - interval '{since}'"
        source = f"FROM borders_crossing c WHERE {within} AND {ONE_IN.format('c.id', 23, share)}"
        insert(cursor, "borders_inspection", fields, source)


def _decisions(cursor: Any) -> None:
    override = f"(i.advice = 'REFER' AND {ONE_IN.format('i.id', 29, 12)} AND i.state = 'CLEARED')"
    insert(
        cursor,
        "borders_decision",
        {
            "id": "timed_id(i.opened_at, i.id::text)", "inspection_id": "i.id", "port_id": "i.port_id",
            "line": "CASE WHEN i.state = 'REFUSED' THEN 'SECOND' ELSE 'FIRST' END",
            "outcome": "i.state", "advice": "i.advice", "override": override,
            "reason": f"CASE WHEN {override} OR i.state = 'REFUSED' THEN 'Made up' ELSE '' END",
            "decided_by_id": "1", "decided_at": "i.opened_at + interval '20 seconds'",
        },
        "FROM borders_inspection i WHERE i.state IN ('CLEARED', 'REFUSED', 'REFERRED')",
    )  # fmt: skip
    waits = f"d.decided_at > timestamptz '{AT.isoformat()}' - interval '2 days'"
    insert(
        cursor,
        "borders_decisionreview",
        {
            "id": "timed_id(d.decided_at, d.inspection_id::text)", "decision_id": "d.id", "inspection_id": "d.inspection_id",
            "port_id": "i.port_id", "cause": "CASE WHEN d.override THEN 'OVERRIDE' ELSE 'REFUSAL' END",
            "decided_by_id": "d.decided_by_id", "opened_at": "d.decided_at",
            "due_at": "d.decided_at + interval '1 day'", "state": f"CASE WHEN {waits} THEN 'WAITING' ELSE 'RIGHT' END",
            "reason": f"CASE WHEN {waits} THEN '' ELSE 'Made up' END",
            "reviewed_by_id": f"CASE WHEN {waits} THEN NULL ELSE 2 END",
            "reviewed_at": f"CASE WHEN {waits} THEN NULL ELSE d.decided_at + interval '3 hours' END",
        },
        "FROM borders_decision d JOIN borders_inspection i ON i.id = d.inspection_id"
        " WHERE d.override OR d.outcome = 'REFUSED'",
    )  # fmt: skip


def _findings(cursor: Any) -> None:
    # one common, one usual, one of one in a hundred thousand, and a protection alarm of one in ten thousand
    for code, severity, route, share in (
        ("FACE.QUALITY", "INFORM", "SECOND_LINE", 6),
        ("DOCUMENT.EXPIRED", "REVIEW", "SECOND_LINE", 30),
        ("CHIP.CLONE", "BLOCK", "SECOND_LINE", 100_000),
        ("PARTY.UNRELATED_MINORS", "BLOCK", "PROTECTION", 10_000),
    ):
        insert(
            cursor,
            "borders_inspectionfinding",
            {
                "id": f"timed_id(i.opened_at, '{code}' || i.id)", "inspection_id": "i.id",
                "step": "'CHECK_DOCUMENT'", "code": f"'{code}'", "outcome": "'FAIL'", "severity": f"'{severity}'",
                "route": f"'{route}'", "reason": "'made_up'", "detail": "'{}'", "found_at": "i.opened_at",
            },
            f"FROM borders_inspection i WHERE {ONE_IN.format('i.id', len(code), share)}",
        )  # fmt: skip


def _referrals(cursor: Any) -> None:
    insert(
        cursor,
        "borders_referral",
        {
            "id": "timed_id(i.opened_at, i.id::text)", "inspection_id": "i.id", "port_id": "i.port_id",
            "route": "'SECOND_LINE'",
            "state": "CASE WHEN i.state = 'REFERRED' THEN 'OPEN' ELSE 'CLOSED' END", "opened_by_id": "1",
            "opened_at": "i.opened_at", "due_at": "i.opened_at + interval '1 hour'",
            "acknowledged_by_id": "CASE WHEN i.state = 'REFERRED' THEN NULL ELSE 2 END",
            "acknowledged_at": "CASE WHEN i.state = 'REFERRED' THEN NULL ELSE i.opened_at END",
            "closed_at": "CASE WHEN i.state = 'REFERRED' THEN NULL ELSE i.opened_at END",
            "answer": "CASE WHEN i.state = 'REFERRED' THEN '' ELSE 'Made up' END",
        },
        f"FROM borders_inspection i WHERE i.state IN ('REFERRED', 'REFUSED') OR {ONE_IN.format('i.id', 31, 40)}",
    )  # fmt: skip


def _stays(cursor: Any) -> None:
    insert(
        cursor,
        "borders_stay",
        {
            "id": "timed_id(c.occurred_at, c.id::text)", "traveler_id": "c.traveler_id", "country_code": "'UTO'",
            "entry_id": "c.id", "entered_at": "c.occurred_at", "entry_port_id": "c.port_id",
            "exit_id": "gen_random_uuid()", "exited_at": "c.occurred_at + interval '3 days'",
            "exit_port_id": "c.port_id", "allowed_until": "c.occurred_at::date + 90",
            "anomaly": f"CASE WHEN {ONE_IN.format('c.id', 37, 5000)} THEN 'EXIT_MISSING' ELSE '' END",
        },
        "FROM borders_crossing c WHERE c.direction = 'ENTRY'",
    )  # fmt: skip


def _audit(cursor: Any) -> None:
    insert(
        cursor,
        "audit_auditentry",
        {
            "id": "timed_id(i.opened_at, i.id::text)", "at": "i.opened_at",
            "kind": f"CASE WHEN {ONE_IN.format('i.id', 41, 5)} THEN 'WRITE' ELSE 'READ' END",
            "action": "'inspection.read'",
            "actor_id": "1", "actor_label": "'B-1'", "roles": "'OFFICER'", "purpose": "'border_control'",
            "object_type": "'inspection'", "object_id": "i.id::text", "detail": "'{}'",
        },
        "FROM borders_inspection i",
    )  # fmt: skip


def _steps(cursor: Any) -> None:
    latest = (
        f"FROM borders_inspection i WHERE i.opened_at > timestamptz '{AT.isoformat()}' - interval '1 day'"
    )
    for step in ("READ", "CHECK_DOCUMENT", "MATCH_FACE", "SCREEN", "CHECK_RECORD", "RECOMMEND"):
        insert(
            cursor,
            "borders_inspectionstep",
            {
                "id": "gen_random_uuid()", "inspection_id": "i.id", "step": f"'{step}'", "round": "1",
                "state": "'DONE'", "elapsed_ms": "random() * 200", "finished_at": "i.opened_at",
            },
            latest,
        )  # fmt: skip
