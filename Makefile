# run: the demo · test: everything that must hold · campaign: the seeded tests at length · shift, storm: the desk driven
# through a night, with pictures in PICTURES · bench: figures · check: licences and dependencies · setup: what a machine
# needs
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/chengtu/target

# Two groups, so that work on the server never builds the map's renderer; each always with the same features.
SERVER_SIDE := -p chengtu-engine -p chengtu-protocol -p chengtu-tiles -p chengtu-trust -p chengtu-server -p chengtu-tests -p chengtu-benches
MAP := -p chengtu
CARGO_DENY := 0.20.2
CARGO_MACHETE := 0.9.2

# Where pictures of the driven desk go; outside the repository.
PICTURES ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/chengtu/pictures

.PHONY: run test campaign shift storm bench check setup

setup:
	@scripts/setup

run: setup
	cargo build --locked -p chengtu-server
	cargo build --locked $(MAP)
	@scripts/run

test: setup
	cargo fmt --all --check
	cargo clippy --locked $(SERVER_SIDE) --all-targets -- -D warnings
	cargo clippy --locked $(MAP) --all-targets -- -D warnings
	cargo build --locked -p chengtu-server --bins
	cargo build --locked $(MAP) --bins
	cargo test --locked $(MAP)
	cargo test --locked $(SERVER_SIDE)
	scripts/test-scripts

# Ten to twenty-five times the histories of `make test`; 1,000,000 damaged rows of each format; cities 10 and 100 times Harbin
# (SCALES), the largest takes 5 GiB; a hostile neighbour for ten minutes.
SCALES ?= 1 10 100
campaign: setup
	cargo build --locked -p chengtu-server --bins
	cargo run --locked -p chengtu-tests --bin scaling -- $(SCALES)
	cargo run --locked -p chengtu-tests --bin hostile -- --movers 100000 --seconds 600 --out "$(PICTURES)/hostile"
	CHENGTU_HISTORIES=1000 cargo test --locked $(MAP) --lib acts_
	CHENGTU_HISTORIES=1000 cargo test --locked $(SERVER_SIDE) --test hotspot_chance -- --nocapture
	CHENGTU_ROWS=1000000 cargo test --locked $(SERVER_SIDE) --test mutated_rows -- --nocapture
	CHENGTU_HISTORIES=10000 cargo test --locked -p chengtu-engine --test resume -- --nocapture
	CHENGTU_HISTORIES=200 cargo test --locked -p chengtu-server --lib histories_of_the_clock -- --nocapture
	CHENGTU_FLIPS=10000 cargo test --locked -p chengtu-server --test log_tamper --test proof -- --nocapture

# A shift with every act in it, and a drill of 300 reports: in both languages, on three screens. CHENGTU_LOOKS narrows it,
# as 1280x720-zh,3840x2160-en.
shift: setup
	cargo build --locked -p chengtu-server --bins
	CHENGTU_DUTY=long CHENGTU_PICTURES="$(PICTURES)" cargo test --locked $(MAP) --test duty a_shift -- --nocapture

storm: setup
	cargo build --locked -p chengtu-server --bins
	CHENGTU_DUTY=long CHENGTU_PICTURES="$(PICTURES)" cargo test --locked $(MAP) --test duty in_a_storm -- --nocapture

bench: setup
	cargo bench --locked -p chengtu-benches

check: setup
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny@$(CARGO_DENY)
	cargo deny --locked check licenses bans sources
	@[ "$$(cargo machete --version 2>/dev/null)" = $(CARGO_MACHETE) ] || cargo install --locked cargo-machete@$(CARGO_MACHETE)
	cargo machete
