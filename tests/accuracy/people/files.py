"""Lists and queries of made-up persons, as the files that `manage.py evaluate_screening` reads."""

import random
import re
from collections.abc import Iterator

from tests.accuracy.people.generate import Person, list_of, make_persons
from tests.accuracy.people.perturb import KINDS, fold, perturb, to_native

LIST_COLUMNS = ("entry_id", "name", "aliases", "birth_date", "sex", "nationality")
QUERY_COLUMNS = ("query_id", "name", "birth_date", "sex", "nationality", "expected_entry_id", "kind")
# one listed name in so many stands in the script of its culture, where there is one here
NATIVE_EVERY = 12


def list_rows(count: int, *, seed: str) -> Iterator[tuple[Person, dict[str, str]]]:
    """Yield the persons of a list and their rows."""
    for number, (person, known) in enumerate(list_of(count, seed=seed)):
        name = known.name
        if number % NATIVE_EVERY == 0:
            name = native_name(person) or name
        yield (
            person,
            {
                "entry_id": f"E{number:07d}",
                "name": name,
                "aliases": "",
                "birth_date": known.birth_date,
                "sex": known.sex,
                "nationality": known.nationality,
            },
        )


def native_name(person: Person) -> str | None:
    """Return the name in the script of its culture, None where there is no table for it."""
    words = [to_native(word, person.culture) for word in (*person.given, *person.surname)]
    return re.sub(r"(?<!\S)ال ", "ال", " ".join(word for word in words if word)) if all(words) else None


def mated_rows(
    listed: list[tuple[Person, dict[str, str]]], each: int, *, seed: str
) -> Iterator[dict[str, str]]:
    """Yield queries for persons on the list, so many of each kind."""
    rng = random.Random(f"queries of {seed}")
    for kind in KINDS:
        made = 0
        while made < each:
            number = rng.randrange(len(listed))
            if kind == "native_script":
                number -= number % NATIVE_EVERY
            person, row = listed[number]
            is_native = not fold(row["name"]).strip()
            if (kind == "native_script") != is_native and (is_native or kind == "native_script"):
                continue
            presented = perturb(person, kind, rng=rng)
            if presented is None:
                continue
            name, shown = presented
            made += 1
            yield {
                "query_id": f"{kind}-{made}",
                "name": name,
                "birth_date": shown.birth_date,
                "sex": shown.sex,
                "nationality": shown.nationality,
                "expected_entry_id": row["entry_id"],
                "kind": kind,
            }


def benign_rows(count: int, *, seed: str) -> Iterator[dict[str, str]]:
    """Yield queries for persons of the same cultures who are on no list."""
    for number, person in enumerate(make_persons(count, seed=f"benign {seed}")):
        surname, given = [fold(word) for word in person.surname], [fold(word) for word in person.given]
        yield {
            "query_id": f"benign-{number}",
            "name": " ".join([*surname, *given]),
            "birth_date": person.birth_date,
            "sex": person.sex,
            "nationality": person.nationality,
            "expected_entry_id": "",
            "kind": "benign",
        }
