"""Ways to sort the lists of the border. A column of few values is sorted group after group, each by time: no index of its own."""

from audit.admin.paging import Sort
from biometrics.core.outcomes import Route
from borders.admin.filters import ports_in_reach
from borders.core.recommendation import Advice
from borders.models import Decision
from borders.models.inspections import Direction

# the most pressing first
STATES = ("READY", "REFERRED", "PROCESSING", "RECEIVED", "REFUSED", "WITHDRAWN", "RETAKEN", "CLEARED")

BY_PORT = Sort(
    "Port", column="port_id", values=lambda request: ports_in_reach(request).values_list("id", flat=True)
)
BY_DIRECTION = Sort("Direction", column="direction", values=lambda request: Direction.values)
BY_STATE = Sort("State", column="state", values=lambda request: STATES)
BY_ADVICE = Sort(
    "Advice", column="advice", values=lambda request: (Advice.REFER.value, Advice.CLEAR.value, "")
)
BY_OUTCOME = Sort("Outcome", column="outcome", values=lambda request: Decision.Outcome.values)
BY_OVERRIDE = Sort("Override", column="override", values=lambda request: (True, False))
BY_ROUTE = Sort("To", column="route", values=lambda request: [r.value for r in Route])
BY_OPENING = Sort("Opened, newest first", ordering=("-opened_at", "-id"))
