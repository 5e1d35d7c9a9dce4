"""The score in bits: what speaks for one person, what against, and that missing evidence says nothing."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.reference.screening_plain import edit_distance_at_most_one, screen_plainly
from watchlists.core.birth_dates import BirthDate
from watchlists.core.indexing import encode_profile
from watchlists.core.memory_index import build_index, screen_in_memory
from watchlists.core.name_bounds import NameBound
from watchlists.core.names import PersonName
from watchlists.core.quick_score import QuickScorer
from watchlists.core.score import (
    NO_STATISTICS,
    Identity,
    compare_birth_dates,
    most_name_bits,
    name_bits,
    profile_of,
    score_identity,
    score_profile,
)
from watchlists.core.similarity import name_likeness
from watchlists.core.tokens import MatchRule, compare_tokens, is_one_edit, match_words
from watchlists.core.weights import BIRTH_DATE_BITS, NAME_BITS_MOST

BORN = BirthDate(1974, 8, 12)
ALERT = 20.0


def person(name: str, born: BirthDate | None = BORN, **known: object) -> Identity:
    return Identity(names=(PersonName(name),), birth_dates=(born,) if born else (), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("traveler", "entry"),
    [
        (person("ERIKSSON ANNA MARIA"), person("Eriksson Anna Maria")),
        (person("MUELLER HANS"), person("Müller Hans")),
        (person("MOHAMED ALI"), person("Ali Muhammad")),
        (person("IVANOV PYOTR"), person("Иванов Пётр")),
        (person("ERIKSSON ANNA"), person("Eriksson Anna Maria")),
        (person("ERIKSON ANNA"), person("Eriksson Anna")),
        (person("ABDULRAHMAN SAID"), person("Abdul Rahman Said")),
        (person("ANNAMARIA ERIKSSON"), person("Anna Maria Eriksson")),
        (person("ERIKSSON ANNA", BirthDate(1975, 8, 12)), person("Eriksson Anna")),
        (person("ERIKSSON ANNA", BirthDate(1974, 12, 8)), person("Eriksson Anna")),
        (person("ERIKSSON ANNA", BirthDate(1974)), person("Eriksson Anna")),
        (person("ERIKSSON ANNA MAR", names_truncated=True), person("Eriksson Anna Maria Christina")),
    ],
)
def test_same_person_written_otherwise_alerts(traveler: Identity, entry: Identity) -> None:
    assert score_identity(traveler, entry).bits >= ALERT


@pytest.mark.parametrize(
    ("traveler", "entry"),
    [
        # the same name, another birth date
        (person("ERIKSSON ANNA MARIA"), person("Eriksson Anna Maria", BirthDate(1999, 1, 2))),
        # the same birth date and surname, as twins have
        (person("ERIKSSON ANNA", nationalities=("UTO",)), person("Eriksson Brita", nationalities=("UTO",))),
        # the same birth date alone
        (person("ERIKSSON ANNA"), person("Smith Peter")),
        # a common pair of names and nothing else
        (person("MOHAMED ALI", None), person("Ali Mohamed", None)),
        # the same name and date, another sex and nationality, one word of three
        (person("ERIKSSON ANNA", sex="F"), person("Erikson Sven Olof", sex="M")),
    ],
)
def test_another_person_does_not_alert(traveler: Identity, entry: Identity) -> None:
    assert score_identity(traveler, entry).bits < ALERT


def test_missing_evidence_weighs_nothing() -> None:
    whole = person("ERIKSSON ANNA", sex="F", nationalities=("UTO",))
    bare = person("ERIKSSON ANNA", None)

    assert score_identity(whole, bare) == score_identity(bare, bare)


def test_sex_x_is_no_evidence() -> None:
    assert score_identity(person("ERIKSSON", sex="X"), person("ERIKSSON", sex="F")) == score_identity(
        person("ERIKSSON"), person("ERIKSSON")
    )


def test_best_name_of_an_entry_counts() -> None:
    entry = replace(person("Smith Peter"), names=(PersonName("Smith Peter"), PersonName("Eriksson Anna")))

    assert score_identity(person("ERIKSSON ANNA"), entry) == score_identity(
        person("ERIKSSON ANNA"), person("Eriksson Anna")
    )


def test_weak_alias_weighs_less() -> None:
    weak = replace(person(""), names=(PersonName("Eriksson Anna", low_quality=True),))

    good = score_identity(person("ERIKSSON ANNA"), person("Eriksson Anna"))
    assert score_identity(person("ERIKSSON ANNA"), weak).bits == pytest.approx(good.bits - 3)


def test_entry_without_a_name_scores_nothing() -> None:
    assert score_identity(person("ERIKSSON"), Identity(names=())).bits == float("-inf")


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        (BORN, BORN, "equal"),
        (BORN, BirthDate(1974, 12, 8), "day_and_month_swapped"),
        (BORN, BirthDate(1975, 8, 12), "year_off_by_one"),
        (BORN, BirthDate(1979, 8, 12), "one_digit_of_year_differs"),
        (BORN, BirthDate(1974, 8, 13), "one_part_differs"),
        (BORN, BirthDate(1974), "year_equal_rest_unknown"),
        (BORN, BirthDate(1974, 1, 1), "year_equal_first_of_january"),
        (BORN, BirthDate(1975), "year_off_by_one_rest_unknown"),
        (BORN, BirthDate(1988, 8, 12), "day_and_month_equal"),
        (BORN, BirthDate(1974, 3, 4), "year_equal"),
        (BORN, BirthDate(1980), "year_differs_rest_unknown"),
        (BORN, BirthDate(1980, 3, 4), "differs"),
    ],
)
def test_birth_dates_are_compared_by_the_table(a: BirthDate, b: BirthDate, rule: str) -> None:
    assert compare_birth_dates(a, b) == compare_birth_dates(b, a) == rule


birth_dates = st.one_of(
    st.builds(BirthDate, st.integers(1, 9999)),
    st.builds(BirthDate, st.integers(1, 9999), st.integers(1, 12), st.integers(1, 28)),
)


@given(birth_dates, birth_dates)
def test_every_pair_of_birth_dates_has_a_weight(a: BirthDate, b: BirthDate) -> None:
    assert compare_birth_dates(a, b) in BIRTH_DATE_BITS
    assert compare_birth_dates(a, b) == compare_birth_dates(b, a)


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ("ERIKSSON", "ERIKSSON", MatchRule.EXACT),
        ("MOHAMED", "MUHAMMAD", MatchRule.LISTED),
        ("YUSUF", "YOUSSEF", MatchRule.LISTED),
        ("KARIMA", "KAREEMA", MatchRule.SOUND),
        ("ANNA", "ANNE", MatchRule.LISTED),
        ("MARIA", "MARTA", MatchRule.ONE_EDIT),
        ("GAMAL", "JAMAL", MatchRule.LISTED),
        ("SANTAMARIA", "SANTOMARIO", MatchRule.VARIANT),
        ("JEONG", "CHUNG", MatchRule.LISTED),
        ("CHRIS", "CHRISTINA", MatchRule.TRUNCATED),
        ("A", "ANNA", MatchRule.INITIAL),
        ("A", "BRITA", None),
        ("AMIR", "MARIA", None),
        ("ALI", "ELI", MatchRule.SYLLABLE),
        ("SMITH", "PETER", None),
        ("HAMAD", "HMAD", MatchRule.VARIANT),
        ("SADAT", "SDAT", MatchRule.VARIANT),
        ("KADADANI", "KDDNI", MatchRule.VARIANT),
        ("MOTASSADEQ", "MTSDQ", MatchRule.VARIANT),
        ("ELENA", "LENA", MatchRule.SYLLABLE),
        ("ROBERT", "ALBERT", None),
        ("ABDURAHMAN", "RAHMAN", MatchRule.LISTED),
        ("ABDENACER", "NASSER", MatchRule.CLOSE),
        ("OPA", "OPAN", MatchRule.CLOSE),
        ("小明", "小明", MatchRule.EXACT),
        ("小明", "大明", None),
    ],
)
def test_words_agree_by_the_best_rule(a: str, b: str, rule: MatchRule | None) -> None:
    assert compare_tokens(a, b) == compare_tokens(b, a) == rule


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Noureddine Mohamad", "Nur al-Din Muhammad"),
        ("Salahuddin Karimi", "Salah ad Din Karimi"),
        ("فضل رحيم", "Fazal Rahim"),
        ("عبد الرحمن", "Abdur Rehman"),
    ],
)
def test_names_written_joined_or_by_other_readings_are_one_name(a: str, b: str) -> None:
    assert name_likeness(a, b) >= 0.85


def as_words(*spellings: str) -> tuple[tuple[str, ...], ...]:
    return tuple((spelling,) for spelling in spellings)


def test_last_word_of_a_cut_name_may_be_one_letter() -> None:
    matched = match_words(as_words("ERIKSSON", "AN"), as_words("ERIKSSON", "ANNA"), truncated=True)

    assert [pair.rule for pair in matched.pairs] == [MatchRule.EXACT, MatchRule.TRUNCATED]


def test_three_words_written_as_one_agree() -> None:
    matched = match_words(as_words("MARIADELMAR", "LOPEZ"), as_words("MARIA", "DEL", "MAR", "LOPEZ"))

    assert [pair.rule for pair in matched.pairs] == [MatchRule.EXACT, MatchRule.JOINED]
    assert matched.left_presented == matched.left_listed == ()


words = st.text("ABEMRS", min_size=1, max_size=6)
forms = st.lists(words, min_size=1, max_size=4).map(tuple)


@given(words, words)
@settings(max_examples=400)
def test_one_edit_agrees_with_the_plain_twin(a: str, b: str) -> None:
    assert is_one_edit(a, b) is edit_distance_at_most_one(a, b)


@given(forms, forms, st.booleans())
def test_each_word_is_paired_or_left_over_once(
    presented: tuple[str, ...], listed: tuple[str, ...], truncated: bool
) -> None:
    matched = match_words(as_words(*presented), as_words(*listed), truncated=truncated)

    used = [place for pair in matched.pairs for place in pair.presented_at]
    assert sorted((*used, *matched.left_presented)) == list(range(len(presented)))
    used = [place for pair in matched.pairs for place in pair.listed_at]
    assert sorted((*used, *matched.left_listed)) == list(range(len(listed)))


NAMES = (
    "ALI",
    "MOHAMED",
    "محمد",
    "HARBI",
    "ERIKSSON",
    "ERIKSON",
    "ANNA",
    "MARIA",
    "ANNAMARIA",
    "VAN",
    "E",
    "王",
    "CHEN",
    "CHAN",
)
some_names = st.one_of(
    st.text(max_size=20), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(" ".join)
)
near_dates = st.builds(
    BirthDate, st.integers(1978, 1981), st.sampled_from((1, 2, 8)), st.sampled_from((1, 2, 8, 12))
)
identities = st.builds(
    Identity,
    names=st.lists(st.builds(PersonName, some_names, st.just(""), st.booleans()), max_size=2).map(tuple),
    birth_dates=st.lists(
        st.one_of(near_dates, st.builds(BirthDate, st.integers(1978, 1981))), max_size=1
    ).map(tuple),
    sex=st.sampled_from(("M", "F", "X", "")),
    nationalities=st.sampled_from((("UTO",), ("FRA",), ())),
    names_truncated=st.booleans(),
)


@given(identities, identities)
@settings(max_examples=300)
def test_score_is_the_sum_of_its_evidence(traveler: Identity, entry: Identity) -> None:
    score = score_identity(traveler, entry)

    if score.evidence:
        assert score.bits == pytest.approx(sum(piece.bits for piece in score.evidence), abs=0.01)


@given(identities)
def test_name_alone_never_passes_its_bound(traveler: Identity) -> None:
    bare = Identity(names=traveler.names)
    bits = score_identity(bare, bare).bits

    assert bits <= NAME_BITS_MOST
    assert bits <= most_name_bits(profile_of(bare), NO_STATISTICS) + 0.05


@given(identities, st.lists(identities, min_size=1, max_size=6), st.sampled_from((0.0, 8.0, 15.0, 22.0)))
@settings(max_examples=250, deadline=None)
def test_fast_engine_finds_what_the_plain_one_finds(
    traveler: Identity, entries: list[Identity], threshold: float
) -> None:
    index = build_index(entries)
    found = {place: score.bits for place, score in screen_in_memory(index, traveler, threshold).hits}

    assert found == pytest.approx(screen_plainly(traveler, entries, index.statistics, threshold), abs=0.011)


@given(identities, st.lists(identities, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_quick_bits_are_the_bits_of_the_whole_score(traveler: Identity, entries: list[Identity]) -> None:
    profile = profile_of(traveler)
    scorer = QuickScorer(profile, NO_STATISTICS)
    for listed in map(profile_of, entries):
        whole = score_profile(profile, listed, NO_STATISTICS).bits
        assert scorer.bits(encode_profile(listed), -1000.0) == pytest.approx(whole, abs=0.02)


@pytest.mark.parametrize(
    ("presented", "listed"),
    [("VAN KHANG", "Van Khang Tran"), ("ABDUR WABULLAH", "Abdur Wabullah Wadrari")],
)
def test_particle_without_counterpart_says_nothing(presented: str, listed: str) -> None:
    """Two words are kept with their particle, of three it is dropped: what is left of it is no disagreement."""
    rules = [piece.rule for piece in score_identity(person(presented), person(listed)).evidence]
    assert "unmatched_on_both_sides" not in rules
    assert "fewer_than_two_words" not in rules


def test_given_name_that_is_a_particle_elsewhere_disagrees() -> None:
    rules = [piece.rule for piece in score_identity(person("YANG JUN"), person("Bin Yang")).evidence]
    assert "unmatched_on_both_sides" in rules


@pytest.mark.parametrize(
    ("presented", "listed", "rule"),
    [
        ("OUATTARA", "WATTARA", "same_sound"),
        ("CHRISTIAN", "KRISTIAN", "same_sound"),
        ("ZAINAHAD", "زينهاد", "spelling_variant"),
        ("HASSAN", "هسان", "spelling_variant"),
        ("RAJ", "RAJAN", "close"),
        ("OANG", "HOANG", "one_edit"),
    ],
)
def test_words_of_two_offices_agree(presented: str, listed: str, rule: str) -> None:
    evidence = score_identity(person(f"{presented} ERIKSSON"), person(f"{listed} Eriksson")).evidence
    assert rule in [piece.rule for piece in evidence if piece.about == "name"]


@given(identities, st.lists(identities, min_size=1, max_size=8))
@settings(max_examples=250, deadline=None)
def test_no_name_passes_the_bound_for_many(traveler: Identity, entries: list[Identity]) -> None:
    profile = profile_of(traveler)
    forms = [form for entry in map(profile_of, entries) for form in entry.forms]
    assume(forms)
    words = ["|".join(word) for form in forms for word in form.words]
    for presented in profile.forms:
        bound = NameBound(presented, NO_STATISTICS, truncated=profile.names_truncated)
        near = bound.near(words, [len(form.words) for form in forms])
        for listed, most in zip(forms, near.most_bits, strict=True):
            bits = name_bits(presented, listed, NO_STATISTICS, truncated=profile.names_truncated)
            assert bits <= most + 0.05
