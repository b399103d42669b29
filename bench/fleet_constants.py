"""What one machine takes for a model, from the tables that `make bench` writes into docs/performance.md."""
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/performance.md"
SIZES = {"small": "emoji-classification/1", "medium": "emoji-detection/1", "large": "bench-detection/1"}


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of a model: seconds of one core for a picture, seconds until it is in memory, megabytes there."""
    model: str
    picture: str
    core_seconds: float
    cold_seconds: float
    megabytes: float


def first_number(text):
    return float(re.match(r"-?[0-9.]+", text)[0])


def table(document, heading):
    """model -> its first row {head: cell} of the table below a heading."""
    part = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^###|\Z)", document, re.S | re.M)[1]
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    rows = {}
    for cells in lines[2:]:
        rows.setdefault(cells[0], dict(zip(lines[0], cells)))
    return rows


def read(path=DOCUMENT):
    """{"small", "medium", "large"}: Cost. A cold start is the first prediction after /healthz, with the compiled network in the
    cache; memory is that of the loaded server less the idle one's."""
    document = path.read_text()
    throughput, start = table(document, "Throughput, and the reference"), table(document, "Start and memory")
    costs = {}
    for size, model in SIZES.items():
        row, begun = throughput[model], start[model]
        by_head = {head.split(",")[0].split(" (")[0]: cell for head, cell in begun.items()}
        cold = first_number(by_head["first prediction after"]) - first_number(by_head["/healthz after"])
        megabytes = first_number(row["memory, MB"]) - first_number(by_head["idle"])
        costs[size] = Cost(model, row["picture"], first_number(row["CPU ms/request"]) / 1e3, cold, megabytes)
    return costs
