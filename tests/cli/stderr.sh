#!/usr/bin/env bash
# A stderr that accepts no more delays nothing. Lines are queued, then dropped, and their number is reported.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

pipe_bytes=65536 # of a pipe of Linux

# NAME: the stderr of NAME, which is started next, is a pipe that is full.
full_stderr() {
    mkfifo "$1.err"
    exec {reader}<>"$1.err"
    head -c "$pipe_bytes" /dev/zero >&"$reader"
}

# Empties the pipe of full_stderr, and waits until what the program then writes has PATTERN.
drained() {
    head -c "$pipe_bytes" <&"$reader" >/dev/null
    cat <&"$reader" >drained &
    pid[reader]=$!
    await 10 matches drained "$1" || fail "no line '$1'"
}

# NAME: one line each way with a new client NAME.
served() {
    client "$1" server --psk="$keyfile" -q0
    say "$1" "from $1"
    hears "$1" "from $1" # an echo
    hangup "$1"
    expect_exit "$1" 0
}

# LINE OPTION...: a listener with full stderr serves clients, before and after its queue is full. It writes LINE when
# stderr is read again.
serves() {
    local expected=$1
    shift
    full_stderr server
    port[server]=$(free_port)
    spawn server "$DTLSCAT" -lk 127.0.0.1 "${port[server]}" --psk="$keyfile" --frame=line "$@" -c cat
    await 10 bound "${port[server]}" || fail 'the server does not listen'
    rm server.err # what is shown if this fails must not wait for it
    served one
    seq 2000 >many
    stdin=many client many server --psk="$keyfile" --frame=line -W 2000
    expect_exit many 0
    same_file many many.out || fail "$(wc -l <many.out) lines came back"
    served two
    drained "$expected"
    served again
    kill -TERM "$(process server)"
    expect_exit server 143
}

# An error at the end waits for stderr, and not for ever.
ends() {
    full_stderr client
    spawn client "$DTLSCAT" 127.0.0.1 "$(free_port)" --psk="$keyfile"
    expect_exit client 4
}

# The error is written if stderr accepts it in time.
ends_with_a_line() {
    full_stderr client
    spawn client "$DTLSCAT" 127.0.0.1 "$(free_port)" --psk="$keyfile" -w 30
    drained '^dtlscat: .*refused'
    expect_exit client 4
}

# The key log is a pipe whose reader has stopped.
keylog() {
    mkfifo keys
    exec {reader}<>keys
    head -c "$pipe_bytes" /dev/zero >&"$reader"
    listener server -k --psk="$keyfile" --keylog keys -c cat
    served one
    served two
    has_lines server.err 'cannot write to the key log: its reader has stopped' 1 || fail "$(cat server.err)"
}

wrong_key() { "$DTLSCAT" -z 127.0.0.1 "${port[server]}" --psk="file:$TESTDIR/otherkey" </dev/null 2>/dev/null; }

# OPTION...: clients that cannot authenticate do not fill the log. Each is reported, or is in the number of those that
# are not.
failures() {
    local batch reported unreported
    spawn server "$DTLSCAT" -lk 127.0.0.1 0 --psk="$keyfile" --recv-only "$@"
    await_port server
    for _ in {1..10}; do
        batch=()
        for _ in {1..4}; do
            wrong_key &
            batch+=($!)
        done
        wait "${batch[@]}"
    done
    pause 1100 # for a report after those that are left out
    wrong_key
    wait_line server.err 'more failed handshakes? w[a-z]+ not reported' 10
    await 10 has_line_after server.err 'more failed' || fail "$(cat server.err)"
    reported=$(grep -c 'authentication failed' server.err)
    unreported=$(sed -nE 's/^dtlscat: ([0-9]+) more failed .*/\1/p' server.err | paste -sd+)
    ((reported + unreported == 41)) || fail "$reported reported, $unreported not"
}

has_line_after() { sed "1,/$2/d" "$1" | grep -q .; }

t 'a listener whose stderr is full' serves '^dtlscat: [0-9]+ lines of diagnostics dropped' -vvv
t 'workers whose stderr is full' serves 'listening on' -vvv --workers 2
t 'a client that fails' ends
t 'a client that fails, with a slow reader' ends_with_a_line
t 'a key log whose reader has stopped' keylog
t 'many failed handshakes' failures
finish
