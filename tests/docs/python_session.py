"""Runs the Python blocks of one document one after the other, as a reader would paste them into one interpreter.

Lines of JSON: {"code", "file", "line"} come in, {"output", "error"} go out.
"""
import contextlib
import io
import json
import sys
import traceback


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    names = {"__name__": "__main__"}
    for line in sys.stdin:
        asked = json.loads(line)
        output, error = io.StringIO(), None
        try:
            # So many empty lines before it that an error tells the line of the document.
            code = compile("\n" * (asked["line"] - 1) + asked["code"], asked["file"], "exec")
            with contextlib.redirect_stdout(output):
                exec(code, names)  # pylint: disable=exec-used
        except BaseException:  # whatever a block raises is told, SystemExit too
            error = traceback.format_exc()
        print(json.dumps({"output": output.getvalue(), "error": error}), file=answers, flush=True)


if __name__ == "__main__":
    main()
