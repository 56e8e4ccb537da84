#!/usr/bin/env bash
# The sender of data learns what was lost, and an idle session sends nothing.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

PLAIN=${RELAY%/relay}/plain
jobs=2
head -c 1000000 /dev/urandom >"$TESTDIR/bulk" # 830 records and more

# VERSION RULE...: a client and a listener that are connected through a network with RULE....
across() {
    local version=$1
    shift
    listener server --psk="$keyfile" --dtls "$version" --mtu 1232 --stats --fail-on-loss "${options[@]}"
    relay network server
    client client network --psk="$keyfile" --dtls "$version" --mtu 1232 --stats --fail-on-loss \
        --lost-after 60 "${options[@]}"
    exchange client server
    for rule; do relay_rule network "$rule"; done
}

# Prints the records of FROM that TO has not received.
missing() { echo $(($(stat_of "$1" records_out) - $(stat_of "$2" records_in))); }

# FROM TO: both ends report the same loss, which is what has not arrived.
expect_same() {
    local from=$1 to=$2 lost reported
    lost=$(stat_of "$to" lost) reported=$(stat_of "$from" peer_lost)
    echo "$from to $to: lost $lost, reported to the sender $reported" >&2
    ((lost == reported)) || fail "$to has lost $lost, but reports $reported to $from"
    ((lost == $(missing "$from" "$to"))) || fail "$to has lost $lost, not $(missing "$from" "$to")"
}

# VERSION RULE...: the network loses datagrams of any kind until both ends have closed.
counts() {
    local options=(-q 3)
    across "$@"
    feed client "$TESTDIR/bulk"
    feed server "$TESTDIR/bulk"
    hangup server
    hangup client
    ended client
    ended server
    expect_same client server
    expect_same server client
    (($(stat_of client peer_lost) > 0)) || fail 'nothing was lost'
    [[ ${rc[client]} == 10 ]] || fail "the client ends with ${rc[client]}, not 10"
}

# VERSION: the client loses data that it sends, the listener none. The network loses reports too.
sender_fails() {
    local options=(-q 3)
    across "$1" 'to-server larger 600' 'to-server every 20' 'to-client share 20'
    feed client "$TESTDIR/bulk"
    hangup client
    expect_exit client 10
    relay_ends network
    (($(stat_of client peer_lost) == $(relay_dropped network to-server))) ||
        fail "dropped $(relay_dropped network to-server), reported $(stat_of client peer_lost)"
}

# VERSION RULE...: a peer that answers heartbeats without a report confirms all, and receives most.
echoes() {
    local version=$1 rule
    shift
    stdin=/dev/null spawn server "$PLAIN" -h "$key" "$version"
    wait_line server.err 'port ([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
    relay network server
    client client network --psk="$keyfile" --dtls "$version" --mtu 1232 -v
    wait_line client.err ' connected: ' 10
    for rule; do relay_rule network "$rule"; done
    feed client "$TESTDIR/bulk"
    hangup client
    expect_exit client 0
    ! matches client.err 'not confirmed|not answer|no heartbeats' || fail "$(cat client.err)"
    (($(stat -c %s server.out) >= 1000000 * ($# > 0 ? 90 : 100) / 100)) ||
        fail "$(stat -c %s server.out) bytes arrived"
}

# Prints how many datagrams the network has seen.
datagrams() {
    relay_rule network count
    sed -n 's/ datagrams$//p' network.out | tail -n 1
}

# VERSION END...: after data in both directions, both ends are silent, those END with stdin at its end.
silent() {
    local version=$1 options=(-q -1) before after
    shift
    across "$version"
    feed client "$TESTDIR/bulk"
    feed server "$TESTDIR/bulk"
    await 10 size_is server.out 1000000 || fail 'the server does not get all'
    await 10 size_is client.out 1000000 || fail 'the client does not get all'
    for end; do hangup "$end"; done
    pause 2500 # the last requests
    before=$(datagrams)
    pause 3000
    after=$(datagrams)
    runs client && runs server || fail 'one has ended'
    ((after - before <= 4)) || fail "$((after - before)) datagrams in 3 s of silence"
}

for version in 1.2 1.3; do
    t "$version, 10 % lost in both directions" counts "$version" 'to-server share 10' 'to-client share 10'
    t "$version, more lost on the way back" counts "$version" 'to-server share 3' 'to-client share 20'
    t "$version, --fail-on-loss at the sender" sender_fails "$version"
    t "$version, a peer that only echoes" echoes "$version"
    t "$version, a peer that only echoes, 2 % lost" echoes "$version" 'to-server share 2' 'to-client share 2'
    t "$version, silence" silent "$version"
    t "$version, silence, the client at its end" silent "$version" client
    t "$version, silence, both at their end" silent "$version" client server
done
finish
