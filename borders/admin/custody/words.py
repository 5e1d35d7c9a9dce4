"""What refusals of the custody services say to a person."""

WORDS = {
    "code_unknown": "There is no such class.",
    "period_empty": "Write the period as: 3 years 6 months 1 day.",
    "legal_basis_missing": "Say on what legal basis.",
    "reason_missing": "Give the file number of the request, or the reason.",
    "proposal_unknown": "Somebody has decided this already.",
    "own_proposal": "You proposed this: another data protection officer decides.",
    "subject_unknown": "This person was erased meanwhile.",
    "authority_missing": "Write the authority, a colon, and why.",
    "hold_unknown": "Somebody has lifted this hold already.",
    "own_hold": "You placed this hold: another data protection officer lifts it.",
    "traveler_unknown": "This person was erased meanwhile.",
    "legal_hold": "A legal hold stands against it.",
    "ground_unknown": "Say whether on request or on order.",
    "proposed_already": "This is proposed already; see the requests to erase.",
    "not_proposed": "Somebody has decided this already.",
    "own_request": "You proposed this: another data protection officer approves it.",
    "not_approved": "Another data protection officer has to approve it first.",
    "second_person_missing": "Give the badge of another data protection officer.",
    "still_in_progress": "The person is being inspected right now; try again in a minute.",
}


def words_of(code: str) -> str:
    """Return the words of a refusal."""
    return WORDS.get(code, code.replace("_", " "))
