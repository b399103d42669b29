#!/usr/bin/env bash
# Fails where C++ is not as .clang-format says; with --fix, writes it so. The version is fixed: others format otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(--dry-run -Werror)
[ "${1:-}" = --fix ] && mode=(-i)
folders=()
for folder in src tests bench; do [ -d $folder ] && folders+=("$folder"); done
if ! found=$(find "${folders[@]}" -type f \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 -r -n 20 -P "$(nproc)" clang-format-19 "${mode[@]}" 2>&1); then
  # A place for each file is enough: it is mended by a command, not by hand.
  grep -E '^[^ :]+:[0-9]+:[0-9]+: error:' <<<"$found" | sort -t : -k 1,1 -u >&2 || echo "$found" >&2
  echo "format: run 'make format'" >&2
  exit 1
fi
echo "format: ok"
