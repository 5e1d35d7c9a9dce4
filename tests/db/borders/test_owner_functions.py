"""Functions that work for the owner of the tables, whoever calls them."""

from typing import NamedTuple

import pytest
from django.db import connection

# all that are not an extension's
FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.prorettype = 'trigger'::regtype, has_function_privilege('public', p.oid, 'EXECUTE'),
    coalesce((SELECT substr(c, length('search_path=') + 1) FROM unnest(p.proconfig) AS c WHERE c LIKE 'search_path=%'), '')
FROM pg_proc p WHERE p.prosecdef AND p.pronamespace <> 'pg_catalog'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
"""


class OwnerFunction(NamedTuple):
    name: str
    is_trigger: bool
    is_for_everybody: bool
    path: str


@pytest.fixture
def functions(db: None) -> list[OwnerFunction]:
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        return [OwnerFunction(*row) for row in cursor.fetchall()]


def test_these_are_all_there_are(functions: list[OwnerFunction]) -> None:
    assert [f.name for f in functions if not f.is_trigger] == [
        "borders_make_partition(date)",
        "borders_withheld(uuid,text)",
    ]
    assert {f.name for f in functions if f.is_trigger} >= {"audit_note_insert()", "audit_check_notes()"}


def test_each_has_a_fixed_path_with_the_tables_of_a_session_last(functions: list[OwnerFunction]) -> None:
    assert {f.name: f.path for f in functions if f.path != "pg_catalog, public, pg_temp"} == {}


def test_none_but_triggers_is_for_everybody(functions: list[OwnerFunction]) -> None:
    assert [f.name for f in functions if f.is_for_everybody and not f.is_trigger] == []


def test_a_table_of_the_session_does_not_stand_in_for_one_of_ours(db: None, settings: object) -> None:
    """Whoever narrows a session can make tables in it: what a function of the owner asks is asked of ours all the same."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE borders_inspection (id uuid, traveler_id uuid) ON COMMIT DROP")
        cursor.execute(
            "INSERT INTO pg_temp.borders_inspection VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001')"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE borders_protectioncase ON COMMIT DROP AS"
            " SELECT id AS inspection_id, 'OPEN' AS state, '' AS outcome FROM pg_temp.borders_inspection"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE travelers_traveler ON COMMIT DROP AS"
            " SELECT traveler_id AS id, 'UTO' AS nationality FROM pg_temp.borders_inspection"
        )
        cursor.execute("SELECT borders_withheld('00000000-0000-0000-0000-000000000001', 'UTO')")
        assert cursor.fetchone() == (False,)
