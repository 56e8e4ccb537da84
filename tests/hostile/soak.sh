#!/usr/bin/env bash
# One listener, thousands of clients on a path that loses 5 % of the datagrams: they transfer data, and some are
# killed at a random moment. After them the listener has no peer, no program, and the same descriptors and memory
# as after the first 100. `make soak` runs this, `make check` does not.
#
#     CLIENTS=1500 tests/hostile/soak.sh
#     MEGABYTES=5000 tests/hostile/soak.sh     as many clients as it takes for each listener to receive this much
#     CLIENTS=56000 LONGEST=250 RELAYS=12 tests/hostile/soak.sh     50,000 handshakes and 5 GB with each listener
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

clients=${CLIENTS:-1500} # of each listener, at least
amount=${MEGABYTES:-0}   # that each listener receives, at least
longest=${LONGEST:-4000} # kB that a client sends at most
relays=${RELAYS:-1}      # on the path, for 8 clients at a time each
workers=$((8 * relays))
ports=7       # of each worker: a relay serves 64 addresses
SEED=${SEED:-1}
slack=2048    # kB by which the resident memory may differ
limit=36000   # seconds for each program
jobs=1        # the cases run one after the other
crowds=0      # that have begun

# The options of a client.
kinds=('--dtls 1.2' '--dtls 1.3' '--cid' '--resume ticket' '--mtu 9000' '--group none' '--dtls 1.2 --cid')

head -c $((longest * 1000)) /dev/urandom >"$TESTDIR/data"

# PORT RELAY: one client from this local port. One in three is killed, at the latest after half a second.
life() {
    local end=()
    ((RANDOM % 3)) || end=(timeout -s KILL "$(printf '0.%03d' $((RANDOM % 500)))")
    # shellcheck disable=SC2086 # options are words
    head -c $((RANDOM % longest * 1000)) "$TESTDIR/data" | "${end[@]}" "$DTLSCAT" 127.0.0.1 "${port[relay$2]}" \
        -p "$1" --psk="$keyfile" -N ${kinds[RANDOM % ${#kinds[@]}]} >/dev/null 2>>errors
}

# NUMBER COUNT: a worker performs that many lives.
work() {
    local i
    RANDOM=$((SEED + $1 + workers * crowds))
    mkdir -p "worker$1" && cd "worker$1" || exit 1
    for ((i = 0; i < $2; i++)); do life "${own_ports[$1 * ports + i % ports]}" $(($1 % relays)); done
}

# COUNT: so many clients in all. A killed client leaves a message of the shell.
crowd() {
    local i started=()
    crowds=$((crowds + 1))
    for ((i = 0; i < workers; i++)); do
        work "$i" $(($1 / workers)) 2>/dev/null &
        started+=($!)
    done
    wait "${started[@]}"
}

connected() { grep -c ' connected: ' server.err; }
gone() { grep -c ' stats: ' server.err; }
has_no_peer() { (($(connected) == $(gone))) && [[ -z $(programs_of "$server") ]]; }
descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
resident() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$server/status"; }
megabytes() { sed -n 's/.* stats: .* bytes_in=\([0-9]*\).*/\1/p' server.err | awk '{ sum += $1 } END { print int(sum / 1e6) }'; }

# OPTION...: of the listener.
soak() {
    local i server fds kilobytes own_ports=()
    while ((${#own_ports[@]} < workers * ports)); do own_ports+=("$(free_port)"); done
    stdout=/dev/null listener server -k --psk="$keyfile" --stats --cid --idle 5 --lost-after 5 "$@"
    server=$(process server)
    [[ -r /proc/$server/fd ]] || skip 'the descriptors of the listener cannot be read'
    for ((i = 0; i < relays; i++)); do relay "relay$i" server 'to-server share 5' 'to-client share 5'; done
    crowd 100
    await 20 has_no_peer || fail "$(connected) connected, $(gone) ended; programs: $(programs_of "$server")"
    fds=$(descriptors) kilobytes=$(resident)
    crowd $((clients - 100))
    while (($(megabytes) < amount)); do crowd $((200 * relays)); done
    await 20 has_no_peer || fail "$(connected) connected, $(gone) ended; programs: $(programs_of "$server")"
    echo "# $(connected) handshakes, $(megabytes) MB received; descriptors $fds then $(descriptors)," \
        "resident $kilobytes kB then $(resident) kB" >&2
    (($(descriptors) == fds)) || fail "$(descriptors) descriptors, $fds after the first 100"
    (($(resident) <= kilobytes + slack)) || fail "$(resident) kB, $kilobytes after the first 100"
    (($(connected) > clients / 2)) || fail "only $(connected) handshakes"
    client last server --psk="$keyfile" -v
    wait_line last.err connected 5
    hangup last
    expect_exit last 0
    kill -TERM "$(process server)"
    expect_exit server 143
}

echo "# seed $SEED" >&2
t 'standard output' soak
t 'a program for each client' soak -c cat
finish
