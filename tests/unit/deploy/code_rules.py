"""The house's own rules of security, as a reader of syntax trees: each finds one kind of statement that may not be written.

`make semgrep` says the same in its language, in an environment of its own: its release fixes other versions of jsonschema and
thirty packages more than the lock holds. These need nothing and run with the unit tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PERSONAL = frozenset(
    {
        *(
            "primary_identifier",
            "secondary_identifier",
            "birth_date",
            "document_number",
            "surname",
            "given_names",
            "name",
        ),
        *(
            "names",
            "mrz",
            "lines",
            "mrz_lines",
            "address",
            "address_of_stay",
            "password",
            "token",
            "vector",
            "template",
        ),
        *("image", "content", "reading", "traveler", "fields", "request", "body", "statement"),
    }
)
LOGGERS = frozenset({"log", "logger"})
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
PICKLES = frozenset({"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "cloudpickle"})
# these read a query as text; they belong where reads have names
RAW_READS = frozenset({"raw", "extra", "RawSQL"})


@dataclass(frozen=True, order=True)
class Breach:
    path: str
    line: int
    rule: str


def find_breaches(source: str, path: str) -> Iterator[Breach]:
    """Yield every breach in one module. path: from the root of the checkout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for rule in rules_broken(node):
            yield Breach(path, getattr(node, "lineno", 0), rule)


def rules_broken(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names) if any(alias.name.partition(".")[0] in PICKLES for alias in names):
            yield "pickle"
        case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in PICKLES:
            yield "pickle"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=level)) if (
            owner in LOGGERS and level in LEVELS
        ):
            yield from rules_broken_by_log(node)
        case ast.Call(func=ast.Attribute(attr=name)) if name in RAW_READS:
            yield "raw query"
        case ast.Call(func=ast.Name(id=name)) if name in RAW_READS:
            yield "raw query"
        case ast.Call(func=ast.Name(id=("eval" | "exec" | "compile"))):
            yield "code from data"
    if isinstance(node, ast.Call):
        yield from rules_broken_by_call(node)


def rules_broken_by_log(call: ast.Call) -> Iterator[str]:
    """An event is one constant word; its facts are keywords, none of which is personal; an exception's text may be."""
    if not call.args or not isinstance(call.args[0], ast.Constant):
        yield "log event is not constant"
    if any(isinstance(argument, ast.JoinedStr) for argument in ast.walk(call)):
        yield "formatted log"
    for keyword in call.keywords:
        value = keyword.value
        named = {
            keyword.arg,
            value.id if isinstance(value, ast.Name) else "",
            value.attr if isinstance(value, ast.Attribute) else "",
        }
        if named & PERSONAL:
            yield "personal field in a log"
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "str":
            inner = value.args[0] if value.args else None
            if isinstance(inner, ast.Name) and inner.id in {"error", "exc", "exception", "failure", "e"}:
                yield "text of an exception in a log"


def rules_broken_by_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in {
        "urlopen",
        "urllib.request.urlopen",
        "http.client.HTTPConnection",
        "http.client.HTTPSConnection",
    } and ("timeout" not in keywords):
        yield "no timeout"
    if name.partition(".")[0] in {"requests", "httpx"} and "timeout" not in keywords:
        yield "no timeout"
    if name in {"datetime.now", "datetime.datetime.now"} and not call.args and "tz" not in keywords:
        yield "naive time"
    if name.endswith(("utcnow", "utcfromtimestamp")):
        yield "naive time"
    shell = keywords.get("shell")
    if isinstance(shell, ast.Constant) and shell.value is True:
        yield "shell"
    if name in {"yaml.load", "yaml.unsafe_load"}:
        yield "code from data"


def find_all(checkout: Path, packages: tuple[str, ...]) -> list[Breach]:
    """Return the breaches in all modules of these packages."""
    found = []
    for package in packages:
        for path in sorted((checkout / package).rglob("*.py")):
            if "migrations" not in path.parts:
                found += find_breaches(path.read_text(), str(path.relative_to(checkout)))
    return sorted(found)
