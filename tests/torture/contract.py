"""The whole OpenAPI description against the code, in process: size = examples an operation.

schemathesis makes requests that follow the description and requests that break it; each goes out under one of several
accounts, and with the ids of things that exist as often as with ids of nothing. No answer may be a server error, have a
status, media type, header or body that the description does not name.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.launcher.configuration import CHECKOUT
from tests.torture.report import Outcome

PREFIX = "/api/v1/"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FAULTS_KEPT = 20
# signs the caller out: with the tokens of the campaign nothing else would be answered afterwards
ENDS_SESSION = "/api/v1/sessions/current/"


@dataclass
class Examination:
    """tokens: of the accounts to ask as. ids: of things that exist, by the first word of the path."""

    app: Callable[..., Any]
    tokens: Sequence[str]
    ids: Mapping[str, Sequence[str]]
    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    answered_well: set[str] = field(default_factory=set)

    def examine(self, schema: Any, *, examples: int, seed: int) -> None:
        """Ask every operation so often; faults are collected, one for each operation and kind."""
        for result in schema.get_all_operations():
            self.examine_operation(result.ok(), examples, seed)

    def examine_operation(self, operation: Any, examples: int, seed: int) -> None:
        rng = random.Random(f"{seed} {operation.label}")
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            share = max(1, examples // 2)
            strategy = operation.as_strategy(generation_mode=mode)

            @hypothesis.seed(seed)
            @hypothesis.settings(
                max_examples=share,
                deadline=None,
                database=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )
            @hypothesis.given(case=strategy)
            def ask(case: Any) -> None:
                self.ask(case, rng)

            try:
                ask()
            except hypothesis.errors.Unsatisfiable:
                continue  # what takes no input cannot be asked wrongly

    def ask(self, case: Any, rng: random.Random) -> None:
        label = case.operation.label
        known = self.ids.get(case.path.removeprefix(PREFIX).partition("/")[0], ())
        if "id" in (case.path_parameters or {}) and known and rng.random() < 0.7:
            case.path_parameters["id"] = rng.choice(known)
        token = "" if case.path == ENDS_SESSION or rng.random() < 0.05 else rng.choice(self.tokens)
        # called without a network, an answer is not unpacked
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self.calls += 1
        try:
            response = case.call(app=self.app, headers=headers)
            self.statuses[response.status_code] += 1
            if response.status_code < 300:
                self.answered_well.add(label)
            case.validate_response(response, checks=CHECKS)
        except (hypothesis.errors.HypothesisException, KeyboardInterrupt):
            raise
        except BaseException as failure:  # schemathesis raises groups
            self.note(label, failure)

    def keep_cause(self, *, request: Any, **_: Any) -> None:
        """Note where an answer of 500 comes from; a receiver of got_request_exception."""
        failure = sys.exc_info()[1]
        if failure is not None:
            place = traceback.extract_tb(failure.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno} in {place.name}"
            self.keep(f"{request.method} {request.resolver_match.route}: {type(failure).__name__}, {where}")

    def note(self, label: str, failure: BaseException) -> None:
        members = getattr(failure, "exceptions", (failure,))
        for member in members:
            first = str(getattr(member, "message", "") or member).strip().splitlines()[:1]
            title = getattr(member, "title", type(member).__name__)
            self.keep(f"{label}: {title}: {(first or [''])[0][:300]}")

    def keep(self, fault: str) -> None:
        if fault not in self.faults and len(self.faults) < FAULTS_KEPT:
            self.faults.append(fault)


def load_schema(path: Path = CHECKOUT / "openapi.yaml") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return schemathesis.openapi.from_dict(yaml.safe_load(path.read_text()))


def find_ids(get: Callable[[str, str], Any], tokens: Sequence[str], schema: Any) -> dict[str, list[str]]:
    """Return the ids that the lists of the API show to these accounts. get: (path, token) -> JSON."""
    found: dict[str, list[str]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.method != "get" or "{" in operation.path:
            continue
        for token in tokens:
            rows = get(operation.path, token).get("results", ())
            name = operation.path.removeprefix(PREFIX).partition("/")[0]
            found.setdefault(name, []).extend(
                row["id"] for row in rows if isinstance(row, dict) and "id" in row
            )
    return found


def run(*, seed: int, size: int) -> Outcome:
    """Examine the API on a database with the demo's people, lists and a few travellers."""
    import django
    from django.core.signals import got_request_exception

    from tests.flows.stack import Stack

    stack = Stack.prepare()
    os.environ.update(stack.application.environment)
    os.environ["BROKER_URL"] = "redis://127.0.0.1:1/0"  # nobody works: the pipeline is called here
    (stack.folder / "static").mkdir()
    stack.postgres.start()
    try:
        django.setup()
        logging.disable(logging.CRITICAL)  # every refusal would be a line
        stack.run_command("migrate", "--noinput")
        stack.run_command("seed_demo")
        examination, schema = prepare(stack, seed)
        got_request_exception.connect(examination.keep_cause)
        examination.examine(schema, examples=size, seed=seed)
    finally:
        stack.close()
    operations = len(list(schema.get_all_operations()))
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(examination.statuses.items()))
    return Outcome(
        campaign="contract",
        size=f"{operations} operations x {size}",
        seed=seed,
        found=f"{len(examination.faults)} faults in {examination.calls} calls",
        faults=tuple(examination.faults),
        notes=(
            f"answers: {statuses}; {len(examination.answered_well)} of {operations} operations were answered with success",
        ),
    )


def prepare(stack: Any, seed: int) -> tuple[Examination, Any]:
    from django.test import Client
    from django.utils import timezone

    from borders.demo.logins import read_logins
    from borders.demo.places import BOOTHS, OFFICE, STAFF
    from borders.services.pipeline import process_inspection
    from deploy.wsgi import application
    from tests.torture.traffic import REASON, make_travelers

    client = Client()
    passwords = read_logins(stack.folder)

    def send(path: str, token: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post(PREFIX + path, body, content_type="application/json", headers=headers).json()

    def get(path: str, token: str) -> Any:
        return client.get(path, headers={"Authorization": f"Bearer {token}"}).json()

    tokens = []
    for person in STAFF:
        port = person.ports[0]
        booth = OFFICE[port] if person.is_staff else BOOTHS[port][0]
        credentials = {"username": person.username, "password": passwords[person.username]}
        session = send("sessions/", "", credentials | {"port": port, "booth": booth})
        if "token" in session:
            tokens.append(session["token"])
    travelers = make_travelers(seed, "contract")
    for number in range(12):
        token = tokens[-6 + number % 6]
        opened = send("inspections/", token, next(travelers))
        if "id" in opened:
            process_inspection(inspection_id=opened["id"], clock=timezone.now)
            outcome = ("CLEARED", "REFERRED")[number % 2]
            if number < 9:
                send(f"inspections/{opened['id']}/decision/", token, {"outcome": outcome, "reason": REASON})
    schema = load_schema()
    return Examination(application, tokens, find_ids(get, tokens, schema)), schema
