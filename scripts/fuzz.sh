#!/usr/bin/env bash
# fuzz.sh [TARGET] [SECONDS]: runs build/fuzz/bin/TARGET_fuzz, or each of them, from the corpus in tests/fuzz/corpus/TARGET
# and the folders of tests/fuzz/seeds.txt. New inputs go to build/fuzz/corpus/TARGET; one that crashes is left in
# build/fuzz/crashes/.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-} seconds=${2:-60}
shopt -s nullglob
programs=(build/fuzz/bin/"${target:-*}"_fuzz)
[ -z "$target" ] && programs=(build/fuzz/bin/*_fuzz)
known=$(cd build/fuzz/bin 2>/dev/null && ls -- *_fuzz 2>/dev/null | sed 's/_fuzz$//' | tr '\n' ' ') || true
if [ ${#programs[@]} -eq 0 ] || [ ! -x "${programs[0]}" ]; then
  echo "fuzz: no target '${target:-any}'; there are: ${known:-none}" >&2
  exit 1
fi
mkdir -p build/fuzz/crashes
for program in "${programs[@]}"; do
  name=$(basename "$program" _fuzz)
  mkdir -p "build/fuzz/corpus/$name"
  kept=()
  [ -d "tests/fuzz/corpus/$name" ] && kept+=("tests/fuzz/corpus/$name")
  while read -r target folder; do
    [ "$target" = "$name" ] && kept+=("$folder")
  done <tests/fuzz/seeds.txt
  echo "fuzz: $name for $seconds s"
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/crashes/"$name"- "build/fuzz/corpus/$name" "${kept[@]}"
done
