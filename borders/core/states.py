"""States of inspections and referrals."""

from audit.core.states import StateTable, Transition

INSPECTION_STATES = StateTable(
    name="Inspection",
    states=("RECEIVED", "PROCESSING", "READY", "REFERRED", "CLEARED", "REFUSED", "WITHDRAWN", "RETAKEN"),
    transitions=(
        Transition("RECEIVED", "PROCESSING", "a worker takes it"),
        Transition("RECEIVED", "READY", "no worker in time: open checks UNDETERMINED"),
        Transition("PROCESSING", "READY", "all steps done, or parked with UNDETERMINED"),
        Transition("READY", "RECEIVED", "officer corrects the reading"),
        Transition("READY", "CLEARED", "officer clears"),
        Transition("READY", "REFERRED", "officer refers"),
        Transition("READY", "WITHDRAWN", "traveller withdraws"),
        Transition("READY", "RETAKEN", "wrong picture, the traveller is taken anew"),
        Transition("REFERRED", "CLEARED", "second line clears"),
        Transition("REFERRED", "REFUSED", "second line refuses"),
        Transition("REFERRED", "WITHDRAWN", "traveller withdraws"),
    ),
)

REFERRAL_STATES = StateTable(
    name="Referral",
    states=("OPEN", "ACKNOWLEDGED", "CLOSED"),
    transitions=(
        Transition("OPEN", "ACKNOWLEDGED", "the service takes it over"),
        Transition("ACKNOWLEDGED", "CLOSED", "outcome recorded"),
    ),
)

PROFILE_STATES = StateTable(
    name="Partner profile",
    states=("PROPOSED", "ACTIVE", "RETIRED", "REJECTED"),
    transitions=(
        Transition("PROPOSED", "ACTIVE", "a second person approves"),
        Transition("PROPOSED", "REJECTED", "somebody turns it down"),
        Transition("ACTIVE", "RETIRED", "a later version takes its place"),
    ),
)

DECISION_REVIEW_STATES = StateTable(
    name="Review of a decision",
    states=("WAITING", "RIGHT", "WRONG", "NEEDS_CORRECTION"),
    transitions=(
        Transition("WAITING", "RIGHT", "another supervisor finds it right"),
        Transition("WAITING", "WRONG", "another supervisor finds it wrong"),
        Transition(
            "WAITING", "NEEDS_CORRECTION", "another supervisor finds that the record must be corrected"
        ),
    ),
)

RULE_STATES = StateTable(
    name="Rule",
    states=("PROPOSED", "ACTIVE", "RETIRED", "REJECTED"),
    transitions=(
        Transition("PROPOSED", "ACTIVE", "a second person approves"),
        Transition("PROPOSED", "REJECTED", "somebody turns it down"),
        Transition("ACTIVE", "RETIRED", "a later version takes its place"),
    ),
)

ACCOUNT_CHANGE_STATES = StateTable(
    name="Change of an account",
    states=("PROPOSED", "APPROVED", "REJECTED"),
    transitions=(
        Transition("PROPOSED", "APPROVED", "another administrator approves, and it is done"),
        Transition("PROPOSED", "REJECTED", "an administrator turns it down"),
    ),
)

ERASURE_REQUEST_STATES = StateTable(
    name="Request to erase",
    states=("PROPOSED", "APPROVED", "REJECTED", "DONE"),
    transitions=(
        Transition("PROPOSED", "APPROVED", "another data protection officer approves"),
        Transition("PROPOSED", "REJECTED", "a data protection officer turns it down"),
        Transition("APPROVED", "REJECTED", "a data protection officer withdraws it"),
        Transition("APPROVED", "DONE", "the person is erased"),
    ),
)
