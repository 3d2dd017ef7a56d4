# make run | test | check | bench. Each installs what it needs, once.
# make run takes PORT=N and DATA=DIR.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime
STAMP := $(VENV)/.installed
LAUNCHER := $(VENV)/.launcher
# The number of test processes. It is more than the two cores, because the tests that start servers and whole stacks mostly wait.
PROCESSES ?= 4
UP = $(if $(PORT),--port "$(PORT)") $(if $(DATA),--data "$(DATA)") $(if $(WORKERS),--workers "$(WORKERS)")

.PHONY: run test test-slow test-hostile test-long test-all test-clients test-browser test-browser-slow check bench setup pages dist images release release-check next-version lock clean
run: $(RUNTIME) $(LAUNCHER) pages
	@exec $(BIN)/gavel up $(UP)

# Images and CI set PYTHONDONTWRITEBYTECODE. pytest would then compile all tests again in each process: 8 s of CPU time.
test test-slow test-long test-clients test-browser test-browser-slow: export PYTHONDONTWRITEBYTECODE =

test: setup
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadgroup --no-loadscope-reorder

# Slow cases that resemble a faster case in `make test`. `make test-all` runs them.
test-slow: setup
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadgroup --no-loadscope-reorder -m "slow and not long and not browser"

# Every hostile program in every mode; `make test` runs a part of them in one mode.
test-hostile: setup
	GAVEL_HOSTILE=all $(BIN)/python -m pytest -n 0 -m "" tests/hostile

# The long suites in full; `make test` runs a part of each. Run them before a release, and after a change of the code that they test.
test-long: setup pages test-clients
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder -m long tests
	GAVEL_REPEATS=20 GAVEL_EXPLORE_ATTEMPTS=3 $(BIN)/python -m pytest -n 2 --dist loadgroup -m "" \
	    tests/golden/test_interactive_failures.py tests/store/test_explorer.py
	$(MAKE) test-hostile

# What `.ci/run` runs, then the suites that it leaves out because of their time: the slow cases of tests and pages, and the worst programs of the
# corpus in every language, with all compilers installed. Run it before a release. Targets that neither this nor `.ci/run` names, such as `test-long`, are not part of it.
test-all:
	.ci/run
	.ci/stage test-slow
	.ci/stage test-browser-slow
	.ci/compilers
	$(MAKE) test-corpus ARGS=--worst
	@if [ -s $(VENV)/.unstable ]; then cat $(VENV)/.unstable; fi

# Published clients of other judges, as PyPI and npm have them.
test-clients: setup
	$(BIN)/python -m pytest -n 0 -m clients tests/acceptance

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	@.ci/check-pages

bench: setup
	$(BIN)/python -m benchmarks all --short --baseline benchmarks/baseline.json

setup: $(STAMP) $(LAUNCHER)

pages:
	@.ci/pages

# The pages' unit tests, then the pages in Debian's Chromium. Each of two test processes uses a stack of its own.
test-browser: setup pages
	@.ci/node-modules && cd frontend && npm test
	$(BIN)/python -m pytest -m "browser and not slow and not long" -n 2 --dist loadfile tests/browser

# Further cases of the pages that resemble a case in `make test-browser`.
test-browser-slow: setup pages
	$(BIN)/python -m pytest -m "browser and slow and not long" -n 2 --dist loadfile tests/browser

# The packages for running are installed first, then those for the tests. The lock files are complete, so pip must not
# resolve dependencies: older versions of pip refuse `pydantic[email]` by its hash as soon as a newer pydantic is published.
$(RUNTIME): requirements.lock pyproject.toml
	@echo "Installing what Gavel needs into $(VENV) (once; about a minute) ..."
	@.ci/venv "$(PYTHON)" $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

$(STAMP): requirements-dev.lock $(RUNTIME)
	@echo "Installing what the checks and tests need ..."
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# A host without a C compiler has only the weaker sandbox (GAVEL_SANDBOX=bubblewrap); make prints that and continues.
$(LAUNCHER): $(RUNTIME) $(wildcard sandbox/launcher/*.c sandbox/launcher/*.h sandbox/launcher/*.py)
	@$(BIN)/python -m sandbox.launcher || echo "The launcher was not built: see gavel doctor."
	@touch $@

# Wheels and sdists of server and client with checksums and SBOMs. PLATFORMS="x86_64 aarch64" names what to build for.
RELEASE_TOOLS := $(VENV)/release-tools
$(RELEASE_TOOLS)/.installed: releasing/requirements.lock
	@.ci/venv "$(PYTHON)" $(RELEASE_TOOLS)
	@$(RELEASE_TOOLS)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r $<
	@touch $@

dist: $(RELEASE_TOOLS)/.installed
	@.ci/pages required
	@PLATFORMS="$(PLATFORMS)" $(RELEASE_TOOLS)/bin/python -m releasing.dist

# Both images for this machine, and dist/*.dpkg.txt (DEBIAN=bookworm, BASE=image, TOOLCHAINS=slim, OBJECT_STORAGE=yes, PLATFORM=linux/arm64;
# GAVEL_IMAGES=registry/name/ before their names).
images:
	@DEBIAN="$(DEBIAN)" BASE="$(BASE)" BUILD_BASE="$(BUILD_BASE)" TOOLCHAINS="$(TOOLCHAINS)" OBJECT_STORAGE="$(OBJECT_STORAGE)" PLATFORM="$(PLATFORM)" \
	    GAVEL_IMAGES="$(GAVEL_IMAGES)" $(PYTHON) -m releasing.images

# make release [VERSION=0.3.0] [DRY_RUN=1] [TAG=no]: the version's changelog section, its tag and its recorded commit.
release:
	@$(PYTHON) -m releasing.release $(if $(VERSION),--version "$(VERSION)") $(if $(DRY_RUN),--dry-run) $(if $(filter no,$(TAG)),--no-tag)

release-check:
	@$(PYTHON) -m releasing.release --check-tag

# make next-version VERSION=0.4.0, after a release: the files that state the version.
next-version:
	@$(PYTHON) -m releasing.release --set-version --version "$(VERSION)"

lock:
	.ci/venv "$(PYTHON)" $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet pip-tools
	$(VENV)/lock/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --generate-hashes --no-header -o requirements.lock pyproject.toml
	$(VENV)/lock/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --extra dev -o requirements-dev.lock pyproject.toml
	echo "boto3>=1.40" | $(VENV)/lock/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --generate-hashes --no-header -c requirements.lock -o deploy/s3-requirements.txt -
	$(VENV)/lock/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --allow-unsafe -o releasing/requirements.lock releasing/requirements.in

clean:
	rm -rf $(VENV) build dist *.egg-info judge_api/views/dist

.PHONY: test-dist
test-dist: setup  ## `make dist` in a fresh clone of this commit, and its wheels in empty folders
	$(BIN)/python -m pytest -m dist -n 0 tests/dist

DOLOS := $(VENV)/dolos
$(DOLOS)/node_modules/.package-lock.json:
	npm install --no-audit --no-fund --prefix $(DOLOS) @dodona/dolos-lib@3.5.1

.PHONY: test-similarity
test-similarity: setup $(DOLOS)/node_modules/.package-lock.json  ## programs compared by Dolos' library; compiles its parsers once
	GAVEL_TEST_DOLOS=$(abspath $(DOLOS)) $(BIN)/python -m pytest -m dolos -n 0 tests/similarity

.PHONY: test-proxies
test-proxies: setup  ## deploy/proxies by Debian's nginx, Caddy and HAProxy, unpacked without being installed
	.ci/proxies $(VENV)/proxies
	$(BIN)/python -m pytest -m proxies -n 0 tests/proxies

# Only these tests need kubernetes-validate, and it has 50 MB, so `make setup` does not install it.
.PHONY: test-kubernetes
test-kubernetes: setup  ## deploy/kubernetes rendered by Debian 13's kustomize, and checked without a cluster
	@[ -d $(VENV)/kubernetes ] || $(PIP) install --only-binary=:all: --target $(VENV)/kubernetes "kubernetes-validate>=1.33,<2"
	PYTHONPATH=$(VENV)/kubernetes $(BIN)/python -m pytest -m kubernetes -n 0 tests/kubernetes

# boto3 in the version of deploy/s3-requirements.txt; moto is the server of the bucket, in an environment of its own.
.PHONY: test-s3
test-s3: setup  ## packages and backups in a bucket, by boto3 against a local server of the S3 protocol
	@[ -d $(VENV)/boto3 ] || $(PIP) install --no-deps --require-hashes --target $(VENV)/boto3 -r deploy/s3-requirements.txt
	@[ -x $(VENV)/moto/bin/moto_server ] || { .ci/venv "$(PYTHON)" $(VENV)/moto && $(VENV)/moto/bin/python -m pip --disable-pip-version-check --quiet install "moto[server,s3]>=5,<6"; }
	PYTHONPATH=$(VENV)/boto3 $(BIN)/python -m pytest -m s3 -n 0 tests/s3

# PATH makes every test that starts redis-server start Valkey.
.PHONY: test-stores
STORE_TESTS ?= tests/store tests/integration tests/network
test-stores: setup  ## the stores' and queues' tests on Debian 13's PostgreSQL 17 and Valkey 8 (root, debootstrap)
	.ci/debian13-stores $(VENV)/debian13
	url=$$($(VENV)/debian13/bin/postgres-url) && trap '$(VENV)/debian13/bin/stop' EXIT && \
	    PATH="$(CURDIR)/$(VENV)/debian13/bin:$$PATH" GAVEL_TEST_POSTGRES=$$url $(BIN)/python -m pytest -n 0 $(STORE_TESTS)

.PHONY: test-redis7
REDIS_TESTS ?= tests/integration tests/network
test-redis7: setup  ## the queues' tests on the Redis of this Debian (7.0 on Debian 12), with the users of deploy/redis
	.ci/debian-redis $(VENV)/debian-redis
	PATH="$(CURDIR)/$(VENV)/debian-redis/bin:$$PATH" $(BIN)/python -m pytest -n 0 $(REDIS_TESTS)

.PHONY: test-empty-root
test-empty-root: dist  ## the wheel in a minimal Debian without package servers (root, debootstrap); prints a transcript
	tests/dist/empty_root.sh $(VENV)/empty-root

# Only this target needs Lighthouse, and it has 200 packages, so it is not among the pages' own packages.
.PHONY: test-lighthouse
test-lighthouse: setup pages  ## Lighthouse's mobile score of home, list and problem, median of five; on a quiet machine
	@[ -x $(VENV)/lighthouse/node_modules/.bin/lighthouse ] || npm install --no-audit --no-fund --prefix $(VENV)/lighthouse lighthouse@12.8.2
	$(BIN)/python -m tests.browser.lighthouse

.PHONY: test-chaos
test-chaos: setup
	GAVEL_EXPLORE_ATTEMPTS=3 $(BIN)/python -m pytest -n 2 -m "" tests/store/test_explorer.py
	$(BIN)/python -m tests.chaos.run --submissions 504 --faults 30 --seed 1
	$(BIN)/python -m tests.chaos.run --submissions 504 --faults 30 --seed 2 --postgres

.PHONY: test-faults
SEEDS ?= 1
FAULT_RESULTS ?= benchmarks/results/fault-matrix.jsonl
FAULT_TABLE ?= .venv/fault-table.md
test-faults: setup  ## each fault x both databases x SEEDS seeds; continues where it was stopped (--minutes N ends it), then prints the table
	nice -n 5 $(BIN)/python -m tests.chaos.matrix --seeds $(SEEDS) --results $(FAULT_RESULTS) --table $(FAULT_TABLE) $(ARGS)

.PHONY: test-simulation
TODAY := $(shell date +%y%m%d)
SIMULATED ?= $(TODAY)0000-$(TODAY)9999
SIMULATED_RESULTS ?= .venv/simulation-results.jsonl
test-simulation: setup  ## whole installations in simulated time: 10,000 seeds that are new each day, continues where it was stopped (ARGS="--minutes N" ends it)
	nice -n 5 $(BIN)/python -m tests.simulation --seeds $(SIMULATED) --results $(SIMULATED_RESULTS) --write $(ARGS)

.PHONY: engines
engines: setup  ## the environment of the task queues that `python -m benchmarks.engines_faults` compares
	.ci/venv "$(PYTHON)" $(VENV)/engines
	$(VENV)/engines/bin/python -m pip --disable-pip-version-check --quiet install "rq>=3,<4" "celery[redis]>=5.5,<6" \
	    "dramatiq[redis]>=2,<3" "procrastinate>=3,<4" "psycopg[binary]>=3.2,<4"

.PHONY: test-mutations
test-mutations: setup  ## puts known bugs into the code, one at a time, and writes the seeds that find them into docs/explanation
	nice -n 5 $(BIN)/python -m tests.simulation --mutations --seeds 1-1000 --write

.PHONY: test-throughput
RATED ?= 1-2
RATE_RESULTS ?= benchmarks/results/throughput-under-faults.jsonl
test-throughput: setup  ## throughput during and after each fault, and the time to recover, on both databases; continues where it was stopped
	nice -n 5 $(BIN)/python -m tests.chaos.throughput --seeds $(RATED) --results $(RATE_RESULTS) $(ARGS)

.PHONY: test-model
test-model: setup  ## the model of a submission's life: Spin (Debian's package) and Python through all states (ARGS=--large: minutes)
	nice -n 5 $(BIN)/python -m tests.model $(ARGS)

.PHONY: test-standby
test-standby: setup  ## kill PostgreSQL's primary, and promote its synchronous standby, while submissions come in
	$(BIN)/python -m pytest -m standby -n 0 tests/network

.PHONY: test-mock-contest
test-mock-contest: setup pages  ## ten minutes of a mock contest by scripted teams, six at real browsers, while Redis, a worker and the API are killed (ARGS="--minutes 60")
	nice -n 5 $(BIN)/python -m tests.contest.mock $(ARGS)

.PHONY: test-contest
test-contest: setup  ## a contest of 300 members and 3,000 submissions at 60 times its speed, its scoreboards checked every 5 s
	nice -n 5 $(BIN)/python -m tests.contest.whole $(ARGS)

.PHONY: test-mixed-fleet
FLEET_MINUTES ?= 3
test-mixed-fleet: setup  ## workers with different languages, killed and added at random; nothing may be FAILED or lost
	nice -n 5 $(BIN)/python -m tests.chaos.mixed_fleet --minutes $(FLEET_MINUTES) $(ARGS)

.PHONY: test-compose
test-compose: setup  ## the compose file on a real engine; installs one where there is none (root)
	$(BIN)/python -m tests.compose $(ARGS)

.PHONY: test-published
test-published: setup  ## images pushed to a registry of this machine, and Compose from them alone on an emptied engine (root)
	$(BIN)/python -m tests.compose.published

.PHONY: test-compose-upgrade
test-compose-upgrade: setup  ## the last release upgraded to this tree with Compose, while clients submit (root)
	$(BIN)/python -m tests.compose.upgrade

.PHONY: record-clients
record-clients: setup  ## the published clients' answers, written to docs/reference/recorded-clients.md
	$(BIN)/python -m tests.acceptance.record

.PHONY: record-official
record-official: setup  ## runs clients that are in no registry from a folder of yours (OFFICIAL=DIR) and records their requests
	$(BIN)/python -m tests.acceptance.official $(OFFICIAL)

.PHONY: test-gvisor
test-gvisor: setup  ## programs inside gVisor, by Debian 13's runsc (root); GAVEL_TEST_GVISOR=DIR/bin runs hostile programs there
	.ci/runsc $(VENV)/runsc
	PATH="$(CURDIR)/$(VENV)/runsc/bin:$$PATH" $(BIN)/python -m pytest -m gvisor -n 0 tests/gvisor

.PHONY: test-telemetry
test-telemetry: setup  ## a stack that exports its traces to a stand-in for a collector
	$(BIN)/python -m pytest -m telemetry -n 0 tests/telemetry

.PHONY: test-generated-client
test-generated-client: setup pages  ## clients that openapi-python-client and openapi-generator (Java) make of /openapi.json, against a stack
	$(BIN)/python -m pytest -m generated -n 0 $(ARGS) tests/generated

.PHONY: test-fuzz
MINUTES ?= 5
test-fuzz: setup  ## the launcher protocol (requests under libFuzzer, reports and files under hypothesis), and Redis' messages
	$(BIN)/python -m tests.fuzz.messages --minutes $(MINUTES)
	$(BIN)/python -m tests.fuzz.packages --minutes $(MINUTES)
	$(BIN)/python -m tests.fuzz.imports --minutes $(MINUTES)
	GAVEL_OPENAPI_EXAMPLES=100 GAVEL_OPENAPI_SECONDS=5400 $(BIN)/python -m pytest -n 2 -q tests/web/test_openapi.py
	mkdir -p $(VENV)/fuzz/corpus
	clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover -Isandbox/launcher -o $(VENV)/fuzz/request_parser tests/fuzz/request_parser.c
	$(VENV)/fuzz/request_parser -max_total_time=$$(( $(MINUTES) * 60 )) -max_len=8192 -timeout=5 -print_final_stats=1 $(VENV)/fuzz/corpus
	$(BIN)/python -m tests.fuzz.reports_and_files --minutes $(MINUTES)

.PHONY: test-cgroup2
test-cgroup2: setup  ## the launcher's own suite on pure cgroup v2: Debian's cloud kernel in QEMU
	$(BIN)/python -m tests.cgroup2 $(ARGS)

.PHONY: test-arm64
test-arm64: setup  ## the launcher of the arm64 wheel and its contract suite, on an emulated arm64 machine
	$(BIN)/python -m tests.cgroup2 --arm64 $(ARGS)

.PHONY: test-netns
test-netns: setup  ## main server and workers on separate hosts, over slow, lossy and interrupted links (root)
	$(BIN)/python -m tests.netns $(ARGS)

.PHONY: test-alerts
test-alerts:  ## the alert rules with invented series, by Prometheus' own promtool
	.ci/promtool check rules deploy/prometheus/alerts.yml
	.ci/promtool test rules deploy/prometheus/alerts_test.yml

.PHONY: test-tls
test-tls: setup  ## TLS of Redis itself, by Debian's redis-server, unpacked without being installed
	.ci/debian-redis $(VENV)/debian-redis
	GAVEL_TLS_REDIS=$(CURDIR)/$(VENV)/debian-redis/bin/redis-server $(BIN)/python -m pytest -n 0 tests/network/test_tls.py

.PHONY: test-upgrade
test-upgrade: setup  ## the last release of deploy/releases.txt (or GAVEL_PREVIOUS) beside this tree, upgrade and downgrade; ARGS=sqlite for one database
	$(BIN)/python -m tests.upgrade $(ARGS)

.PHONY: trace-submission
trace-submission: setup  ## the modules that one judgement executes, by process (ARGS="--tree DIR" for another tree)
	$(BIN)/python -m benchmarks.trace_submission $(ARGS)

.PHONY: pictures
pictures: setup pages  ## take the screenshots of docs/screenshots again, from a real stack under load
	$(BIN)/python -m tests.browser.screenshots

.PHONY: test-unprivileged
test-unprivileged: setup  ## the sandbox's own suite as an ordinary user; tests that need cgroups are listed at the end
	$(BIN)/python -m tests.unprivileged $(ARGS)

.PHONY: test-corpus
test-corpus: setup  ## programs of other authors in every language against their verdicts; ARGS=--worst for the short form
	$(BIN)/python -m tests.corpus $(ARGS)

.PHONY: test-docs
test-docs: setup  ## every block of commands in README.md, CONTRIBUTING.md and docs/, against one started stack
	$(BIN)/python -m pytest -m docs -n 0 tests/docs

.PHONY: reference
reference: setup  ## write the generated parts of docs/reference (commands, settings, API) and the pages' types again
	$(BIN)/python -m tests.docs.reference
	.ci/node-modules && cd frontend && npm run --silent types

.PHONY: coverage
coverage: setup  ## lines and branches that `make test` runs, subprocesses too; ARGS for fewer tests. No threshold
	@rm -rf $(VENV)/coverage && mkdir -p $(VENV)/coverage
	$(BIN)/python -m coverage run -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS) || echo "Some tests failed; the report covers what ran."
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report
