#!/usr/bin/env bash
# The exit status is the kind of failure, and one line on stderr has the details.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# CODE PATTERN OPTION...: dtlscat without input ends before the limits of -w and of the test, with exit status CODE and
# one line that matches PATTERN.
ends_with() {
    local code=$1 pattern=$2
    shift 2
    stdin=/dev/null spawn client "$DTLSCAT" -w 1000 "$@"
    expect_exit client "$code"
    (($(wc -l <client.err) == 1)) || fail "not one line: $(cat client.err)"
    matches client.err "^dtlscat: .*$pattern" || fail "$(cat client.err)"
    ((! $(stat -c %s client.out))) || fail 'something on stdout'
}

# Arguments: the options --dtls of the two sides.
server_dtls=()
client_dtls=()

# The listener continues after a failed handshake: it serves the next client.
serves_the_next() {
    client next server --identity alice --psk=file:identities "${client_dtls[@]}"
    exchange next server
    hangup next
    expect_exit next 0
    expect_exit server 0
}

alice_and_bob() {
    (umask 077 && printf 'alice:hex:%s\nbob:hex:ff%s\n' "$key" "$key" >identities)
    listener server --psk=file:identities "${server_dtls[@]}"
}

wrong_key() {
    alice_and_bob
    ends_with 6 'authentication failed.*alice.*16 bytes' 127.0.0.1 "${port[server]}" \
        --identity alice --psk="file:$TESTDIR/otherkey" "${client_dtls[@]}"
    wait_line server.err 'authentication failed.*"alice"' 5
    serves_the_next
}

unknown_identity() {
    alice_and_bob
    ends_with 6 'mallory' 127.0.0.1 "${port[server]}" \
        --identity mallory --psk="$keyfile" "${client_dtls[@]}"
    wait_line server.err 'unknown identity "mallory"' 5
    serves_the_next
}

# An observer cannot tell an unknown identity from a wrong key: the messages and their lengths are the same. The number
# of times that the alert is repeated depends on timing.
both_look_alike() {
    alice_and_bob
    shape alice >wrong
    shape mabel >unknown
    [[ -s wrong ]] || fail 'nothing was received'
    same_file wrong unknown || fail "$(diff wrong unknown)"
}

# Prints what the listener sends to a client with IDENTITY and a key that is not alice's.
shape() {
    timeout "$limit" "$DTLSCAT" -vv 127.0.0.1 "${port[server]}" --identity "$1" \
        --psk="file:$TESTDIR/otherkey" "${client_dtls[@]}" </dev/null 2>&1 |
        sed -nE 's/^[+0-9.() ]+ < +//p' | uniq
}

many_failures() {
    local n
    alice_and_bob
    for n in 1 2 3; do
        timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" --identity "$n" --psk="$keyfile" \
            </dev/null 2>/dev/null
    done
    serves_the_next
}

refused() {
    listener server --psk="$keyfile"
    kill -KILL "$(process server)"
    ended server
    ends_with 4 'refused' 127.0.0.1 "${port[server]}" --psk="$keyfile" "$@"
}

# SECONDS OPTION...: a socket accepts all datagrams and answers none, as a stopped listener does. A client gives up
# after SECONDS, as OPTION... tells, and not later: another client with a limit of an hour still waits then.
silent() {
    local seconds=$1 start
    shift
    listener server --psk="$keyfile"
    kill -STOP "$(process server)"
    client patient server --psk="$keyfile" "$@" -w 1h
    start=${EPOCHREALTIME/./}
    ends_with 5 "no answer within $seconds s" 127.0.0.1 "${port[server]}" --psk="$keyfile" "$@"
    awk -v took="$((${EPOCHREALTIME/./} - start))" -v least="$seconds" \
        'BEGIN { exit took < least * 1e6 }' || fail 'too early'
    runs patient || fail 'one that waits longer has ended, too'
    kill -CONT "$(process server)"
}

# Without a network, a resolver may take a long time to answer.
unknown_name() {
    RES_OPTIONS='timeout:1 attempts:1' \
        ends_with 3 'nobody\.invalid' nobody.invalid 5684 --psk="$keyfile"
}

no_common_suite() {
    listener server --psk="$keyfile" --suite PSK-AES128-CCM8,AES128-CCM-SHA256 "${server_dtls[@]}"
    ends_with 7 'handshake failed: .*compare --suite' \
        127.0.0.1 "${port[server]}" --psk="$keyfile" \
        --suite PSK-AES256-CCM,CHACHA20-POLY1305-SHA256 "${client_dtls[@]}"
}

# A server of another implementation, which supports DTLS 1.2 only and sends no alert for a wrong key.
wrong_key_to_openssl() {
    s_server server PSK-AES128-GCM-SHA256
    ends_with 6 'authentication failed.*alice.*16 bytes' \
        127.0.0.1 "${port[server]}" --identity alice --psk="file:$TESTDIR/otherkey"
}

no_suite_of_openssl() {
    s_server server PSK-AES128-CCM8
    ends_with 7 'handshake failed: .*compare --suite' \
        127.0.0.1 "${port[server]}" --psk="$keyfile" --suite PSK-AES256-CCM,AES128-GCM-SHA256
}

full_device() {
    alice_and_bob
    stdout=/dev/full client client server --identity alice --psk=file:identities
    say server hello
    expect_exit client 1
    matches client.err '^dtlscat: .*No space left' || fail "$(cat client.err)"
}

# FACTOR: the handshake has to end within the limit of -w too.
idle_client() {
    local start
    listener server --psk="$keyfile"
    start=$(now_ms)
    client client server --psk="$keyfile" -w "$1"
    expect_exit client 9
    (($(now_ms) - start >= 1000 * $1)) || fail 'too early'
    matches client.err "^dtlscat: .*for $1 s .*-w" || fail "$(cat client.err)"
    expect_exit server 0
}

idle_listener() {
    listener server --psk="$keyfile" -w "$1"
    client client server --psk="$keyfile"
    expect_exit server 9
    matches server.err "^dtlscat: .*for $1 s .*-w" || fail "$(cat server.err)"
    expect_exit client 0
}

# A listener waits for its first client without a limit.
patient_listener() {
    listener server --psk="$keyfile" -w "$1"
    pause $((1500 * $1))
    client client server --psk="$keyfile"
    exchange client server
}

# SIGNAL CODE NAME: after SIGNAL to NAME, its peer receives close_notify and exits with 0.
signalled() {
    local who=$3 other=server
    [[ $who == client ]] || other=client
    listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    exchange client server
    kill "-$1" "$(process "$who")"
    expect_exit "$who" "$2"
    expect_exit "$other" 0
}

signalled_before_connect() {
    listener server --psk="$keyfile"
    kill "-$1" "$(process server)"
    expect_exit server "$2"
}

# The client gets the signal while it waits for a response to its ClientHello.
signalled_in_handshake() {
    listener server --psk="$keyfile"
    kill -STOP "$(process server)"
    client client server --psk="$keyfile" -vv
    wait_line client.err ClientHello 10
    kill "-$1" "$(process client)"
    expect_exit client "$2"
    kill -CONT "$(process server)"
}

# The peer does not answer close_notify any more. A client that got a signal retransmits close_notify for some time. A
# second signal ends the client at once, without a further line.
signalled_while_unanswered() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -v
    exchange client server
    kill -STOP "$(process server)"
    kill -TERM "$(process client)"
    [[ -z ${1:-} ]] || twice "$(process client)"
    expect_exit client 143
    kill -KILL "$(process server)"
}

twice() {
    pause 20
    kill -TERM "$1"
}

signalled_once() {
    signalled_while_unanswered
    matches client.err 'closed by a signal' || fail "$(cat client.err)"
}

signalled_twice() {
    signalled_while_unanswered again
    ! matches client.err 'closed by a signal' || fail 'the second signal is ignored'
}

# stdout is a full pipe without a reader.
signalled_while_unread() {
    local reader
    mkfifo full
    exec {reader}<>full
    dd if=/dev/zero of=/dev/fd/"$reader" bs=4096 oflag=nonblock status=none 2>filled
    listener server --psk="$keyfile"
    stdout=full client client server --psk="$keyfile" -vvv
    wait_line client.err connected 10
    say server hello
    wait_line client.err '< .* application_data' 10
    kill -TERM "$(process client)"
    expect_exit client 143
    matches client.err 'stdout accepted no data for 2 s after the signal: the last [0-9]* bytes of output are lost' || fail "$(tail -n 3 client.err)"
    exec {reader}>&-
}

dead_address=192.0.2.1 # RFC 5737: documentation

# VERSION VERSION: a listener of the first version, and a client of the second.
while read -r server client; do
    server_dtls=() client_dtls=()
    [[ $server == both ]] || server_dtls=(--dtls "$server")
    [[ $client == both ]] || client_dtls=(--dtls "$client")
    t "$server-$client wrong key" wrong_key
    t "$server-$client unknown identity" unknown_identity
    t "$server-$client wrong key and unknown identity look alike" both_look_alike
    t "$server-$client no suite in common" no_common_suite
done <<'END'
both both
both 1.2
both 1.3
1.2 both
1.3 both
END
server_dtls=() client_dtls=()
t 'wrong key, openssl' wrong_key_to_openssl
t 'no suite in common, openssl' no_suite_of_openssl
t 'a listener survives failed handshakes' many_failures
t 'refused' refused
t 'refused, 1.2' refused --dtls 1.2
t 'refused, 1.3' refused --dtls 1.3
t 'silent port, -w 1' silent 1 -w 1
t 'silent port, 1.2' silent 0.5 -w 0.5 --dtls 1.2
t 'silent port, 1.3' silent 0.5 -w 0.5 --dtls 1.3
t 'silent port, -w with ms' silent 0.3 -w 300ms
t 'silent port, -w with s' silent 0.4 -w .4s
t 'silent port, -w with m' silent 0.3 -w 0.005m
t 'silent port, -w with h' silent 0.36 -w 0.0001h
t 'unknown name' unknown_name
t 'name with -n' ends_with 3 'localhost' -n localhost 5684 --psk="$keyfile"
t 'IPv6 address with -4' ends_with 3 '::1' -4 ::1 5684 --psk="$keyfile"
t 'local address that is not ours' ends_with 1 'Cannot assign' \
    -s $dead_address 127.0.0.1 5684 --psk="$keyfile"
t 'stdout full' full_device
t 'idle client, -w 1' at_some_pace idle_client
t 'idle listener, -w 1' at_some_pace idle_listener
t 'no limit before the first client' at_some_pace patient_listener
t 'SIGINT to the client' signalled INT 130 client
t 'SIGTERM to the client' signalled TERM 143 client
t 'SIGINT to the listener' signalled INT 130 server
t 'SIGTERM to the listener' signalled TERM 143 server
t 'SIGTERM to a listener without client' signalled_before_connect TERM 143
t 'SIGINT in the handshake' signalled_in_handshake INT 130
t 'SIGTERM, and the peer is silent' signalled_once
t 'a second signal' signalled_twice
t 'a signal while nobody reads' signalled_while_unread
finish
