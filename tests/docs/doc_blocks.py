"""The code blocks, links and headings of the Markdown files.

Run as a program, it lists the blocks: how each is looked at, or why not.

A comment directly above a block tells its runner something:

    <!-- not run: REASON -->       it cannot be run here, and why
    <!-- server: FLAGS -->         the server that it asks is started with these flags
    <!-- with: FILE -->            the block is the content of FILE, which blocks after it use
"""
import dataclasses
import pathlib
import re
import sys

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/*.md", "clients/**/README.md", "deploy/**/*.md"]
NO_PART = {"build", "node_modules", "dist"}  # what is built or installed; hidden folders are left out, too

SHELL, CONSOLE, PYTHON = {"sh", "bash"}, {"console"}, {"python"}
DATA = {"json", "yaml", "toml", "ini"}
COMPILED = {"cpp", "cmake"}
# Only looked at by people: pictures of folders and output, and what other programs read.
TEXT = {"", "text", "http"}
KNOWN = SHELL | CONSOLE | PYTHON | DATA | COMPILED | TEXT

_COMMENT = re.compile(r"<!--\s*(not run|server|with):\s*(.*?)\s*-->", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Block:
    document: str  # its path from the repository's root
    line: int  # of its first line of code
    language: str
    code: str
    heading: str
    told: dict  # what the comment above says, by its keyword
    output: "Block | None" = None  # the block right behind it, where that one shows what comes out

    @property
    def name(self):
        return f"{self.document}:{self.line} {self.language or 'text'}"

    @property
    def runs(self):
        return self.language in SHELL | CONSOLE | PYTHON | COMPILED


@dataclasses.dataclass(frozen=True)
class Link:
    document: str
    line: int
    target: str


@dataclasses.dataclass(frozen=True)
class Document:
    path: str
    blocks: list
    links: list
    anchors: set


def slug(heading):
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def plain(inline):
    """The text of a heading without its marks."""
    return "".join(child.content for child in inline.children if child.type in ("text", "code_inline", "html_inline"))


def links_of(path, token):
    for child in token.children:
        target = child.attrs.get("href") if child.type == "link_open" else child.attrs.get("src") if child.type == "image" else None
        if target:
            yield Link(path, token.map[0] + 1, target)
        if child.type == "html_inline":
            yield from html_links(path, token.map[0] + 1, child.content)


def html_links(path, line, text):
    for found in re.finditer(r"<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=\"([^\"]+)\"", text):
        yield Link(path, line + text[:found.start()].count("\n"), found.group(1))


def read(path):
    """A Document of a file, given by its path from the root."""
    text = (ROOT / path).read_text()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks, links, anchors, heading, counted = [], [], set(), "", {}
    before = None
    for token in tokens:
        if token.type == "inline":
            links += links_of(path, token)
            if before is not None and before.type == "heading_open":
                heading = plain(token)
                name = slug(heading)
                anchors.add(name if name not in counted else f"{name}-{counted[name]}")
                counted[name] = counted.get(name, 0) + 1
        elif token.type == "html_block":
            links += html_links(path, token.map[0] + 1, token.content)
            anchors |= set(re.findall(r"\b(?:id|name)=\"([^\"]+)\"", token.content))
        elif token.type == "fence":
            told = dict(_COMMENT.findall(before.content)) if before is not None and before.type == "html_block" else {}
            block = Block(path, token.map[0] + 2, token.info.split()[0] if token.info.split() else "", token.content,
                          heading, told)
            if before is not None and before.type == "fence" and blocks[-1].runs and block.language in ("", "text", "json"):
                blocks[-1] = dataclasses.replace(blocks[-1], output=block)
            blocks.append(block)
        before = token
    return Document(path, blocks, links, anchors)


def markdown_files():
    """Every Markdown file of the repository, from its root."""
    for path in sorted(ROOT.rglob("*.md")):
        folders = path.relative_to(ROOT).parts[:-1]
        if not any(part in NO_PART or part.startswith(".") for part in folders):
            yield path.relative_to(ROOT).as_posix()


def documents():
    """Those whose blocks are run."""
    found = {path.relative_to(ROOT).as_posix() for pattern in DOCUMENTS for path in ROOT.glob(pattern)}
    return [read(path) for path in markdown_files() if path in found]


def main():
    for document in documents():
        for block in document.blocks:
            how = block.told.get("not run")
            print(f"{block.name:45} {'NOT RUN: ' + ' '.join(how.split()) if how else 'run' if block.runs else 'read'}")


if __name__ == "__main__":
    sys.exit(main())
