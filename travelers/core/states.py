"""States of trust store versions."""

from audit.core.states import StateTable, Transition

TRUST_STORE_STATES = StateTable(
    name="Trust store version",
    states=("PROPOSED", "ACTIVE", "SUPERSEDED", "REJECTED"),
    transitions=(
        Transition("PROPOSED", "ACTIVE", "second person approves"),
        Transition("PROPOSED", "REJECTED", "second person rejects"),
        Transition("ACTIVE", "SUPERSEDED", "another version is activated"),
        Transition("SUPERSEDED", "ACTIVE", "rolled back to"),
    ),
)
