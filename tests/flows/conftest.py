"""What the flows run on: real servers, real workers, a real web server. Celery's eager mode hides faults."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from selenium import webdriver

from borders.models import Crossing
from tests.flows.desk import Desk, make_scene
from tests.flows.stack import Stack

CHROMIUM, CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("flow")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The whole system, seeded. One for each module: a test that kills a part starts it again."""
    running = Stack.prepare()
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """An empty folder that the unprivileged account of the servers can reach; tmp_path is private to us."""
    with tempfile.TemporaryDirectory(prefix="bmis-servers-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def open_chrome() -> webdriver.Chrome:
    """Return a headless browser with a drawn camera. Skips where Debian's packages are absent."""
    if not (shutil.which(CHROMIUM) and shutil.which(CHROMEDRIVER)):
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    # the camera is a drawn one, and no outside address answers, so that a page that fetched something would be seen to break
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-gpu",
                     "--no-first-run", "--use-fake-device-for-media-stream",
                     "--use-fake-ui-for-media-stream", "--disable-background-networking", "--disable-component-update",
                     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))


@pytest.fixture(scope="module")
def chrome() -> Iterator[webdriver.Chrome]:
    driver = open_chrome()
    yield driver
    driver.quit()


@pytest.fixture
def morning() -> datetime:
    """A few minutes ago, but today."""
    now = timezone.now()
    return max(now - timedelta(minutes=30), now.replace(hour=0, minute=0, second=0, microsecond=0))


@pytest.fixture
def scene(live_server: Any, morning: datetime) -> Crossing:
    """A morning at Utopia Airport; the crossing that was cleared against the advice."""
    return make_scene(morning)


@pytest.fixture
def desk(chrome: webdriver.Chrome, live_server: Any, scene: Crossing) -> Desk:
    """Bob, supervisor, signed in at his browser."""
    bobs = Desk(chrome, live_server.url)
    bobs.sign_in()
    return bobs
