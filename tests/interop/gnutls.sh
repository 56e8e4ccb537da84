#!/usr/bin/env bash
# dtlscat against the GnuTLS programs: every suite in both roles, and what differs between stacks.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# The long ends of what RFC 4279 section 5.3 asks for.
long_key=$(printf '%02x' {1..64})
long_ident=$(printf 'i%.0s' {1..128})

# We are the client of a server that echoes: SUITE, its PRIORITY and its options; then ours.
to_server() {
    local suite=$1 priority=$2 more=$3
    shift 3
    # shellcheck disable=SC2086 # several words
    gnutls_serv server "$priority" $more
    client client server -v --identity "$ident" --psk=env:KEY "$@"
    say client hello
    hears client hello
    say client 'hello again'
    hears client 'hello again'
    hangup client
    expect_exit client 0
    wait_line client.err "connected: DTLS 1.2 $suite " 1
    same_file client.out <(printf 'hello\nhello again\n') || fail 'client.out is not exact'
}

# We are the server: SUITE, the client's PRIORITY and its options; then ours.
from_client() {
    local suite=$1 priority=$2 more=$3
    shift 3
    listener server --psk=env:KEY "$@"
    # shellcheck disable=SC2086 # several words
    gnutls_cli client server "$priority" $more
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    wait_line server.err "\"${ident:0:64}\".* connected: DTLS 1.2 $suite " 1
    same_file server.out <(echo 'from client') || fail 'server.out is not exact'
}

# It names secp256r1 first. gnutls-cli 3.7 crashes when it shows what an ephemeral exchange was made of, which is when the
# handshake is done.
connects_from_client() {
    local suite=$1 priority=$2
    shift 2
    listener server --psk=env:KEY "$@"
    gnutls_cli client server "$priority" 2>/dev/null
    local group
    group=$(group_of "$suite")
    wait_line server.err \
        "\"$ident\".* connected: DTLS 1.2 $suite ${group/x25519/secp256r1}EMS" 10
}

with_long_names() {
    key=$long_key ident=$long_ident KEY=hex:$long_key
    "$@"
}

without_ems() {
    "$@"
    grep -q 'connected: .* no EMS,' ./*.err || fail 'EMS is reported'
}

with_ems() {
    "$@"
    ! grep -q 'no EMS,' ./*.err || fail 'EMS is not reported'
}

# It comes twice by itself.
resumes_from_client() {
    listener server -k --psk=env:KEY
    gnutls_cli client server "$gcm_priority" -r "$@"
    wait_line server.err 'connected: .*, resumed, ' 10
    exchange client server
    hangup client
    expect_exit client 0
    matches client.out 'This is a resumed session' || fail "$(cat client.out)"
}

hinted() {
    from_client "$gcm" "$gcm_priority" '' --hint some_hint
    matches client.out "PSK hint 'some_hint'" || fail "$(cat client.out)"
}

# The server ignores our Finished, as one that has dropped the handshake does. FACTOR
wrong_key_to_server() {
    gnutls_serv server "$gcm_priority"
    client client server --identity "$ident" --psk=hex:00112233445566778899aabbccddeeff -w $((3 * $1))
    expect_exit client 7
    matches client.err 'no answer to our last handshake message .* another key' || fail "$(tail -n 1 client.err)"
}

# GnuTLS goes on with a random key, so that nobody learns its identities. FACTOR
unknown_identity_to_server() {
    gnutls_serv server "$gcm_priority"
    client client server --identity nobody --psk=env:KEY -w $((3 * $1))
    expect_exit client 7
}

# The listener survives it and serves the next.
wrong_key_from_client() {
    listener server --psk=env:KEY
    key=00112233445566778899aabbccddeeff
    gnutls_cli client server "$gcm_priority"
    ended client
    ((rc[client] != 0)) || fail 'gnutls-cli sees no failure'
    wait_line server.err "authentication failed.*\"$ident\"" 5
    key=${KEY#hex:}
    gnutls_cli second server "$gcm_priority"
    exchange second server
}

# The server asks for a cookie, and then says nothing. FACTOR
no_common_suite() {
    gnutls_serv server +PSK:+AES-128-CCM-8:+AEAD
    client client server --psk=env:KEY --suite PSK-AES128-GCM-SHA256 -w "$1"
    expect_exit client 7
}

close_from_client() {
    listener server --psk=env:KEY
    gnutls_cli client server "$gcm_priority"
    exchange client server
    kill -TERM "$(process server)"
    expect_exit server 143
    ended client
    matches client.out 'Peer has closed the GnuTLS connection' || fail "$(tail -n 1 client.out)"
}

export KEY=hex:$key
gcm=PSK-AES128-GCM-SHA256
gcm_priority=+PSK:+AES-128-GCM:+AEAD

while read -r _ suite priority; do
    t "gnutls-serv $suite" to_server "$suite" "$priority" ''
    t "gnutls-serv --nocookie $suite" to_server "$suite" "$priority" --nocookie
    if [[ $suite == *DHE-* ]]; then
        t "gnutls-cli $suite" connects_from_client "$suite" "$priority"
    else
        t "gnutls-cli $suite" from_client "$suite" "$priority" ''
    fi
done <<<"$suites"

while read -r _ suite priority; do
    t "gnutls-serv $suite" to_server "$suite" "$priority" '' --suite "$suite"
    t "gnutls-cli $suite" connects_from_client "$suite" "$priority" --suite "$suite"
done <<<"$asked_suites"

t 'gnutls-serv, EMS by default' with_ems to_server $gcm $gcm_priority ''
t 'gnutls-cli, EMS by default' with_ems from_client $gcm $gcm_priority ''
t 'gnutls-serv without EMS' without_ems to_server $gcm $gcm_priority:%NO_SESSION_HASH ''
t 'gnutls-cli without EMS' without_ems from_client $gcm $gcm_priority:%NO_SESSION_HASH ''
t 'gnutls-serv, --no-ems' without_ems to_server $gcm $gcm_priority '' --no-ems
t 'gnutls-cli, --no-ems' without_ems from_client $gcm $gcm_priority '' --no-ems
t 'gnutls-serv without any extension' to_server $gcm $gcm_priority:%NO_EXTENSIONS ''
t 'gnutls-cli without any extension' from_client $gcm $gcm_priority:%NO_EXTENSIONS ''
t 'gnutls-serv without tickets' to_server $gcm $gcm_priority --noticket
t 'gnutls-cli without tickets' from_client $gcm $gcm_priority --noticket
t 'gnutls-cli resumes by ticket' resumes_from_client
t 'gnutls-cli resumes by session ID' resumes_from_client --noticket
t 'gnutls-serv, small MTU' to_server $gcm $gcm_priority '--mtu 256'
t 'gnutls-cli, small MTU' from_client $gcm $gcm_priority '--mtu 256'
t 'gnutls-serv, our small MTU' to_server $gcm $gcm_priority '' --mtu 256
t 'gnutls-cli, our small MTU' from_client $gcm $gcm_priority '' --mtu 256
t 'gnutls-serv sends a hint' to_server $gcm $gcm_priority '--pskhint some_hint'
t 'gnutls-cli gets our hint' hinted
t 'gnutls-cli without cookie' from_client $gcm $gcm_priority '' --cookie off
t 'gnutls-cli -b (heartbeat)' from_client $gcm $gcm_priority -b
t 'gnutls-serv -b (heartbeat)' to_server $gcm $gcm_priority -b
t 'gnutls-serv, 64-byte key and 128-byte identity' \
    with_long_names to_server $gcm $gcm_priority ''
t 'gnutls-cli, 64-byte key and 128-byte identity' \
    with_long_names from_client $gcm $gcm_priority ''
t 'gnutls-serv, wrong key' at_some_pace wrong_key_to_server
t 'gnutls-serv, unknown identity' at_some_pace unknown_identity_to_server
t 'gnutls-cli, wrong key' wrong_key_from_client
t 'gnutls-serv, no suite in common' at_some_pace no_common_suite
t 'gnutls-cli, we close' close_from_client
finish
