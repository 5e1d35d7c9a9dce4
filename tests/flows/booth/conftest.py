"""The booth console in a real browser, on the whole system as real processes, by the keyboard alone.

With BMIS_SCREENSHOTS=<folder> the pages of the officers' handbook are kept there as PNG files. One system and one browser for all
files of this folder: to start them takes longer than most tests.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from selenium import webdriver

from borders.demo.cast import Cast, make_cast
from tests.flows.conftest import open_chrome
from tests.flows.console import Console
from tests.flows.stack import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    running = Stack.prepare()
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="package")
def chrome() -> Iterator[webdriver.Chrome]:
    driver = open_chrome()
    yield driver
    driver.quit()


@pytest.fixture
def console(chrome: webdriver.Chrome, stack: Stack, tmp_path: Path) -> Iterator[Console]:
    console = Console(chrome, stack, tmp_path)
    yield console
    assert console.complaints() == []


@pytest.fixture(scope="package")
def cast() -> Cast:
    return make_cast(timezone.now().date())
