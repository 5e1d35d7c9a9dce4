"""Score pairs of persons by nomenklatura's logic-v2, in an environment of its own. Imports nothing of this project.

One JSON object a line on standard input: {"query": row, "entries": [rows]}; one a line on standard output:
{"score": the best of the entries, "ms": what the comparisons took}. The first line is {"ready": version}.
"""

import json
import sys
import time
from importlib.metadata import version

from followthemoney import model
from nomenklatura.matching.logic_v2.model import LogicV2
from nomenklatura.matching.types import ScoringConfig


def make_person(known_by, row):
    """Return a person as the matcher takes it."""
    person = model.make_entity("Person")
    person.id = known_by
    for name, value in (
        ("name", row["name"]),
        ("birthDate", row["birth_date"]),
        ("gender", {"M": "male", "F": "female"}.get(row["sex"], "")),
        ("nationality", row["nationality"]),
    ):
        if value:
            person.add(name, value)
    return person


def main():
    config = ScoringConfig.defaults()
    warm = {"name": "Anna Eriksson", "birth_date": "1980-01-01", "sex": "F", "nationality": "SWE"}
    LogicV2.compare(make_person("warm-1", warm), make_person("warm-2", warm), config)
    print(json.dumps({"ready": version("nomenklatura")}), flush=True)
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        begun = time.perf_counter()
        # its cache goes by the id of the entity: each query and each entry of it has its own
        query = make_person(f"query-{number}", asked["query"])
        entries = (make_person(f"entry-{number}-{place}", row) for place, row in enumerate(asked["entries"]))
        score = max((LogicV2.compare(query, entry, config).score for entry in entries), default=0.0)
        print(json.dumps({"score": score, "ms": (time.perf_counter() - begun) * 1e3}), flush=True)


if __name__ == "__main__":
    main()
