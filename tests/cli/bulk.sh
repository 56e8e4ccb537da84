#!/usr/bin/env bash
# A slow reader slows the sender of bulk data, and no data is lost.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

head -c 10485760 /dev/urandom >"$TESTDIR/ten"
head -c 104857600 /dev/urandom >"$TESTDIR/hundred"

# The reader of the listener's stdout stops for 2 s.
slow_reader() {
    local hold received lost sent
    mkfifo slow
    exec {hold}<>slow
    stdout=slow listener server --psk="$keyfile" --stats
    stdin=$TESTDIR/hundred client client server --psk="$keyfile" --stats
    pause 2000
    timeout "$limit" cat slow >got {hold}>&- &
    exec {hold}>&-
    expect_exit client 0
    expect_exit server 0
    wait
    received=$(stat_of server records_in) lost=$(stat_of server lost)
    sent=$(stat_of client records_out)
    ((received == sent && lost == 0)) || fail "sent $sent records, received $received, lost $lost"
    same_file got "$TESTDIR/hundred" || fail 'not the same'
}

# FACTOR: if a program reads nothing, the sender stops, as over TCP, and -w ends the session.
no_reader() {
    local hold
    mkfifo never
    exec {hold}<>never
    stdout=never listener server --psk="$keyfile"
    stdin=$TESTDIR/ten client client server --psk="$keyfile" -w "$1"
    expect_exit client 9
    kill -TERM "$(process server)"
    expect_exit server 143
}

# To a peer without heartbeats, the client sends at 20 MB/s. How much arrives depends on how long a busy machine stops
# the peer: see tests/bench/pipe.sh.
paced() {
    local start took
    s_server server PSK-AES128-GCM-SHA256
    start=$(now_ms)
    stdin=$TESTDIR/ten client client server --dtls 1.2 --identity "$ident" --psk="$keyfile" -N
    expect_exit client 0
    took=$(($(now_ms) - start))
    ((took >= 500)) || fail "10 MB in $took ms"
    size_is server.out 1000000 || fail "$(stat -c %s server.out) bytes arrived"
}

t 'at a pace to openssl' paced
t 'a reader that stops for 2 s' slow_reader
t 'a reader that reads nothing' at_some_pace no_reader
finish
