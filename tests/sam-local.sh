#!/usr/bin/env bash
# The functions' own binaries, as SAM builds and runs them, against the local stack's AWS and vendors.
#
#   tests/sam-local.sh             builds, invokes each function with its event of tests/events, and
#                                  checks what is answered and what comes of it
#   tests/sam-local.sh serve       builds, and keeps a local stack for `sam local invoke` by hand, with
#                                  the events filled in, until interrupted
#   tests/sam-local.sh start-api   builds, and serves the whole API from the binaries (`sam local
#                                  start-api`) until interrupted
#
# Needs Python 3.11 and, to invoke what it built, Docker (or a `dockerd` it may start, as root); says so
# and ends well where no container engine can be had. The image in which Lambda runs a binary is AWS's;
# where no registry is reachable, one with this machine's C library stands in for it
# (tests/sam-local/image). What is made is kept in target/sam-local, the filled-in events among it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
kept=$PWD/target/sam-local
mkdir -p "$kept"

skip() {
    echo "tests/sam-local.sh: skipped: $1"
    exit 0
}

engine=
stop_engine() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || true
}
trap stop_engine EXIT

pins=tests/sam-local/requirements.txt
if ! cmp -s "$pins" "$kept/installed.txt"; then
    [ -x "$kept/venv/bin/python" ] || python3 -m venv "$kept/venv"
    "$kept/venv/bin/pip" install --quiet --disable-pip-version-check -r "$pins"
    cp "$pins" "$kept/installed.txt"
fi
export PATH=$kept/venv/bin:$PATH SAM_CLI_TELEMETRY=0

case $(uname -m) in
x86_64) architecture=x86_64 ;;
aarch64 | arm64) architecture=arm64 ;;
*) skip "Lambda has no processor like $(uname -m)" ;;
esac
AWS_REGION=us-east-1 sam validate
sam build --parameter-overrides "Architecture=$architecture"

# A container engine: one that runs, or one of our own for as long as this takes.
if ! docker info >"$kept/engine.log" 2>&1; then
    [ "$(id -u)" = 0 ] && command -v dockerd >/dev/null || skip "no container engine runs here"
    dockerd >"$kept/engine.log" 2>&1 &
    engine=$!
    for _ in $(seq 60); do
        docker info >/dev/null 2>&1 && break
        kill -0 "$engine" 2>/dev/null || break
        sleep 0.5
    done
    docker info >/dev/null 2>&1 || skip "dockerd does not start here: see $kept/engine.log"
fi

tests/sam-local/image "$architecture" "$kept" || skip "there is no image to run a binary in"
cargo build --locked
python tests/sam-local/check.py "$@"
