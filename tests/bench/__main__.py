"""`make bench`: print what this machine does. `python -m tests.bench mrz`, mrz_generated, mrz_peers or mrz_fuzz measure
the MRZ reader alone.
"""

import importlib
import os
import sys

import django

if sys.argv[1:2] and sys.argv[1].startswith("mrz"):
    sys.exit(importlib.import_module(f"tests.bench.{sys.argv[1]}").main(sys.argv[2:]))
else:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()  # the demo's modules need the settings
    from tests.bench.journey import main

    main()
