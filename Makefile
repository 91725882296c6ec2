# Bare make prints what there is. Anything longer than a line is a program under fuzz/tools.
SECONDS ?= 60
SEED ?= 1
STATEMENTS ?= 1000000
F ?= FuzzParse
T ?= 60s
N ?= 100
SIZES ?= 1M,10M,100M
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

help: ## print this
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

check: ## the gate: gofmt, vet, house, short tests
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go test ./fuzz/house
	go test -short ./...

test: ## all tests of the main module
	go test ./...

ci: ## everything that must hold before a change lands
	.ci/run

race: ## the storage rooms, the root and the machine under the race detector
	go test -race -short ./pager/... ./journal ./freelist ./btree ./vm/... .

invariants: ## all tests with assertions on
	go test -tags invariants ./...

sqltest: ## our SQL corpus, and SLT=file-or-folder
	go test ./fuzz/sqltest $(if $(SLT),-slt $(SLT))

update: ## rewrite goldens and the examples of documents; read the diff
	RUSTLITE_UPDATE=1 go test -p 1 ./...

generate: ## rewrite generated documents
	go generate ./...

fault: ## the fault loops: SEED=
	go test ./pager -run TestFaults -seed $(SEED)
	go test ./fuzz/sim -run 'TestFaults|TestDiskFull' -seed $(SEED)

crash: ## crash states for SECONDS=, from SEED=
	go test ./fuzz/sim -v -count=1 -timeout 0 -run '^TestCrash$$' -seconds $(SECONDS) -seed $(SEED)

sim: crash fault ## crashes and faults: SECONDS= SEED=

kill9: ## kill a loading program N= times at each level
	go run ./fuzz/tools/kill9 -n $(N)

readers: ## readers beside writers and a checkpointer under the race detector, for SECONDS=
	go test -race -count=1 -v -timeout 0 ./fuzz/readers -seconds $(SECONDS)

fuzz: ## one fuzz target: F=FuzzFile T=10m
	go test ./fuzz -run '^$$' -fuzz '^$(F)$$' -fuzztime $(T)

oracle: ## tests against the reference, then STATEMENTS= random ones from SEED=
	cd fuzz/oracle && go test ./... && go run ./cmd/random -seconds 86400 -statements $(STATEMENTS) -seed $(SEED)

random: ## random programs on the reference and here: SECONDS= SEED=
	cd fuzz/oracle && go run ./cmd/random -seconds $(SECONDS) -seed $(SEED)

clients: ## the test suites of published clients, and the table of docs/clients.md
	cd fuzz/clients && go run ./suites

bench: ## the table of docs/benchmarks.md: ARGS='-run REGEXP -rounds N'
	cd fuzz/bench && go run . $(ARGS)

bench-scale: ## cost of lookups, scans, commits, opening at SIZES=1M,10M,100M rows
	cd fuzz/bench && go run . -scale $(SIZES) $(ARGS)

lint: ## vet, staticcheck, and golangci-lint where it can be had
	go vet ./...
	$(STATICCHECK) ./...
	@if $(GOLANGCI) version >/dev/null 2>&1; then $(GOLANGCI) run ./...; else echo "golangci-lint cannot be had here: left out"; fi

cover: ## coverage by function
	go test -short -coverprofile=cover.out -coverpkg=./... ./... && go tool cover -func=cover.out

tidy-check: ## go.mod is tidy
	go mod tidy -diff

.PHONY: help check test ci race invariants sqltest update generate fault crash sim kill9 readers fuzz oracle random clients bench bench-scale lint cover tidy-check
