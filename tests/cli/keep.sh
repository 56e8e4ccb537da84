#!/usr/bin/env bash
# -k: a listener serves one client after the other. For many clients at once see many.sh.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# NAME: a client sends a line, receives one, and closes.
visit() {
    client "$1" server --psk="$keyfile"
    exchange "$1" server
    hangup "$1"
    expect_exit "$1" 0
}

stops() {
    kill -TERM "$(process server)"
    expect_exit server 143
}

one_after_the_other() {
    listener server -k --psk="$keyfile" --stats
    visit first
    visit second
    visit third
    stops
    same_file server.out <(printf 'from %s\n' first second third) || fail "$(cat server.out)"
    (($(grep -c 'closed by peer; in 1 record .* out 1 record ' server.err) == 3)) ||
        fail "$(cat server.err)"
    (($(grep -c 'stats: records_in=1 ' server.err) == 3)) || fail "$(cat server.err)"
}

# While one client is served, other clients are refused. They can connect later.
one_at_a_time() {
    listener server -k -m 1 --psk="$keyfile"
    client first server --psk="$keyfile"
    exchange first server
    client second server --psk="$keyfile"
    expect_exit second 8
    say first 'still here'
    hears server 'still here'
    hangup first
    expect_exit first 0
    visit third
}

# FACTOR: with -w the session of a client that vanishes ends, and the run continues.
one_vanishes() {
    listener server -k -w "$1" --psk="$keyfile"
    client first server --psk="$keyfile"
    exchange first server
    kill -KILL "$(process first)"
    ended first
    wait_line server.err 'closed after silence' 10
    visit second
    stops
}

failures_between() {
    listener server -k --psk="$keyfile"
    visit first
    client wrong server --psk="file:$TESTDIR/otherkey"
    expect_exit wrong 6
    visit second
}

# Input that arrives while no client is connected is sent to the next client.
input_waits() {
    listener server -k --psk="$keyfile"
    visit first
    say server 'for the next'
    client second server --psk="$keyfile"
    hears second 'for the next'
    ! contains first.out 'for the next' || fail 'the first has it'
}

# Without input, the listener still writes received data.
input_ended() {
    stdin=/dev/null listener server -k --psk="$keyfile"
    client first server --psk="$keyfile"
    say first one
    hears server one
    hangup first
    expect_exit first 0
    client second server --psk="$keyfile"
    say second two
    hears server two
}

end_of_input_with_n() {
    listener server -k -N --psk="$keyfile"
    visit first
    client second server --psk="$keyfile"
    exchange second server
    hangup server
    expect_exit server 0
    expect_exit second 0
}

# If stdout has no reader, the run ends, whichever client sends data.
broken_pipe() {
    local status
    (
        timeout "$limit" "$DTLSCAT" -v -l -k 127.0.0.1 0 --psk="$keyfile" 2>server.err </dev/null
        echo $? >status
    ) | head -c 4 >head.out &
    wait_line server.err 'listening on .*:[0-9]+' 10
    port[server]=$(sed -nE 's/.*listening on .*:([0-9]+).*/\1/p' server.err)
    client first server --psk="$keyfile"
    say first 'one line'
    await 10 size_is head.out 4 || fail 'head got nothing'
    say first 'another'
    await 10 size_is status 1 || fail 'it goes on'
    status=$(cat status)
    ((status == 0)) || fail "exit $status"
}

t 'one after the other' one_after_the_other
t 'one at a time, with -m 1' one_at_a_time
t 'one vanishes' at_some_pace one_vanishes
t 'failed handshakes between' failures_between
t 'input waits for the next client' input_waits
t 'input that has ended' input_ended
t 'end of input with -N' end_of_input_with_n
t 'broken pipe' broken_pipe
finish
