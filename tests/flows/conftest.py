"""What the flows run on: real servers, real workers, a real web server. Celery's eager mode hides faults."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.stack import Stack


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
