#!/usr/bin/env bash
# stdout is payload only; stderr is silent on success, and talks as much as it is asked to.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

here=$(cd "$(dirname "$0")" && pwd)

# Both ends with OPTION...: only the payload is on stdout.
pure() {
    listener server --psk="$keyfile" "$@"
    client client server --psk="$keyfile" "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    same_file client.out <(echo 'from server') || fail "$(cat client.out)"
    same_file server.out <(echo 'from client') || fail "$(cat server.out)"
}

silent() {
    spawn server "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile"
    await_port server
    client client server --psk="$keyfile"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    ((! $(stat -c %s client.err))) || fail "client: $(cat client.err)"
    ! grep -v 'listening on' server.err >rest || fail "server: $(cat rest)"
}

connected_line() {
    pure -v --identity alice
    matches client.err \
        '^dtlscat: 127\.0\.0\.1:[0-9]+ .*connected: DTLS 1\.2 PSK-[A-Z0-9-]+ EMS, .*[0-9]+ ms' ||
        fail "$(cat client.err)"
    matches server.err \
        '^dtlscat: 127\.0\.0\.1:[0-9]+ "alice" connected: DTLS 1\.2 PSK-[A-Z0-9-]+ EMS, cookie' ||
        fail "$(cat server.err)"
}

# Every line of the client's trace, without what differs from run to run, against the expected
# file. On a busy machine a timer may run out; then try again.
trace() {
    local attempt
    for attempt in 1 2 3 4 5; do
        trace_once
        grep -qE 'RETRANSMIT|DUPLICATE' client.err || break
    done
    sed -E 's/\+[0-9]+\.[0-9]+/+TIME/; s/127\.0\.0\.1:[0-9]+/PEER/; s/[0-9]+ ms/MS/
        s/file .*/file KEYFILE/' client.err >seen
    same_file seen "$here/trace.expected" ||
        fail "attempt $attempt: $(diff "$here/trace.expected" seen | tr '\n' '|')"
}

trace_once() {
    listener server --psk="$keyfile" --suite PSK-AES128-CCM8 --cookie on
    client client server --psk="$keyfile" --identity alice --suite PSK-AES128-CCM8 -vv -N
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# Each handshake message has a line, with its name.
names_messages() {
    local name
    pure -vv
    for name in ClientHello HelloVerifyRequest ServerHello ServerHelloDone ClientKeyExchange \
        ChangeCipherSpec Finished; do
        matches client.err "$name" || fail "client: no $name"
        matches server.err "$name" || fail "server: no $name"
    done
}

records_at_vvv() {
    pure -vvv
    (($(wc -l <client.err) > 8)) || fail 'too little'
    matches client.err 'application.data|ApplicationData' || fail 'no record of data'
}

on_stdout() {
    local status
    "$DTLSCAT" "$1" >out 2>err
    status=$?
    ((status == 0)) || fail "exit $status"
    ((! $(stat -c %s err))) || fail "on stderr: $(cat err)"
    matches out "$2" || fail "$(cat out)"
}

narrow() {
    "$DTLSCAT" --help >out
    (($(wc -L <out) <= 80)) || fail "a line of $(wc -L <out) columns"
}

full_stdout() {
    "$DTLSCAT" "$1" >/dev/full 2>err
    (($? == 1)) || fail 'no failure'
}

# ---- key log -------------------------------------------------------------------------------------

# One line, the same on both ends; RFC 9850.
keylog_file() {
    listener server --psk="$keyfile" "${server_options[@]}"
    client client server --psk="$keyfile" "${client_options[@]}"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    matches client.log '^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$' || fail "$(cat client.log)"
    (($(wc -l <client.log) == 1)) || fail 'not one line'
    [[ $(stat -c %a client.log) == 600 ]] || fail "mode $(stat -c %a client.log)"
    [[ ! -e server.log ]] || same_file client.log server.log || fail 'the ends differ'
}

keylog_option() {
    server_options=(--keylog server.log) client_options=(--keylog client.log)
    keylog_file
    [[ -e server.log ]] || fail 'no key log of the listener'
}

keylog_variable() {
    export SSLKEYLOGFILE=client.log
    server_options=() client_options=()
    listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    exchange client server
    wait_line client.log '^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$' 5
    [[ $(sort -u client.log | wc -l) == 1 ]] || fail 'the ends differ'
    [[ $(stat -c %a client.log) == 600 ]] || fail "mode $(stat -c %a client.log)"
}

keylog_appends() {
    echo '# before' >client.log
    chmod 600 client.log
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --keylog client.log
    exchange client server
    matches client.log '^# before' || fail 'the file was truncated'
    matches client.log '^CLIENT_RANDOM' || fail 'nothing was added'
}

keylog_impossible() {
    "$DTLSCAT" 127.0.0.1 9 --psk="$keyfile" --keylog /nowhere/log </dev/null 2>err
    (($? == 2 || $? == 1)) || fail "$(cat err)"
    matches err '^dtlscat: .*/nowhere/log.*No such file' || fail "$(cat err)"
}

stats() {
    local name
    pure --stats
    for name in client server; do
        matches "$name.err" '^dtlscat: stats: records_in=1 bytes_in=12 records_out=1 bytes_out=12 ' ||
            fail "$(cat "$name.err")"
        matches "$name.err" '^dtlscat: stats: .* lost=0 .* dropped=0 suite=PSK-' ||
            fail "$(cat "$name.err")"
    done
}

t 'only payload on stdout, -vvv' pure -vvv
t 'only payload on stdout, --stats' pure --stats
t 'silent on success' silent
t 'one line for a connection' connected_line
t 'the trace of a handshake' trace
t 'the trace names messages' names_messages
t 'the trace of records' records_at_vvv
t '--stats' stats
t '-V' on_stdout -V '^dtlscat [0-9]+\.[0-9]+'
t '--version' on_stdout --version '^dtlscat [0-9]+\.[0-9]+'
t '-h' on_stdout -h 'dtlscat .*HOST'
t '--help' on_stdout --help 'dtlscat .*HOST'
t '--help fits 80 columns' narrow
t '--help to a full device' full_stdout --help
t '--version to a full device' full_stdout --version
t '--keylog' keylog_option
t 'SSLKEYLOGFILE' keylog_variable
t '--keylog appends' keylog_appends
t '--keylog to nowhere' keylog_impossible
finish
