"""Read the machine readable zone of pictures."""

import json
from argparse import ArgumentParser
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from biometrics.core.mrz import ADVICE_TEXTS, MrzFormatError, MrzReading, capture_advice, parse_mrz
from biometrics.core.mrz.opinion import Opinion, add_opinion
from biometrics.services.mrz_files import FileReading, FileRefused, open_picture, prepare_process, read_file
from biometrics.services.mrz_opinion import ask_tesseract


def describe_fields(lines: tuple[str, ...], at: datetime) -> dict[str, Any] | None:
    """Return the data elements as JSON can hold them, None if the lines are no zone."""
    try:
        mrz = parse_mrz(lines, at=at)
    except MrzFormatError:
        return None
    fields = asdict(mrz)
    for name in ("birth_date", "expiry_date"):
        if fields[name] is not None and fields[name]["date"] is not None:
            fields[name]["date"] = fields[name]["date"].isoformat()
    return fields


def describe_reading(
    file: str, found: FileReading, at: datetime, opinion: Opinion | None = None
) -> dict[str, Any]:
    """Return one JSON object: what was printed, read and repaired, kept apart; an opinion only where asked for."""
    reading: MrzReading = found.reading
    second = {"second_opinion": asdict(opinion)} if opinion is not None else {}
    return {
        "file": file,
        "status": reading.status.value,
        "reason": reading.reason,
        "advice": list(capture_advice(reading)),
        "format": reading.layout,
        "lines": list(reading.lines),
        "lines_read": list(reading.lines_read),
        "fields": describe_fields(reading.lines, at) if reading.lines else None,
        "confidence": [[round(value, 4) for value in line] for line in reading.confidences],
        "doubtful": [list(cell) for cell in reading.doubtful],
        "repairs": [asdict(repair) for repair in reading.repairs],
        "check_digits": [
            {"field": finding.digit.field, "printed": finding.digit.printed, "computed": finding.digit.computed,
             "verdict": finding.verdict}
            for finding in reading.findings
        ],
        "second_zone": reading.has_second_zone,
        "corners": [[round(value, 1) for value in point] for point in reading.corners or ()],
        "milliseconds": {step: round(value, 2) for step, value in reading.elapsed_ms.items()},
        "cpu_ms": round(found.cpu_ms, 2),
        **second,
    }  # fmt: skip


def ask_about(path: Path, found: FileReading, tessdata: Path) -> tuple[FileReading, Opinion]:
    """Return the reading with what tesseract says of it added, and what it says. Raises FileRefused."""
    opinion = ask_tesseract(image_bgr=open_picture(path), reading=found.reading, tessdata=tessdata)
    return replace(found, reading=add_opinion(found.reading, opinion)), opinion


class Command(BaseCommand):
    help = "Read the machine readable zone of pictures. Exits 2 if a picture could not be opened."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--json", action="store_true", help="one JSON object a line and picture")
        parser.add_argument(
            "--second-opinion",
            metavar="TESSDATA",
            help="ask tesseract too, with mrz.traineddata of this folder",
        )

    def handle(
        self, *args: Any, paths: list[str], json: bool, second_opinion: str | None, **options: Any
    ) -> None:
        prepare_process()
        at = timezone.now()
        refused = 0
        for path in paths:
            try:
                found = read_file(Path(path))
                opinion = None
                if second_opinion is not None:
                    found, opinion = ask_about(Path(path), found, Path(second_opinion))
                described = describe_reading(path, found, at, opinion)
            except FileRefused as error:
                refused += 1
                described = {"file": path, "error": error.code}
            self.stdout.write(to_json(described) if json else to_text(described))
        if refused:
            raise CommandError(f"pictures_refused: {refused} of {len(paths)}", returncode=2)


def to_json(described: dict[str, Any]) -> str:
    """Return one line."""
    return json.dumps(described, ensure_ascii=False)


def to_text(described: dict[str, Any]) -> str:
    """Return a few lines for a person; doubtful characters are marked below."""
    if "error" in described:
        return f"{described['file']}: error {described['error']}"
    parts = [described["status"], described["format"] or described["reason"], f"{described['cpu_ms']:.0f} ms"]
    rows = [f"{described['file']}: {' · '.join(parts)}"]
    for number, line in enumerate(described["lines"]):
        marks = {position for row, position in described["doubtful"] if row == number}
        rows.append(f"  {line}")
        if marks:
            rows.append("  " + "".join("^" if at in marks else " " for at in range(len(line))).rstrip())
    if "second_opinion" in described:
        rows.append(f"  second opinion: {described['second_opinion']['outcome']}")
    rows += [f"  {ADVICE_TEXTS[advice]}" for advice in described["advice"]]
    return "\n".join(rows)
