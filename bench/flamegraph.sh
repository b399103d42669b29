#!/usr/bin/env bash
# flamegraph.sh [OUT.svg]: where the server's processor time goes while 8 clients ask for the demo detector, as a flame
# graph. Needs perf (Debian's linux-perf), the right to use it, and inferno (cargo install inferno --version 0.12.8).
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-build/bench/flamegraph.svg}
binary=${OSPREY_BINARY:-build/release/bin/inference}
work=$(mktemp -d)
mkdir -p "$(dirname "$out")"
"$binary" server start --host 127.0.0.1 --port 0 --log-level error >"$work/start" &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
until grep -q listening "$work/start"; do sleep 0.1; done
url=$(sed -n 's/.*listening on //p' "$work/start")
.venv-test/bin/python - "$url" "$work" <<'PYTHON'
import pathlib, sys
sys.path.insert(0, "bench")
import load, pictures
picture = pictures.make(pathlib.Path("build/bench/pictures"), 640, 480, "jpg")
folder = pathlib.Path(sys.argv[2])
load.script(folder, load.body_for("emoji-detection/1", picture))
PYTHON
wrk -t1 -c8 -d4s -s "$work/load.lua" "$url/infer/object_detection" >"$work/warm"
wrk -t1 -c8 -d12s -s "$work/load.lua" "$url/infer/object_detection" >"$work/load" &
sleep 1
perf record -q -F 499 --call-graph dwarf,16384 -p $server -o "$work/perf.data" -- sleep 8
wait %2
perf script -i "$work/perf.data" 2>/dev/null | inferno-collapse-perf >"$work/stacks"
inferno-flamegraph --title "Osprey, demo detector, 8 clients" --minwidth 0.3 <"$work/stacks" >"$out"
echo "$out"
