#!/usr/bin/env bash
# Installs what is missing, and only that; run again, it changes nothing.
#
#   scripts/setup.sh [LEVEL ...]        LEVEL: runtime, build (the default), test, bench, lint, clang, package
#
#   runtime  what a built server needs: shared libraries, and the engines from their wheels in .venv
#   build    compiler, CMake, Ninja and the libraries' headers (GoogleTest too: the build is configured with its tests)
#   test     build, Chromium for the tests of the page, HAProxy, what `make deb` needs, and .venv-test with pytest and the stock client
#   bench    test, and what `make bench` needs: wrk, nginx, and .venv-bench with the reference server, where that can be had
#   lint     what `make lint` and `make format` need
#   clang    build, and what the sanitizers of clang, the fuzzers and clang-tidy need
#   package  build, and what `make deb` needs
#
# Debian packages are installed as root, or through sudo. Versions of Python packages are pinned in requirements*.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

RUNTIME_PACKAGES="ca-certificates python3 python3-venv libboost-url1.81.0 libturbojpeg0 libspng0 libwebp7 libtiff6
  libopencv-imgproc406 libsimdjson14 libspdlog1.10 libyaml-cpp0.7 libcurl4 libssl3 libprometheus-cpp-core1.0 libgrpc++1.51"
BUILD_PACKAGES="ca-certificates python3 python3-venv g++ cmake ninja-build ccache pkg-config libboost1.81-dev
  libboost-url1.81-dev libturbojpeg0-dev libspng-dev libwebp-dev libtiff-dev libstb-dev libopencv-imgproc-dev
  libsimdjson-dev nlohmann-json3-dev libspdlog-dev libcli11-dev libyaml-cpp-dev libcurl4-openssl-dev libssl-dev
  prometheus-cpp-dev libxxhash-dev libgtest-dev libgmock-dev libgrpc++-dev libprotobuf-dev protobuf-compiler"
TEST_PACKAGES="chromium haproxy zsh fish debhelper help2man"
BENCH_PACKAGES="wrk nginx-light python3-dev"
LINT_PACKAGES="python3 clang-format-19"
CLANG_PACKAGES="clang-19 clang-tidy-19 libclang-rt-19-dev"
PACKAGE_PACKAGES="debhelper help2man"

say() { echo "setup: $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}

packages=() environments=()
for level in "${@:-build}"; do
  # shellcheck disable=SC2206  # the lists are words
  case $level in
    runtime) packages+=($RUNTIME_PACKAGES) environments+=(.venv) ;;
    build) packages+=($BUILD_PACKAGES) environments+=(.venv) ;;
    test) packages+=($BUILD_PACKAGES $TEST_PACKAGES) environments+=(.venv .venv-test) ;;
    bench) packages+=($BUILD_PACKAGES $BENCH_PACKAGES) environments+=(.venv .venv-test .venv-bench) ;;
    lint) packages+=($LINT_PACKAGES) ;;
    clang) packages+=($BUILD_PACKAGES $CLANG_PACKAGES) environments+=(.venv) ;;
    package) packages+=($BUILD_PACKAGES $PACKAGE_PACKAGES) environments+=(.venv) ;;
    *) fail "unknown level '$level'; choose runtime, build, test, bench, lint, clang or package" ;;
  esac
done

# Sets `missing` to those of its arguments that are not installed.
find_missing() {
  local -A installed=()
  local status name
  while read -r status name; do
    [ "$status" = installed ] && installed[$name]=1
  done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null)
  missing=()
  for name in "$@"; do
    [ -n "${installed[$name]:-}" ] || { missing+=("$name") && installed[$name]=1; }
  done
}

install_packages() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "this needs Debian 12's packages (no apt-get here): $*"
  find_missing "$@"
  [ ${#missing[@]} -eq 0 ] && return
  local as_root=(env)
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "no sudo here; as root, install: apt-get install ${missing[*]}"
    as_root=(sudo env)
  fi
  say "installing ${#missing[@]} Debian packages and what they depend on: ${missing[*]}"
  local apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  local log
  log=$(mktemp)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    fail "could not install them; they are Debian 12's, this is $(. /etc/os-release && echo "$PRETTY_NAME")"
  fi
  rm -f "$log"
}

# Whether measuring goes on without the virtual environment $1: it skips the reference server then.
optional() {
  [ "$1" = .venv-bench ] && say "pip could not install the reference server; make bench goes on without it"
}

# Makes the virtual environment $1 hold what its requirements file pins. A copy of that file in it tells that it does.
install_wheels() {
  local environment=$1 requirements=scripts/requirements.txt
  [ "$environment" != .venv ] && requirements=scripts/requirements-${environment#.venv-}.txt
  local stamp=$environment/installed-requirements.txt
  if [ ! -x "$environment/bin/python" ]; then # absent, cut short, or made for a Python that is gone
    # Debian's Python, not the first on the PATH: python3-venv, which was just checked, belongs to it.
    say "making $environment"
    /usr/bin/python3 -m venv --clear "$environment"
  fi
  cmp -s "$requirements" "$stamp" && return
  say "installing the Python packages of $requirements into $environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: \
    --retries 5 -r "$requirements" || { optional "$environment" && return; } || fail "pip could not install $requirements"
  cp "$requirements" "$stamp"
}

install_packages "${packages[@]}"
for environment in "${environments[@]}"; do
  install_wheels "$environment"
done
say "${*:-build}: everything is there"
