"""Imports: all or nothing, compared with the list in force, and governed as everything else."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from tests.unit.watchlists.importers import samples
from watchlists.core.importers import FORMATS
from watchlists.models import (
    EntryDocumentRange,
    ImportRun,
    VersionEntry,
    Watchlist,
    WatchlistEntry,
    WatchlistVersion,
)
from watchlists.services import ListRefused, activate_version, create_watchlist
from watchlists.services.imports import ImportFiles, ImportRefused, ImportReport, import_file

Import = Callable[..., ImportReport]


def lines_of(*persons: tuple[str, str]) -> bytes:
    """Return FollowTheMoney lines of (id, name)."""
    rows = (
        {"id": i, "schema": "Person", "properties": {"name": [name], "birthDate": ["1980"]}}
        for i, name in persons
    )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


TEN = tuple((f"NK-{n}", f"Anna Number{chr(65 + n)}") for n in range(10))


@pytest.fixture
def importing(owner, at, watchlist, tmp_path: Path) -> Import:
    """importing(content, format="ftm", **options): import some bytes into the list."""

    def run(content: bytes, code: str = "ftm", name: str = "list.txt", **options: Any) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content)
        return import_file(
            **{
                "actor": owner,
                "at": at,
                "watchlist": watchlist,
                "files": ImportFiles(path),
                "source_format": FORMATS[code],
                **options,
            }
        )

    return run


@pytest.fixture
def in_force(importing: Import, second, at) -> Callable[..., WatchlistVersion]:
    """in_force(content): import and activate."""

    def run(content: bytes, **options: Any) -> WatchlistVersion:
        version = importing(content, **options).version
        assert version is not None
        return activate_version(actor=second, at=at, version_id=version.id)

    return run


@pytest.mark.parametrize(
    ("code", "persons"), [("un", 1), ("ofac", 1), ("eu", 1), ("uk", 1), ("ftm", 1), ("interpol", 2)]
)
def test_each_format_is_stored_as_a_proposed_version(importing: Import, code: str, persons: int) -> None:
    report = importing(samples.ALL[code], code)

    assert report.version is not None
    assert (report.version.state, report.version.entry_count) == ("PROPOSED", persons)
    assert report.version.source_format == code
    stored = WatchlistEntry.objects.filter(holdings__version=report.version)
    assert stored.count() == persons
    assert all(entry.keys.exists() and entry.owner_unit == "National Police" for entry in stored)


def test_dates_names_and_documents_are_stored_as_the_source_has_them(importing: Import) -> None:
    importing(samples.UN, "un")

    anna = WatchlistEntry.objects.get()
    assert anna.birth_dates == ["1974-08-12", "1975~", "1970/1976"]
    assert anna.nationalities == ["UTO", "IRN"]
    assert list(anna.names.order_by("id").values_list("kind", "script", "quality")) == [
        ("PRIMARY", "Latn", "GOOD"),
        ("ALIAS", "Latn", "GOOD"),
        ("ALIAS", "Latn", "LOW"),
        ("ORIGINAL", "Arab", "GOOD"),
    ]
    assert anna.documents.values_list("document_number", "issuing_state", "kind").get() == (
        "L898902C3",
        "UTO",
        "PASSPORT",
    )


def test_import_writes_its_run_and_its_audit(importing: Import, owner) -> None:
    report = importing(samples.FTM)

    run = ImportRun.objects.get()
    assert (run.state, run.version, run.started_by_id) == ("DONE", report.version, owner.user_id)
    assert run.counts["read_organisation"] == 1
    assert (run.stage, run.done) == ("stored", 1)
    assert AuditEntry.objects.filter(action="watchlist_import.started", object_id=str(run.id)).exists()
    assert AuditEntry.objects.filter(action="watchlist_version.proposed").exists()


def test_second_import_shares_what_is_unchanged(importing: Import, in_force) -> None:
    in_force(lines_of(*TEN))
    rows = WatchlistEntry.objects.count()

    report = importing(lines_of(*TEN[:8], ("NK-8", "Anna Renamed"), ("NK-20", "Brita New")))

    found = report.difference
    assert found is not None
    assert (found.added, found.changed, found.removed, found.kept) == (1, 1, 1, 8)
    assert WatchlistEntry.objects.count() == rows + 2
    assert VersionEntry.objects.filter(version=report.version).count() == 10


def test_file_that_changes_nothing_makes_no_version(importing: Import, in_force) -> None:
    in_force(lines_of(*TEN))

    report = importing(lines_of(*TEN))

    assert report.unchanged
    assert WatchlistVersion.objects.count() == 1


def test_dry_run_tells_the_difference_and_stores_nothing(importing: Import, in_force) -> None:
    in_force(lines_of(*TEN))

    report = importing(lines_of(*TEN, ("NK-20", "Brita New")), dry_run=True)

    assert report.difference is not None
    assert report.difference.added == 1
    assert (WatchlistVersion.objects.count(), ImportRun.objects.count()) == (1, 1)


def test_file_with_far_fewer_rows_needs_a_second_person(importing: Import, in_force, owner, second) -> None:
    in_force(lines_of(*TEN))
    few = lines_of(*TEN[:7])

    with pytest.raises(ImportRefused) as refused:
        importing(few)
    assert refused.value.code == "rows_fell"
    with pytest.raises(ImportRefused) as refused:
        importing(few, fall_accepted_by=owner.user_id)
    assert refused.value.code == "second_person_required"
    assert WatchlistVersion.objects.count() == 1

    version = importing(few, fall_accepted_by=second.user_id).version
    assert version is not None
    assert version.fall_accepted_by_id == second.user_id


def test_file_with_a_fifth_fewer_rows_is_let_in(importing: Import, in_force) -> None:
    in_force(lines_of(*TEN))
    assert importing(lines_of(*TEN[:8])).version is not None


def test_one_malformed_row_refuses_the_file_and_leaves_nothing(importing: Import) -> None:
    with pytest.raises(ImportRefused) as refused:
        importing(lines_of(*TEN) + b"not json\n")

    assert refused.value.code == "malformed_rows"
    assert [(i.line, i.field, i.code) for i in refused.value.report.issues] == [(11, "row", "bad_json")]
    assert not WatchlistVersion.objects.exists()
    assert not WatchlistEntry.objects.exists()
    run = ImportRun.objects.get()
    assert (run.state, run.code, run.errors) == ("REFUSED", "malformed_rows", [[11, "row", "bad_json", True]])


def test_so_many_malformed_rows_as_allowed_are_left_out(importing: Import) -> None:
    report = importing(lines_of(*TEN) + b"not json\n", allow_malformed=1)

    assert report.version is not None
    assert (report.version.entry_count, report.version.counts["malformed"]) == (10, 1)


def test_entry_named_twice_is_malformed(importing: Import) -> None:
    with pytest.raises(ImportRefused) as refused:
        importing(lines_of(*TEN, TEN[0]))

    assert [(i.line, i.code) for i in refused.value.report.issues] == [(11, "duplicate")]


def test_entry_named_twice_counts_once_where_it_is_allowed(importing: Import) -> None:
    report = importing(lines_of(*TEN, TEN[0]), allow_malformed=1)

    assert report.version is not None
    assert report.version.entry_count == 10


def test_file_without_persons_is_refused(importing: Import) -> None:
    company = b'{"id":"1","schema":"Company","properties":{"name":["Utopia Trading"]}}\n'
    with pytest.raises(ImportRefused, match="no_entries"):
        importing(company)


def test_delta_changes_the_version_in_force(importing: Import, in_force) -> None:
    in_force(lines_of(("NK-1", "Anna Old"), ("NK-2", "Carl Gone"), ("NK-4", "Dora Kept")))

    report = importing(samples.FTM_DELTA)

    assert report.version is not None
    assert (report.version.kind, report.version.entry_count) == ("CHANGES", 3)
    held = WatchlistEntry.objects.filter(holdings__version=report.version)
    assert set(held.values_list("source_id", flat=True)) == {"NK-1", "NK-3", "NK-4"}
    assert held.get(source_id="NK-1").names.get().primary_identifier == "Anna Eriksson"


def test_delta_without_a_list_in_force_is_refused(importing: Import) -> None:
    with pytest.raises(ImportRefused, match="delta_without_base"):
        importing(samples.FTM_DELTA)


def test_delta_that_another_version_has_overtaken_is_not_activated(
    importing: Import, in_force, second, at
) -> None:
    in_force(lines_of(("NK-1", "Anna Old"), ("NK-2", "Carl Gone")))
    stale = importing(samples.FTM_DELTA).version
    in_force(lines_of(("NK-1", "Anna Newer"), ("NK-2", "Carl Gone")))

    assert stale is not None
    with pytest.raises(ListRefused, match="stale_proposal"):
        activate_version(actor=second, at=at, version_id=stale.id)


def test_packed_files_are_unpacked(importing: Import) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("list.json", samples.FTM)

    assert importing(gzip.compress(samples.FTM), dry_run=True).rows == 2
    assert importing(archive.getvalue(), dry_run=True).rows == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (gzip.compress(samples.FTM)[:-9], "bad_archive"),
        (gzip.compress(b" " * (64 << 20)), "unpacks_too_far"),
        (b"PK\x03\x04 no zip", "bad_archive"),
        (samples.FTM.replace(b"Anna", b"An\x00a"), "nul_byte"),
        (b"\xff\xfe\x00\xd8", "bad_encoding"),
    ],
    ids=["empty", "cut", "bomb", "no zip", "NUL", "half a character"],
)
def test_hostile_file_is_refused_with_its_code(importing: Import, content: bytes, code: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        importing(content)

    assert refused.value.code == code
    assert ImportRun.objects.get().code == code


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_recognised(importing: Import, encoding: str) -> None:
    person = '{"id":"1","schema":"Person","properties":{"name":["Jörg Müller"]}}\n'
    importing(person.encode(encoding))
    assert WatchlistEntry.objects.get().names.get().primary_identifier == "Jörg Müller"


def test_officer_may_not_import(importing: Import, alice, actor_of) -> None:
    with pytest.raises(ListRefused, match="role_required"):
        importing(samples.FTM, actor=actor_of(alice))


def test_documents_and_persons_are_different_lists(importing: Import) -> None:
    with pytest.raises(ListRefused, match="wrong_kind"):
        importing(samples.DOCUMENTS, "documents")


@pytest.fixture
def document_list(owner, at) -> Watchlist:
    return create_watchlist(
        actor=owner,
        at=at,
        name="Lost documents",
        kind=Watchlist.Kind.DOCUMENT,
        owner_unit="Passport Office",
        legal_basis="Passport Act",
        action="SEIZE_DOCUMENT",
        owner_state="UTO",
    )


def test_ranges_of_stolen_blanks_are_stored(importing: Import, document_list: Watchlist) -> None:
    importing(samples.DOCUMENTS, "documents", watchlist=document_list)

    span = EntryDocumentRange.objects.get()
    assert (span.issuing_state, span.prefix, span.width, span.first, span.latest) == (
        "UTO",
        "AB",
        7,
        1000,
        1999,
    )
    assert WatchlistEntry.objects.filter(action="SEIZE_DOCUMENT").count() == 2


def test_documents_of_another_state_are_refused_where_one_state_owns_the_list(
    importing: Import, document_list: Watchlist
) -> None:
    with pytest.raises(ImportRefused) as refused:
        importing(samples.DOCUMENTS.replace(b"UTO", b"FRA"), "documents", watchlist=document_list)
    assert {i.code for i in refused.value.report.issues} == {"not_issuing_state"}


def test_command_proposes_and_says_so(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "un.xml"
    path.write_bytes(samples.UN)

    call_command("import_watchlist", "un", str(path))

    told = capsys.readouterr().out
    assert "Proposed: UN Security Council consolidated list version 1 with 1 entries" in told
    assert WatchlistVersion.objects.get().proposed_by.username == "list-import"


def test_command_finds_the_companions_by_their_names(db: None, tmp_path: Path) -> None:
    (tmp_path / "SDN.CSV").write_bytes(samples.OFAC)
    (tmp_path / "alt.csv").write_bytes(samples.OFAC_BESIDE["alt"])

    call_command("import_watchlist", "ofac", str(tmp_path / "SDN.CSV"), "--list", "Treasury")

    names = WatchlistEntry.objects.get(watchlist__name="Treasury").names.values_list(
        "primary_identifier", flat=True
    )
    assert "ERICSON" in set(names)


def test_command_lists_malformed_rows_and_fails(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(samples.FTM + b"not json\n")

    with pytest.raises(CommandError, match="malformed_rows"):
        call_command("import_watchlist", "ftm", str(path))

    assert "malformed: line 3: row: bad_json" in capsys.readouterr().out
    assert not WatchlistVersion.objects.exists()


def test_command_checks_a_file_without_storing_anything(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(samples.FTM)

    call_command("import_watchlist", "ftm", str(path), "--check", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["malformed"]) == (2, 0)
    assert not Watchlist.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fax", "x"), "unknown format"),
        (("un", "/nowhere/x.xml"), "not_found"),
        (("un", "/nowhere/x.xml", "--actor", "nobody"), "no active account"),
    ],
)
def test_command_says_what_is_wrong(db: None, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_watchlist", *arguments)


def test_many_entries_are_stored_by_several_processes(
    importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchlists.services.staging.WORTH_A_POOL", 5)
    monkeypatch.setattr("watchlists.services.staging.BATCH", 3)

    report = importing(lines_of(*TEN), workers=2)

    assert report.version is not None
    assert WatchlistEntry.objects.filter(holdings__version=report.version, names__isnull=False).count() == 10
