"""What holds for the whole page: nothing from elsewhere, small, accessible, fit for phones, in light and dark."""
import importlib.util
import json
import pathlib
import subprocess

import pytest
import requests

from demo_page import PREDICTED, choose_model
from places import ROOT

BUDGET = 150_000  # bytes of a first visit, without the samples
PHONE = {"width": 390, "height": 844, "phone": True}


def test_nothing_is_asked_of_anybody_else(visit, server):
    page = visit()
    for view in ("models", "metrics", "demo"):
        page.run(f"location.hash = '{view}'")
        page.until(f"!document.getElementById('view-{view}').hidden")
    assert len(page.requests) > 20
    for url in page.requests:
        assert url.startswith((server.url + "/", f"blob:{server.url}/", "data:")), url
    assert page.problems == []


def test_the_policy_stops_what_is_inline_and_what_is_elsewhere(visit, server):
    headers = requests.get(server.url + "/", timeout=10).headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    page = visit()
    page.run("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))")
    assert page.run("window.ran") is None
    assert page.run("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'stopped')") == "stopped"
    assert any("Content Security Policy" in text for text in page.problems)


def test_a_first_visit_is_small(visit):
    page = visit()
    page.run("new Promise((resolve) => setTimeout(resolve, 500))")
    sent = {url: size for url, size in page.bytes.items() if "/samples/" not in url}
    paint = page.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1")
    print(f"a first visit: {sum(sent.values())} bytes in {len(sent)} answers; first paint after {paint:.0f} ms")
    assert sum(sent.values()) < BUDGET


def test_a_second_visit_is_answered_from_what_the_browser_has(server):
    first = requests.get(server.url + "/static/page/js/main.js", timeout=10)
    assert first.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in first.headers["Vary"]
    again = requests.get(server.url + "/static/page/js/main.js", headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    assert again.status_code == 304 and again.content == b""


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("view", ["demo", "models", "metrics"])
def test_nothing_sticks_out_sideways(visit, width, view):
    page = visit("#" + view, ready=False, width=width, height=800, phone=True)
    page.until("document.getElementById('status').dataset.state === 'ready'")
    page.run("new Promise((resolve) => setTimeout(resolve, 300))")
    assert page.run("document.documentElement.scrollWidth") <= width


def test_light_and_dark_follow_the_system_until_the_button_says_otherwise(visit):
    background = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).every((one) => one < 60)"
    assert not visit(ready=False).run(background)
    page = visit(ready=False, dark=True)
    assert page.run(background)
    page.click("#theme")
    assert not page.run(background)
    page.go(page.run("location.href"))
    assert not page.run(background), "the choice is remembered"


@pytest.fixture(scope="module")
def axe():
    """axe-core's script, of the wheel that brings it."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None:
        pytest.skip("axe-core is not here: scripts/setup.sh test installs it")
    return (pathlib.Path(found.submodule_search_locations[0]) / "axe.min.js").read_text()


@pytest.mark.parametrize("look", [{}, {"dark": True}, {**PHONE, "dark": True}], ids=["light", "dark", "phone"])
def test_axe_finds_nothing_serious(visit, axe, look):
    page = visit(**look)
    page.call("Runtime.evaluate", expression=axe)  # the protocol may do what the page's policy forbids the page
    for view in ("demo", "classes", "models", "metrics"):
        if view == "classes":
            choose_model(page, "emoji-classification/1")
            page.until(PREDICTED)
        else:
            page.run(f"location.hash = '{view}'")
            page.until(f"!document.getElementById('view-{view}').hidden")
        page.run("new Promise((resolve) => setTimeout(resolve, 300))")
        report = page.run("axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations.map("
                          "(one) => [one.impact, one.id, one.nodes.slice(0, 3).map((node) => node.html + ' ' + node.failureSummary)])))")
        bad = [one for one in json.loads(report) if one[0] in ("serious", "critical")]
        print(view, [one[:2] for one in json.loads(report)])
        assert bad == []


def test_its_modules_do_what_their_tests_say():
    """Those that need no browser, under Node's own test runner; Node is not needed for anything else."""
    try:
        done = subprocess.run(["node", "--test", str(ROOT / "tests/e2e/page/modules.test.mjs")], capture_output=True, text=True,
                              timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("no Node here; the page itself needs none")
    assert done.returncode == 0, done.stdout + done.stderr
