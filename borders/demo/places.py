"""Ports of entry, booths and staff of Utopia as data."""

from dataclasses import dataclass

from audit.core.actor import Role
from borders.demo.story import AIRPORT, LAND_POST, SEA_PORT

COUNTRY_CODE, COUNTRY_NAME = "UTO", "Utopia"
TRAINING_POST = "UTTRN"
PORTS = {
    AIRPORT: ("Zenith International Airport", "AIR"),
    LAND_POST: ("Larch Bridge Land Post", "LAND"),
    SEA_PORT: ("Zenith Harbour", "SEA"),
}
# first line, second line, and the back office of lists and protection
BOOTHS = {
    AIRPORT: ("A1", "A2", "A9", "A-OFFICE"),
    LAND_POST: ("L1", "L9", "L-OFFICE"),
    SEA_PORT: ("S1", "S9", "S-OFFICE"),
}
# drawn travellers only; who trains there is posted there besides
TRAINING_BOOTHS = ("T1", "T9")
TRAINEES = {"alice": "OFFICER", "dora": "SECOND_LINE"}
FIRST_LINE = {AIRPORT: ("alice", "A1"), LAND_POST: ("charlie", "L1"), SEA_PORT: ("frida", "S1")}
SECOND_LINE = {AIRPORT: ("dora", "A9"), LAND_POST: ("edgar", "L9"), SEA_PORT: ("gustav", "S9")}
OFFICE = {AIRPORT: "A-OFFICE", LAND_POST: "L-OFFICE", SEA_PORT: "S-OFFICE"}
EVERYWHERE = tuple(PORTS)

# who helps, everywhere in the country: kind, name, how the office is reached, minutes to answer
SERVICES = (
    ("CHILD_PROTECTION", "Utopia Child Protection, duty desk", "telephone 100 (day and night)", 30),
    ("COUNTER_TRAFFICKING", "National Referral Mechanism", "telephone 200 (day and night)", 60),
    ("ASYLUM", "Asylum Office, border unit", "telephone 300", 120),
    ("HEALTH", "Medical service of the port", "telephone 400 (day and night)", 15),
    ("CONSULATE", "Consular desk of the Foreign Ministry", "telephone 500", 240),
)
SERVICE_MAIL = "duty-desk@services.invalid"
SERVICE_DIRECTOR_MAIL = "director@services.invalid"
# who answers for the entries of a list: owner unit, telephone, mail
OWNERS = (
    ("National Police, tracing unit", "telephone 610 (day and night)", "tracing@police.invalid"),
    ("Child Protection Office", "telephone 311", "missing@children.invalid"),
    ("Passport Office", "telephone 620", "documents@passports.invalid"),
)
# who writes to a refused traveller, and to whom an appeal goes
AUTHORITIES = {
    "authority_name": "Border Directorate of Utopia",
    "authority_address": "1 Zenith Square\n1000 Zenith, Utopia",
    "appeal_name": "Court of Appeal for Aliens' Matters",
    "appeal_address": "12 Court Lane\n1000 Zenith, Utopia",
}
# the grounds that Utopia's law knows: code, clause
GROUNDS = (
    ("NO_DOCUMENT", "Border Act, section 12 (1) a"),
    ("FALSE_DOCUMENT", "Border Act, section 12 (1) b"),
    ("NO_VISA", "Border Act, section 12 (1) c"),
    ("PURPOSE_UNCLEAR", "Border Act, section 12 (1) e"),
    ("STAY_USED_UP", "Border Act, section 14"),
    ("NOT_ADMITTED", "Border Act, section 16"),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """One account of the demo.

    is_staff: may open the admin, where the roles at the ports say what is to be seen.
    """

    username: str
    badge_number: str
    role: Role
    ports: tuple[str, ...]
    is_staff: bool = False

    @property
    def where(self) -> str:
        """Return where to log in, for people to read."""
        if self.role is Role.PROTECTION:
            return f"/booth/, port {AIRPORT}, booth {OFFICE[AIRPORT]}; /admin/"
        if self.is_staff:
            return "/admin/"
        port = self.ports[0]
        lines = FIRST_LINE if self.role is Role.OFFICER else SECOND_LINE
        return f"/booth/, port {port}, booth {lines[port][1]}"


STAFF = (
    Staff("bob", "UT-0001", Role.SUPERVISOR, EVERYWHERE, is_staff=True),
    Staff("vera", "UT-0002", Role.SUPERVISOR, (LAND_POST, SEA_PORT), is_staff=True),
    Staff("olga", "UT-0003", Role.LIST_OWNER, EVERYWHERE, is_staff=True),
    Staff("petra", "UT-0004", Role.PROTECTION, EVERYWHERE, is_staff=True),
    Staff("ada", "UT-0005", Role.ADMINISTRATOR, EVERYWHERE, is_staff=True),
    Staff("dan", "UT-0006", Role.DATA_PROTECTION, EVERYWHERE, is_staff=True),
    Staff("ines", "UT-0007", Role.INTEGRATOR, EVERYWHERE, is_staff=True),
    Staff("julia", "UT-0008", Role.ADJUDICATOR, EVERYWHERE, is_staff=True),
    Staff("alice", "UT-0101", Role.OFFICER, (AIRPORT,)),
    Staff("dora", "UT-0102", Role.SECOND_LINE, (AIRPORT,)),
    Staff("charlie", "UT-0201", Role.OFFICER, (LAND_POST,)),
    Staff("edgar", "UT-0202", Role.SECOND_LINE, (LAND_POST,)),
    Staff("frida", "UT-0301", Role.OFFICER, (SEA_PORT,)),
    Staff("gustav", "UT-0302", Role.SECOND_LINE, (SEA_PORT,)),
)
