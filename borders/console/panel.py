"""What one inspection looks like on the screen: how far it is, what was read, what was found, what may be decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from biometrics.core.mrz.advice import ADVICE_TEXTS, REASON_ADVICE, CaptureAdvice
from biometrics.core.mrz.doubt import UnreadableReason
from biometrics.core.mrz.layouts import BY_NAME, FieldName, LayoutName
from biometrics.core.outcomes import Outcome, Route, Severity
from biometrics.models import Comparison
from borders.admin.reading import Character, zone_lines
from borders.api.serializers.inspections import STATEMENTS, find_verification
from borders.api.views.inspections import with_evidence
from borders.console.words import CAPTURE_FAULTS, FIELDS, say, say_mechanism, say_reason, say_result, say_step
from borders.core.decision_rules import LINE_OF_STATE, VERDICTS_OF_LINE, Line, Verdict
from borders.core.explanations import explain
from borders.core.pipeline import CHECKING_STEPS, StepState
from borders.core.recommendation import Advice
from borders.models import Decision, Inspection, InspectionFinding, Referral
from borders.services.redress import Clearance, clearances_of
from travelers.models import DocumentReading

UNFINISHED = (Inspection.State.RECEIVED, Inspection.State.PROCESSING)
ELEMENTS = {
    "document_code": FieldName.DOCUMENT_CODE,
    "issuing_state": FieldName.ISSUING_STATE,
    "document_number": FieldName.DOCUMENT_NUMBER,
    "primary_identifier": FieldName.NAMES,
    "secondary_identifier": FieldName.NAMES,
    "nationality": FieldName.NATIONALITY,
    "birth_date": FieldName.BIRTH_DATE,
    "sex": FieldName.SEX,
    "expiry_date": FieldName.EXPIRY_DATE,
}
NOT_CHECKED = frozenset({"not_checked_in_time", "attempts_exhausted", "step_failed", "not_reported"})
# the order in which a first line answers: the usual first
VERDICT_KEYS = {Verdict.CLEARED: "C", Verdict.REFERRED: "R", Verdict.REFUSED: "F", Verdict.WITHDRAWN: "W"}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """state: "done", "running", "waiting" or "not_checked" with the reason why."""

    name: str
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShownField:
    name: str
    label: Any
    value: str
    printed: str = ""
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class ShownMechanism:
    """One mechanism of the chip: its result in words and as a code, and why."""

    name: str
    result: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    code: str
    outcome: str
    statement: str
    reason: str
    details: Sequence[tuple[str, str]]
    protects: bool
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """kind: "refer", "look", "unchecked", "green" or "other"."""

    kind: str
    findings: Sequence[ShownFinding]


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """One way to decide. key: of the keyboard. needs_reason: decided against the advice, or a refusal."""

    value: str
    key: str
    needs_reason: bool
    is_advised: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One inspection on the screen. is_running: checks are open and the booth still waits for them."""

    inspection: Inspection
    is_running: bool
    steps: Sequence[ShownStep]
    fields: Sequence[ShownField]
    zone: Sequence[Sequence[Character]]
    advice_words: Sequence[str]
    comparison: Comparison | None
    mechanisms: Sequence[ShownMechanism]
    has_chip_portrait: bool
    groups: Sequence[FindingGroup]
    verdicts: Sequence[ShownVerdict]
    line: str
    decisions: Sequence[Decision]
    referrals: Sequence[Referral]
    clearances: Sequence[Clearance]

    @property
    def is_clear(self) -> bool:
        return self.inspection.advice == Advice.CLEAR

    @property
    def capture_faults(self) -> list[tuple[str, str]]:
        """Return what may be wrong with the pictures that there are, as code and words; () where nobody can be taken anew."""
        if not self.can_be_corrected or _alarms(self.inspection):
            return []
        there = {"PAGE": self.inspection.page_image_id, "FACE": self.inspection.face_image_id}
        return [(code, str(words)) for code, words in CAPTURE_FAULTS.items() if there[code.partition("_")[0]]]

    @property
    def routes(self) -> list[str]:
        return sorted({r["route"] for r in self.inspection.reasons})

    @property
    def can_be_corrected(self) -> bool:
        return self.inspection.state == Inspection.State.READY


def inspections_for_panel() -> QuerySet[Inspection]:
    """Return inspections with all that a panel shows of them, in a fixed number of queries."""
    return with_evidence(Inspection.objects.select_related("port", "booth", "live_template", "screening"))


def make_panel(inspection: Inspection) -> Panel:
    """Return the panel of an inspection from inspections_for_panel()."""
    is_running = inspection.state in UNFINISHED
    findings = inspection.findings_in_force
    return Panel(
        inspection=inspection,
        is_running=is_running,
        steps=_steps(inspection, is_running),
        fields=_fields(inspection),
        zone=zone_lines(inspection.reading),
        advice_words=_advice_words(inspection),
        comparison=find_verification(findings),
        mechanisms=_mechanisms(inspection),
        has_chip_portrait=bool(inspection.chip_verification and inspection.chip_verification.portrait_id),
        groups=_groups(findings),
        verdicts=_verdicts(inspection),
        line=LINE_OF_STATE[inspection.state].value if inspection.state in LINE_OF_STATE else "",
        decisions=inspection.decisions_in_order,
        referrals=inspection.referrals_in_order,
        clearances=clearances_of(screening=inspection.screening),
    )


def _mechanisms(inspection: Inspection) -> list[ShownMechanism]:
    verification = inspection.chip_verification
    if verification is None:
        return []
    return [
        ShownMechanism(
            name=say_mechanism(name),
            result=say_result(found["result"]),
            code=found["result"].lower(),
            why=say_reason(found["code"].lower()) if found["code"] else "",
        )
        for name, found in verification.mechanisms.items()
        if found["result"] != "NOT_PRESENT" or name in ("signature", "hashes", "chain")
    ]


def _steps(inspection: Inspection, is_running: bool) -> list[ShownStep]:
    ended = {s.step: s for s in inspection.steps_in_order if s.round == _latest_round(inspection)}
    shown = []
    for step in CHECKING_STEPS:
        row = ended.get(step)
        if row is None:
            # the first that has not ended is at work, the others wait for it
            is_next = is_running and all(s.state in ("done", "not_checked") for s in shown)
            shown.append(ShownStep(say_step(step), "running" if is_next else "waiting"))
        elif row.state == StepState.DONE:
            shown.append(ShownStep(say_step(step), "done"))
        else:
            code = row.code if row.code in ("not_checked_in_time", "attempts_exhausted") else "step_failed"
            shown.append(ShownStep(say_step(step), "not_checked", say_reason(code)))
    return shown


def _latest_round(inspection: Inspection) -> int:
    latest = max((s.round for s in inspection.steps_in_order), default=1)
    # a corrected reading waits for its first step: what the earlier round found stands no longer
    fresh = inspection.state in UNFINISHED and any(
        s.round == latest and s.step == "RECOMMEND" for s in inspection.steps_in_order
    )
    return latest + 1 if fresh else latest


def _fields(inspection: Inspection) -> list[ShownField]:
    reading = inspection.reading
    if reading is None:
        return []
    layout = BY_NAME.get(LayoutName(reading.layout)) if reading.layout in set(LayoutName) else None
    doubted = {(line, position) for line, position in reading.doubtful}
    doubted |= {(r["line"], r["position"]) for r in reading.repairs}
    fields = []
    for name, element in ELEMENTS.items():
        value = getattr(reading, name) or getattr(reading, f"{name}_raw", "")
        cells = set(layout.fields[element].cells()) if layout and element in layout.fields else set()
        fields.append(
            ShownField(
                name=name,
                label=FIELDS[name],
                value=value.isoformat() if hasattr(value, "isoformat") else str(value or ""),
                printed=str(inspection.printed.get(name, "")),
                doubts=len(cells & doubted),
            )
        )
    return fields


def _advice_words(inspection: Inspection) -> list[str]:
    """Return what to do so that the next picture is better: of the page first, then of the face."""
    advice: list[str] = []
    reading = inspection.reading
    if reading is not None and reading.source == DocumentReading.Source.MRZ:
        if reading.status == DocumentReading.Status.UNREADABLE and reading.reason in set(UnreadableReason):
            advice += [ADVICE_TEXTS[key] for key in REASON_ADVICE[UnreadableReason(reading.reason)]]
        elif reading.status == DocumentReading.Status.REVIEW:
            advice.append(ADVICE_TEXTS[CaptureAdvice.COMPARE_DOUBTFUL_CHARACTERS])
    if inspection.live_template is not None:
        quality = inspection.live_template.quality
        advice += [quality["measures"][code]["advice"] for code in quality["defects"]]
    return [say(text) for text in advice if text]


def _groups(findings: Iterable[InspectionFinding]) -> list[FindingGroup]:
    kinds: dict[str, list[InspectionFinding]] = {
        "refer": [],
        "look": [],
        "unchecked": [],
        "green": [],
        "other": [],
    }
    for finding in findings:
        if finding.reason in NOT_CHECKED:
            # a step that did not run owes many answers: the step says it once, these only list them
            kinds["unchecked"].append(finding)
        elif finding.outcome in (Outcome.FAIL, Outcome.UNDETERMINED):
            kinds["look" if finding.severity == Severity.INFORM else "refer"].append(finding)
        else:
            kinds["green" if finding.outcome == Outcome.PASS else "other"].append(finding)
    kinds["refer"].sort(key=lambda f: (f.route != Route.PROTECTION, f.outcome != Outcome.FAIL))
    return [FindingGroup(kind, [_shown(f) for f in rows]) for kind, rows in kinds.items() if rows]


def _shown(row: InspectionFinding) -> ShownFinding:
    return ShownFinding(
        code=row.code,
        outcome=row.outcome,
        statement=say(STATEMENTS.get(row.code, row.code)),
        reason=say_reason(row.reason) if row.reason else "",
        details=[
            (say_reason(str(key)), _plain(value))
            for key, value in row.detail.items()
            if value not in (None, "", [], {})
        ],
        protects=row.route == Route.PROTECTION,
        explanation=say(explain(row.code, row.reason)),
    )


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return "; ".join(f"{say_reason(str(k))}: {_plain(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(v) for v in value)
    return str(value)


def _alarms(inspection: Inspection) -> bool:
    """Tell whether a finding shown here asks for protection."""
    return any(
        reason["route"] == Route.PROTECTION and reason["outcome"] == Outcome.FAIL
        for reason in inspection.reasons
    )


def _verdicts(inspection: Inspection) -> list[ShownVerdict]:
    line = LINE_OF_STATE.get(inspection.state)
    if line is None:
        return []
    advised = Verdict.CLEARED if inspection.advice == Advice.CLEAR else Verdict.REFERRED
    # what an alarm on this screen rules out is not offered; a case that is sealed changes nothing here
    barred: set[Verdict] = set()
    if _alarms(inspection):
        barred = {Verdict.WITHDRAWN} if line is Line.FIRST else {Verdict.REFUSED}
    return [
        ShownVerdict(
            value=verdict.value,
            key=key,
            needs_reason=verdict is Verdict.REFUSED
            or (verdict is Verdict.CLEARED and inspection.advice == Advice.REFER),
            is_advised=line is Line.FIRST and verdict is advised,
        )
        for verdict, key in VERDICT_KEYS.items()
        if verdict in VERDICTS_OF_LINE[line] - barred
    ]
