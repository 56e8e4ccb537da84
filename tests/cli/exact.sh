#!/usr/bin/env bash
# Data arrives byte for byte: text that looks like commands, no data, one byte, 10 MB.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

printf 'Quit\nRed\nkilo\n\0' >"$TESTDIR/commands"
: >"$TESTDIR/nothing"
printf x >"$TESTDIR/byte"
head -c 100000 /dev/zero >"$TESTDIR/zeros"
head -c 10485760 /dev/urandom >"$TESTDIR/ten"
head -c 10485760 /dev/urandom >"$TESTDIR/other"

lost_nothing() {
    matches "$1.err" '^dtlscat: stats: .* lost=0 ' || fail "$1: $(tail -n 1 "$1.err")"
}

have_sizes_of() { size_is server.out "$(stat -c %s "$1")" && size_is client.out "$(stat -c %s "$2")"; }

# The client sends one FILE and the listener another, with OPTIONS for both. The input of the client ends only when all
# has arrived, since the client would not wait for a slow listener after that.
carries() {
    local up=$TESTDIR/$1 down=$TESTDIR/$2
    stdin=$down listener server --psk="$keyfile" --stats "${@:3}"
    client client server --psk="$keyfile" --stats "${@:3}"
    feed client "$up" &
    await 15 have_sizes_of "$up" "$down" || fail "$(stat -c '%n: %s bytes' ./*.out)"
    hangup client
    expect_exit client 0
    expect_exit server 0
    same_file "$up" server.out || fail "the listener got $(stat -c %s server.out) bytes"
    same_file "$down" client.out || fail "the client got $(stat -c %s client.out) bytes"
    lost_nothing server
    lost_nothing client
}

# The same with pipes, which accept and deliver pieces of any size.
carries_through_pipes() {
    mkfifo arriving
    timeout "$limit" cat arriving >got &
    stdout=arriving listener server --psk="$keyfile" --stats
    client client server --psk="$keyfile"
    feed client "$TESTDIR/ten"
    hangup client
    expect_exit client 0
    expect_exit server 0
    wait
    same_file "$TESTDIR/ten" got || fail "$(stat -c %s got) bytes arrived"
    lost_nothing server
}

t 'commands of other tools, client to listener' carries commands nothing
t 'commands of other tools, listener to client' carries nothing commands
t 'nothing at all' carries nothing nothing
t 'one byte each way' carries byte byte
t 'zeros each way' carries zeros zeros
t '10 MB, client to listener' carries ten nothing
t '10 MB, listener to client' carries nothing ten
t '10 MB each way at once' carries ten other
t '10 MB through pipes' carries_through_pipes
t '10 MB each way in DTLS 1.3, keys changed 8 times' carries ten other --dtls 1.3 --rekey-after 1000
finish
