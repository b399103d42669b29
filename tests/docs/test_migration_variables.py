"""docs/migration.md on the environment variables of the reference server: what it says of each is so."""
import re

import pytest

from doc_blocks import ROOT
from places import SHARED

REFERENCE = SHARED / "reference/model-registry.md"
TEXT = (ROOT / "docs/migration.md").read_text()
NAME = re.compile(r"`([A-Z][A-Z0-9_]{3,})`")


def of_section(heading):
    """The variables in the first column of the section's table."""
    body = TEXT.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
    return [name for cell in rows for name in NAME.findall(cell)]


HONOURED, OTHER_DEFAULT, IGNORED = of_section("Honoured"), of_section("Honoured, with another default"), of_section("Ignored")


@pytest.fixture(scope="module")
def settings():
    """Every variable of the settings' tables in docs/operations.md; a unit test holds those against the executable."""
    text = (ROOT / "docs/operations.md").read_text()
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `--")]
    return {name: row[3].strip() for row in rows for name in re.findall(r"`(\w+)`", row[2])}


def test_each_is_told_once():
    names = [*HONOURED, *OTHER_DEFAULT, *IGNORED]
    assert len(names) == len(set(names)) > 60


@pytest.mark.parametrize("name", [*HONOURED, *OTHER_DEFAULT])
def test_what_is_honoured_is_a_setting(settings, name):
    assert name in settings


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_ignored_is_none(settings, name):
    assert name not in settings


def test_the_defaults_that_are_told_are_those_of_the_settings(settings):
    body = TEXT.split("### Honoured, with another default\n", 1)[1].split("\n#", 1)[0]
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if line.startswith("| `") and re.match(r"(true|false|\d+)\b", cells[3]):
            name = NAME.findall(cells[1])[0]
            assert settings[name] == re.match(r"\w+", cells[3]).group(), name


def test_all_of_the_reference_are_told():
    if not REFERENCE.is_file():
        pytest.skip("the facts about the reference do not lie beside this checkout")
    body = REFERENCE.read_text().split("## 7. Environment variables", 1)[1].split("\n## ", 1)[0]
    cells = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
    theirs = {name for cell in cells for name in NAME.findall(cell) if not name.endswith("_")}
    assert theirs - {*HONOURED, *OTHER_DEFAULT, *IGNORED} == set()
