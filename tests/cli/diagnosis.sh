#!/usr/bin/env bash
# -vv of handshakes that fail or differ from the usual one: all lines, compared with diagnosis-NAME.expected. A reader
# has to find the cause in them.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

here=$(cd "$(dirname "$0")" && pwd)

# NAME FILE: the lines of a trace without what differs from run to run, and without what timers decide.
is_expected() {
    local expected=$here/diagnosis-$1.expected
    sed -E '/ ACK /d; /listening on/d; s/^\+[0-9.]+ \(\+[0-9.]+\)/+TIME/; s/127\.0\.0\.1:[0-9]+/PEER/g
        s/handshake [0-9]+ ms/handshake MS/; s/timer [0-9]+ ms/timer MS/; s/, file .*/, file FILE/' "$2" >seen
    same_file seen "$expected" || fail "$(diff "$expected" seen | tr '\n' '|')"
    # About one screen of 24 lines.
    (($(wc -l <seen) <= 30)) || fail "$(wc -l <seen) lines"
    ! grep -E '^.{81}' seen | grep -v '^dtlscat: ' || fail 'a line of a trace is longer than 80 columns'
}

# The first flight of the server is lost. The timer of the client is the first to run out; on a busy machine it may run
# out twice.
lost_flight() {
    for _ in {1..20}; do
        lose_flight
        grep -qE 'RETRANSMIT 2|DUPLICATE|DROPPED' client.err || break
    done
    sed '/connected:/q' client.err >handshake.err
    is_expected lost handshake.err
}

lose_flight() {
    listener server --psk="$keyfile" --dtls 1.2 --timer 60000
    relay network server 'to-client nth 2'
    client client network --psk="$keyfile" --identity alice --suite PSK-AES128-CCM8 --timer 1000 -vv -N
    wait_line client.err connected 30
    hangup client
    expect_exit client 0
    expect_exit server 0
    kill -TERM "$(process network)"
    expect_exit network 0
}

no_suite() {
    listener server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-CCM8 -v
    client client server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-GCM-SHA256,PSK-CHACHA20-POLY1305
    expect_exit client 7
    wait_line server.err 'handshake failed' 10
    is_expected suite server.err
}

wrong_key() {
    listener server --psk="file:$TESTDIR/otherkey" --dtls 1.3
    client client server --psk="$keyfile" --identity alice --suite AES128-GCM-SHA256 -vv
    expect_exit client 6 7
    is_expected key client.err
}

# A ClientHello as browsers and IoT clients with certificates send it: two suites, a server name, groups, signatures.
certificates_only() {
    local hello
    hello=16fefd000000000000000000670100005b000000000000
    hello+=005bfefd000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0000
    hello+=0004c02bc02f0100002d
    hello+=0000000d000b0000086465762e74657374000a00060004001d0017000d00080006040308040401000b00020100
    listener server --psk="$keyfile" --cookie off -v
    xxd -r -p <<<"$hello" >hello
    cat hello >/dev/udp/127.0.0.1/"${port[server]}" # in one write, so in one datagram
    wait_line server.err 'handshake failed' 10
    is_expected certificates server.err
}

resumed() {
    listener server -k --psk="$keyfile" --dtls 1.3
    client first server --psk="$keyfile" --identity alice --resume ticket --suite AES128-GCM-SHA256
    await 10 test -s ticket || fail 'no ticket'
    hangup first
    expect_exit first 0
    client second server --psk="$keyfile" --identity alice --resume ticket --suite AES128-GCM-SHA256 -vv
    wait_line second.err connected 10
    sed '/connected:/q' second.err >handshake.err
    is_expected resumed handshake.err
}

t 'a lost flight' lost_flight
t 'no suite in common' no_suite
t 'a wrong key' wrong_key
t 'a client with certificates only' certificates_only
t 'a resumed handshake' resumed
finish
