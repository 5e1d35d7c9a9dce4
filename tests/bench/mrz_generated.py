"""Draw the generated evaluation set and measure the MRZ reader on it: rates by type and level, milliseconds.

    python -m tests.bench mrz_generated [--pages 2000] [--empty 200] [--seed 9] [--workers 1] [--out DIR] [--report DIR]

The pages go to a temporary folder, or to --out, where manage.py evaluate_mrz DIR/manifest.csv reads them again. Drawing
takes half a second of processor time a page. Nothing here passes or fails: it prints.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

import cv2
import django
import onnxruntime
from django.core.management import call_command

from biometrics.services.mrz import reader_version
from biometrics.training.evaluation_set import add_arguments, write_set


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, draw, measure."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench mrz_generated",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("--out", type=Path, help="keep the pages and their manifest here")
    parser.add_argument("--report", help="write a page with every miss shown")
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}, "
        f"onnxruntime {onnxruntime.__version__}; load {os.getloadavg()[0]:.1f}; reader {reader_version()}; "
        f"{given.pages} pages and {given.empty} without a zone, seed {given.seed}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as temporary:
        manifest = write_set(
            given.out or Path(temporary),
            pages=given.pages, empty=given.empty, seed=given.seed, font=given.font, workers=given.workers,
        )  # fmt: skip
        call_command("evaluate_mrz", str(manifest), workers=given.workers, report=given.report)


if __name__ == "__main__":
    main()
