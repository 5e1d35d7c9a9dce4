"""`make bench`: print what this machine does. `python -m tests.bench mrz|faces|gallery` measures one part alone."""

import os
import sys

import django

if sys.argv[1:2] == ["mrz"]:
    from tests.bench.mrz import main

    main(sys.argv[2:])
elif sys.argv[1:2] == ["faces"]:
    from tests.bench.faces import main

    main(sys.argv[2:])
elif sys.argv[1:2] == ["gallery"]:
    from tests.bench.gallery import main

    main(sys.argv[2:])
else:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()  # the demo's modules need the settings
    from tests.bench.journey import main

    main()
