"""`make bench`: print what this machine does.

`python -m tests.bench mrz` measures the MRZ reader alone, `importing` a large watchlist, `screening` looking up in one.
"""

import os
import sys

import django

if sys.argv[1:2] == ["mrz"]:
    from tests.bench.mrz import main

    main(sys.argv[2:])
elif sys.argv[1:2] == ["importing"]:
    from tests.bench.importing import main

    main(sys.argv[2:])
elif sys.argv[1:2] == ["screening"]:
    from tests.bench.screening import main

    main(sys.argv[2:])
else:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()  # the demo's modules need the settings
    from tests.bench.journey import main

    main()
