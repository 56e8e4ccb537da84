#!/usr/bin/env bash
# How a session ends: at the end of input, after the linger time, with broken pipes, with a slow reader.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# LEAST OPTION...: a client takes at least LEAST ms from the end of its input to its exit, and less than another client
# whose input ended before, and which stays for a minute.
lingers() {
    local least=$1 start
    shift
    listener server -k --psk="$keyfile"
    client other server --psk="$keyfile" -q 60
    exchange other server
    client client server --psk="$keyfile" "$@"
    exchange client server
    hangup other
    start=$(now_ms)
    hangup client
    expect_exit client 0
    (($(now_ms) - start >= least)) || fail "it took $(($(now_ms) - start)) ms"
    runs other || fail 'one that stays for a minute has ended, too'
}

# FACTOR
idle_ends_first() { lingers $((900 * $1)) -q 60 --idle "$1"; }

# A client that waits for half a second of silence never ends earlier than that. A client that closes at once does,
# though perhaps not at the first attempt on a busy machine.
closes_at_once() {
    local start
    for _ in {1..30}; do
        listener server --psk="$keyfile"
        client client server --psk="$keyfile" "$@"
        exchange client server
        start=$(now_ms)
        hangup client
        expect_exit client 0
        (($(now_ms) - start >= 450)) || return 0
    done
    fail 'it never takes less than half a second'
}

# The client still receives the response to its last line.
answer_after_eof() {
    echo request >request
    listener server --psk="$keyfile" -N
    stdin=request client client server --psk="$keyfile" -q 100
    hears server request
    say server answer
    hears client answer
    hangup server
    expect_exit client 0
}

# FACTOR: silence begins anew with each record, so the client receives all responses of a series.
answers_after_eof() {
    local n
    listener server --psk="$keyfile"
    stdin=/dev/null client client server --psk="$keyfile" -q "$1"
    wait_line server.err connected 10
    for n in 1 2 3 4; do
        pause $((500 * $1))
        say server "answer $n"
    done
    expect_exit client 0
    same_file client.out <(printf 'answer %d\n' 1 2 3 4) || fail "$(cat client.out)"
}

stays_for_ever() {
    listener server --psk="$keyfile"
    stdin=/dev/null client client server --psk="$keyfile" -q -1
    wait_line server.err connected 10
    pause 1000
    say server 'late answer'
    hears client 'late answer'
    kill -TERM "$(process server)"
    expect_exit client 0
}

listener_without_input() {
    stdin=/dev/null listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    say client one
    hears server one
    pause 1500
    say client two
    hears server two
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# At the end of its input a listener does not close: its client continues to receive and send.
listener_input_ends_later() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    exchange client server
    hangup server
    pause 1000
    say client more
    hears server more
}

# With -N each side sends close_notify at the end of its input.
listener_closes() {
    listener server --psk="$keyfile" -N
    client client server --psk="$keyfile"
    exchange client server
    hangup server
    expect_exit server 0
    expect_exit client 0
}

# The client reads nothing before the handshake is complete: if it is refused, its input stays in the pipe.
input_stays() {
    listener server --psk="$keyfile"
    kill -KILL "$(process server)"
    ended server
    {
        "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" 2>/dev/null
        cat >rest
    } < <(echo untouched)
    same_file rest <(echo untouched) || fail 'stdin was read'
}

broken_pipe() {
    local status
    head -c 3000000 /dev/zero >zeros
    stdin=zeros listener server --psk="$keyfile"
    timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" </dev/null 2>client.err |
        head -c 10 >head.out
    status=${PIPESTATUS[0]}
    ((status == 0)) || fail "exit $status: $(cat client.err)"
    size_is head.out 10 || fail 'head got nothing'
    expect_exit server 8
    matches server.err ': [0-9.]+ MB that the peer has not confirmed may be lost' || fail "$(cat server.err)"
}

closed_stdout() {
    local status
    listener server --psk="$keyfile"
    say server hello
    timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" </dev/null >&- 2>client.err
    status=$?
    ((status == 0 || status == 1)) || fail "exit $status: $(cat client.err)"
    expect_exit server 8
    matches server.err ': 6 B that the peer has not confirmed may be lost' || fail "$(cat server.err)"
}

closed_stdin() {
    local status
    listener server --psk="$keyfile"
    timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" <&- 2>client.err
    status=$?
    ((status == 0)) || fail "exit $status: $(cat client.err)"
    expect_exit server 0
}

# FACTOR: typed input to one side does not block if the other side has ended long before.
peer_killed() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -w $((2 * $1))
    exchange client server
    kill -KILL "$(process server)"
    ended server
    say client 'to nobody'
    expect_exit client 9
}

# The peer is killed, and the client then sends a line to it.
killed_before_the_end() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --lost-after 2 "$@"
    exchange client server
    kill -"${signal:-KILL}" "$(process server)"
    say client 'to nobody'
    hangup client
    expect_exit client 8
    matches client.err 'nothing received from the peer for [23] s; [0-9]+ B that the peer has not confirmed may be lost' ||
        fail "$(cat client.err)"
    kill -KILL "$(process server)" 2>/dev/null || :
}

# FACTOR: -w ends the session before --lost-after would.
stopped_and_idle() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -w "$1"
    exchange client server
    kill -STOP "$(process server)"
    say client 'to nobody'
    expect_exit client 9
    matches client.err ': [0-9]+ B that the peer has not confirmed may be lost' || fail "$(cat client.err)"
    kill -KILL "$(process server)" 2>/dev/null || :
}

# The peer had confirmed all data.
killed_after_the_end() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -vvv
    exchange client server
    wait_line client.err '< .*heartbeat.*$' 20
    kill -KILL "$(process server)"
    hangup client
    expect_exit client 0
    matches client.err 'no answer to the close; the peer has confirmed all data' || fail "$(cat client.err)"
}

# VERSION: the receiver cannot write what it has received, and the sender is told.
full_stdout() {
    stdout=/dev/full listener server --psk="$keyfile" --dtls "$1"
    client client server --psk="$keyfile"
    say client hello
    expect_exit server 1
    expect_exit client 8
    matches client.err 'the peer sent an alert, internal_error; see the log of the peer' || fail "$(cat client.err)"
    matches client.err ': 6 B that the peer has not confirmed may be lost' || fail "$(cat client.err)"
}

# VERSION: the reader of the receiver's output goes away, and what comes later is not confirmed.
reader_gone() {
    mkfifo out
    head -n 1 <out >first &
    reader=$!
    stdout=out listener server --psk="$keyfile" --dtls "$1"
    client client server --psk="$keyfile"
    say client one
    wait $reader || fail 'the reader failed'
    same_file first <(echo one) || fail "$(cat first)"
    say client two
    expect_exit server 0
    expect_exit client 8
    matches client.err 'the peer sent an alert, internal_error' || fail "$(cat client.err)"
}

t 'end of input: half a second' lingers 450
t 'end of input, -q 2' lingers 1900 -q 2
t 'end of input, --idle shorter than -q' at_some_pace idle_ends_first
t 'end of input, -q 0' closes_at_once -q 0
t 'end of input, -N' closes_at_once -N
t 'end of input, -N before -q' closes_at_once -q 10 -N
t 'the answer after end of input' answer_after_eof
t 'answers after end of input' at_some_pace answers_after_eof
t '-q -1 stays' stays_for_ever
t 'a listener without input' listener_without_input
t 'a listener whose input ends' listener_input_ends_later
t 'a listener with -N' listener_closes
t 'stdin is not read before the channel is up' input_stays
t 'broken pipe' broken_pipe
t 'stdout closed' closed_stdout
t 'stdin closed' closed_stdin
t 'the peer is killed' at_some_pace peer_killed
t 'the peer is killed before the end' killed_before_the_end
signal=STOP t 'the peer is stopped before the end' killed_before_the_end -N
t 'the peer is stopped until -w ends the session' at_some_pace stopped_and_idle
t 'the peer is killed after the end' killed_after_the_end
for version in 1.2 1.3; do
    t "stdout of the receiver is full, $version" full_stdout $version
    t "the reader of the receiver has gone, $version" reader_gone $version
done
finish
