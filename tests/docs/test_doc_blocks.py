"""Every code block of README.md, docs/ and the clients' README does what its document says, or tells why it is not run."""
import contextlib
import re
import tomllib

import pytest
import yaml

from block_runner import BlockRunner, is_settings
from doc_blocks import KNOWN, TEXT, documents
from expectations import parse_json
from place import Place

DOCUMENTS = documents()
BLOCKS = [block for document in DOCUMENTS for block in document.blocks]
RUN = [block for block in BLOCKS if "not run" not in block.told]
TO_RUN = [block for block in RUN if block.runs or "with" in block.told or is_settings(block)]


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Compiled networks, shared by all documents."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def runner_of(binary, cache, tmp_path_factory):
    """runner_of(document): its blocks share files, a server and an interpreter, until another document is asked for."""
    current, kept = [], contextlib.ExitStack()

    def runner_of(document):
        if current[:1] != [document]:
            kept.close()
            place = kept.enter_context(Place(tmp_path_factory.mktemp("doc"), binary, cache))
            if not place.network.private and place.network.listens(9001):
                pytest.skip("port 9001 is taken, and this user may not have a network of their own")
            current[:] = [document, kept.enter_context(BlockRunner(place))]
        return current[1]
    with kept:
        yield runner_of


@pytest.mark.parametrize("block", TO_RUN, ids=lambda block: block.name)
def test_it_runs(runner_of, block):
    runner_of(block.document).run(block)


@pytest.mark.parametrize("block", [block for block in RUN if not block.runs], ids=lambda block: block.name)
def test_it_can_be_read(block):
    if block.language == "json":
        parse_json(block.code)
    elif block.language == "yaml":
        list(yaml.safe_load_all(block.code))
    elif block.language == "toml":
        tomllib.loads(block.code)
    elif block.language in TEXT:
        assert not re.search(r"^\$ ", block.code, re.MULTILINE), "commands with their output are a block of 'console'"


def test_every_language_is_known():
    unknown = [block.name for block in RUN if block.language not in KNOWN]
    assert not unknown, f"say how these are to be looked at, or why not: {unknown}"


def test_what_is_not_run_says_why():
    for block in BLOCKS:
        reason = block.told.get("not run")
        if reason is not None:
            assert len(reason.split()) > 2, block.name
            print(f"{block.name} is not run: {reason}")
