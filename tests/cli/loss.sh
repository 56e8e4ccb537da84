#!/usr/bin/env bash
# --stats counts the records that the network loses, exactly.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

jobs=2
lost_after=60 # far more than an answer takes that is lost several times, on a busy machine
head -c 2000000 /dev/urandom >"$TESTDIR/bulk" # 1600 records and more

# VERSION RULE...: connects a client and a listener through a network with RULE.... They do not probe the path MTU,
# since lost probes would be counted.
across() {
    local version=$1
    shift
    listener server --psk="$keyfile" --dtls "$version" --mtu 1232 \
        --stats --fail-on-loss
    relay network server "$@"
    client client network --psk="$keyfile" --dtls "$version" --mtu 1232 \
        --stats --fail-on-loss --lost-after "$lost_after"
    exchange client server
}

bulk_from() { feed "$1" "$TESTDIR/bulk"; }

# FROM TO: a line that FROM sends after all other data arrives, sooner or later.
line_arrives() {
    say "$1" "the end of $1"
    [[ $(tail -n 1 "$2.out" | tr -d '\0') == "the end of $1" ]]
}

# After the end of its input, a client would not wait for a slow peer.
both_end() {
    await 15 line_arrives client server || fail 'the server does not get the end'
    await 15 line_arrives server client || fail 'the client does not get the end'
    hangup client
    hangup server
    ended client
    ended server
    relay_ends network
}

# FROM TO DIRECTION DROPPED: TO reports that number of lost records.
expect_lost() {
    local from=$1 to=$2 direction=$3 expected=$4 lost dropped
    lost=$(stat_of "$to" lost) dropped=$(relay_dropped network "$direction")
    echo "$direction: dropped $dropped, lost $lost, $(stat_of "$from" records_out) records" >&2
    ((lost == expected)) || fail "$direction: dropped $dropped, lost $lost, expected $expected"
    (($(stat_of "$from" peer_lost) == lost)) || fail "$from: $(stat_of "$from" peer_lost), not $lost"
    ((rc[$to] == (lost + $(stat_of "$to" peer_lost) > 0 ? 10 : 0))) || fail "$to: exit ${rc[$to]}, lost $lost"
}

# FROM TO: prints the number of records with data that did not arrive.
missing() { echo $(($(stat_of "$1" records_out) - $(stat_of "$2" records_in))); }

nothing() {
    across "$1"
    bulk_from client
    bulk_from server
    both_end
    ((rc[client] == 0 && rc[server] == 0)) || fail "exit ${rc[client]}, ${rc[server]}"
    expect_lost client server to-server 0
    expect_lost server client to-client 0
}

# VERSION RULE: only datagrams with data are large. The network drops nothing in the other direction.
data() {
    local version=$1 direction
    shift
    for direction in to-server to-client; do set -- "$@" "$direction larger 600" "$direction $1"; done
    shift
    across "$version" "$@"
    bulk_from client &
    bulk_from server
    wait $!
    both_end
    expect_lost client server to-server "$(relay_dropped network to-server)"
    expect_lost client server to-server "$(missing client server)"
    expect_lost server client to-client "$(relay_dropped network to-client)"
    expect_lost server client to-client "$(missing server client)"
    (($(relay_dropped network to-server) > 50 && $(relay_dropped network to-client) > 50)) ||
        fail 'too few were dropped'
}

# Records of any kind: data, heartbeats, acknowledgements, tickets, new keys.
anything() {
    local version=$1 direction
    shift
    across "$version"
    for direction in to-server to-client; do relay_rule network "$direction share 10"; done
    bulk_from client &
    bulk_from server
    wait $!
    for direction in to-server to-client; do relay_rule network "$direction share 0"; done
    both_end
    expect_lost client server to-server "$(missing client server)"
    expect_lost server client to-client "$(missing server client)"
}

# The last record that arrives shows by its number how many records were sent.
all_data() {
    across "$1"
    relay_rule network 'to-server larger 600'
    relay_rule network 'to-server every 1'
    head -c 20000 "$TESTDIR/bulk" >&"${in[client]}"
    both_end
    expect_lost client server to-server "$(relay_dropped network to-server)"
    expect_lost client server to-server "$(missing client server)"
}

# Records that are lost after the last one that arrives are not counted.
the_end() {
    local lost_after=3
    across "$1"
    relay_rule network 'to-server every 1'
    say client 'to nobody'
    hangup client
    expect_exit client 8
    matches client.err '(nothing received|no answer) from the peer for 3 s; [0-9]+ B that' || fail "$(cat client.err)"
    kill -TERM "$(process server)"
    expect_exit server 143
    relay_ends network
    (($(relay_dropped network to-server) >= 2)) || fail 'nothing was dropped'
    (($(stat_of server lost) == 0)) || fail "lost $(stat_of server lost)"
}

# Lost handshake messages are retransmitted and not counted: the count begins with the client's Finished.
handshake() {
    listener server --psk="$keyfile" --dtls "$1" --stats --no-tickets
    relay network server 'to-server every 2'
    client client network --psk="$keyfile" --dtls "$1" -v --stats
    wait_line client.err ' connected: ' 10
    relay_rule network 'to-server every 0'
    exchange client server
    both_end
    (($(relay_dropped network to-server) >= 2)) || fail 'nothing was dropped'
    expect_lost client server to-server 0
}

for version in 1.2 1.3; do
    t "$version, nothing" nothing "$version"
    t "$version, each 10th datagram with data" data "$version" 'every 10'
    t "$version, data at random" data "$version" 'share 10'
    t "$version, anything at random" anything "$version"
    t "$version, all data" all_data "$version"
    t "$version, all that is sent last" the_end "$version"
    t "$version, every second datagram of the handshake" handshake "$version"
done
finish
