"""`make bench`: print what this machine does. `python -m tests.bench mrz` measures the MRZ reader alone, `records` the rules
on the record.
"""

import importlib
import os
import sys

import django

if sys.argv[1:2] == ["mrz"]:
    from tests.bench.mrz import main

    main(sys.argv[2:])
elif sys.argv[1:2] == ["records"]:
    from tests.bench.records import main  # starts a database of its own before Django is set up

    main(sys.argv[2:])
elif sys.argv[1:2] and sys.argv[1] in ("chip", "chip_flips", "chip_fuzz"):
    sys.exit(importlib.import_module(f"tests.bench.{sys.argv[1]}").main(sys.argv[2:]))
else:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()  # the demo's modules need the settings
    from tests.bench.journey import main

    main()
