"""Relative links of every Markdown file lead to a file, and to a heading that is there."""
import urllib.parse

import pytest

from doc_blocks import ROOT, markdown_files, read, slug

FILES = {path: read(path) for path in markdown_files()}
ELSEWHERE = ("http://", "https://", "mailto:")  # not asked: the tests need no network


def fault(link):
    """What is wrong with a link; empty where nothing is."""
    path, _, anchor = link.target.partition("#")
    target = (ROOT / link.document).parent / urllib.parse.unquote(path) if path else ROOT / link.document
    target = target.resolve()
    if not target.is_relative_to(ROOT):
        return "leads out of the repository"
    if not target.exists():
        return "there is no such file"
    name = target.relative_to(ROOT).as_posix()
    if anchor and name in FILES and anchor not in FILES[name].anchors:
        return f"{name} has no heading #{anchor}; it has {sorted(FILES[name].anchors)}"
    return ""


@pytest.mark.parametrize("document", FILES)
def test_links_lead_somewhere(document):
    links = [link for link in FILES[document].links if not link.target.startswith(ELSEWHERE)]
    faults = [f"{link.document}:{link.line} {link.target}: {fault(link)}" for link in links if fault(link)]
    assert not faults, "\n".join(faults)


def test_headings_become_anchors_as_on_the_forge():
    assert slug("(d) any ONNX file with a `model.json`".replace("`", "")) == "d-any-onnx-file-with-a-modeljson"
    assert slug("8-bit models") == "8-bit-models"
    assert slug("segmentation_models_pytorch") == "segmentation_models_pytorch"
