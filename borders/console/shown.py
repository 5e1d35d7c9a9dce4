"""What each page of the booth shows of a person, for the audit row of the look: one constant set a page, by the columns' names.

The same for every person and reader: which part of a page is there may tell of a silent hit.
"""

from borders.console.panel import ELEMENTS

NAME = ("primary_identifier", "secondary_identifier")
MEMBERS = (*NAME, "state")
WAITING = (*NAME, "due_at", "state")
PANEL = (
    *ELEMENTS,
    *("lines", "printed", "direction", "state", "opened_at", "page_image", "face_image", "chip_portrait"),
    *("advice", "capture_faults", "decisions", "findings", "referrals"),
)
EARLIER = ("opened_at", "state")
CROSSINGS = ("direction", "occurred_at", "port")
STAYS = ("allowed_until", "entered_at", "exited_at")
CORRECTIONS = ("corrected_at", "field", "value", "was")
NOTICE = ("grounds", "reference")
CASES = (*NAME, "due_at", "state")
CASE = (*NAME, "birth_date", "direction", "due_at", "opened_at", "questions", "service", "state")
