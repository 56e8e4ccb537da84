#!/usr/bin/env bash
# A peer that has gone is noticed, and a peer that only pauses is not. An error line reports how much data may be lost.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

jobs=12 # they wait most of the time
PLAIN=${RELAY%/relay}/plain
head -c 1000000 /dev/urandom >"$TESTDIR/bulk"
printf 'one\ntwo\n' >"$TESTDIR/two"
missing='(nothing received|no answer) from the peer for [23] s; [0-9.]+ B that the peer has not confirmed may be lost'

# Arguments: OPTION... of the client.
connected_pair() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -v --lost-after 2 "$@"
    exchange client server
}

expect_gone() {
    expect_exit client 8
    matches client.err "$missing" || fail "$(cat client.err)"
}

# A new program on the port of the peer does not know the session.
restarted() {
    own_port=$(free_port) connected_pair --dtls "$1"
    kill -KILL "$(process server)"
    ended server
    spawn second "$DTLSCAT" -l 127.0.0.1 "${port[server]}" --psk="$keyfile"
    await 10 bound "${port[server]}" || fail 'the port is not taken'
    say client 'to the first'
    expect_gone
}

# Datagrams from another port belong to no session.
rebound() {
    listener server --psk="$keyfile" --dtls "$1"
    relay network server
    client client network --psk="$keyfile" --dtls "$1" --lost-after 2
    exchange client server
    relay_rule network 'rebind 0'
    say client 'from another port'
    expect_gone
}

# The peer stops and continues, as after Ctrl-Z or with a paused virtual machine. If it continues before the limit, all
# data arrives.
paused_peer() {
    connected_pair --dtls "$1" --lost-after 60
    kill -STOP "$(process server)"
    say client 'while it is stopped'
    pause 3000
    kill -CONT "$(process server)"
    hears server 'while it is stopped'
    hangup client
    expect_exit client 0
}

# This process stops for longer than the limits. It sends a request before it regards the peer as lost.
paused_self() {
    connected_pair --dtls "$1" --keepalive 1
    kill -STOP "$(process client)"
    pause 5000
    kill -CONT "$(process client)"
    pause 500
    exchange client server
    hangup client
    expect_exit client 0
}

# VERSION FACTOR: a reader that stops for longer than the limit still receives all data.
slow_reader() {
    local reader
    head -c 1000000 /dev/urandom >bulk
    mkfifo slow
    exec {reader}<>slow
    stdout=slow listener server --psk="$keyfile" --dtls "$1"
    stdin=bulk client client server --psk="$keyfile" --dtls "$1" --lost-after "$2"
    pause $((5000 * $2))
    runs client || fail "it is given up: $(cat client.err)"
    timeout "$limit" head -c 1000000 <&"$reader" >got
    same_file bulk got || fail 'not all has arrived'
    expect_exit client 0
    exec {reader}>&-
}

# VERSION: with -k one client vanishes. The other clients are not affected, and the listener reports how much data the
# lost client may lack.
one_of_many() {
    listener server -k --psk="$keyfile" --dtls "$1" --lost-after 2
    client gone server --psk="$keyfile" --dtls "$1"
    client other server --psk="$keyfile" --dtls "$1"
    exchange gone server
    exchange other server
    kill -STOP "$(process gone)"
    say server 'to both'
    hears other 'to both'
    wait_line server.err "$missing" 20
    exchange other server
    kill -KILL "$(process gone)"
}

# -z reports that the key is right, so it needs an authenticated message of the server.
probe() {
    listener server -k --psk="$keyfile" --dtls "$1"
    relay network server "to-server only $2"
    client client network --psk="$keyfile" --dtls "$1" -z -v --lost-after 2 -w 4
    expect_exit client 8
}

# More data than fits a pipe.
lines() { seq -f '%g is the number of this line, which is as long as lines of a log are' "$@"; }

# The reported number of lines that may be lost is at least the number of lost lines, and at most the number of
# unconfirmed lines.
log_lines() {
    local lost got most
    : >log
    listener server -k --frame=line --psk="$keyfile" --dtls "$1"
    {
        timeout "$limit" tail --pid="$BASHPID" -n +1 -F log 2>tail.err | timeout "$limit" "$DTLSCAT" --frame=line --send-only \
            --lost-after 3 --dtls "$1" --psk="$keyfile" 127.0.0.1 "${port[server]}" 2>client.err
        echo "${PIPESTATUS[1]}" >status
    } &
    lines 5000 >>log
    await 20 has_lines server.out '^5000 ' 1 || fail 'the first half does not arrive'
    kill -KILL "$(process server)"
    ended server
    lines 5001 10000 >>log
    await 20 test -s status || fail 'it does not notice'
    [[ $(cat status) == 8 ]] || fail "exit $(cat status): $(cat client.err)"
    matches client.err '; ([0-9]+) messages that the peer has not confirmed may be lost' || fail "$(cat client.err)"
    most=${BASH_REMATCH[1]} got=$(wc -l <server.out) lost=$((10000 - $(wc -l <server.out)))
    ((most >= lost && most <= 10000)) || fail "$got arrived, $most may be lost"
}

# MODE VERSION: a peer that negotiates heartbeats and answers none.
mute_listener() {
    stdin=/dev/null spawn server "$PLAIN" "$1" "$key" "$2"
    wait_line server.err '^port ([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
}

falls_back() { matches "$1.err" 'the peer negotiated heartbeats but does not answer them: limiting the sending rate'; }

# FROM TO: FROM sends lines until it stops waiting for heartbeats, and then one more line.
talks_until_fallback() {
    for ((line = 0; line < 400; line++)); do
        say "$1" "line $line"
        await 0 falls_back "$1" && break
        pause 100
    done
    falls_back "$1" || fail "no fallback: $(cat "$1.err")"
    say "$1" 'after it'
    hears "$2" 'after it'
}

# More data than one flow window. Some may be lost, since nothing limits the rate to what a busy receiver reads.
most_arrives() { (($(stat -c %s server.out) > 500000)); }

mute_server_echoes() {
    mute_listener -e "$1"
    client client server --psk="$keyfile" -v --lost-after 20
    talks_until_fallback client server
    hears client 'after it'
    feed client "$TESTDIR/bulk"
    await 20 most_arrives || fail "it stands still: $(stat -c %s server.out) bytes arrived"
    hangup client
    expect_exit client 0
}

# A listener sends. Its client sends too, and answers no heartbeat.
mute_client_talks() {
    local i
    listener server --psk="$keyfile" --dtls "$1" --lost-after 20
    spawn client "$PLAIN" -m "$key" "$1" "${port[server]}"
    wait_line server.err ' connected: ' 10
    for ((i = 0; i < 400; i++)); do
        say server "line $i"
        say client "line $i"
        await 0 falls_back server && break
        pause 100
    done
    falls_back server || fail "no fallback: $(cat server.err)"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# The peer only receives. In DTLS 1.3 the ACK of a KeyUpdate proves that the peer is alive. In DTLS 1.2 nothing does.
mute_sink() {
    mute_listener -m "$1"
    stdin=$TESTDIR/bulk client client server --psk="$keyfile" -v --lost-after 8
    if [[ $1 == 1.3 ]]; then
        expect_exit client 0
        falls_back client || fail "no fallback: $(cat client.err)"
        most_arrives || fail "$(stat -c %s server.out) bytes arrived"
    else
        expect_exit client 8
        matches client.err 'nothing received from the peer for 8 s; .* that the peer has not confirmed may be lost' || fail "$(cat client.err)"
        ! falls_back client || fail "$(cat client.err)"
    fi
}

# The same with a listener.
mute_sink_of_listener() {
    stdin=$TESTDIR/two listener server --psk="$keyfile" --dtls "$1" --lost-after 8
    spawn client "$PLAIN" -m "$key" "$1" "${port[server]}"
    wait_line server.err ' connected: ' 10
    if [[ $1 == 1.3 ]]; then
        await 20 falls_back server || fail "no fallback: $(cat server.err)"
        hangup client
        expect_exit server 0
    else
        expect_exit server 8
        matches server.err 'nothing received from the peer for 8 s; .* that the peer has not confirmed may be lost' || fail "$(cat server.err)"
    fi
}

# The peer is killed before it has answered any request.
mute_server_dies() {
    mute_listener -e "$1"
    relay network server
    client client network --psk="$keyfile" -v --lost-after 6
    say client first
    hears client first
    kill -KILL "$(process server)"
    say client second
    expect_exit client 8
    matches client.err '(nothing received|no answer) from the peer for 6 s; .* that the peer has not confirmed may be lost' || fail "$(cat client.err)"
    ! falls_back client || fail "$(cat client.err)"
}

has_ended() { ! runs "$1"; }

# The end of stdin waits for a client that is then given up, and no other event follows.
last_to_wait_for() {
    listener server -k -N --lost-after 2 --psk="$keyfile" --dtls "$1"
    client reader server --psk="$keyfile" --dtls "$1"
    client stopped server --psk="$keyfile" --dtls "$1"
    exchange reader server
    exchange stopped server
    kill -STOP "$(process stopped)"
    feed server <(cat "$TESTDIR/bulk" "$TESTDIR/bulk" "$TESTDIR/bulk") # more than its queue holds
    hangup server
    await 30 has_ended server || fail "the listener has not ended: $(tail -n 3 server.err)"
    size_is reader.out 3000000 || fail "$(stat -c %s reader.out) bytes"
    kill -KILL "$(process stopped)"
}

for version in 1.2 1.3; do
    t "a server mute to heartbeats, DTLS $version" mute_server_echoes $version
    t "a client mute to heartbeats, DTLS $version" mute_client_talks $version
    t "a mute server that only receives, DTLS $version" mute_sink $version
    t "a mute client that only receives, DTLS $version" mute_sink_of_listener $version
    t "a mute server that dies, DTLS $version" mute_server_dies $version
    t "restart at the same port, DTLS $version" restarted $version
    t "another port of the client, DTLS $version" rebound $version
    t "a paused peer, DTLS $version" paused_peer $version
    t "paused ourselves, DTLS $version" paused_self $version
    t "a slow reader, DTLS $version" at_some_pace slow_reader $version
    t "the last of many at the end of stdin, DTLS $version" last_to_wait_for $version
    t "one of many, DTLS $version" one_of_many $version
    t "lines of a log, DTLS $version" log_lines $version
done
t '-z, Finished lost' probe 1.3 2
finish
