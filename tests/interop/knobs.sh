#!/usr/bin/env bash
# The options with which a peer is tested, against the openssl and GnuTLS programs: what is in docs/INTEROP.md.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

export KEY=hex:$key
gcm=PSK-AES128-GCM-SHA256
gcm_priority=+PSK:+AES-128-GCM:+AEAD

to_openssl() {
    s_server server $gcm
    client client server -vv --psk=env:KEY --identity "$ident" "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# It demands a cookie.
to_openssl_with_cookie() {
    s_server server $gcm -listen
    client client server -vv --psk=env:KEY --identity "$ident" "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

from_openssl() {
    listener server --psk=env:KEY -vv "$@"
    s_client client server $gcm
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# It demands a cookie, and echoes.
to_gnutls() {
    gnutls_serv server $gcm_priority
    client client server -vv --psk=env:KEY --identity "$ident" "$@"
    say client hello
    hears client hello
    hangup client
    expect_exit client 0
}

from_gnutls() {
    listener server --psk=env:KEY -vv "$@"
    gnutls_cli client server $gcm_priority
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# The peer reads the cookie from the first fragment, or not at all: PEER STATUS. GnuTLS answers each fragment with a
# HelloVerifyRequest.
not_without_the_cookie() {
    case $1 in
    openssl) s_server server $gcm -listen ;;
    gnutls) gnutls_serv server $gcm_priority ;;
    esac
    client client server -v --psk=env:KEY --identity "$ident" --fragment 30 -w 2
    expect_exit client "$2"
}

for way in to_openssl to_openssl_with_cookie to_gnutls; do
    t "$way --fragment 100" $way --fragment 100
    t "$way --client-hello-padding 1000" $way --client-hello-padding 1000
    t "$way --client-hello-padding 3000" $way --client-hello-padding 3000
    t "$way --client-hello-padding 16384" $way --client-hello-padding 16384
    t "$way --grease" $way --grease --dtls 1.2
    t "$way --grease, both versions" $way --grease
    t "$way --repeat-flight" $way --repeat-flight
    t "$way --record-per-datagram" $way --record-per-datagram
    t "$way, all together" $way --fragment 100 --client-hello-padding 1000 --grease --repeat-flight --record-per-datagram
done
for peer in openssl gnutls; do
    for length in 1 30; do
        t "from_$peer --fragment $length" "from_$peer" --fragment $length
    done
    t "from_$peer --repeat-flight" "from_$peer" --repeat-flight
    t "from_$peer --record-per-datagram" "from_$peer" --record-per-datagram
    t "from_$peer, all together" "from_$peer" --fragment 30 --repeat-flight --record-per-datagram
done
t 'openssl needs the cookie in the first fragment' not_without_the_cookie openssl 5
t 'gnutls needs the cookie in the first fragment' not_without_the_cookie gnutls 7
t 'openssl without a cookie, --fragment 1' to_openssl --fragment 1
finish
