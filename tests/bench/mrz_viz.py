"""The printed zone on generated pages: fields found, alterations caught, false alarms, milliseconds, by level.

    python -m tests.bench mrz_viz [--count 20] [--seed 2026]

Pages are drawn with labels of six languages, dates in seven notations, numbers and names at random, and photographed at
the three levels of biometrics.training.pages. Every page is seen genuine and with one field altered. Processor time
of one thread; nothing here passes or fails: it prints.
"""

import argparse
import os
import platform
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import cv2
import django
import numpy as np
import psutil
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.mrz import MrzFormatError, build_td1, build_td3, parse_mrz
from biometrics.core.viz import COMPARED_FIELDS, FieldStatus, PrintedName
from biometrics.training.pages import Level, Pixels, capture

AT = datetime(2026, 11, 22, tzinfo=UTC)
OCRB = Path(__file__).parents[2] / "borders/demo/fonts/OCRB.otf"
PIXELS_A_MM = 10.0
PITCH_MM = 2.54
# surname, given names, nationality, birth, sex, issue, expiry, number
LABELS = {
    "en/fr": ("Surname / Nom", "Given names / Prénoms", "Nationality / Nationalité", "Date of birth / Date de naissance",
              "Sex / Sexe", "Date of issue / Date de délivrance", "Date of expiry / Date d'expiration",
              "Passport No. / No du passeport"),
    "es/en": ("Apellidos / Surname", "Nombre / Given names", "Nacionalidad / Nationality",
              "Fecha de nacimiento / Date of birth", "Sexo / Sex", "Fecha de expedición / Date of issue",
              "Fecha de caducidad / Date of expiry", "Pasaporte No. / Passport No."),
    "pt": ("Apelidos", "Nomes próprios", "Nacionalidade", "Data de nascimento", "Sexo", "Data de emissão",
           "Data de validade", "Passaporte No."),
    "de/en": ("Familienname / Surname", "Vornamen / Given names", "Staatsangehörigkeit / Nationality",
              "Geburtsdatum / Date of birth", "Geschlecht / Sex", "Ausstellungsdatum / Date of issue",
              "Gültig bis / Date of expiry", "Pass-Nr. / Passport No."),
    "nl": ("Achternaam", "Voornamen", "Nationaliteit", "Geboortedatum", "Geslacht", "Datum van afgifte", "Geldig tot",
           "Documentnummer"),
    "it": ("Cognome", "Nome", "Cittadinanza", "Data di nascita", "Sesso", "Data di rilascio", "Data di scadenza",
           "Passaporto N."),
}  # fmt: skip
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
MOIS = ["JAN", "FÉV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOÛT", "SEPT", "OCT", "NOV", "DÉC"]
NOTATIONS = (
    lambda d: f"{d.day:02d} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day:02d} {MONTHS[d.month - 1]}/{MOIS[d.month - 1]} {d.year % 100:02d}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%d %m %Y}",
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d:%Y-%m-%d}",
    lambda d: f"{d:%d-%m-%Y}",
)
SURNAMES = [
    "Eriksson",
    "Van der Muellen",
    "Smith-Jones",
    "O'Connor",
    "Møller",
    "Núñez",
    "Warnambool",
    "Krasuang",
    "Papandropoulous",
]
GIVEN = [
    "Anna Maria",
    "Zoë",
    "Jonathon Warren",
    "Dingo",
    "José Ramón",
    "Enya Siobhan",
    "Jürgen",
    "Chayapa",
    "Huda",
]
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Person:
    """What a page prints."""

    primary: str
    secondary: str
    number: str
    birth: date
    issue: date
    expiry: date
    sex: str


def draw_person(rng: np.random.Generator) -> Person:
    """Return a person and a document at random."""
    issue = date(2017, 1, 1) + timedelta(days=int(rng.integers(0, 3200)))
    digits = "".join(str(digit) for digit in rng.integers(0, 10, 7))
    head = "".join(LETTERS[i] for i in rng.integers(0, len(LETTERS), int(rng.integers(0, 3))))
    return Person(
        str(rng.choice(SURNAMES)),
        str(rng.choice(GIVEN)),
        (head + digits)[:9],
        date(1940, 1, 1) + timedelta(days=int(rng.integers(0, 25_000))),
        issue,
        issue.replace(day=min(issue.day, 28), year=issue.year + 10) - timedelta(days=1),
        str(rng.choice(["M", "F"])),
    )


def alter(rng: np.random.Generator, person: Person) -> tuple[Person, PrintedName]:
    """Return the person as a forger prints them, and which field was altered."""
    kind = int(rng.integers(0, 4))
    if kind == 0:
        years = int(rng.choice([-10, -3, -1, 1, 3]))
        day = person.birth.replace(day=min(person.birth.day, 28))
        return replace(person, birth=day.replace(year=day.year + years)), PrintedName.BIRTH_DATE
    if kind == 1:
        day = person.expiry.replace(day=min(person.expiry.day, 28))
        return replace(
            person, expiry=day.replace(year=day.year + int(rng.integers(1, 6)))
        ), PrintedName.EXPIRY_DATE
    if kind == 2:
        place = int(rng.integers(2, len(person.number)))
        digit = str((int(person.number[place]) + int(rng.integers(1, 10))) % 10)
        number = person.number[:place] + digit + person.number[place + 1 :]
        return replace(person, number=number), PrintedName.DOCUMENT_NUMBER
    other = [name for name in ("BUXTEHUDE", "QUIMPER", "THWAITE") if name != person.primary]
    return replace(person, primary=str(rng.choice(other))), PrintedName.PRIMARY_IDENTIFIER


def zone_lines(person: Person, kind: str) -> tuple[str, ...]:
    """Return the zone of a genuine document."""
    build = build_td3 if kind == "TD3" else build_td1
    return build(
        document_code="P" if kind == "TD3" else "I",
        issuing_state="UTO",
        primary_identifier=person.primary,
        secondary_identifier=person.secondary,
        document_number=person.number,
        nationality="UTO",
        birth_date=f"{person.birth:%y%m%d}",
        sex=person.sex,
        expiry_date=f"{person.expiry:%y%m%d}",
    )


def draw_page(rng: np.random.Generator, person: Person, lines: tuple[str, ...]) -> tuple[Pixels, np.ndarray]:
    """Draw a page, and for a card its front above its back. Returns uint8 (H, W, 3) BGR and the zone's corners."""
    is_card = len(lines) == 3
    width, height = (85.6, 112.0) if is_card else (125.0, 88.0)
    size = (round(width * PIXELS_A_MM), round(height * PIXELS_A_MM))
    colour = rng.uniform(200, 250, 3)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    wave = np.sin((x * rng.uniform(0.1, 0.4) + y * rng.uniform(-0.4, 0.4)) + 4 * np.sin(y / 40))
    ground = np.clip(colour + wave[..., None] * rng.uniform(2, 16), 0, 255).astype(np.uint8)
    picture = Image.fromarray(ground)
    pen = ImageDraw.Draw(picture)
    labels = LABELS[str(rng.choice(list(LABELS)))]
    write_date = NOTATIONS[int(rng.integers(0, len(NOTATIONS)))]
    values = (
        person.primary.upper(), person.secondary.upper(), "UTOPIA (UTO)", write_date(person.birth), person.sex,
        write_date(person.issue), write_date(person.expiry), person.number,
    )  # fmt: skip
    left, column, step = (32.0, 28.0, 6.4) if is_card else (45.0, 42.0, 7.4)
    places = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 4), (0, 5), (0, 6), (1, 0)]
    small, large = _font(1.6), _font(2.6 if is_card else 2.9)
    for label, value, (across, down) in zip(labels, values, places, strict=True):
        at = ((left + across * column) * PIXELS_A_MM, (4 + down * step) * PIXELS_A_MM)
        pen.text(at, label, fill=(70, 70, 80), font=small)
        pen.text((at[0], at[1] + 2.3 * PIXELS_A_MM), value, fill=(25, 25, 25), font=large)
    pen.rectangle(
        [40, 150, round((left - 4) * 10), 480], fill=tuple(int(v) for v in rng.integers(60, 200, 3))
    )
    pitch = PITCH_MM * PIXELS_A_MM
    font = ImageFont.truetype(
        str(OCRB), round(pitch / (ImageFont.truetype(str(OCRB), 1000).getlength("H") / 1000))
    )
    zone_left, spacing, bottom = (size[0] - len(lines[0]) * pitch) / 2, 63.5, size[1] - 70
    for row, line in enumerate(lines):
        base = bottom - (len(lines) - 1 - row) * spacing
        for place, character in enumerate(line):
            pen.text((zone_left + place * pitch, base), character, fill=(20, 20, 20), font=font, anchor="ls")
    top, right = bottom - (len(lines) - 1) * spacing - 26, zone_left + len(lines[0]) * pitch
    corners = np.array([[zone_left, top], [right, top], [right, bottom], [zone_left, bottom]], np.float32)
    return np.ascontiguousarray(np.asarray(picture)[..., ::-1]), corners


def _font(height_mm: float) -> ImageFont.FreeTypeFont:
    from borders.demo.pages import _font as inter

    return inter("Medium", round(height_mm * PIXELS_A_MM))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench mrz_viz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=20, help="pages a level")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()
    from biometrics.services.mrz import read_page
    from biometrics.services.viz import open_text_reader, read_printed

    cv2.setNumThreads(1)
    console = Console()
    read_page(image_bgr=np.full((320, 320, 3), 255, np.uint8))
    before = psutil.Process().memory_info().rss
    open_text_reader()
    table = Table(
        "level",
        "pages",
        "fields agree",
        "not found",
        "doubtful",
        "false alarms",
        "altered caught",
        "cpu ms p50 / p95",
    )
    for level in Level:
        genuine: Counter[str] = Counter()
        caught, altered, false_alarms, milliseconds = 0, 0, 0, []
        for index in track(range(options.count), level.name.lower(), console=console, transient=True):
            rng = np.random.default_rng((options.seed, int(level), index))
            person = draw_person(rng)
            lines = zone_lines(person, "TD1" if index % 3 == 2 else "TD3")
            forged, name = alter(rng, person)
            for printed, changed in ((person, None), (forged, name)):
                page, corners = draw_page(np.random.default_rng((options.seed, index)), printed, lines)
                picture, _ = capture(
                    np.random.default_rng((options.seed, int(level), index)), page, corners, level
                )
                zone = read_page(image_bgr=picture)
                try:
                    mrz = parse_mrz(zone.lines_read, at=AT)
                except MrzFormatError:
                    continue
                if zone.corners is None or zone.lines != lines:
                    continue
                begun = time.process_time()
                found = read_printed(
                    image_bgr=picture, corners=zone.corners, mrz=mrz, at=AT, budget_ms=60_000
                )
                milliseconds.append((time.process_time() - begun) * 1e3)
                status = {field.name: field.status for field in found.fields if field.name in COMPARED_FIELDS}
                alarms = {field for field, one in status.items() if one is FieldStatus.DIFFERS}
                false_alarms += len(alarms - {changed})
                if changed is None:
                    genuine.update(one.value for one in status.values())
                else:
                    altered += 1
                    caught += changed in alarms
        total = max(1, genuine.total())
        table.add_row(
            level.name.lower(), str(altered), *(f"{genuine[one] / total:.1%}" for one in ("agrees", "not_found", "doubtful")),
            str(false_alarms), f"{caught} of {altered}", "{:.0f} / {:.0f}".format(*np.percentile(milliseconds, (50, 95))),
        )  # fmt: skip
    after = psutil.Process().memory_info().rss
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}; pages whose zone was read, each "
        f"genuine and altered; memory of the process {before / 2**20:.0f} MiB before, {after / 2**20:.0f} after"
    )
    console.print(table)


if __name__ == "__main__":
    main()
