#!/usr/bin/env bash
# Paths with faults: addresses change, datagrams are too large, one direction is blocked.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

PLAIN=${RELAY%/relay}/plain

# VERSION: a NAT forgets the client, which continues from another port.
rebinding() {
    listener server --psk="$keyfile" --dtls "$1" --cid -v
    relay network server
    client client network --psk="$keyfile" --dtls "$1" --cid
    exchange client server
    relay_rule network 'rebind 0'
    say client 'from elsewhere'
    hears server 'from elsewhere'
    wait_line server.err ' moved to ' 10
    say server 'to elsewhere'
    hears client 'to elsewhere'
}

# Without connection IDs the listener does not recognize the client.
rebinding_unknown() {
    listener server --psk="$keyfile" --dtls "$1" --stats
    relay network server
    client client network --psk="$keyfile" --dtls "$1" --lost-after 2
    exchange client server
    relay_rule network 'rebind 0'
    say client 'from elsewhere'
    hangup client
    expect_exit client 8
    matches client.err 'nothing received from the peer for 2 s; ' || fail "$(cat client.err)"
    kill -TERM "$(process server)"
    expect_exit server 143
    contains server.out 'from elsewhere' && fail 'it was taken'
    matches server.err 'drop.no-peer=[1-9]' || fail "$(cat server.err)"
}

# A flight that never arrives in large datagrams arrives in smaller ones.
small_path() {
    local identity
    identity=$(printf '%0700d' 0)
    listener server --psk="$keyfile" --dtls 1.2
    relay network server 'to-server mtu 600' 'to-client mtu 600'
    client client network --psk="$keyfile" --dtls 1.2 --identity "$identity"
    exchange client server
    hangup client
    expect_exit client 0
    relay_ends network
    (($(relay_dropped network to-server) >= 3)) || fail 'nothing was too large'
}

head -c 1000000 /dev/urandom >"$TESTDIR/million"

# SENDER RECEIVER: all data arrived, and no data was lost.
arrived_whole() {
    await 20 same_file "$2.out" "$TESTDIR/million" || fail "$2 did not get all: $(tail -n 2 "$1.err")"
}

# VERSION: a path with the smallest IPv4 MTU, 576 bytes, carries bulk data in both directions without an option.
narrow() {
    stdin=$TESTDIR/million listener server --psk="$keyfile" --dtls "$1" --stats
    relay network server 'to-server mtu 548' 'to-client mtu 548'
    client client network --psk="$keyfile" --dtls "$1" --stats -v
    feed client "$TESTDIR/million" &
    arrived_whole client server
    arrived_whole server client
    hangup client
    expect_exit client 0
    expect_exit server 0
    matches client.err 'path MTU is below 1232 bytes; sending at most 508 bytes' || fail 'client: not said'
    matches server.err 'path MTU is below 1232 bytes; sending at most 508 bytes' || fail 'server: not said'
    relay_ends network
    # At most the three probes in each direction are lost, with 16 bytes of payload and padding.
    (($(relay_dropped network to-server) == 3 && $(relay_dropped network to-client) == 3)) ||
        fail "lost $(relay_dropped network to-server) and $(relay_dropped network to-client)"
    [[ $(stat_of client records_in) == $(stat_of server records_out) ]] || fail 'records were lost'
}

# VERSION MTU LENGTH PROBES: a path carries UDP payloads of MTU bytes, 0: of any length. The longest datagram of data has
# LENGTH bytes, PROBES longer probes are lost, and nothing else. On a busy machine more than a megabyte is sent before
# the probes are answered.
wide() {
    listener server --psk="$keyfile" --dtls "$1" --stats
    relay network server "to-server mtu $2"
    stdin=$TESTDIR/eight client client network --psk="$keyfile" --dtls "$1" --stats -v
    expect_exit client 0
    expect_exit server 0
    same_file server.out "$TESTDIR/eight" || fail 'not the same'
    contains client.err 'path MTU is below' && fail 'it is narrow?'
    (($(stat_of client records_out) < 1100000 / 1200 + 8000000 / ($3 - 60) + 500)) ||
        fail "$(stat_of client records_out) records"
    [[ $(stat_of client peer_lost) == 0 ]] || fail "lost $(stat_of client peer_lost)"
    relay_ends network
    (($(relay_dropped network to-server) == $4)) || fail "lost $(relay_dropped network to-server) datagrams"
}

head -c 8000000 /dev/urandom >"$TESTDIR/eight"
head -c 8000000 /dev/zero >"$TESTDIR/zeros"

# SENDER RECEIVER VERSION PEER: starts a sender of 8 MB/s, and a receiver behind a relay. PEER of the sender: "dtlscat"
# reports what it receives, "plain" only echoes heartbeats.
connect_sender() {
    local options=(--psk="$keyfile" --dtls "$3" --stats -v)
    if [[ $4$2 == plainserver ]]; then
        spawn server "$PLAIN" -h "$key" "$3"
        wait_line server.err '^port ([0-9]+)' 10
        port[server]=${BASH_REMATCH[1]}
    else
        listener server "${options[@]}" --rate 8M
    fi
    relay network server
    if [[ $4$2 == plainclient ]]; then
        spawn client "$PLAIN" -h "$key" "$3" "${port[network]}"
    else
        client client network "${options[@]}" --rate 8M
    fi
    wait_line "$1.err" ' connected: ' 10
}

# SENDER RECEIVER: both report the same loss.
equal_loss() {
    (($(stat_of "$1" peer_lost) > 0)) || fail 'the sender does not report the loss'
    [[ $(stat_of "$1" peer_lost) == "$(stat_of "$2" lost)" ]] ||
        fail "lost $(stat_of "$1" peer_lost) at the sender, $(stat_of "$2" lost) at the receiver"
}

# VERSION DIRECTION PEER: the MTU of a path shrinks during a transfer, and no router reports it. Only data in flight is
# lost.
shrinks() {
    local from=client to=server peer=$3
    [[ $2 == to-server ]] || { from=server && to=client; }
    connect_sender "$from" "$to" "$1" "$peer"
    feed "$from" "$TESTDIR/zeros" &
    local feeding=$!
    await 20 size_is "$to.out" 1500000 || fail 'nothing comes'
    relay_rule network "$2 mtu 548"
    wait "$feeding"
    wait_line "$from.err" 'path MTU is below 1232 bytes; sending at most 508 bytes per datagram' 20
    await 20 size_is "$to.out" 7600000 || fail "only $(stat -c %s "$to.out") bytes arrive"
    if [[ $peer == dtlscat ]]; then
        hangup "$from"
        hangup "$to"
        expect_exit "$from" 0
        expect_exit "$to" 0
        equal_loss "$from" "$to"
    fi
    relay_ends network
    (($(relay_dropped network "$2") < 150)) || fail "lost $(relay_dropped network "$2") datagrams"
}

# VERSION MTU NEW_MTU MAXIMUM: the client moves to a path of another MTU. What was known of the old path does not hold:
# no data is lost, and the datagrams become longer if they can. The listener sends at most MAXIMUM records.
moves() {
    listener server --psk="$keyfile" --dtls "$1" --cid --stats
    relay network server "to-client mtu $2"
    client client network --psk="$keyfile" --dtls "$1" --cid --stats
    exchange client server
    feed server "$TESTDIR/million"
    await 20 size_is client.out 1000000 || fail 'nothing comes'
    relay_rule network "to-client mtu $3"
    relay_rule network 'rebind 0'
    say client 'from elsewhere'
    wait_line server.err ' moved to ' 10
    feed server "$TESTDIR/zeros"
    await 20 size_is client.out 9000000 || fail "only $(stat -c %s client.out) bytes arrive"
    hangup client
    hangup server
    expect_exit client 0
    expect_exit server 0
    [[ $(stat_of server peer_lost) == 0 ]] || fail "lost $(stat_of server peer_lost) records"
    (($(stat_of server records_out) <= $4)) || fail "$(stat_of server records_out) records"
}

# VERSION: data that fits one datagram is sent in one, before the path is probed.
undivided() {
    listener server --psk="$keyfile" --dtls "$1" --frame=hex
    relay network server
    client client network --psk="$keyfile" --dtls "$1" --stats
    say client "$(printf '%01100d' 0)"
    await 10 size_is server.out 2203 || fail 'it is not there'
    (($(wc -l <server.out) == 1)) || fail 'it was cut'
}

# VERSION DIRECTION: the handshake waits while no datagram arrives, and continues afterwards.
standstill() {
    listener server --psk="$keyfile" --dtls "$1"
    relay network server "$2 hold 1"
    client client network --psk="$keyfile" --dtls "$1" -vv
    wait_line client.err 'RETRANSMIT 2' 10
    relay_rule network "$2 hold 0"
    exchange client server
}

for version in 1.2 1.3; do
    t "$version, a NAT rebinding" rebinding "$version"
    t "$version, a NAT rebinding, no connection IDs" rebinding_unknown "$version"
    t "$version, a standstill to the server" standstill "$version" to-server
    t "$version, a standstill to the client" standstill "$version" to-client
done
t '1.2, a path of small datagrams' small_path
for version in 1.2 1.3; do
    t "$version, bulk over a path of 576 bytes" narrow "$version"
    t "$version, bulk over a path of 64 kB" wide "$version" 0 16368 0
    t "$version, bulk over a path of 9000 bytes, smaller than the interface" wide "$version" 8972 1472 3
    t "$version, bulk over a path of 1280 bytes" wide "$version" 1252 1232 6
    t "$version, one message, one datagram" undivided "$version"
done
for version in 1.2 1.3; do
    t "$version, a move from a narrow path to a wide one" moves "$version" 548 0 11000
    t "$version, a move from a wide path to a narrow one" moves "$version" 0 548 25000
    for direction in to-server to-client; do
        for peer in dtlscat plain; do
            t "$version, a path that shrinks in mid-transfer, $direction, $peer" shrinks "$version" "$direction" "$peer"
        done
    done
done
finish
