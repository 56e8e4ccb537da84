#!/usr/bin/env bash
# Bulk against a slow reader: it slows the writer, and nothing is lost.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

limit=60
head -c 10485760 /dev/urandom >"$TESTDIR/ten"
head -c 104857600 /dev/urandom >"$TESTDIR/hundred"

# The reader behind the listener stops for 2 s.
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

# A program that reads nothing at all stops the sender, as over TCP; -w ends it.
no_reader() {
    local hold
    mkfifo never
    exec {hold}<>never
    stdout=never listener server --psk="$keyfile"
    stdin=$TESTDIR/ten client client server --psk="$keyfile" -w 1
    expect_exit client 9
    kill -TERM "$(process server)"
    expect_exit server 143
}

# A peer without heartbeats is sent to at a pace. What it loses all the same when the machine is busy is for
# tests/bench/pipe.sh to say; here most of it has to arrive.
paced() {
    local arrived
    s_server server PSK-AES128-GCM-SHA256
    stdin=$TESTDIR/hundred client client server --dtls 1.2 --identity "$ident" --psk="$keyfile" -q 1
    expect_exit client 0
    arrived=$(stat -c %s server.out)
    echo "# openssl got $arrived bytes" >&2
    ((arrived >= 104857600 / 10 * 9)) || fail "$arrived bytes arrived"
}

t '100 MB to openssl, at a pace' paced
t 'a reader that stops for 2 s' slow_reader
t 'a reader that reads nothing' no_reader
finish
