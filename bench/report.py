"""Results as Markdown and as a picture (SVG)."""
import datetime
import statistics

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def spread(values, digits=2):
    """Median, and the lowest and highest of the rounds."""
    if not values:
        return "-"
    text = f"{statistics.median(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def throughput_table(results):
    rows = []
    for case, rounds in results:
        loads = [r["osprey"] for r in rounds]
        ratios = [r["osprey"].rate / r["limit"].rate for r in rounds]
        reference = [r["osprey"].rate / r["reference"].rate for r in rounds if "reference" in r]
        met = "" if case.target is None else ("met" if statistics.median(ratios) >= case.target else "missed")
        rows.append([case.model.id, case.picture, str(case.clients),
                     spread([load.rate for load in loads], 1), spread([r["limit"].rate for r in rounds], 1), spread(ratios),
                     f"{case.target:.2f}, {met}" if case.target else "-",
                     spread(reference, 1) + (f" (target {case.against_reference})" if reference and case.against_reference else ""),
                     spread([load.p50 for load in loads], 1), spread([load.p99 for load in loads], 1),
                     spread([load.cpu_ms for load in loads], 2), spread([load.memory_mb for load in loads], 0)])
    return table(["model", "picture", "clients", "requests/s", "limit, requests/s", "share of the limit", "target",
                  "times the reference", "p50, ms", "p99, ms", "CPU ms/request", "memory, MB"], rows)


def latency_table(results):
    rows = [[case.model.id, case.picture, spread([r["p50"] for r in rounds], 2), spread([r["engine"] for r in rounds], 2),
             spread([r["decode"] + r["resize"] for r in rounds], 2),
             spread([r["p50"] - r["engine"] - r["decode"] - r["resize"] for r in rounds], 2)] for case, rounds in results]
    return table(["model", "picture", "p50 over HTTP, ms", "engine alone, ms", "decode + resize, ms", "the rest, ms (target 1)"],
                 rows)


def bars(results, path):
    """Each case's share of its limit as a bar; a tick at its target."""
    width, row, left = 760, 26, 330
    height = row * len(results) + 40
    scale = (width - left - 60) / 1.0
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             'font-size="13">', f'<rect width="{width}" height="{height}" fill="white"/>',
             '<text x="8" y="20">Throughput over HTTP as a share of the attainable limit</text>']
    for i, (case, rounds) in enumerate(results):
        y = 34 + i * row
        share = statistics.median(r["osprey"].rate / r["limit"].rate for r in rounds)
        parts.append(f'<text x="8" y="{y + 15}">{case.name}</text>')
        parts.append(f'<rect x="{left}" y="{y + 3}" width="{scale * min(share, 1.08):.0f}" height="{row - 8}" fill="#3b7dd8"/>')
        parts.append(f'<text x="{left + scale * min(share, 1.08) + 4:.0f}" y="{y + 15}">{share:.2f}</text>')
        if case.target:
            x = left + scale * case.target
            parts.append(f'<line x1="{x:.0f}" y1="{y}" x2="{x:.0f}" y2="{y + row - 3}" stroke="#c0392b" stroke-width="2"/>')
    path.write_text("\n".join(parts + ["</svg>"]) + "\n")


def markdown(machine, versions, sections, picture):
    """`sections`: (heading, text) pairs."""
    lines = [f"Measured on {datetime.date.today()} on {machine}. {versions} Medians of alternating rounds, in brackets the lowest "
             "and the highest.", ""]
    if picture:
        lines += [f"![Share of the attainable limit]({picture})", ""]
    for heading, text in sections:
        lines += [f"### {heading}", "", text, ""]
    return "\n".join(lines)


def insert(path, text):
    """Replaces what is between the two marks of a document."""
    document = path.read_text()
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
