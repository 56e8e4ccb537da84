#!/usr/bin/env bash
# stdout has only application data. stderr is silent on success, and has as many lines as -v asks for.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

here=$(cd "$(dirname "$0")" && pwd)

# OPTION...: both sides have these options, and stdout has only application data.
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

# With this openssl.cnf libcrypto would find no algorithm. The tool does not read it.
without_configuration() {
    printf '%s\n' 'openssl_conf = all' '[all]' 'alg_section = algorithms' '[algorithms]' \
        'default_properties = fips=yes' >openssl.cnf
    export OPENSSL_CONF=$PWD/openssl.cnf
    pure
}

# FUNCTION ARG...: repeats a test until neither side has retransmitted, since timers run out on a busy machine.
undelayed() {
    for _ in {1..50}; do
        "$@"
        grep -qE 'RETRANSMIT|DUPLICATE|[1-9][0-9]* retransmits?$' client.err server.err || break
    done
}

# WHAT follows in it, with OPTION...
connected_line() {
    local name line
    line="^dtlscat: 127\.0\.0\.1:[0-9]+ identity \"alice\" connected: $1, cookie, handshake [0-9]+ ms, 0 retransmits$"
    undelayed pure -v --identity alice "${@:2}"
    for name in client server; do
        matches "$name.err" "$line" || fail "$(cat "$name.err")"
    done
}

# Compares every line of the client's trace with the expected file, except for what differs from run to run. Data may
# come before or after an ACK, and counts in epoch 3 too.
trace() {
    local expected=$here/$1
    undelayed trace_once "$2"
    # When an ACK is sent or received depends on timers, as does the number of heartbeats before an alert.
    [[ $2 == PSK-* ]] || { matches client.err '< .* ACK e2#0$' && matches client.err '> .* ACK e3#0$'; } ||
        fail "no ACKs: $(cat client.err)"
    sed -E '/ ACK /d; s/^\+[0-9.]+ \(\+[0-9.]+\)/+TIME/; s/127\.0\.0\.1:[0-9]+/PEER/; s/[0-9]+ ms/MS/
        s/file .*/file KEYFILE/' client.err >seen
    same_file seen "$expected" || fail "$(diff "$expected" seen | tr '\n' '|')"
}

trace_once() {
    listener server --psk="$keyfile" --suite "$1" --cookie on
    client client server --psk="$keyfile" --identity alice --suite "$1" -vv -N
    exchange client server
    [[ $1 == PSK-* ]] || wait_line client.err '> .* ACK ' 10 # it has a timer of its own
    hangup client
    expect_exit client 0
    expect_exit server 0
}

heartbeats_at_vvv() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -vvv
    head -c 100000 /dev/zero >&"${in[client]}"
    wait_line client.err '> .* heartbeat_re[a-z]+ [0-9]+$' 10
    wait_line client.err '< .* heartbeat_re[a-z]+ [0-9]+$' 10
}

# VERSION NAME...: each handshake message has a line with its name.
names_messages() {
    local name
    pure -vv --dtls "$1"
    for name in "${@:2}"; do
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

# The help fits one screen, with a line left for the prompt.
one_screen() {
    "$DTLSCAT" -h >out
    (($(wc -l <out) < 24)) || fail "$(wc -l <out) lines"
    (($(wc -L <out) <= 80)) || fail "a line of $(wc -L <out) columns"
    "$DTLSCAT" --help >all
    grep '^  ' out | grep -vxFf all >others
    (($(wc -l <out) > 15 && ! $(stat -c %s others))) || fail "not in --help: $(head -n 1 others)"
}

full_stdout() {
    "$DTLSCAT" "$1" >/dev/full 2>err
    (($? == 1)) || fail 'no failure'
}

# ---- key log -------------------------------------------------------------------------------------

# The key log of a session of VERSION (RFC 9850): labels with the length of their secrets.
labels_of() {
    if [[ $1 == 1.2 ]]; then
        echo CLIENT_RANDOM 96
    else
        printf '%s 64\n' CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET \
            CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 EXPORTER_SECRET
    fi
}

# FILE has each of these lines once, with one client random.
logged() {
    labels_of "$2" | sort >expected
    awk '{ good = length($2) == 64 && /^[A-Z_0-9]+ [0-9a-f]+ [0-9a-f]+$/
        print good ? $1 : "bad", length($3) }' "$1" | sort >seen
    same_file expected seen || fail "$(cat "$1")"
    (($(cut -d ' ' -f 2 "$1" | sort -u | wc -l) == 1)) || fail 'several randoms'
}

# VERSION: both sides log the same secrets.
keylog_option() {
    listener server --psk="$keyfile" --keylog server.log
    client client server --psk="$keyfile" --keylog client.log --dtls "$1"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    logged client.log "$1"
    [[ $(stat -c %a client.log) == 600 ]] || fail "mode $(stat -c %a client.log)"
    matches client.err 'warning: a reader of the key log client.log can decrypt all data of this run' || fail "$(cat client.err)"
    same_file client.log server.log || fail 'the ends differ'
}

# Both sides write to one file.
keylog_variable() {
    export SSLKEYLOGFILE=client.log
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --dtls "$1"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    sort client.log | uniq -c | awk '$1 == 2 { print $2, $3, $4 }' >twice
    logged twice "$1"
    [[ $(stat -c %a client.log) == 600 ]] || fail "mode $(stat -c %a client.log)"
}

keylog_appends() {
    echo '# before' >client.log
    chmod 644 client.log
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --keylog client.log
    exchange client server
    matches client.err 'client.log is accessible to other users' || fail "$(cat client.err)"
    matches client.log '^# before' || fail 'the file was truncated'
    matches client.log '^CLIENT_TRAFFIC_SECRET_0 ' || fail 'nothing was added'
}

keylog_impossible() {
    "$DTLSCAT" 127.0.0.1 9 --psk="$keyfile" --keylog /nowhere/log </dev/null 2>err
    (($? == 2 || $? == 1)) || fail "$(cat err)"
    matches err '^dtlscat: .*/nowhere/log.*No such file' || fail "$(cat err)"
}

stats() {
    local name
    undelayed pure --stats -vv
    for name in client server; do
        matches "$name.err" '^dtlscat: stats: records_in=1 bytes_in=12 records_out=1 bytes_out=12 ' ||
            fail "$(cat "$name.err")"
        matches "$name.err" '^dtlscat: stats: .* lost=0 .* dropped=0 suite=[A-Z]' ||
            fail "$(cat "$name.err")"
    done
}

t 'only payload on stdout, -vvv' pure -vvv
t 'only payload on stdout, --stats' pure --stats
t 'silent on success' silent
t 'openssl.cnf is not read' without_configuration
t 'one line for a connection' connected_line 'DTLS 1\.3 [A-Z0-9-]+ x25519'
t 'one line for a connection, 1.2' connected_line 'DTLS 1\.2 ECDHE-PSK-[A-Z0-9-]+ x25519 EMS' --dtls 1.2
t 'the trace of a handshake, 1.2' trace trace12.expected PSK-AES128-CCM8
t 'the trace of a handshake, 1.3' trace trace13.expected AES128-CCM8-SHA256
t 'the trace names messages, 1.2' names_messages 1.2 ClientHello HelloVerifyRequest ServerHello \
    ServerHelloDone ClientKeyExchange ChangeCipherSpec Finished
t 'the trace names messages, 1.3' names_messages 1.3 ClientHello HelloRetryRequest ServerHello \
    EncryptedExtensions Finished
t 'the trace of records' records_at_vvv
t 'the trace of heartbeats' heartbeats_at_vvv
t '--stats' stats
t '-V' on_stdout -V '^dtlscat [0-9]+\.[0-9]+'
t '--version' on_stdout --version '^dtlscat [0-9]+\.[0-9]+'
t '-h' on_stdout -h 'dtlscat .*HOST'
t '--help' on_stdout --help 'dtlscat .*HOST'
t '--help fits 80 columns' narrow
t '-h fits 24 rows and 80 columns' one_screen
t '--help to a full device' full_stdout --help
t '-h to a full device' full_stdout -h
t '--version to a full device' full_stdout --version
t '--keygen to a full device' full_stdout --keygen
for version in 1.2 1.3; do
    t "$version --keylog" keylog_option "$version"
    t "$version SSLKEYLOGFILE" keylog_variable "$version"
done
t '--keylog appends' keylog_appends
t '--keylog to nowhere' keylog_impossible
finish
