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

# A peer without heartbeats is sent to at a pace. NAME: 99.9 % of it arrives.
arrives_at() {
    local arrived
    s_server "$1" PSK-AES128-GCM-SHA256
    stdin=$TESTDIR/hundred client "$1-client" "$1" --dtls 1.2 --identity "$ident" --psk="$keyfile" -q 1
    expect_exit "$1-client" 0
    arrived=$(stat -c %s "$1.out")
    echo "# openssl got $arrived of 104857600 bytes" >&2
    rm "$1.out"
    ((arrived >= 104857600 / 1000 * 999))
}

# Its socket holds 10 ms of this: on a machine that stops it for longer it may take another run.
paced() { arrives_at one || arrives_at two || arrives_at three || fail 'it is lost in every run'; }

t '100 MB to openssl' paced
t 'a reader that stops for 2 s' slow_reader
t 'a reader that reads nothing' no_reader
finish
