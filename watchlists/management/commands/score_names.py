"""Score pairs of names: name evidence alone, without a list."""

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from watchlists.core.similarity import name_likeness
from watchlists.management.commands.evaluate_screening import read_rows

COLUMNS = ("name1", "name2")


class Command(BaseCommand):
    help = "Print name1,name2,score as CSV, the score in [0, 1]: 0.8 and more is most likely one name."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pairs", type=Path, metavar="PAIRS.csv", help=",".join(COLUMNS))

    def handle(self, *args: Any, **options: Any) -> None:
        writer = csv.writer(self.stdout if options.get("stdout") else sys.stdout, lineterminator="\n")
        writer.writerow((*COLUMNS, "score"))
        for _, row in read_rows(options["pairs"], COLUMNS):
            score = name_likeness(row["name1"], row["name2"])
            writer.writerow((row["name1"], row["name2"], f"{score:.4f}"))
