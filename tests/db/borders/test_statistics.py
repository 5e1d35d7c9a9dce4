"""Months published once: true totals, nobody's training, corrections counted, national systems by their own scope."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from audit.core.actor import system_actor
from audit.models import AuditEntry
from borders.core.statistics import METHOD_NOTE, TOTAL, UNKNOWN
from borders.models import Crossing, ErasedCrossingCount, PortOfEntry, StatisticsRelease
from borders.services.statistics import (
    WAITED_FOR,
    StatisticsRefused,
    as_csv,
    release_due,
    release_month,
)
from tests.db.factories import make_crossing
from travelers.models import Traveler

pytestmark = pytest.mark.django_db
MONTH = date(2026, 11, 1)
DURING = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, tzinfo=UTC) + WAITED_FOR
SWEEP = system_actor("sweep")


@pytest.fixture
def month_of_crossings(alice, booth) -> list[Crossing]:
    """Twenty-four entries: 20 men, 4 women."""
    made = [
        make_crossing(booth=booth, officer=alice, at=DURING + timedelta(minutes=n), number=n)
        for n in range(24)
    ]
    ids = [c.traveler_id for c in made]
    Traveler.objects.filter(id__in=ids[:20]).update(sex="M")
    Traveler.objects.filter(id__in=ids[20:]).update(sex="F")
    return made


def release(at: datetime = AFTER, country: str = "UTO") -> StatisticsRelease:
    return release_month(actor=SWEEP, at=at, country_code=country, month=MONTH)[0]


def test_a_month_is_published_with_its_true_total(month_of_crossings, booth) -> None:
    made = release()

    table = made.tables["ENTRY"]["SEX"]
    assert table["row_totals"] == {booth.port.code: 24, TOTAL: 24}
    assert AuditEntry.objects.filter(action="statistics.released", object_id=str(made.id)).exists()


def test_small_cells_are_withheld(month_of_crossings, booth) -> None:
    table = release().tables["ENTRY"]["SEX"]

    assert table["cells"][booth.port.code]["F"] is None
    assert table["cells"][TOTAL]["F"] is None


def test_a_direction_of_nobody_is_withheld_whole(month_of_crossings) -> None:
    assert release().tables["EXIT"]["SEX"]["withheld"]


def test_a_month_is_published_once_and_stays_as_it_is(month_of_crossings, alice, booth) -> None:
    first = release()
    make_crossing(booth=booth, officer=alice, at=DURING, number=99)

    again, is_new = release_month(actor=SWEEP, at=AFTER, country_code="UTO", month=MONTH)

    assert (again.id, is_new, again.tables) == (first.id, False, first.tables)


@pytest.mark.parametrize(
    ("country", "at", "code"), [("UTO", AFTER - timedelta(1), "too_early"), ("XXX", AFTER, "country_unknown")]
)
def test_what_cannot_be_published_is_refused(
    month_of_crossings, country: str, at: datetime, code: str
) -> None:
    with pytest.raises(StatisticsRefused) as refused:
        release(at, country)

    assert refused.value.code == code


def test_the_sweep_publishes_what_is_due_and_nothing_twice(month_of_crossings) -> None:
    assert release_due(actor=SWEEP, at=AFTER - timedelta(1)) == 0
    assert release_due(actor=SWEEP, at=AFTER) == 1
    assert release_due(actor=SWEEP, at=AFTER) == 0


def test_crossings_of_the_erased_still_count(month_of_crossings, booth) -> None:
    ErasedCrossingCount.objects.create(
        month=MONTH,
        port=booth.port,
        direction="ENTRY",
        transport_mode="AIR",
        dimension="ALL",
        value="",
        count=7,
    )
    ErasedCrossingCount.objects.create(
        month=MONTH,
        port=booth.port,
        direction="ENTRY",
        transport_mode="AIR",
        dimension="SEX",
        value="F",
        count=7,
    )

    tables = release().tables["ENTRY"]

    assert tables["SEX"]["row_totals"][TOTAL] == 31
    assert tables["SEX"]["cells"][TOTAL]["F"] == 11
    assert tables["TRANSPORT"]["row_totals"][TOTAL] == 31
    assert tables["PURPOSE"]["cells"][TOTAL][UNKNOWN] == 31


def test_a_training_post_is_never_counted(month_of_crossings) -> None:
    PortOfEntry.objects.update(training=True)

    assert release().tables["ENTRY"]["SEX"]["withheld"]


def test_the_csv_carries_the_method_and_every_cell(month_of_crossings, booth) -> None:
    lines = as_csv(release()).splitlines()

    assert METHOD_NOTE in lines[1]
    assert lines[2].startswith("country,month,direction,attribute,port,value,crossings,withheld")
    assert f"UTO,2026-11,ENTRY,SEX,{booth.port.code},TOTAL,24,no" in lines
    assert f"UTO,2026-11,ENTRY,SEX,{booth.port.code},F,,yes" in lines


def test_the_command_prints_a_month(month_of_crossings, capsys) -> None:
    release()

    call_command("publish_statistics", country="UTO", month="2026-11")

    assert "UTO,2026-11,ENTRY,SEX" in capsys.readouterr().out


def test_nothing_of_a_release_can_be_changed(month_of_crossings) -> None:
    made = release()

    with pytest.raises(Exception, match="append_only"), connection.cursor() as cursor:
        cursor.execute("UPDATE borders_statisticsrelease SET tables = '{}' WHERE id = %s", [made.id])
