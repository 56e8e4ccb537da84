#!/usr/bin/env bash
# Forged records, against the suite that bears the fewest of them (RFC 9147 section 4.5.3): 128 per key.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

suite=AES128-CCM8-SHA256

through_relay() {
    listener server --psk="$keyfile" --dtls 1.3 --suite "$suite" -vvv
    relay network server
    client client network --psk="$keyfile" --dtls 1.3 --suite "$suite" -vvv
    exchange client server
}

# FROM TO EPOCH: a record of FROM in this epoch has reached TO. FROM uses new keys after the ACK of its KeyUpdate.
arrives_in() {
    say "$1" 'once more'
    matches "$2.err" "< .* rec e$3#"
}

# FROM TO DIRECTION: four times 100 forged records, each time with other keys.
survives() {
    through_relay
    for round in 1 2 3 4; do
        relay_rule network "$3 forge 100"
        say "$1" "round $round"
        hears "$2" "round $round"
        await 15 arrives_in "$1" "$2" $((round + 3)) || fail "no new keys after round $round"
    done
    exchange "$1" "$2"
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# The responses to the request for new keys wait in the network.
ends_at_the_limit() {
    through_relay
    relay_rule network 'to-client hold 1'
    relay_rule network 'to-server forge 200'
    say client 'the rest'
    expect_exit server 8
    contains server.err "connection lost: the limit of a key of $suite is reached" ||
        fail "no line with the suite: $(tail -n 1 server.err)"
    contains server.err '128 received that do not decrypt' || fail 'no limit in the line'
    relay_rule network 'to-client hold 0'
    expect_exit client 8
}

t 'the listener survives forged records' survives client server to-server
t 'the client survives forged records' survives server client to-client
t 'the limit ends a session with an error at both ends' ends_at_the_limit
finish
