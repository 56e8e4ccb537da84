#!/usr/bin/env bash
# Peers that take short records only: max_fragment_length of openssl, record_size_limit of gnutls.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

head -c 20000 /dev/urandom | base64 -w 99 >"$TESTDIR/lines"

# OPTION...: openssl, which ends a session in which a record is longer.
fragments() {
    stdin=$TESTDIR/lines listener server --psk="$keyfile" --dtls 1.2 -vvv
    s_client client server PSK-AES128-GCM-SHA256 "$@"
    await 10 same_file client.out "$TESTDIR/lines" || fail 'not all of it came'
}
# record_size_limit of gnutls: it asks for 512 bytes at most.
limit() {
    stdin=$TESTDIR/lines listener server --psk="$keyfile" --dtls 1.2
    gnutls_cli client server +PSK:+AES-128-GCM:+AEAD --recordsize=512
    await 10 contains client.out "$(tail -n 1 "$TESTDIR/lines")" || fail 'not all of it came'
}

# --record-size of a listener, which gnutls-cli keeps to by refusing a longer line.
our_limit() {
    listener server --psk="$keyfile" --dtls 1.2 "$@"
    gnutls_cli client server +PSK:+AES-128-GCM:+AEAD
    wait_line client.out 'Simple Client Mode' 10
    say client "$(printf '%0900d' 0)"
}

longer_than_ours() {
    our_limit --record-size 600
    wait_line client.err 'packet is too large' 10
}

no_limit_of_ours() {
    our_limit
    hears server "$(printf '%0900d' 0)"
}

for length in 512 1024 2048 4096; do
    t "openssl, max_fragment_length $length" fragments -maxfraglen "$length"
done
t 'gnutls, record_size_limit 512' limit
t 'gnutls, longer than our --record-size' longer_than_ours
t 'gnutls, no --record-size' no_limit_of_ours
finish
