"""`make bench`: print what this machine does. `python -m tests.bench NAME` runs one measurement: any module beside this one."""

import importlib
import os
import pkgutil
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
NAMES = sorted(
    m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if not m.name.startswith("_")
)

if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "journey"
    if wanted not in NAMES:
        sys.exit(f"No such measurement. There are: {', '.join(NAMES)}")
    if wanted == "journey":
        django.setup()  # the demo's modules need the settings
    module = importlib.import_module(f"tests.bench.{wanted}")
    sys.exit(module.main(sys.argv[2:]))
