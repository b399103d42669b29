#!/usr/bin/env bash
# Packs a finished build into Debian packages: the server, and what lets it speak gRPC.
#
#   scripts/make_deb.sh [BUILD [FOLDER [VERSION]]]     default: build/release, build/deb, the version in deploy/debian/changelog
#
# Leaves FOLDER/osprey_VERSION_amd64.deb and FOLDER/osprey-grpc_VERSION_amd64.deb. What it needs is installed by scripts/setup.sh package.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build/release}")
folder=${2:-build/deb}
version=${3:-}

[ -x "$build/bin/inference" ] || { echo "make_deb: no $build/bin/inference: run make build" >&2; exit 1; }
mkdir -p "$folder"
folder=$(realpath "$folder")
work=$folder/work
rm -rf "$work"
mkdir "$work"
cp -r deploy/debian "$work/debian"
cp deploy/systemd/osprey.service "$work/debian/osprey.service"
cd "$work"
[ -z "$version" ] || sed -i "1s/([^)]*)/($version)/" debian/changelog

log=$folder/build.log
export OSPREY_BUILD=$build
if ! { dpkg-buildpackage --build=binary --no-sign --no-check-builddeps; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
version=$(dpkg-parsechangelog --show-field Version)
rm -rf "$work" "$folder"/*.buildinfo "$folder"/*.changes
printf '%s\n' "$folder/osprey_${version}_amd64.deb" "$folder/osprey-grpc_${version}_amd64.deb"
