import subprocess
import sys

from deploy.launcher.configuration import CHECKOUT

ASK = "import deploy.wsgi, gc; print(gc.get_freeze_count(), len(gc.get_objects()))"


def test_a_full_collection_in_a_web_process_leaves_out_what_was_loaded_at_the_start():
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=120
    )

    frozen, watched = map(int, said.stdout.split())
    assert frozen > 10 * watched
