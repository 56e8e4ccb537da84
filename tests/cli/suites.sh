#!/usr/bin/env bash
# Every suite between two dtlscat, by each of its names, and what both sides need in common.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# SUITE NAME: the client connects with NAME, and reports SUITE.
connects() {
    local suite=$1 name=$2
    shift 2
    listener server --psk="$keyfile" --suite "$name"
    client client server -v --psk="$keyfile" "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    local line
    line="connected: DTLS 1.2 $suite $(group_of "$suite")EMS"
    matches client.err "$line" || fail "$(tail -n 1 client.err)"
    matches server.err "$line" || fail "$(tail -n 1 server.err)"
}

iana_name() {
    case $1 in
    DHE-*CCM8) echo TLS_PSK_DHE_WITH_AES_128_CCM_8 ;; # that is its name
    *CHACHA20*) sed -E 's/^(.*DHE-)?PSK-(.*)/TLS_\1PSK_WITH_\2_SHA256/; s/-/_/g' <<<"$1" ;;
    *) sed -E 's/^(.*DHE-)?PSK-AES/TLS_\1PSK_WITH_AES_/; s/-/_/g; s/CCM8/CCM_8/' <<<"$1" ;;
    esac
}

not_by_default() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --suite "$1"
    expect_exit client 7
}

nothing_in_common() {
    listener server --psk="$keyfile" --suite PSK-AES128-CCM8
    client client server --psk="$keyfile" --suite PSK-AES128-GCM-SHA256
    expect_exit client 7
    matches client.err '^dtlscat: ' || fail 'no word of why'
    client second server --psk="$keyfile" --suite PSK-AES128-CCM8
    exchange second server
}

# The order of the listener decides. The client offers several suites.
first_of_the_list() {
    listener server --psk="$keyfile" --suite PSK-AES256-CCM,PSK-AES128-CCM
    client client server -v --psk="$keyfile" --suite PSK-AES128-CCM,PSK-AES256-CCM
    exchange client server
    matches client.err 'connected: DTLS 1.2 PSK-AES(256|128)-CCM ' || fail "$(cat client.err)"
}

while read -r number suite _; do
    t "$suite" connects "$suite" "$suite"
    t "$(iana_name "$suite")" connects "$suite" "$(iana_name "$suite")"
    t "$number" connects "$suite" "$number"
done <<<"$suites"$'\n'"$our_suites"
while read -r number suite _; do
    t "$suite" connects "$suite" "$suite" --suite "$suite"
    t "$(iana_name "$suite")" connects "$suite" "$(iana_name "$suite")" --suite "$number"
    t "$suite is not on by default" not_by_default "$suite"
done <<<"$asked_suites"
# DTLS 1.3, selected by --dtls, with data in both directions.
connects13() {
    local suite=$1
    listener server --psk="$keyfile" --dtls 1.3 --suite "$suite"
    client client server -v --psk="$keyfile" --dtls 1.3 --suite "$suite"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    matches client.err "connected: DTLS 1.3 $suite x25519, cookie" || fail "$(tail -n 1 client.err)"
}

group() {
    listener server --psk="$keyfile" --dtls 1.3
    client client server -v --psk="$keyfile" --dtls 1.3 --group "$1"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    matches client.err "connected: DTLS 1.3 AES128-GCM-SHA256 $2, cookie" || fail "$(tail -n 1 client.err)"
}

# The same in DTLS 1.2. Arguments: options of the listener, options of the client, SUITE, and GROUP if it has one.
group12() {
    local theirs=$1 ours=$2 suite=$3
    # shellcheck disable=SC2086 # several words
    listener server --psk="$keyfile" --dtls 1.2 $theirs
    # shellcheck disable=SC2086 # several words
    client client server -v --psk="$keyfile" $ours
    exchange client server
    matches client.err "connected: DTLS 1.2 $suite EMS" || fail "$(tail -n 1 client.err)"
}

# OPTION... of the client: in DTLS 1.3 a listener with --group refuses a client that offers the key only without
# (EC)DHE.
insists() {
    listener server --psk="$keyfile" --group x25519
    client client server --psk="$keyfile" --dtls 1.3 "$@"
    expect_exit client 7
    wait_line server.err 'no PSK mode or group in common: .*; compare --group' 10
    client good server -v --psk="$keyfile" --dtls 1.3
    wait_line good.err 'connected: DTLS 1.3 .* x25519, cookie' 10
}

# The same if the client has a ticket.
insists_with_ticket() {
    listener server --psk="$keyfile" -k --group x25519
    client first server --psk="$keyfile" --dtls 1.3 --resume ticket
    hangup first
    expect_exit first 0
    [[ -s ticket ]] || fail 'no ticket'
    client second server --psk="$keyfile" --dtls 1.3 --resume ticket --group none
    expect_exit second 7
}

# A client of one version gets an error line from a listener of the other version.
versions_differ() {
    listener server --psk="$keyfile" --dtls "$1"
    client client server --psk="$keyfile" --dtls "$2"
    expect_exit client 7
    matches client.err 'compare --dtls' || fail "$(cat client.err)"
}

for suite in AES128-GCM-SHA256 AES256-GCM-SHA384 CHACHA20-POLY1305-SHA256 AES128-CCM-SHA256 \
    AES128-CCM8-SHA256; do
    t "1.3 $suite" connects13 "$suite"
done
t '1.3 client at 1.2' versions_differ 1.2 1.3
t '1.2 client at 1.3' versions_differ 1.3 1.2
t '--group secp256r1' group secp256r1 secp256r1
t '--group of two' group secp256r1,x25519 secp256r1
t '--group none' group none 'no DHE'
t 'listener with --group: psk_ke' insists --group none
t 'listener with --group: psk_ke by ticket' insists_with_ticket
t '1.2, best of both' group12 '' '' 'ECDHE-PSK-AES128-GCM-SHA256 x25519'
t '1.2 client --group secp256r1' group12 '' '--group secp256r1' 'ECDHE-PSK-AES128-GCM-SHA256 secp256r1'
t '1.2 listener --group secp256r1' group12 '--group secp256r1' '' \
    'ECDHE-PSK-AES128-GCM-SHA256 secp256r1'
t '1.2 client --group none' group12 '' '--group none' PSK-AES128-GCM-SHA256
t '1.2 listener --group none' group12 '--group none' '' PSK-AES128-GCM-SHA256
t '1.2 no group in common' group12 '--group secp256r1' '--dtls 1.2 --group x25519' PSK-AES128-GCM-SHA256
t '1.2 --group ffdhe3072' group12 '--suite 00aa --group ffdhe3072' '--suite 00aa' \
    'DHE-PSK-AES128-GCM-SHA256 ffdhe3072'
t '1.3 --group ffdhe2048' group ffdhe2048,x25519 x25519
t 'a list of suites' first_of_the_list
t 'no suite in common' nothing_in_common
finish
