#!/usr/bin/env bash
# Paths that are not a plain network: addresses change, datagrams are too large, one way stands still.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# VERSION: a NAT forgets the client, which goes on from another port.
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

# Without connection IDs nobody knows who that is.
rebinding_unknown() {
    listener server --psk="$keyfile" --dtls "$1" --stats
    relay network server
    client client network --psk="$keyfile" --dtls "$1"
    exchange client server
    relay_rule network 'rebind 0'
    say client 'from elsewhere'
    hangup client
    expect_exit client 0
    kill -TERM "$(process server)"
    expect_exit server 143
    contains server.out 'from elsewhere' && fail 'it was taken'
    matches server.err 'drop.no-peer=[1-9]' || fail "$(cat server.err)"
}

# A flight that never gets through in one piece gets through in smaller ones.
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

# VERSION DIRECTION: the handshake waits for as long as nothing comes, and goes on when it does.
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
finish
