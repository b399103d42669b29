"""A browser for the tests of the page, and the pages they look at. They are skipped where there is no Chromium."""
import os
import pathlib

import pytest

from browser import Browser, find_chromium
from demo_page import PREDICTED
from places import ROOT, SHIPPED_SAMPLES


@pytest.fixture(scope="session")
def chromium():
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium here: scripts/setup.sh test installs it")
    with Browser(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def pictures_of_the_page():
    """Where screenshots are left for people to look at."""
    return pathlib.Path(os.environ.get("OSPREY_SCREENSHOTS", ROOT / "build/screenshots"))


@pytest.fixture
def visit(chromium, server):
    """visit(at="#models", width=..., phone=..., dark=..., url=..., fakes={path: answer}): a page, closed after the test."""
    opened = []

    def visit(at="", url=None, fakes=(), ready=True, **look):
        page = chromium.open(**look)
        opened.append(page)
        for path, answer in dict(fakes).items():
            page.fake(path, **answer)
        page.go((url or server.url) + "/" + at)
        if ready:
            page.until(PREDICTED)
        return page
    yield visit
    for page in opened:
        page.close()


@pytest.fixture
def predicted(visit):
    """The page as a visitor first sees it: a sample, already predicted."""
    return visit()


@pytest.fixture(scope="session")
def scene():
    """A picture of one's own: a file with a dog, an apple and more in it."""
    return SHIPPED_SAMPLES / "003.jpg"
