# Two commands: `make serve` starts the server with its demo models, `make test` runs the tests. Both install what is
# missing and build first (scripts/setup.sh, which asks the network for nothing when nothing is missing).

PORT ?= 9001
MODELS ?= models
ARGS ?=
TARGET ?=
SECONDS ?= 60
MINUTES ?= 15
TSAN_TESTS ?= base_test client_test fetch_test scheduler_test hub_test registry_test service_test http_test integration_test

.DEFAULT_GOAL := help
# Set-up, configuration and build follow each other; ninja runs the compilers side by side.
.NOTPARALLEL:
.PHONY: help serve test build bench lint format tidy asan tsan fuzz soak size-report wheel deb package-check setup clean setup-build setup-test setup-bench setup-clang setup-package

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' Makefile | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

serve: setup-build build/release/build.ninja ## start the server: PORT=9001 MODELS=models ARGS="more flags"
	@ninja -C build/release bin/inference
	@exec build/release/bin/inference server start --port '$(PORT)' --models '$(MODELS)' $(ARGS)

test: setup-test build ## all tests; last line: N passed, N failed, N skipped
	@python3 scripts/run_tests.py --build build/release

build: setup-build build/release/build.ninja ## the release, with its tests: build/release/bin
	@ninja -C build/release

bench: setup-bench build/release/build.ninja ## measure against what is attainable: ARGS=--quick, ARGS=--write
	@ninja -C build/release bin/inference bin/decode_resize
	@.venv-test/bin/python bench/run.py $(ARGS)

lint: ## layers, file sizes and names, format
	@scripts/setup.sh lint
	@python3 scripts/check_layers.py
	@python3 scripts/size_report.py --check
	@scripts/check_format.sh

format: ## write the format that lint wants
	@scripts/setup.sh lint
	@scripts/check_format.sh --fix

tidy: setup-clang build/tidy/build.ninja ## clang-tidy over everything (slow)
	@ninja -C build/tidy

asan: setup-test build/asan/build.ninja ## unit and integration tests under the address and undefined-behaviour sanitizers
	@ninja -C build/asan unit_tests
	@python3 scripts/run_tests.py --build build/asan --no-pytest

tsan: setup-test build/tsan/build.ninja ## those of the rooms with threads under the thread sanitizer
	@ninja -C build/tsan $(TSAN_TESTS)
	@python3 scripts/run_tests.py --build build/tsan --no-pytest --only $(TSAN_TESTS)

fuzz: setup-clang build/fuzz/build.ninja ## fuzz TARGET= (empty: each) for SECONDS=60
	@ninja -C build/fuzz
	@scripts/fuzz.sh '$(TARGET)' '$(SECONDS)'

soak: setup-test build/release/build.ninja ## all traffic and all faults at once for MINUTES=15; ARGS=--slow-peers, ARGS=--overload
	@ninja -C build/release bin/inference
	@.venv-test/bin/python tests/soak/run.py --minutes '$(MINUTES)' $(ARGS)

wheel: setup-build ## a Python wheel that needs nothing of its system but Debian 12's age: build/dist
	@CXX=c++ .venv/bin/python -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir build/dist . \
	  --config-settings=wheel.tags=py3-none-manylinux_2_36_x86_64 \
	  --config-settings=cmake.define.OSPREY_BUNDLE_LIBRARIES=ON --config-settings=cmake.define.OSPREY_WARNINGS_AS_ERRORS=ON
	@ls build/dist/*.whl

deb: setup-package build/release/build.ninja ## a Debian package: build/deb
	@ninja -C build/release bin/inference
	@scripts/make_deb.sh

package-check: ## wheel, Debian package and container image, built and used on a bare Debian 12 each (as root)
	@python3 tests/packages/run.py $(ARGS)

scaling: setup-test build/release/build.ninja ## three servers behind HAProxy that are killed and restarted under load, and its throughput: ARGS="--times 5"
	@ninja -C build/release bin/inference
	@.venv-test/bin/python tests/scaling/run.py $(ARGS)

size-report: ## lines per file and room
	@python3 scripts/size_report.py

setup: setup-test ## only install what build, test and lint need
	@scripts/setup.sh lint

clean: ## remove what was built; what was installed stays
	rm -rf build

setup-build setup-test setup-bench setup-clang setup-package: setup-%:
	@scripts/setup.sh $*

# Configured once: ninja itself sees changes of the CMake files, but not of the presets or of the pinned OpenVINO.
build/%/build.ninja: CMakePresets.json scripts/requirements.txt
	@cmake --preset $*
	@touch $@
