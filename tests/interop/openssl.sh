#!/usr/bin/env bash
# dtlscat against the openssl programs: every suite in both roles, and what differs between stacks.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# The long ends of what RFC 4279 section 5.3 asks for.
long_key=$(printf '%02x' {1..64})
long_ident=$(printf 'i%.0s' {1..128})

# An OpenSSL configuration that switches the extended master secret off.
no_ems() {
    cat >no-ems.cnf <<-END
	openssl_conf = init
	[init]
	ssl_conf = modules
	[modules]
	system_default = defaults
	[defaults]
	Options = -ExtendedMasterSecret
	END
    export OPENSSL_CONF=$PWD/no-ems.cnf
}

# We are the client: SUITE and options of the server; then options of dtlscat.
to_server() {
    local suite=$1 more=$2
    shift 2
    # shellcheck disable=SC2086 # several words
    s_server server "$suite" $more
    client client server -v --identity "$ident" --psk=env:KEY "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    wait_line client.err "connected: DTLS 1.2 $suite " 1
    same_file client.out <(echo 'from server') || fail 'client.out is not exact'
    same_file server.out <(echo 'from client') || fail 'server.out is not exact'
}

# We are the server: SUITE and options of the client; then options of dtlscat.
from_client() {
    local suite=$1 more=$2
    shift 2
    listener server --psk=env:KEY "$@"
    # shellcheck disable=SC2086 # several words
    s_client client server "$suite" $more
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    wait_line server.err "\"${ident:0:64}\".* connected: DTLS 1.2 $suite " 1
    same_file server.out <(echo 'from client') || fail 'server.out is not exact'
}

with_long_names() {
    key=$long_key ident=$long_ident KEY=hex:$long_key
    "$@"
}

without_ems() {
    no_ems
    "$@"
    grep -q 'connected: .* no EMS,' ./*.err || fail 'EMS is reported'
}

ems_refused() {
    "$@" --no-ems
    grep -q 'connected: .* no EMS,' ./*.err || fail 'EMS is reported'
}

with_ems() {
    "$@"
    ! grep -q 'no EMS,' ./*.err || fail 'EMS is not reported'
}

# A client NAME of the server, with the session of the one before.
resumer() {
    client "$1" server -v --identity "$ident" --psk=env:KEY --resume session "${@:2}"
    exchange "$1" server
    hangup "$1"
    expect_exit "$1" 0
}

is_resumed() { matches "$1.err" 'connected: .*, resumed, ' || fail "$(cat "$1.err")"; }
is_new() { ! matches "$1.err" 'connected: .*, resumed, ' || fail "$(cat "$1.err")"; }

# By ticket, or with -no_ticket by session ID: options of the server.
resumes_at_server() {
    s_server server PSK-AES128-GCM-SHA256 -naccept 3 "$@"
    resumer first
    is_new first
    resumer second
    is_resumed second
    resumer third --dtls 1.2
    is_resumed third
    expect_exit server 0
}

# It knows no such session, and makes a new one.
session_id() {
    s_server server PSK-AES128-GCM-SHA256 -naccept 1 -msg -msgfile messages
    client client server -v --identity "$ident" --psk=env:KEY --session-id c0ffee0123456789c0ffee
    exchange client server
    hangup client
    expect_exit client 0
    is_new client
    tr -d ' \n' <messages | grep -qc 0bc0ffee0123456789c0ffee || fail "$(cat messages)"
}

# The same session twice, of which so MANY resume: a ticket is good once.
resumes_from_client() {
    local many=$1 name
    shift
    listener server -k --psk=env:KEY
    for name in first second third; do
        s_client $name server PSK-AES128-GCM-SHA256 -sess_out $name.session \
            ${session:+-sess_in $session} "$@"
        exchange $name server
        hangup $name
        expect_exit $name 0
        session=first.session
    done
    (($(grep -c 'connected: .*, resumed, ' server.err) == many)) || fail "$(cat server.err)"
    (($(grep -c 'connected: ' server.err) == 3)) || fail "$(cat server.err)"
}

# One line longer than any datagram that we send.
long_line() {
    local line
    line=$(printf 'x%.0s' {1..5000})
    s_server server PSK-AES128-CCM8
    client client server --identity "$ident" --psk=env:KEY
    say client "$line"
    hears server "$line"
    say server "$line"
    hears client "$line"
}

# The server shows nothing but its last flight again and again, and -w is longer than the test waits.
wrong_key_to_server() {
    s_server server PSK-AES128-GCM-SHA256 "$@"
    client client server --identity "$ident" --psk=hex:00112233445566778899aabbccddeeff -w 1000
    expect_exit client 6
    matches client.err '^dtlscat: authentication failed' || fail "$(tail -n 1 client.err)"
}

# The listener survives it and serves the next.
wrong_key_from_client() {
    listener server --psk=env:KEY
    key=00112233445566778899aabbccddeeff
    s_client client server PSK-AES128-GCM-SHA256
    ended client
    ((rc[client] != 0)) || fail 's_client sees no failure'
    wait_line server.err "authentication failed.*\"$ident\"" 5
    key=${KEY#hex:}
    s_client second server PSK-AES128-GCM-SHA256
    exchange second server
}

unknown_identity() {
    (umask 077 && printf 'alice:%s\n' "$KEY" >identities)
    listener server --psk=file:identities
    s_client client server PSK-AES128-GCM-SHA256
    ended client
    ((rc[client] != 0)) || fail 's_client sees no failure'
    ident=alice
    s_client second server PSK-AES128-GCM-SHA256
    exchange second server
}

no_common_suite() {
    s_server server PSK-AES128-CCM8
    client client server --psk=env:KEY --suite PSK-AES128-GCM-SHA256
    expect_exit client 7
}

# Our end is signalled: the peer has to see the end of the session.
close_to_server() {
    s_server server PSK-AES128-CCM8
    client client server --identity "$ident" --psk=env:KEY
    exchange client server
    kill -TERM "$(process client)"
    expect_exit client 143
    expect_exit server 0
}

close_from_client() {
    listener server --psk=env:KEY
    s_client client server PSK-AES128-CCM8
    exchange client server
    kill -TERM "$(process server)"
    expect_exit server 143
    expect_exit client 0
}

# Both sides derive the same master secret.
same_key_log() {
    listener server --psk=env:KEY --keylog ours
    s_client client server "$gcm" -keylogfile theirs
    exchange client server
    same_file ours <(grep -v '^#' theirs) || fail "$(diff ours theirs)"
}

# openssl ends the session when renegotiation is refused: the peer failed after the handshake.
renegotiation_from_client() {
    need openssl
    listener server --psk=env:KEY -vv
    spawn client openssl s_client -dtls1_2 -connect "127.0.0.1:${port[server]}" -psk "$key" \
        -psk_identity "$ident" -cipher "$gcm:@SECLEVEL=0" -no_ign_eof
    wait_line server.err connected 10
    say client R
    expect_exit server 8
    matches server.err '> .*Alert warning no_renegotiation' || fail "$(cat server.err)"
    matches server.err 'connection lost' || fail "$(cat server.err)"
}

renegotiation_from_server() {
    need openssl
    spawn server openssl s_server -dtls1_2 -accept 127.0.0.1:0 -nocert -psk "$key" \
        -cipher "$gcm:@SECLEVEL=0"
    await_port server
    client client server --psk=env:KEY -vv --resume session
    wait_line client.err connected 10
    [[ -s session ]] || fail 'no session'
    say server r
    expect_exit client 8
    [[ ! -e session ]] || fail 'the session would be resumed after its fatal alert'
    matches client.err '> .*Alert warning no_renegotiation' || fail "$(cat client.err)"
}

export KEY=hex:$key
gcm=PSK-AES128-GCM-SHA256
ccm8=PSK-AES128-CCM8

while read -r _ suite _; do
    t "openssl s_server $suite" to_server "$suite" ''
    t "openssl s_server -listen $suite" to_server "$suite" -listen
    t "openssl s_client $suite" from_client "$suite" ''
done <<<"$suites"

# RFC 7919 section 4: a client lists its finite field groups, and a server that has one of them may choose DHE.
# OpenSSL 4.0 does so over TLS 1.2; over DTLS 1.2 it has "no shared cipher" for a client that lists one.
skip_if_dhe_is_refused() {
    [[ $(openssl version) == 'OpenSSL 4.'* ]] || return 0
    s_server probe DHE-PSK-AES128-GCM-SHA256
    client refused probe --psk=env:KEY --suite DHE-PSK-AES128-GCM-SHA256
    ended refused
    ! matches probe.err 'no shared cipher' ||
        skip "a fault of $(openssl version | cut -d ' ' -f 1,2): no DHE over DTLS 1.2 for a client that lists its groups"
}

to_dhe_server() {
    skip_if_dhe_is_refused
    to_server "$@"
}

# By itself OpenSSL chooses its prime by the security level, and at 0, where alone OpenSSL 3.5 has CCM_8, one
# that is too small.
openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out "$TESTDIR/prime" 2>/dev/null
while read -r _ suite _; do
    way=to_server
    [[ $suite != DHE-* ]] || way=to_dhe_server
    t "openssl s_server $suite" $way "$suite" "-dhparam $TESTDIR/prime" --suite "$suite"
    t "openssl s_client $suite" from_client "$suite" '' --suite "$suite"
done <<<"$asked_suites"

# With 1024 bits.
weak_group() {
    skip_if_dhe_is_refused
    s_server server DHE-PSK-AES128-GCM-SHA256
    client client server --psk=env:KEY --suite DHE-PSK-AES128-GCM-SHA256
    expect_exit client 7
    matches client.err 'handshake failed: the server chose an unsafe Diffie-Hellman prime' || fail "$(cat client.err)"
}
t 'openssl s_server with a weak prime' weak_group

# OpenSSL's groups and ours; which is then used.
p256() {
    local way=$1 more=$2
    shift 2
    "$way" $chacha "$more" "$@"
    grep -q 'connected: .* secp256r1 EMS,' ./*.err || fail 'not secp256r1'
}

chacha=ECDHE-PSK-CHACHA20-POLY1305
t 'openssl s_server -groups P-256' p256 to_server '-groups P-256'
t 'openssl s_client -groups P-256' p256 from_client '-groups P-256'
t 'openssl s_server, --group secp256r1' p256 to_server '' --group secp256r1
t 'openssl s_client, --group secp256r1' p256 from_client '' --group secp256r1
t 'openssl s_server, X25519 is not the first of it' p256 to_server '-groups P-256:X25519' \
    --group secp256r1,x25519
t 'openssl s_server with a hint and ECDHE' to_server $chacha '-psk_hint some_hint'
t 'openssl s_client without EMS, ECDHE' without_ems from_client $chacha ''
t 'openssl s_server, EMS by default' with_ems to_server $gcm ''
t 'openssl s_client, EMS by default' with_ems from_client $gcm ''
t 'openssl s_server without EMS' without_ems to_server $gcm ''
t 'openssl s_client without EMS' without_ems from_client $gcm ''
t 'openssl s_server, --no-ems' ems_refused to_server $gcm ''
t 'openssl s_client, --no-ems' ems_refused from_client $gcm ''
t 'openssl s_server without tickets' to_server $gcm -no_ticket
t 'openssl s_client without tickets' from_client $gcm -no_ticket
t 'openssl s_server resumes by ticket' resumes_at_server
t 'openssl s_server resumes by session ID' resumes_at_server -no_ticket
t 'openssl s_client resumes by ticket' resumes_from_client 1
t 'openssl s_client resumes by session ID' resumes_from_client 2 -no_ticket
t 'openssl s_server is offered a session ID' session_id
t 'openssl s_server, small MTU' to_server $ccm8 '-mtu 300'
t 'openssl s_client, small MTU' from_client $ccm8 '-mtu 300'
# With all its suites its hello does not fit.
in_fragments() {
    from_client $chacha '-mtu 256 -cipher DEFAULT' -vv "$@"
    matches server.err 'ClientHello msg0 bytes 0-' || fail "$(cat server.err)"
}
for cookie in on auto off; do
    t "openssl s_client, hello in fragments, --cookie $cookie" in_fragments --cookie "$cookie"
done
t 'openssl s_server, our small MTU' to_server $ccm8 '' --mtu 256
t 'openssl s_client, our small MTU' from_client $ccm8 '' --mtu 256
t 'openssl s_server sends a hint' to_server $gcm '-psk_hint some_hint'
t 'openssl s_client gets our hint' from_client $gcm '' --hint some_hint
t 'openssl s_client without cookie' from_client $gcm '' --cookie off
t 'openssl s_server, 64-byte key and 128-byte identity' with_long_names to_server $ccm8 ''
t 'openssl s_client, 64-byte key and 128-byte identity' with_long_names from_client $ccm8 ''
t 'openssl s_server, a line of 5000 bytes both ways' long_line
t 'openssl s_server, wrong key' wrong_key_to_server
t 'openssl s_server -listen, wrong key' wrong_key_to_server -listen
t 'openssl s_client, wrong key' wrong_key_from_client
t 'openssl s_client, unknown identity' unknown_identity
t 'openssl s_server, no suite in common' no_common_suite
t 'openssl s_client, key log' same_key_log
t 'openssl s_client, renegotiation' renegotiation_from_client
t 'openssl s_server, renegotiation' renegotiation_from_server
t 'openssl s_server, we close' close_to_server
t 'openssl s_client, we close' close_from_client
finish
