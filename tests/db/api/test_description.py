"""The committed openapi.yaml is the contract: it is what the code says, and what it says is complete."""

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient

WITHOUT_TOKEN = {
    ("/api/v1/sessions/", "post"),
    ("/api/v1/devices/", "post"),
    ("/api/v1/devices/challenge/", "get"),
}
COMMITTED = Path(settings.BASE_DIR) / "openapi.yaml"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return yaml.safe_load(COMMITTED.read_text())


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(p, m, o) for p, item in description["paths"].items() for m, o in item.items()]


def test_the_committed_file_is_what_the_code_generates() -> None:
    generated = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=generated)
    assert generated.getvalue().strip() == COMMITTED.read_text().strip(), (
        "run: manage.py spectacular --file openapi.yaml"
    )


def test_it_is_served_to_those_who_are_signed_in(as_alice: APIClient) -> None:
    response = as_alice.get("/api/v1/schema/")
    assert response.status_code == 200
    assert (
        yaml.safe_load(response.content)["paths"].keys()
        == yaml.safe_load(COMMITTED.read_text())["paths"].keys()
    )


def test_every_operation_has_its_own_id_and_a_summary(description: dict[str, Any]) -> None:
    ids = [o["operationId"] for _, _, o in operations(description)]
    assert len(ids) == len(set(ids))
    assert all(o.get("summary") for _, _, o in operations(description))


def test_every_operation_but_sign_in_asks_for_a_token(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        if (path, method) in WITHOUT_TOKEN:
            assert not operation.get("security")
        else:
            booth, *systems = operation["security"]
            assert booth == {"boothToken": []}, path
            assert all(len(scopes) == 1 for system in systems for scopes in system.values()), path
            assert "401" in operation["responses"], path


def test_every_problem_is_described_with_its_codes_and_an_example(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        for status, response in operation["responses"].items():
            if status >= "4":
                assert "Codes: " in response["description"], (path, method, status)
                example = next(iter(response["content"]["application/problem+json"]["examples"].values()))
                assert example["value"]["code"] in response["description"]


def test_acts_and_details_say_what_happens_to_foreign_objects(description: dict[str, Any]) -> None:
    for path, _, operation in operations(description):
        if "{id}" in path:
            assert "404" in operation["responses"], path
