.DEFAULT_GOAL := help

# The race detector needs cgo and a C compiler; everything else is built without either.
CC_FOUND := $(shell command -v $${CC:-cc} 2>/dev/null)
RACE := $(if $(CC_FOUND),-race)

LINTER := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

help: ## What make can do
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Run the shop on http://localhost:8080, with nothing but Go
	CGO_ENABLED=0 go run ./cmd/monolith

test: ## Run every test
	@$(if $(RACE),:,echo "no C compiler found: the tests run without the race detector")
	CGO_ENABLED=$(if $(RACE),1,0) go test $(RACE) -timeout 14m ./...

test-browser: ## Walk through the storefront in a headless Chromium
	CGO_ENABLED=0 go test -count=1 -run Browser ./stories

bench: ## Measure the shop against references from the same run
	CGO_ENABLED=0 go run ./cmd/pangaea bench

lint: ## Check what the compiler does not
	go vet ./...
	$(LINTER) run

fmt: ## Format the code
	$(LINTER) fmt

generate: ## Write docs/contracts from the code
	CGO_ENABLED=0 go generate ./...

ci: ## What CI runs
	.ci/run

.PHONY: help run test test-browser bench lint fmt generate ci
