#!/usr/bin/env python3
"""Many requests with pictures of mixed sizes, and what they leave in the server's memory.

    endurance.py [--small 200000] [--large 5000] [--clients 8] [--binary FILE]

Each model has a server of its own. Resident memory is read after each tenth of the requests; the last is compared with the
first. Exit status 1 where it is more than 5 % above it.
"""
import argparse
import pathlib
import subprocess
import tempfile

import load
import machine
import models
import pictures
import report
import servers

PICTURES = ((320, 240, "jpg"), (640, 480, "jpg"), (320, 240, "png"), (800, 600, "jpg"), (640, 360, "jpg"))
MOST = 1.05


def script(folder, model):
    """wrk's description of requests with one picture after the other."""
    texts = [load.body_for(model.id, pictures.make(machine.ROOT / "build/bench/pictures", *picture)).decode()
             for picture in PICTURES]
    (folder / "bodies.json").write_text("\n".join(texts))
    (folder / "mixed.lua").write_text(f"""
local bodies, sent = {{}}, 0
for line in io.lines("{folder}/bodies.json") do bodies[#bodies + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request()
  sent = sent + 1
  return wrk.format(nil, nil, nil, bodies[sent % #bodies + 1])
end
function response(status)
  if status ~= 200 then io.write("status ", status, "\\n") end
end
function done(summary) io.write("ANSWERED ", summary.requests, "\\n") end
""")
    return folder / "mixed.lua"


def run(binary, model, requests, clients):
    """Resident memory in MB after each tenth."""
    memory, answered = [], 0
    with servers.osprey(binary, model.folder) as server, tempfile.TemporaryDirectory() as name:
        command = ["wrk", "-t1", f"-c{clients}", "-d5s", "--timeout", "60s", "-s", str(script(pathlib.Path(name), model)),
                   f"{server.url}/infer/{model.task}"]
        while answered < requests:
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            if "status" in told or "Socket errors" in told:
                raise RuntimeError("not every request was answered with 200: " + told[:300])
            answered += int(told.split("ANSWERED ")[1].split()[0])
            if answered < (len(memory) + 1) * requests / 10:
                continue
            memory.append(machine.memory_mb(server.pid))
            print(f"{model.id}: {answered} requests, {memory[-1]:.0f} MB", flush=True)
    return answered, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=machine.ROOT / "build/release/bin/inference")
    parser.add_argument("--python", type=pathlib.Path, default=machine.ROOT / ".venv-bench/bin/python")
    parser.add_argument("--small", type=int, default=200_000)
    parser.add_argument("--large", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    small = models.demo("emoji-classification", "classification", 128, False)
    large = models.yolov8("yolov8n", "object_detection", machine.ROOT / "build/bench/models", str(arguments.python))
    rows, grown = [], False
    for model, requests in ((small, arguments.small), (large, arguments.large)):
        if requests == 0:
            continue
        if model is None:
            print("skipped: no YOLOv8n to measure with")
            continue
        answered, memory = run(arguments.binary, model, requests, arguments.clients)
        grown |= memory[-1] > MOST * memory[0]
        rows.append([model.id, str(answered), f"{memory[0]:.0f}", f"{max(memory):.0f}", f"{memory[-1]:.0f}",
                     f"{memory[-1] / memory[0]:.3f}"])
    print(report.table(["model", "requests", "MB after a tenth", "most", "at the end", "ratio (target 1.05)"], rows))
    return 1 if grown else 0


if __name__ == "__main__":
    raise SystemExit(main())
