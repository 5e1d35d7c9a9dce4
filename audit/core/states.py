"""State tables: which state may follow which, by what act. Data, checked by tests, drawn into the documentation."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transition:
    """From one state to another by a named act."""

    source: str
    target: str
    act: str


@dataclass(frozen=True, slots=True)
class StateTable:
    """The states of one kind of object. states: every state, the initial one first; final: states that nothing leaves."""

    name: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]

    @property
    def initial(self) -> str:
        return self.states[0]

    @property
    def final(self) -> frozenset[str]:
        return frozenset(self.states) - {t.source for t in self.transitions}

    def sources(self, target: str) -> frozenset[str]:
        """Return the states from which target may be reached in one act."""
        return frozenset(t.source for t in self.transitions if t.target == target)

    def allows(self, source: str, target: str) -> bool:
        """Tell whether target may follow source."""
        return any(t.source == source and t.target == target for t in self.transitions)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the distinct (source, target) pairs, for the database trigger that enforces them."""
        return list(dict.fromkeys((t.source, t.target) for t in self.transitions))

    def mermaid(self) -> Iterator[str]:
        """Yield the lines of a Mermaid state diagram."""
        yield "stateDiagram-v2"
        yield f"    [*] --> {self.initial}"
        for t in self.transitions:
            yield f"    {t.source} --> {t.target}: {t.act}"
        for state in self.states:
            if state in self.final:
                yield f"    {state} --> [*]"
