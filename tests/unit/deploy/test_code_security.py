"""Static security: bandit, the house's own rules, and a search for secrets find nothing that is not justified here."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType

import pytest
import yaml
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from deploy.launcher.configuration import CHECKOUT
from tests.unit.deploy.code_rules import find_all, find_breaches

PACKAGES = ("audit", "biometrics", "travelers", "watchlists", "borders", "deploy")

# kinds that are no weakness anywhere in this code
NOT_HERE: Mapping[str, str] = MappingProxyType(
    {
        "B101": "an assert here tells the type checker what is so; what comes from outside is checked by named refusals",
        "B311": "random draws specimens and samples; every secret comes from `secrets` or `cryptography`",
        "B404": "subprocess starts our own servers and programs",
        "B603": "argument lists, never a shell, and no argument from outside",
    }
)
# (file, kind) -> why it may stay
JUSTIFIED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("biometrics/core/outcomes.py", "B105"): "PASS is an outcome",
        ("borders/console/entry.py", "B105"): "the name of a key of the session",
        (
            "deploy/launcher/places.py",
            "B108",
        ): "/var/tmp holds a folder made by mkdtemp, when the checkout is closed to servers",
        (
            "travelers/core/chip/signatures.py",
            "B303",
        ): "old passports are signed over SHA-1; the finding says so",
        (
            "travelers/core/chip/chip_authentication.py",
            "B305",
        ): "one block of AES is the cipher of Doc 9303-11 secure messaging",
        ("borders/admin/marks.py", "B308"): "marks a drawing of our own numbers",
        ("borders/admin/marks.py", "B703"): "marks a drawing of our own numbers",
        (
            "borders/migrations/0018_write_ports_beside_decisions.py",
            "B608",
        ): "the names of two tables, written in this migration",
        (
            "borders/migrations/0028_guard_more_rows_by_role.py",
            "B608",
        ): "the names of tables and columns, written in this migration",
        (
            "audit/queries/__init__.py",
            "B608",
        ): "composed of the columns named in this module; values are parameters",
        (
            "audit/services/storing.py",
            "B608",
        ): "composed of a model's columns and their types; values are one parameter",
        (
            "travelers/queries.py",
            "B608",
        ): "composed of the limit named in this module; values are parameters",
        (
            "borders/services/custody/subject_access.py",
            "B105",
        ): "an empty passphrase asks for one to be made",
        (
            "watchlists/services/pruning.py",
            "B608",
        ): "composed of the tables named in this module; values are parameters",
        (
            "borders/record_queries.py",
            "B608",
        ): "composed of the limits named in this module; values are parameters",
        (
            "borders/migrations/0010_guard_rows_by_role.py",
            "B608",
        ): "composed of the tables named in this module",
        (
            "deploy/verify_audit.py",
            "B608",
        ): "composed of the columns named in this script; values are parameters",
        (
            "watchlists/queries/in_force.py",
            "B608",
        ): "one statement of this module within another; values are parameters",
        ("borders/admin/second_factor.py", "B308"): "marks a drawing of our own secret",
        ("borders/admin/second_factor.py", "B703"): "marks a drawing of our own secret",
        ("deploy/settings.py", "B105"): "an option of OAuth2 that is on",
        ("biometrics/training/train.py", "B614"): "reads the trainer's own checkpoint, never at run time",
    }
)
RULES_KEPT: Mapping[tuple[str, str], str] = MappingProxyType({})
# found by their form: words of the demo and the tests that open nothing
NO_SECRETS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("deploy/env.example", "Basic Auth Credentials"): "the place of a password in an example",
        (
            "tests/flows/test_database_accounts.py",
            "Basic Auth Credentials",
        ): "addresses of a database that is not there",
    }
)
SECRET_DETECTORS = [
    {"name": name}
    for name in (
        *(
            "PrivateKeyDetector",
            "BasicAuthDetector",
            "AWSKeyDetector",
            "AzureStorageKeyDetector",
            "GitHubTokenDetector",
        ),
        *(
            "GitLabTokenDetector",
            "JwtTokenDetector",
            "NpmDetector",
            "PypiTokenDetector",
            "SlackDetector",
            "StripeDetector",
        ),
        *("OpenAIDetector", "TelegramBotTokenDetector", "TwilioKeyDetector", "SendGridDetector"),
    )
]
MAY_HOLD_A_SECRET = re.compile(
    r"PRIVATE KEY|://[^\s/]+:[^\s/]+@|AccountKey|A[KS]IA[0-9A-Z]{16}|gh[pousr]_|glpat-|eyJ[A-Za-z0-9_-]{10}|npm_|pypi-|xox[abpr]-"
    r"|[rs]k_live|sk-[A-Za-z0-9]|SG\.|\b(?:AC|SK)[0-9a-z]{32}|\d{8,10}:[0-9A-Za-z_-]{35}"
)


@pytest.fixture(scope="module")
def bandit_findings() -> set[tuple[str, str]]:
    command = [
        sys.executable,
        "-m",
        "bandit",
        "--quiet",
        "--recursive",
        "--format",
        "json",
        "--exit-zero",
        *PACKAGES,
    ]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    report = json.loads(said.stdout)
    assert report["errors"] == []
    return {
        (issue["filename"].removeprefix("./"), issue["test_id"])
        for issue in report["results"]
        if issue["test_id"] not in NOT_HERE
    }


def test_rules_of_semgrep_leave_out_only_what_is_there():
    rules = yaml.safe_load((CHECKOUT / ".ci" / "semgrep.yml").read_text())["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) >= 13
    for rule in rules:
        assert rule["severity"] == "ERROR"
        for path in rule.get("paths", {}).get("exclude", ()):
            assert "*" in path or (CHECKOUT / path.removeprefix("/")).is_file(), path
    # that of every package of ours
    packages = re.search(r"^PACKAGES := (.*)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)[1]
    assert set(packages.split()) == set(PACKAGES)


def test_bandit_finds_nothing_that_is_not_justified(bandit_findings):
    assert bandit_findings - set(JUSTIFIED) == set()


def test_no_justification_outlives_what_it_justified(bandit_findings):
    assert set(JUSTIFIED) - bandit_findings == set()


def test_own_rules_find_nothing_that_is_not_justified():
    found = [
        breach for breach in find_all(CHECKOUT, PACKAGES) if (breach.path, breach.rule) not in RULES_KEPT
    ]
    assert found == []


BROKEN = [
    ("import pickle", "pickle"),
    ("from shelve import open", "pickle"),
    ("log.info('traveler.read', name=row.name)", "personal field in a log"),
    ("log.info('traveler.read', who=row.birth_date)", "personal field in a log"),
    ("log.info(f'read {row}')", "formatted log"),
    ("log.warning('step.failed', reason=str(error))", "text of an exception in a log"),
    ("log.info(message)", "log event is not constant"),
    ("Traveler.objects.raw(query)", "raw query"),
    ("rows.extra(where=[text])", "raw query"),
    ("eval(text)", "code from data"),
    ("yaml.load(text)", "code from data"),
    ("requests.get(url)", "no timeout"),
    ("http.client.HTTPSConnection(host)", "no timeout"),
    ("datetime.now()", "naive time"),
    ("datetime.utcnow()", "naive time"),
    ("subprocess.run(text, shell=True)", "shell"),
]


@pytest.mark.parametrize(("source", "rule"), BROKEN)
def test_rule_sees_what_it_forbids(source, rule):
    assert rule in {breach.rule for breach in find_breaches(source, "x.py")}


ALLOWED = [
    "log.info('inspection.ready', inspection_id=str(row.id), elapsed_ms=3)",
    "http.client.HTTPSConnection(host, timeout=3)",
    "datetime.now(UTC)",
    "subprocess.run([program, path])",
    "yaml.safe_load(text)",
]


@pytest.mark.parametrize("source", ALLOWED)
def test_rule_leaves_alone_what_is_allowed(source):
    assert list(find_breaches(source, "x.py")) == []


def test_no_secret_is_in_the_repository():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout
    suffixes = {
        ".py",
        ".md",
        ".yaml",
        ".yml",
        ".toml",
        ".conf",
        ".example",
        ".service",
        ".html",
        ".js",
        ".ini",
        ".json",
        "",
    }
    files = [name for name in listed.split("\0") if name and (CHECKOUT / name).suffix in suffixes]
    collection = SecretsCollection(root=str(CHECKOUT))
    with transient_settings({"plugins_used": SECRET_DETECTORS}):
        for name in files:
            # the detectors look at each line on its own, a second for a few files; what all of them need is seen at once
            if MAY_HOLD_A_SECRET.search((CHECKOUT / name).read_text(errors="replace")):
                collection.scan_file(name)
        found = {(name, secret.type) for name, secret in collection}
    assert len(files) > 300
    assert found - set(NO_SECRETS) == set()


def test_a_planted_secret_is_found(tmp_path):
    # put together here, so that this file holds none itself
    (tmp_path / "key.py").write_text(
        "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "url = 'https://bmis:" + "hunter2@host/'\n"
    )
    collection = SecretsCollection(root=str(tmp_path))
    with transient_settings({"plugins_used": SECRET_DETECTORS}):
        collection.scan_file("key.py")
    assert {secret.type for _, secret in collection} == {"Private Key", "Basic Auth Credentials"}


def test_bill_of_materials_names_every_package_of_the_lock(tmp_path):
    path = tmp_path / "sbom.json"
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "requirements",
        "--output-reproducible",
        "--of",
        "JSON",
        "-o",
        path,
    ]
    subprocess.run([*command, CHECKOUT / "requirements.lock"], check=True, capture_output=True)
    components = json.loads(path.read_text())["components"]
    named = {(component["name"].lower(), component["version"]) for component in components}
    locked = {
        tuple(line.split(" ")[0].lower().split("=="))
        for line in (CHECKOUT / "requirements.lock").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    assert len(locked) > 80
    assert {name for name, _ in locked} - {name for name, _ in named} == set()
    assert all(component.get("hashes") or component.get("externalReferences") for component in components)
