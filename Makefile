.DEFAULT_GOAL := help

# The race detector needs cgo and a C compiler; everything else is built without either. It watches what is on Go's heap:
# of the C code of SQLite, which keeps its memory elsewhere, it would see nothing, and make it several times slower.
CC_FOUND := $(shell command -v $${CC:-cc} 2>/dev/null)
RACE := $(if $(CC_FOUND),-race -gcflags=modernc.org/sqlite/lib=-race=false)

# The stories that are told wherever not all are: with the race detector, and on each kind of server.
MAIN_STORIES := TheStory|HowCheckoutsEnd|Cancellations|Returns|AnotherProcess|TwoProcesses|FaultsOfAServer

# Those that are told however many processes a shop is.
SPLIT_STORIES := TheStory|HowCheckoutsEnd|Cancellations|Returns|Routes|TheTour|RealOrdersAre|TheSameRequest|RollingRestart

LINTER := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

# on-servers runs a command for each kind of database server at the same time; reachable says which cannot be reached.
define on-servers
	@kinds=$$(CGO_ENABLED=0 go run ./platform/database/databasetest/reachable) || exit 1; \
	running=; \
	for kind in $$kinds; do \
		{ (export PANGAEA_TEST_DATABASE=$$kind CGO_ENABLED=0; $(1)) 2>&1 | sed "s/^/$$kind: /"; } & running="$$running $$!"; \
	done; \
	for each in $$running; do wait $$each || failed=1; done; \
	[ -z "$$failed" ]
endef

help: ## What make can do
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The tests are vetted once, as a whole. Stories are told again each time: that the programs they run have changed, go does not see.
TEST := go test -vet=off -timeout 14m
TELL := $(TEST) -count=1

# Who tells stories waits half of the time. A server's connections are too few for that.
TELL_MANY := $(TELL) -parallel $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN))

run: ## Run the shop on http://localhost:8080, with nothing but Go
	CGO_ENABLED=0 go run ./cmd/monolith

split: ## Run the shop as a process for each module, on PostgreSQL and RabbitMQ
	CGO_ENABLED=0 go run ./cmd/split

split-local: ## Run the shop as a process for each module, with nothing but Go
	CGO_ENABLED=0 go run ./cmd/split --local

test: vet test-embedded test-servers test-split ## Run every test

vet:
	CGO_ENABLED=0 go vet ./...

# What tests with the race detector need, without a program that nobody runs.
compile:
	$(if $(RACE),CGO_ENABLED=1 go list -export -test $(RACE) ./... >/dev/null)

test-embedded: ## Run every test, with the embedded databases
	@$(if $(RACE),:,echo "no C compiler found: the tests run without the race detector")
	CGO_ENABLED=$(if $(RACE),1,0) $(TEST) $(RACE) $$(go list ./... | grep -v /stories$$)
	$(if $(RACE),CGO_ENABLED=1 $(TELL) $(RACE) -run '$(MAIN_STORIES)' ./stories)
	CGO_ENABLED=0 $(TELL_MANY) ./stories

# What speaks SQL: the platform, the modules' stores, and what several processes do with one database at a time.
ON_SERVERS = $$({ grep -rl databasetest --include=*_test.go platform modules | grep -E '^platform/|/store/' | grep -v knownbugs; \
	grep -rl databasetest.Instances --include=*_test.go modules; } | xargs -n 1 dirname | sort -u | sed 's|^|./|')

# What takes long and has nothing to do with the database.
NOT_ON_SERVERS := WatermillsSuite|TestABroker|TestCuts|TestACut|TestOverTLS|TestWhatIsDeleted|TestWhatIsRefused|TestAModuleMay

test-servers: ## Run what speaks SQL, and the shop's main stories, on each kind of server that can be reached
	$(call on-servers,$(TEST) -short -skip '$(NOT_ON_SERVERS)' $(ON_SERVERS) && \
		if [ $$kind = postgres ]; then export PANGAEA_TEST_TOPOLOGY=broker; told='$(MAIN_STORIES)|$(SPLIT_STORIES)'; else told='$(MAIN_STORIES)'; fi && \
		PANGAEA_KILLS=10 $(TELL) -run "$$told" ./stories)

# As one process the stories are told on embedded databases (test-embedded), and with a broker (test-servers).
test-split: ## Tell the shop's stories where it is many processes, and strike some of them
	PANGAEA_TEST_TOPOLOGY=local CGO_ENABLED=0 $(TELL_MANY) -run '$(SPLIT_STORIES)|Access|ForbiddenInput|AllowedInput' ./stories
	@kinds=$$(CGO_ENABLED=0 go run ./platform/database/databasetest/reachable) || exit 1; \
	case "$$kinds" in *postgres*) \
		export PANGAEA_TEST_DATABASE=postgres CGO_ENABLED=0 && \
		PANGAEA_TEST_TOPOLOGY=groups $(TELL) -parallel 2 -run '$(SPLIT_STORIES)' ./stories && \
		PANGAEA_TEST_TOPOLOGY=leaf $(TELL) -parallel 2 -run '$(SPLIT_STORIES)' ./stories && \
		PANGAEA_TEST_TOPOLOGY=split $(TELL) -parallel 2 -run '$(SPLIT_STORIES)|FaultsOfASplit' ./stories && \
		$(TEST) -run BenchOfASplit ./cmd/pangaea;; \
	esac

test-stories: ## Run every story on each kind of server that can be reached: a quarter of an hour
	$(call on-servers,go test -count=1 -timeout 1h ./stories)

test-browser: ## Walk through the storefront in a headless Chromium
	CGO_ENABLED=0 go test -count=1 -run Browser ./stories

known-bugs: ## See the tests of delivery fail on the mistakes that they are there for
	@kinds=$${PANGAEA_TEST_DATABASE:-sqlite $$(CGO_ENABLED=0 go run ./platform/database/databasetest/reachable)} || exit 1; \
	for kind in $$kinds; do \
		PANGAEA_TEST_DATABASE=$$kind CGO_ENABLED=0 go test -count=1 -v -run KnownBugs ./platform/bus/knownbugs || exit 1; \
	done

load: ## Announce a million events, and poison, on each kind of database
	@kinds=$${PANGAEA_TEST_DATABASE:-sqlite $$(CGO_ENABLED=0 go run ./platform/database/databasetest/reachable)} || exit 1; \
	for kind in $$kinds; do \
		echo "on $$kind:"; \
		PANGAEA_TEST_DATABASE=$$kind PANGAEA_TEST_EVENTS=$${PANGAEA_TEST_EVENTS:-1000000} CGO_ENABLED=0 \
			go test -count=1 -v -timeout 6h -run 'NoneOfManyEvents|PoisonStops' ./platform/bus || exit 1; \
	done

bench: ## Measure the shop against references from the same run
	CGO_ENABLED=0 go run ./cmd/pangaea bench

lint: vet ## Check what the compiler does not
	$(LINTER) run

fmt: ## Format the code
	$(LINTER) fmt

generate: ## Write what follows from the code and the .proto files: docs/contracts, and Go
	CGO_ENABLED=0 go generate ./...

ci: ## What CI runs, on a machine to be thrown away: installs servers, and changes who may use them
	.ci/run

.PHONY: help run split split-local test vet compile test-embedded test-servers test-split test-stories test-browser known-bugs load bench lint fmt generate ci
