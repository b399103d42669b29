"""The report of a soak, as Markdown."""
import re

from account import ENDS

MOST_PROBLEMS = 60


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def requests_table(account):
    ends = [end for end in (*ENDS, "wrong") if account.total(end)]
    rows = [[source, begun, *(account.ended[source, end] or "" for end in ends)] for source, begun in sorted(account.begun.items())]
    rows.append(["**all**", sum(account.begun.values()), *(account.total(end) for end in ends)])
    return table(["from", "sent", *ends], rows)


def lives_table(lives):
    rows = [[number + 1, f"{life.base.memory_mb:.0f} -> {life.end.memory_mb:.0f} (up to {life.memory_limit:.0f})",
             f"{life.base.files} -> {life.end.files}", f"{life.base.threads} -> {life.end.threads}",
             f"{life.compared} = {life.compared_server}", f"{life.stop_seconds:.1f} s", life.status]
            for number, life in enumerate(lives)]
    return table(["life", "memory, MB, after warming up -> at the end", "open files", "threads",
                  "answers: clients = /metrics (+ unread)", "stopped in", "exit code"], rows)


def problems_list(problems):
    """Those that differ in numbers only are one line."""
    kinds = {}
    for line in problems:
        kinds.setdefault(re.sub(r"\d+(\.\d+)?", "#", line)[:160], []).append(line)
    lines = [f"- {same[0]}" + (f" (and {len(same) - 1} more like it)" if len(same) > 1 else "") for same in kinds.values()]
    return "\n".join(lines[:MOST_PROBLEMS])


def soak_report(facts, harness, lives, sanitizer_reports):
    account = harness.account
    sent, ended = sum(account.begun.values()), account.total()
    balanced = account.is_balanced()
    ends = " + ".join(f"{account.total(end)} {end}" for end in (*ENDS, "wrong") if account.total(end))
    parts = [
        f"# Soak: {'balanced' if balanced else 'NOT BALANCED'}",
        "\n".join(f"- {name}: {value}" for name, value in facts.items()),
        "## The account",
        f"{sent} sent = {ends}" + ("" if sent == ended else f" + {sent - ended} whose end is not known"),
        requests_table(account),
        "\n".join(f"- *{end}*: {why}." for end, why in ENDS.items() if account.total(end)),
        f"{account.compared} answers were compared with the golden ones; {account.inexact} of them differed in some number, by "
        f"{account.largest_difference:.2g} at most.",
        "## The server",
        lives_table(lives),
        f"Packages changed: {told(harness.swaps)}. Registry faults: {told(harness.faults)}.",
        "## What was wrong",
        problems_list(account.problems) or "Nothing.",
    ]
    if sanitizer_reports:
        parts.append("Sanitizer reports:\n\n```\n" + "\n".join(sanitizer_reports[:MOST_PROBLEMS]) + "\n```")
    return "\n\n".join(parts) + "\n"


def told(counter):
    return ", ".join(f"{count} {what}" for what, count in sorted(counter.items())) or "none"
