"""Floors under the screening engine on a small made-up list: found travellers, false alarms, pairs of names.

A threshold is a floor only if it can fail: the list is of 4,000 persons of 44 naming cultures, its seed is used nowhere
else, and the differences are made by rules that the matcher does not know.
"""

from itertools import pairwise

import pytest

from tests.accuracy.people.files import benign_rows, list_rows, mated_rows
from tests.accuracy.people.identities import identity_of
from tests.accuracy.people.perturb import KINDS
from watchlists.core.memory_index import MemoryIndex, build_index, screen_in_memory
from watchlists.core.similarity import name_likeness
from watchlists.core.thresholds import threshold_for

ENTRIES, EACH, BENIGN = 4_000, 15, 600
SEED = "floor"
RECALL_FLOOR, CANDIDATE_FLOOR, BENIGN_CEILING = 0.985, 0.99, 4


@pytest.fixture(scope="module")
def listed():
    return list(list_rows(ENTRIES, seed=SEED))


@pytest.fixture(scope="module")
def index(listed) -> MemoryIndex:
    return build_index(identity_of(row) for _, row in listed)


def test_listed_travellers_are_found_at_the_threshold_of_the_list(index, listed) -> None:
    threshold = threshold_for(ENTRIES)
    places = {row["entry_id"]: place for place, (_, row) in enumerate(listed)}
    found = candidates = 0
    for row in mated_rows(listed, EACH, seed=SEED):
        answer = screen_in_memory(index, identity_of(row), threshold)
        candidates += bool((answer.candidates == places[row["expected_entry_id"]]).any())
        found += places[row["expected_entry_id"]] in {place for place, _ in answer.hits}

    total = EACH * len(KINDS)
    assert candidates / total >= CANDIDATE_FLOOR
    assert found / total >= RECALL_FLOOR


def test_few_benign_travellers_are_alerted_at_the_threshold_of_the_list(index) -> None:
    threshold = threshold_for(ENTRIES)
    alerts = sum(
        bool(screen_in_memory(index, identity_of(row), threshold).hits)
        for row in benign_rows(BENIGN, seed=SEED)
    )

    assert alerts <= BENIGN_CEILING


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Mohammed Ali", "محمد علي"),
        ("Gamal Abdel Nasser", "Jamal Abdul Nasir"),
        ("Wladimir Iwanow", "Владимир Иванов"),
        ("Zhang Xiaoping", "CHANG HSIAO PING"),
        ("王小明", "Wang Xiaoming"),
        ("Kim Jeong-eun", "김정은"),
        ("Georgios Papadopoulos", "Γεώργιος Παπαδόπουλος"),
        ("Yitzhak Cohen", "יצחק כהן"),
        ("Narendra Singh", "नरेंद्र सिंह"),
        ("Giorgi Beridze", "გიორგი ბერიძე"),
        ("Hayk Petrosyan", "Հայկ Պետրոսյան"),
        ("Tanaka Taro", "田中 太郎"),
        ("Miyamoto Shintaro", "宮本慎太郎"),
        ("Watanabe Hiroko", "渡部裕子"),
        ("Somchai Jaidee", "สมชาย ใจดี"),
        ("Manee Boonmee", "มานี บุญมี"),
        ("Kittisak Wongsawat", "กิตติศักดิ์ วงศ์สวัสดิ์"),
        ("Sivakumar Subramaniam", "சிவகுமார் சுப்பிரமணியம்"),
        ("Ramanathan Kandiah", "இராமநாதன் கந்தையா"),
        ("Nguyen Van Minh", "Nguyễn Minh"),
        ("Juan de la Cruz", "DELACRUZ JUAN"),
        ("Jürgen Müller", "MUELLER JUERGEN"),
        ("Anna Maria Eriksson", "ERIKSSON ANNA"),
        ("Oluwaseun Adebayo", "Adebayo Seun"),
        ("Abdul Rahman", "Abdurrahman"),
    ],
)
def test_one_name_written_otherwise_scores_high(name: str, other: str) -> None:
    assert name_likeness(name, other) >= 0.8


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("John Smith", "Jane Smith"),
        ("John Smith", "John Brown"),
        ("Mohammed Ali", "Mohammed Hassan"),
        ("Wang Wei", "Wang Fang"),
        ("Ivan Petrov", "Ivan Sidorov"),
        ("Maria Silva", "Mario Santos"),
        ("Anna Eriksson", "Peter Kovacs"),
    ],
)
def test_names_of_different_people_score_low(name: str, other: str) -> None:
    assert name_likeness(name, other) < 0.5


def test_likeness_is_symmetric_and_whole_for_the_same_name(listed) -> None:
    names = [row["name"] for _, row in listed[:60]]
    assert all(name_likeness(name, name) == 1.0 for name in names)
    assert all(name_likeness(a, b) == name_likeness(b, a) for a, b in pairwise(names))
