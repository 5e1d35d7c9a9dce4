"""What every forged chip is: its files, the trust under which it is looked at, and what must be said of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from borders.demo.pki.keys import make_ec_key
from tests.documents.pki.state import (
    AT,
    TestState,
    utopia,
    verify,
)
from travelers.core.chip import ChipFiles, ChipResult, TrustStore


@dataclass(frozen=True)
class Forgery:
    """One chip with the trust under which it is looked at."""

    files: ChipFiles
    store: TrustStore
    at: datetime = AT

    def verify(self) -> ChipResult:
        return verify(self.files, self.store, self.at)


@dataclass(frozen=True)
class Kind:
    """mechanism, result, code: what must be said. make: the forgery."""

    name: str
    mechanism: str
    result: str
    code: str
    make: Callable[[], Forgery] = field(repr=False)


ROGUE = make_ec_key("P-256", seed=b"rogue")


def forged(files: ChipFiles, at: datetime = AT, state: TestState | None = None, **trust: object) -> Forgery:
    return Forgery(files, (state or utopia()).store(**trust), at)
