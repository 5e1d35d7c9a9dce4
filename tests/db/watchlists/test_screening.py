"""Screening: what is listed is found in any spelling, what was not looked up is never "no hit", silence
leaves no trace.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from audit.models import AuditEntry
from biometrics.core.outcomes import Finding, Outcome, Route, Severity
from tests.db.watchlists.conftest import SHA256, THRESHOLD, entry
from watchlists.core.document_ranges import DocumentRange
from watchlists.core.exceptions import Presented
from watchlists.core.keys import KEY_VERSION
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument
from watchlists.core.score import SCORE_VERSION
from watchlists.core.screening import SCREENING_CHECKS, Action
from watchlists.core.thresholds import threshold_for
from watchlists.models import Hit, NameFrequencies, Watchlist
from watchlists.services import (
    ScreeningResult,
    activate_version,
    create_watchlist,
    propose_version,
    screening,
    search,
)
from watchlists.services.exceptions import presented_of_reading
from watchlists.services.withheld import write_withheld_hits


def finding_of(result: ScreeningResult, code: str) -> Finding:
    return next(f for f in result.findings if f.code == code)


def name_outcome(result: ScreeningResult) -> tuple[Outcome, str]:
    finding = finding_of(result, "SCREEN.NAME")
    return finding.outcome, finding.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"primary_identifier": "OTHERWISE", "secondary_identifier": "NORA"},
        {"birth_date": date(1961, 7, 11), "birth_date_raw": "610711"},
    ],
    ids=["name", "birth date"],
)
def test_what_was_set_right_on_request_is_looked_up_besides_the_document(
    activate, screen_reading, make_reading, changes: dict[str, object]
) -> None:
    activate(entry(action=Action.SECOND_LINE))
    right = presented_of_reading(make_reading())
    wrong = make_reading(**changes)
    assert Hit.objects.filter(screening=screen_reading(wrong).screening).count() == 0

    result = screen_reading(wrong, corrected=replace(right, document_number=wrong.document_number))

    assert Hit.objects.filter(screening=result.screening).count() == 1
    assert result.screening.presented["corrected"]["primary_identifier"] == "SVENSSON"


def test_what_the_document_says_is_looked_up_though_it_was_corrected(
    activate, screen_reading, make_reading
) -> None:
    activate(entry(action=Action.SECOND_LINE))
    reading = make_reading()

    result = screen_reading(
        reading, corrected=replace(presented_of_reading(reading), primary_identifier="OTHER")
    )

    assert name_outcome(result)[0] is Outcome.FAIL


def test_each_check_is_reported_once_in_order(activate, screen_reading, make_reading) -> None:
    activate(entry())

    assert [f.check.code for f in screen_reading(make_reading()).findings] == [
        c.code for c in SCREENING_CHECKS
    ]


@pytest.mark.parametrize(
    ("listed", "presented"),
    [
        (("Svensson", "Brita"), ("SVENSSON", "BRITA")),
        (("Brita", "Svensson"), ("SVENSSON", "BRITA")),
        (("Müller", "Jörg"), ("MUELLER", "JOERG")),
        (("Müller", "Jörg"), ("MULLER", "JORG")),
        (("Ødegård", "Åse"), ("OEDEGAARD", "AASE")),
        (("Иванов", "Пётр"), ("IVANOV", "PETR")),
        (("Muhammad", "Ali"), ("MOHAMED", "ALI")),
        (("Abdul Rahman", "Said"), ("ABDULRAHMAN", "SAID")),
        (("王", "小明"), ("王", "小明")),
    ],
)
def test_listed_person_is_found_in_another_spelling(
    activate, screen_reading, make_reading, listed: tuple[str, str], presented: tuple[str, str]
) -> None:
    activate(entry(names=(PersonName(*listed),)))

    result = screen_reading(make_reading(primary_identifier=presented[0], secondary_identifier=presented[1]))

    finding = finding_of(result, "SCREEN.NAME")
    assert (finding.outcome, finding.check.severity) == (Outcome.FAIL, Severity.BLOCK)
    hit = Hit.objects.get()
    assert (hit.kind, hit.state, hit.silent, hit.screening_id) == ("NAME", "OPEN", False, result.screening.id)
    assert hit.score == pytest.approx(sum(piece["bits"] for piece in hit.explanation), abs=0.01)


def test_alias_is_found(activate, screen_reading, make_reading) -> None:
    activate(entry(names=(PersonName("Smith", "Peter"), PersonName("Svensson", "Brita"))))

    assert name_outcome(screen_reading(make_reading())) == (Outcome.FAIL, "hit")


def test_person_who_is_not_listed_passes(activate, screen_reading, make_reading) -> None:
    version = activate(entry())

    result = screen_reading(make_reading(primary_identifier="ERIKSSON", secondary_identifier="ANNA MARIA"))

    assert name_outcome(result) == (Outcome.PASS, "")
    assert (result.screening.status, result.screening.reason) == ("CHECKED", "")
    assert result.screening.list_versions == {str(version.watchlist_id): version.number}


def test_namesake_born_in_another_year_passes(activate, screen_reading, make_reading) -> None:
    activate(entry())

    result = screen_reading(make_reading(birth_date=date(1955, 5, 5), birth_date_raw="550505"))

    assert name_outcome(result) == (Outcome.PASS, "")


def test_birth_date_with_unknown_parts_does_not_hide_a_person(activate, screen_reading, make_reading) -> None:
    activate(entry(nationalities=("UTO",)))

    result = screen_reading(make_reading(birth_date=None, birth_date_raw="80<<<<"))

    assert name_outcome(result) == (Outcome.FAIL, "hit")


@pytest.mark.parametrize(
    ("number", "state", "outcome", "severity"),
    [
        ("P12345678", "UTO", Outcome.FAIL, Severity.BLOCK),
        ("P1234567B", "UTO", Outcome.FAIL, Severity.REVIEW),
        ("P12345678", "FRA", Outcome.FAIL, Severity.REVIEW),
        ("P12345679", "UTO", Outcome.PASS, Severity.BLOCK),
    ],
)
def test_listed_document_blocks_exactly_and_is_reviewed_where_it_may_be_misread(
    activate, screen_reading, make_reading, number: str, state: str, outcome: Outcome, severity: Severity
) -> None:
    activate(entry(action=Action.SEIZE_DOCUMENT, names=(), documents=(ListedDocument("P12345678", "UTO"),)))

    finding = finding_of(
        screen_reading(make_reading(document_number=number, issuing_state=state)), "SCREEN.DOCUMENT"
    )

    assert (finding.outcome, finding.check.severity) == (outcome, severity)


def test_person_without_a_document_has_no_number_to_look_up(activate, screen_reading, make_reading) -> None:
    activate(entry())

    result = screen_reading(make_reading(source="DECLARED", document_number="", document_code=""))

    assert finding_of(result, "SCREEN.DOCUMENT").outcome is Outcome.NOT_APPLICABLE
    assert name_outcome(result) == (Outcome.FAIL, "hit")


@pytest.mark.parametrize(
    "validity",
    [
        {
            "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
            "valid_until": datetime(2026, 11, 20, 9, tzinfo=UTC),
        },
        {
            "valid_from": datetime(2026, 11, 20, 9, 0, 1, tzinfo=UTC),
            "valid_until": datetime(2027, 1, 1, tzinfo=UTC),
        },
    ],
    ids=["expired", "not yet valid"],
)
def test_entry_out_of_its_validity_cannot_fire(
    activate, screen_reading, make_reading, compare_face, make_template, validity
) -> None:
    version = activate(
        entry(documents=(ListedDocument("P12345678", "UTO"),), faces=(make_template().id,), **validity)
    )

    result = screen_reading(make_reading(), compare_face([version.entries.get().id]))

    assert {f.outcome for f in result.findings} == {Outcome.PASS}
    assert not Hit.objects.exists()


def test_proposed_and_superseded_versions_cannot_fire(
    activate, propose, screen_reading, make_reading
) -> None:
    activate(entry())
    activate(entry(source_id="UT-9", names=(PersonName("Smith", "Peter"),)))
    propose(entry())

    assert name_outcome(screen_reading(make_reading())) == (Outcome.PASS, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "UNREADABLE", "primary_identifier": "", "document_number": ""}, "no_identity"),
        ({"primary_identifier": "<>", "secondary_identifier": ""}, "no_identity"),
    ],
)
def test_reading_without_identity_is_not_checked(
    activate, screen_reading, make_reading, changes, reason: str
) -> None:
    activate(entry())

    result = screen_reading(make_reading(**changes))

    assert (result.screening.status, result.screening.reason) == ("NOT_CHECKED", reason)
    assert name_outcome(result) == (Outcome.UNDETERMINED, reason)


def test_nothing_to_read_is_not_checked(activate, screen_reading) -> None:
    activate(entry())

    result = screen_reading(None)

    assert result.screening.status == "NOT_CHECKED"
    assert {f.outcome for f in result.findings} == {Outcome.UNDETERMINED}


def test_without_an_active_list_nothing_is_checked(propose, threshold, screen_reading, make_reading) -> None:
    propose(entry())

    result = screen_reading(make_reading())

    assert (result.screening.status, result.screening.reason) == ("NOT_CHECKED", "no_active_list")
    assert name_outcome(result) == (Outcome.UNDETERMINED, "no_active_list")


def test_list_of_documents_alone_does_not_check_names(
    owner, second, at, threshold, screen_reading, make_reading
) -> None:
    lost = create_watchlist(
        actor=owner, at=at, name="Lost", kind=Watchlist.Kind.DOCUMENT, owner_unit="Police", legal_basis="Act"
    )
    stolen = entry(names=(), documents=(ListedDocument("X1", "UTO"),))
    version = propose_version(actor=owner, at=at, watchlist=lost, entries=[stolen], sha256=SHA256)
    activate_version(actor=second, at=at, version_id=version.id)

    result = screen_reading(make_reading())

    assert name_outcome(result) == (Outcome.UNDETERMINED, "no_active_list")
    assert finding_of(result, "SCREEN.DOCUMENT").outcome is Outcome.PASS


def test_without_a_threshold_in_force_names_are_not_checked(
    propose, second, at, screen_reading, make_reading
) -> None:
    activate_version(actor=second, at=at, version_id=propose(entry()).id)

    assert name_outcome(screen_reading(make_reading())) == (Outcome.UNDETERMINED, "no_operating_point")


def test_list_indexed_by_older_rules_is_not_checked_and_never_without_a_hit(
    activate, screen_reading, make_reading
) -> None:
    version = activate(entry())
    NameFrequencies.objects.filter(version=version).update(key_version=KEY_VERSION - 1)

    assert name_outcome(screen_reading(make_reading())) == (Outcome.UNDETERMINED, "index_outdated")


def test_search_that_takes_too_long_is_not_checked_and_the_others_are(
    activate, screen_reading, make_reading, compare_face, monkeypatch
) -> None:
    activate(entry(documents=(ListedDocument("P12345678", "UTO"),)))
    face = compare_face()

    def sleep_over_names(**asked):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(screening, "STATEMENT_TIMEOUT_MS", 50)
    monkeypatch.setattr(screening, "search_persons", sleep_over_names)
    result = screen_reading(make_reading(), face)

    assert name_outcome(result) == (Outcome.UNDETERMINED, "timeout")
    assert (result.screening.status, result.screening.reason) == ("NOT_CHECKED", "timeout")
    assert finding_of(result, "SCREEN.DOCUMENT").outcome is Outcome.FAIL
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",)


def test_search_that_raises_is_not_checked(activate, screen_reading, make_reading, monkeypatch) -> None:
    activate(entry())

    def fail(**asked):
        raise RuntimeError

    monkeypatch.setattr(screening, "search_persons", fail)

    assert name_outcome(screen_reading(make_reading())) == (Outcome.UNDETERMINED, "search_failed")


def test_scoring_that_takes_too_long_is_not_checked(
    activate, screen_reading, make_reading, monkeypatch
) -> None:
    activate(*(entry(source_id=f"UT-{n}") for n in range(600)))
    monkeypatch.setattr(search, "SCORING_BUDGET_S", -1.0)

    result = screen_reading(make_reading())

    assert name_outcome(result) == (Outcome.UNDETERMINED, "timeout")
    assert result.screening.status == "NOT_CHECKED"


def test_person_of_a_national_system_is_screened_as_at_the_booth(activate, owner, at) -> None:
    activate(entry())
    presented = Presented("Svensson", "Brita", "1980-02-29", "F", "UTO", "P12345678", "UTO")

    result = screening.screen_presented(actor=owner, at=at, presented=presented)

    assert name_outcome(result) == (Outcome.FAIL, "hit")
    assert result.screening.presented["primary_identifier"] == "Svensson"
    assert (result.screening.inspection_id, result.screening.reading_id) == (None, None)


def test_hit_keeps_threshold_versions_and_bits(activate, screen_reading, make_reading) -> None:
    version = activate(entry())

    screen_reading(make_reading())

    hit = Hit.objects.get(kind="NAME")
    assert (hit.list_version, hit.score_version) == (version.number, SCORE_VERSION)
    assert hit.threshold == threshold_for(version.entry_count, base_bits=THRESHOLD)
    assert hit.score == pytest.approx(sum(piece["bits"] for piece in hit.explanation), abs=0.01)


def test_document_number_inside_a_range_of_stolen_blanks_is_a_hit(
    activate, screen_reading, make_reading
) -> None:
    blanks = DocumentRange("UTO", "P", 8, 12345000, 12345999)
    activate(entry(names=(), birth_dates=(), document_ranges=(blanks,)))

    inside = screen_reading(make_reading())
    outside = screen_reading(make_reading(document_number="P12346000"))
    other_state = screen_reading(make_reading(issuing_state="FRA"))

    outcomes = [finding_of(one, "SCREEN.DOCUMENT").outcome for one in (inside, outside, other_state)]
    assert outcomes == [Outcome.FAIL, Outcome.PASS, Outcome.PASS]
    assert Hit.objects.get().explanation[0]["rule"] == "in_range"


def test_face_of_an_active_entry_is_a_hit(
    activate, screen_reading, make_reading, compare_face, make_template
) -> None:
    version = activate(entry(faces=(make_template().id,)))
    face = compare_face([version.entries.get().id])

    result = screen_reading(make_reading(primary_identifier="ERIKSSON", secondary_identifier="ANNA"), face)

    assert finding_of(result, "SCREEN.FACE").outcome is Outcome.FAIL
    hit = Hit.objects.get()
    assert (hit.kind, hit.score, hit.comparison_id) == ("FACE", 0.9, face.id)


@pytest.mark.parametrize("outcome", [None, "UNDETERMINED"])
def test_without_an_answer_of_the_gallery_the_face_is_not_checked(
    activate, screen_reading, make_reading, compare_face, outcome: str | None
) -> None:
    activate(entry())
    face = compare_face(outcome=outcome) if outcome else None

    finding = finding_of(screen_reading(make_reading(), face), "SCREEN.FACE")

    assert (finding.outcome, finding.reason) == (Outcome.UNDETERMINED, "no_face_comparison")


def test_person_to_protect_goes_to_protection(activate, screen_reading, make_reading) -> None:
    activate(entry(action=Action.PROTECT))

    finding = finding_of(screen_reading(make_reading()), "SCREEN.NAME")

    assert (finding.outcome, finding.check.route) == (Outcome.FAIL, Route.PROTECTION)


def test_silent_hit_is_stored_and_leaves_the_findings_as_without_it(
    activate, screen_reading, make_reading, compare_face, make_template
) -> None:
    version = activate(
        entry(
            action=Action.SILENT,
            documents=(ListedDocument("P12345678", "UTO"),),
            faces=(make_template().id,),
        )
    )
    subject = version.entries.get().id
    nobody = make_reading(primary_identifier="ERIKSSON", secondary_identifier="ANNA", document_number="X1")

    with_hit = screen_reading(make_reading(), compare_face([subject]))
    without = screen_reading(nobody, compare_face())

    assert with_hit.findings == without.findings
    assert not Hit.objects.exists()
    assert (write_withheld_hits(), write_withheld_hits()) == (3, 0)
    assert Hit.objects.filter(screening=with_hit.screening, silent=True).count() == 3
    traces = AuditEntry.objects.filter(action="screening.made").values_list("detail", flat=True)
    assert len({tuple(sorted(detail)) for detail in traces}) == 1


def test_stop_and_silent_on_one_person_show_the_stop_only(activate, screen_reading, make_reading) -> None:
    activate(entry(), entry(source_id="UT-2", action=Action.SILENT))

    finding = finding_of(screen_reading(make_reading()), "SCREEN.NAME")

    assert [hit["action"] for hit in finding.detail["hits"]] == ["STOP_ARREST"]
    write_withheld_hits()
    assert Hit.objects.count() == 2


def test_screening_takes_a_bounded_number_of_queries(
    activate, screen_reading, make_reading, compare_face, django_assert_max_num_queries
) -> None:
    activate(entry(documents=(ListedDocument("P12345678", "UTO"),)))
    reading, face = make_reading(), compare_face()

    with django_assert_max_num_queries(32):
        screen_reading(reading, face)


def test_screening_writes_audit_without_personal_data(activate, screen_reading, make_reading) -> None:
    activate(entry())
    result = screen_reading(make_reading())

    trace = AuditEntry.objects.get(action="screening.made")
    assert trace.object_id == str(result.screening.id)
    assert set(trace.detail) == {"inspection", "status", "reason"}
