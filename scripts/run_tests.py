#!/usr/bin/env python3
"""Runs the C++ tests of a build folder and the Python tests, and closes with the line "N passed, N failed, N skipped".

    run_tests.py --build build/release [--no-pytest] [--no-ctest] [--only PROGRAMS]

A C++ test is one GoogleTest case, not one program; a program that dies without a report counts as one that failed.
--only names C++ test programs. Reports are left in BUILD/reports/. Exit status: 0 where something passed and nothing failed.
"""
import argparse
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTEST_SECONDS = 1800  # far past what the suite takes: ends one that hangs


def outcome(case):
    """What a <testcase> of a JUnit report (GoogleTest's, pytest's or ctest's) says of it."""
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        return "failed"
    # GoogleTest: status="notrun" for a disabled case, a <skipped> child for GTEST_SKIP.
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def read_report(path):
    """The outcomes in a JUnit file, counted; None where it is absent or cut short."""
    try:
        return collections.Counter(outcome(case) for case in xml.parse(path).getroot().iter("testcase"))
    except (OSError, xml.ParseError):
        return None


def run_ctest(build, reports, only):
    cases = reports / "unit"
    environment = {**os.environ, "GTEST_OUTPUT": f"xml:{cases}/"}
    chosen = ["--tests-regex", f"^({'|'.join(only)})$"] if only else []
    status = subprocess.run(["ctest", "--test-dir", str(build), "--output-on-failure", "--parallel", str(os.cpu_count()),
                             "--output-junit", str(reports / "ctest.xml"), *chosen], env=environment,
                            check=False).returncode
    total = collections.Counter()
    try:
        programs = list(xml.parse(reports / "ctest.xml").getroot().iter("testcase"))
    except (OSError, xml.ParseError):
        print(f"run_tests.py: ctest left no report (exit status {status})", file=sys.stderr)
        return collections.Counter(failed=1)
    for program in programs:
        # GoogleTest names its report after the program, and so does osprey_test() the test.
        counted = read_report(cases / f"{program.get('name')}.xml")
        if not counted:
            counted = collections.Counter([outcome(program)])
        elif outcome(program) == "failed" and not counted["failed"]:
            counted["failed"] += 1  # died after its cases, or a sanitizer stopped it
        total += counted
    if status != 0 and not total["failed"]:
        total["failed"] += 1  # such as a program that was never built, which the report calls "notrun"
    return total


def run_pytest(build, reports, _only):
    python = ROOT / ".venv-test/bin/python"
    report = reports / "pytest.xml"
    environment = {"OSPREY_BINARY": str(build / "bin/inference"), **os.environ}
    command = [str(python), "-m", "pytest", "-q", "-ra", str(ROOT / "tests"), f"--junitxml={report}"]
    try:
        status = subprocess.run(command, env=environment, cwd=ROOT, timeout=PYTEST_SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"run_tests.py: the Python tests took more than {PYTEST_SECONDS} s", file=sys.stderr)
        return collections.Counter(failed=1)
    total = read_report(report)
    if total is None:
        print(f"run_tests.py: pytest left no report (exit status {status})", file=sys.stderr)
        return collections.Counter(failed=1)
    if status != 0 and not total["failed"]:
        total["failed"] += 1
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--no-ctest", action="store_true")
    parser.add_argument("--no-pytest", action="store_true")
    parser.add_argument("--only", nargs="+")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    reports = build / "reports"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)

    total = collections.Counter()
    for kind, wanted, run in (("C++", not arguments.no_ctest, run_ctest), ("Python", not arguments.no_pytest, run_pytest)):
        if not wanted:
            continue
        print(f"--- {kind} tests", flush=True)
        counted = run(build, reports, arguments.only)
        print(f"--- {kind} tests: {dict(counted)}", flush=True)
        total += counted
    sys.stderr.flush()
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
