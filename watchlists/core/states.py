"""States of watchlist versions and of hits."""

from audit.core.states import StateTable, Transition

VERSION_STATES = StateTable(
    name="Watchlist version",
    states=("PROPOSED", "ACTIVE", "SUPERSEDED", "REJECTED", "EMERGENCY", "CONFIRMED", "LAPSED"),
    transitions=(
        Transition("PROPOSED", "ACTIVE", "second person approves"),
        Transition("PROPOSED", "REJECTED", "second person rejects"),
        Transition("ACTIVE", "SUPERSEDED", "another version is activated"),
        Transition("SUPERSEDED", "ACTIVE", "rolled back to"),
        Transition("PROPOSED", "EMERGENCY", "one person, one entry, for 24 hours"),
        Transition("EMERGENCY", "CONFIRMED", "second person confirms: the entry goes into the list"),
        Transition("EMERGENCY", "REJECTED", "second person ends it"),
        Transition("EMERGENCY", "LAPSED", "24 hours pass"),
    ),
)

HIT_STATES = StateTable(
    name="Hit",
    states=("OPEN", "CLAIMED", "PROPOSED", "TRUE_MATCH", "FALSE_MATCH", "INCONCLUSIVE"),
    transitions=(
        Transition("OPEN", "CLAIMED", "adjudicator claims"),
        Transition("CLAIMED", "OPEN", "adjudicator releases"),
        Transition("CLAIMED", "TRUE_MATCH", "same person or document, nobody is stopped by it"),
        Transition("CLAIMED", "PROPOSED", "same person or document: a second person must look"),
        Transition("PROPOSED", "TRUE_MATCH", "second person confirms"),
        Transition("PROPOSED", "CLAIMED", "second person turns it down, or the first withdraws it"),
        Transition("CLAIMED", "FALSE_MATCH", "another person or document"),
        Transition("CLAIMED", "INCONCLUSIVE", "cannot be told"),
        Transition("INCONCLUSIVE", "CLAIMED", "taken up again"),
    ),
)
