#!/usr/bin/env bash
# Bulk against a slow reader: what is lost is counted, what arrives is in order.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

limit=60
head -c 10485760 /dev/urandom >"$TESTDIR/ten"

# A counter of the --stats line: NAME COUNTER.
stat_of() { sed -nE "s/^dtlscat: stats: .*\b$2=([0-9]+).*/\1/p" "$1.err"; }

# The reader behind the listener stops for 2 s.
slow_reader() {
    local hold received lost sent
    mkfifo slow
    exec {hold}<>slow
    stdout=slow listener server --psk="$keyfile" --stats
    stdin=$TESTDIR/ten client client server --psk="$keyfile" --stats
    pause 2000
    timeout "$limit" cat slow >got {hold}>&- &
    exec {hold}>&-
    expect_exit client 0
    expect_exit server 0
    wait
    received=$(stat_of server records_in) lost=$(stat_of server lost)
    sent=$(stat_of client records_out)
    ((received + lost == sent)) || fail "sent $sent records, received $received, lost $lost"
    ((lost)) || same_file got "$TESTDIR/ten" || fail 'no loss is reported, and data is missing'
}

# A program that reads nothing at all: the sender still ends.
no_reader() {
    local hold
    mkfifo never
    exec {hold}<>never
    stdout=never listener server --psk="$keyfile"
    stdin=$TESTDIR/ten client client server --psk="$keyfile"
    ended client
    ((rc[client] == 0 || rc[client] == 8 || rc[client] == 9)) || fail "exit ${rc[client]}"
    kill -TERM "$(process server)"
    expect_exit server 143
}

t 'a reader that stops for 2 s' slow_reader
t 'a reader that reads nothing' no_reader
finish
