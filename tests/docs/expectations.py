"""Compares what a block gave with what the block behind it shows: shapes, not measurements."""
import json
import re

ELISION = "..."
# Ids, digests and pictures are others each time.
_VARIES = re.compile(r"[0-9a-f-]{16,}|[A-Za-z0-9+/=]{64,}|.*\.\.\..*")
_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"


def with_elisions(text):
    """JSON in which "..." may stand for further items or fields: a marker of the same kind takes its place."""
    result, stack = [], []
    for part in re.finditer(r'"(?:\\.|[^"\\])*"|\.\.\.|[\[\]{}]|[^"\[\]{}.]+|.', text):
        piece = part.group()
        if piece in ("{", "["):
            stack.append(piece)
        elif piece in ("}", "]") and stack:
            stack.pop()
        elif piece == ELISION:
            piece = '"...": 0' if stack and stack[-1] == "{" else '"..."'
        result.append(piece)
    return "".join(result)


def parse_json(text):
    return json.loads(with_elisions(text))


def last_json(output):
    """The JSON that the output is, or ends with."""
    for candidate in (output, output.strip().rsplit("\n", 1)[-1]):
        try:
            return json.loads(candidate)
        except ValueError:
            pass
    raise AssertionError(f"the output is no JSON: {output[:400]!r}")


def kind(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def differences(shown, given, at="$"):
    """Where an answer is not of the shape that is shown: the same fields, kinds and words; numbers may be others."""
    if isinstance(shown, str) and shown == ELISION:
        return
    if kind(shown) != kind(given):
        yield f"{at}: {kind(shown)} is shown, the answer has {kind(given)} {str(given)[:80]}"
    elif isinstance(shown, dict):
        missing, more = shown.keys() - given.keys() - {ELISION}, given.keys() - shown.keys()
        if missing:
            yield f"{at}: the answer has no {sorted(missing)}"
        if more and ELISION not in shown:
            yield f"{at}: {sorted(more)} of the answer are not shown"
        for name in shown.keys() & given.keys():
            yield from differences(shown[name], given[name], f"{at}.{name}")
    elif isinstance(shown, list):
        elided = ELISION in shown
        wanted = [item for item in shown if item != ELISION]
        if len(given) < len(wanted) or len(given) > len(wanted) and not elided:
            yield f"{at}: {len(wanted)} items are shown, the answer has {len(given)}"
        for number, (one, other) in enumerate(zip(wanted, given)):
            yield from differences(one, other, f"{at}[{number}]")
    elif isinstance(shown, str) and shown != given and not (_VARIES.fullmatch(shown) or re.search(r"\d", shown)):
        yield f"{at}: {shown!r} is shown, the answer has {given[:80]!r}"


def pattern_of(shown):
    """A pattern for the lines that are shown: numbers are any numbers, but in ids; "..." and <words> are anything, and
    spaces may be more."""
    lines = []
    for line in shown.strip("\n").split("\n"):
        if line.strip() == ELISION:
            lines.append(r"(?:.*\n)*?")
            continue
        pieces = re.split(rf"(\.\.\.|<[a-z -]+>|(?<![\w./]){_NUMBER}|\s+)", line.rstrip())
        lines.append("".join(
            ".*" if piece == ELISION or re.fullmatch("<[a-z -]+>", piece) else _NUMBER if re.fullmatch(_NUMBER, piece) else
            r"[ \t]+" if piece.isspace() else re.escape(piece) for piece in pieces) + r"[ \t]*\n")
    return re.compile(r"^" + "".join(lines), re.MULTILINE)


def check_output(shown, output):
    """`shown`: the block that shows the output."""
    if shown.language == "json":
        found = list(differences(parse_json(shown.code), last_json(output)))
        assert not found, "\n".join([f"{shown.name} shows another answer:", *found])
    else:
        assert pattern_of(shown.code).search(output + "\n"), f"{shown.name} shows\n{shown.code}\nand it was\n{output}"
