"""A write that no audit row announces leaves one all the same, and a failed audit write fails the act."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from oauth2_provider.models import Application

from audit.core.actor import Actor
from audit.models import AuditEntry
from audit.services import record, record_read
from audit.services.watching import (
    DELETES_WATCHED,
    UNWATCHED,
    UNWATCHED_OF_LIBRARIES,
    WATCHED_OF_LIBRARIES,
    watch_tables,
    watched_models,
)
from borders.models import Country, OutboxMessage, PortOfEntry, RetentionFile
from borders.services.second_factor import begin_enrolment, finish_enrolment, verify_second_factor
from tests.db.factories import make_traveler

pytestmark = pytest.mark.django_db
ALICE = Actor(label="UT-0001")


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def commit() -> None:
    """What a commit does: the deferred checks run. A test's own transaction is never committed."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def place(airport: PortOfEntry) -> PortOfEntry:
    """An airport whose own making is told already."""
    commit()
    assert AuditEntry.objects.filter(action="raw.insert", object_type="borders_portofentry").exists()
    return airport


def raw_rows() -> list[tuple[str, str, str]]:
    told = AuditEntry.objects.filter(action__startswith="raw.").exclude(action="raw.insert")
    return list(told.values_list("action", "object_type", "object_id"))


def test_raw_update_is_told_with_its_row(place):
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    commit()
    assert raw_rows() == [("raw.update", "borders_portofentry", str(place.id))]


def test_bulk_update_is_told_once_with_the_number_of_rows(place, land_post):
    commit()
    PortOfEntry.objects.update(name="Elsewhere")
    commit()
    entry = AuditEntry.objects.get(action="raw.update")
    assert (entry.object_id, entry.detail["count"], set(entry.detail["ids"])) == (
        "",
        2,
        {str(place.id), str(land_post.id)},
    )


def test_raw_delete_is_told(place):
    run("DELETE FROM borders_portofentry")
    commit()
    assert raw_rows() == [("raw.delete", "borders_portofentry", str(place.id))]


def test_row_names_the_database_user(place):
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    commit()
    assert AuditEntry.objects.get(action="raw.update").actor_label.startswith("raw SQL by ")


def test_row_names_the_actor_that_the_session_told(place):
    run("SET LOCAL bmis.actor = 'dba:ticket-4711'")
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    commit()
    assert AuditEntry.objects.get(action="raw.update").actor_label == "dba:ticket-4711"


@pytest.mark.parametrize("first", [True, False])
def test_announced_write_is_not_told_twice(place, at, first):
    def announce() -> None:
        record(actor=ALICE, at=at, action="port.renamed", object_type="port", object_id=place.id)

    if first:
        announce()
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    if not first:
        announce()
    commit()
    assert raw_rows() == []


def test_write_whose_announcement_was_rolled_back_is_told(place, at):
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    with transaction.atomic():
        record(actor=ALICE, at=at, action="port.renamed", object_type="port", object_id=place.id)
        transaction.set_rollback(True)
    commit()
    assert len(raw_rows()) == 1


def test_pretended_announcement_does_not_count(place):
    run("SELECT set_config('bmis.announced', %s, true)", str(place.id))
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    commit()
    assert len(raw_rows()) == 1


@pytest.mark.parametrize("value", ["", "x", "borders_booth update 1 {}\n"])
@pytest.mark.parametrize("first", [True, False])
def test_no_setting_hides_a_write(place, value, first):
    def pretend() -> None:
        run("SELECT set_config('bmis.notes', %s, true)", value)

    if first:
        pretend()
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    if not first:
        pretend()
    commit()
    assert raw_rows() == [("raw.update", "borders_portofentry", str(place.id))]


def test_queued_id_of_no_row_is_no_announcement(place):
    invented = "00000000-0000-0000-0000-000000000001"
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    run("INSERT INTO audit_waitingentry (entry_id) VALUES (%s)", invented)
    run("SELECT set_config('bmis.announced', %s, true)", invented)
    commit()
    assert len(raw_rows()) == 1


def test_row_of_before_that_is_queued_again_is_no_announcement(place, at):
    with (
        transaction.atomic()
    ):  # of an earlier transaction, as far as a test has such: written under another number
        record(actor=ALICE, at=at, action="port.opened", object_type="port", object_id=place.id)
    earlier = AuditEntry.objects.get(action="port.opened").id
    run("DELETE FROM audit_waitingentry")
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    run("INSERT INTO audit_waitingentry (entry_id) VALUES (%s)", earlier)
    run("SELECT set_config('bmis.announced', %s, true)", str(earlier))
    commit()
    assert len(raw_rows()) == 1


@pytest.mark.parametrize("kind", ["READ", "raw"])
def test_look_and_told_write_announce_nothing(place, at, kind):
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    if kind == "READ":
        record_read(actor=ALICE, at=at, object_type="port", object_ids=[place.id], fields=["name"])
    else:
        record(actor=ALICE, at=at, action="raw.port", object_type="port", object_id=place.id)
    run("SELECT set_config('bmis.announced', %s, true)", str(AuditEntry.objects.latest("id").id))
    commit()
    assert ("raw.update", "borders_portofentry", str(place.id)) in raw_rows()


def test_table_of_the_session_takes_no_row_of_the_trail(place):
    for table in ("audit_auditentry", "audit_writenote", "audit_waitingentry"):
        run(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP")
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    commit()
    run("SELECT set_config('search_path', 'public, pg_temp', true)")
    assert len(raw_rows()) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM audit_writenote",
        "UPDATE audit_writenote SET notes = ''",
        "UPDATE audit_writenote SET notes = 'borders_booth'",
        "UPDATE audit_writenote SET notes = 'borders_booth update 1 {'",
    ],
)
def test_damaged_notes_are_told_with_the_tables_that_were_open(place, damage):
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    run(damage)
    commit()
    entry = AuditEntry.objects.get(action="raw.concealed")
    assert entry.object_type == "transaction"
    assert "borders_portofentry" in entry.detail["tables"]


@pytest.mark.parametrize("role", ["bmis_app", "bmis_reader", "bmis_eraser"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_waitingentry (entry_id) VALUES (gen_random_uuid())",
        "UPDATE audit_waitingentry SET written_by = pg_current_xact_id()",
        "INSERT INTO audit_writenote (written_by, part, notes) VALUES (1, 1, '')",
        "UPDATE audit_writenote SET notes = ''",
        "DELETE FROM audit_writenote",
    ],
)
def test_no_account_writes_what_the_triggers_keep(place, role, statement):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run(f"SET LOCAL ROLE {role}; {statement}")


def test_write_of_the_working_account_is_told(place):
    run("SET LOCAL ROLE bmis_app")
    run("UPDATE borders_portofentry SET name = 'Elsewhere'")
    commit()
    run("RESET ROLE")
    assert raw_rows() == [("raw.update", "borders_portofentry", str(place.id))]


def test_statements_beyond_what_is_listed_are_counted(place):
    for number in range(100):
        run("UPDATE borders_portofentry SET name = %s", f"Elsewhere {number}")
    commit()
    listed = AuditEntry.objects.filter(action="raw.update").count()
    entry = AuditEntry.objects.get(action="raw.not_listed")
    assert 0 < listed < 100
    assert entry.detail["count"] == 100 - listed
    assert "borders_portofentry" in entry.detail["tables"]


def test_write_after_a_savepoint_was_rolled_back_is_told(place):
    with transaction.atomic():
        run("UPDATE borders_portofentry SET name = 'Elsewhere'")
        transaction.set_rollback(True)
    run("UPDATE borders_portofentry SET name = 'Nowhere'")
    commit()
    assert len(raw_rows()) == 1


def test_statement_that_changes_nothing_is_not_told(place):
    run("UPDATE borders_portofentry SET name = 'Elsewhere' WHERE code = 'none'")
    commit()
    assert raw_rows() == []


def test_bookkeeping_is_not_told_and_the_rest_of_the_row_is(place, alice, booth):
    run(
        "INSERT INTO borders_boothsession (id, officer_id, booth_id, token_sha256, started_at, expires_at)"
        " VALUES (gen_random_uuid(), %s, %s, 'x', now(), now() + interval '1 hour')",
        alice.id,
        booth.id,
    )
    commit()
    run("UPDATE borders_boothsession SET active_at = now()")
    commit()
    assert raw_rows() == []
    run("UPDATE borders_boothsession SET locked_at = now()")
    commit()
    assert [row[1] for row in raw_rows()] == ["borders_boothsession"]


def test_rows_without_an_id_are_told_by_the_row_that_they_belong_to(at):
    traveler = make_traveler(at=at)
    commit()
    mark = RetentionFile.objects.create(traveler=traveler, updated_at=at)
    commit()
    RetentionFile.objects.update(family=True)
    commit()
    mark.delete()
    commit()
    told = AuditEntry.objects.filter(object_type="borders_retentionfile").order_by("at")
    assert [(row.action, row.object_id) for row in told] == [
        (f"raw.{act}", str(traveler.id)) for act in ("insert", "update", "delete")
    ]


def test_every_table_is_watched_or_named_as_unwatched():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger WHERE tgname ~ '^audit_' GROUP BY 1"
        )
        watched = dict(cursor.fetchall())
    tables = {model._meta.db_table for model in watched_models()}
    assert {table for table in tables if watched.get(table) != 4} == set()
    assert {table for table in DELETES_WATCHED if watched.get(table) != 2} == set()
    named = (UNWATCHED, frozenset(DELETES_WATCHED), UNWATCHED_OF_LIBRARIES)
    decided = tables.union(*named)
    assert sum(map(len, named)) + len(tables) == len(decided)
    managed = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert decided == managed
    assert tables >= WATCHED_OF_LIBRARIES


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("auth_user", "UPDATE auth_user SET is_superuser = true"),
        ("auth_user", "UPDATE auth_user SET password = 'x', last_login = now()"),
        ("auth_group", "DELETE FROM auth_group"),
        ("auth_user_groups", "DELETE FROM auth_user_groups"),
        ("otp_totp_totpdevice", "UPDATE otp_totp_totpdevice SET confirmed = true"),
        ("otp_totp_totpdevice", "DELETE FROM otp_totp_totpdevice"),
        ("otp_static_statictoken", "DELETE FROM otp_static_statictoken"),
        ("oauth2_provider_application", "UPDATE oauth2_provider_application SET client_secret = 'x'"),
        ("borders_country", "UPDATE borders_country SET minor_below_years = 0"),
        ("borders_outboxmessage", "DELETE FROM borders_outboxmessage"),
        ("watchlists_entrykey", "DELETE FROM watchlists_entrykey"),
    ],
)
def test_writes_to_accounts_rules_and_derived_rows_are_told(place, alice, table, statement, at):
    group = Group.objects.create(name="x")
    alice.user.groups.add(group)
    TOTPDevice.objects.create(user=alice.user, name="authenticator", confirmed=False)
    StaticDevice.objects.create(user=alice.user, name="recovery").token_set.create(token="x")
    Application.objects.create(name="x", client_type="confidential", authorization_grant_type="x")
    OutboxMessage.objects.create(topic="x", object_id=place.id, created_at=at, next_attempt_at=at)
    run("INSERT INTO watchlists_entrykey (key, entry_id, born) VALUES (1, gen_random_uuid(), 0)")
    commit()
    if table in ("auth_group", "borders_country"):
        run("DELETE FROM auth_user_groups")
    run(statement)
    commit()
    assert (f"raw.{statement.split()[0].lower()}", table) in {row[:2] for row in raw_rows()}


def test_signing_in_and_giving_codes_are_bookkeeping(alice, at):
    device = TOTPDevice.objects.create(user=alice.user, name="authenticator", confirmed=True)
    commit()
    alice.user.last_login = at
    alice.user.save(update_fields=["last_login"])
    device.last_t, device.drift, device.throttling_failure_count, device.last_used_at = 7, 1, 2, at
    device.save()
    commit()
    assert raw_rows() == []


def test_services_announce_what_they_do_to_accounts_and_second_factors(alice, at, actor_of):
    commit()
    actor = actor_of(alice)
    device = begin_enrolment(actor=actor, at=at, user=alice.user)
    commit()
    code = f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits):06d}"
    codes = finish_enrolment(actor=actor, at=at, user=alice.user, code=code)
    commit()
    verify_second_factor(actor=actor, at=at, user=alice.user, code=codes[0])
    commit()
    assert not AuditEntry.objects.filter(action__startswith="raw.", object_type__startswith="otp_").exists()


def test_watching_again_changes_nothing():
    watch_tables()


def test_watched_table_cannot_be_truncated(place):
    with pytest.raises(DatabaseError, match="Cannot truncate"), transaction.atomic():
        run("TRUNCATE borders_portofentry CASCADE")


@pytest.mark.django_db(transaction=True)
def test_commit_itself_brings_the_row():
    country = Country.objects.create(code="UTO", name="Utopia")
    PortOfEntry.objects.create(country=country, code="UTAIR", name="Utopia Airport", kind="AIR")
    told = AuditEntry.objects.order_by("at").values_list("action", "object_type")
    assert list(told) == [("raw.insert", "borders_country"), ("raw.insert", "borders_portofentry")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_writenote")
        assert cursor.fetchone() == (0,)


def test_act_fails_with_its_audit_row(place, at, monkeypatch):
    run(
        "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()"
    )

    @transaction.atomic
    def rename() -> None:
        PortOfEntry.objects.filter(id=place.id).update(name="Elsewhere")
        record(actor=ALICE, at=at, action="port.renamed", object_type="port", object_id=place.id)

    with pytest.raises(DatabaseError, match="disk full"):
        rename()
    place.refresh_from_db()
    assert place.name == "Utopia Airport"
