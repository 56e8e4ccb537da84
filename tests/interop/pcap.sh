#!/usr/bin/env bash
# Captures of sessions with other stacks, decrypted by tshark without any setting.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

suites12='00a8 PSK-AES128-GCM-SHA256 +PSK:+AES-128-GCM:+AEAD
c0a4 PSK-AES128-CCM +PSK:+AES-128-CCM:+AEAD
c0a8 PSK-AES128-CCM8 +PSK:+AES-128-CCM-8:+AEAD'
mbedtls=$TESTDIR/mbedtls
export KEY=hex:$key

has_headers() { echo '#include <mbedtls/ssl_cookie.h>' | ${CC:-cc} -E - >/dev/null 2>&1; }
data_of() { tshark -r "$1" -T fields -e data.data 2>/dev/null | xxd -r -p; }
need_tshark() { command -v tshark >/dev/null || skip 'no tshark'; }

# DATA: what the capture has.
captured() {
    capinfos -c capture >info 2>&1 || fail "$(cat info)"
    [[ $(data_of capture) == "$1" ]] || fail "$(tshark -r capture 2>&1)"
}

# SUITE: our client and a server of openssl.
openssl_server() {
    need_tshark
    s_server server "$1"
    client client server --identity "$ident" --psk=env:KEY --pcap capture
    exchange client server
    hangup client
    expect_exit client 0
    captured $'from client\nfrom server'
}

openssl_client() {
    need_tshark
    listener server --psk=env:KEY --pcap capture
    s_client client server "$1"
    exchange client server
    kill -TERM "$(process server)"
    expect_exit server 143
    captured $'from client\nfrom server'
}

# PRIORITY: our client and a server of GnuTLS, which echoes.
gnutls_server() {
    need_tshark
    gnutls_serv server "$1"
    client client server --identity "$ident" --psk=env:KEY --pcap capture
    say client 'from client'
    hears client 'from client'
    hangup client
    expect_exit client 0
    captured $'from client\nfrom client'
}

gnutls_client() {
    need_tshark
    listener server --psk=env:KEY --pcap capture
    gnutls_cli client server "$1"
    exchange client server
    hangup client
    expect_exit server 0
    captured $'from client\nfrom server'
}

# NUMBER: our client and a server of Mbed TLS, which echoes.
mbedtls_server() {
    need_tshark
    has_headers || skip 'Mbed TLS is not installed'
    [[ -x $mbedtls ]] || fail 'the peer was not built'
    spawn server "$mbedtls" server 0 "$ident" "$key" "$1"
    wait_line server.out '^port ([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
    client client server --identity "$ident" --psk=env:KEY --dtls 1.2 --pcap capture
    say client 'from client'
    hears client 'from client'
    hangup client
    expect_exit client 0
    captured $'from client\nfrom client'
}

mbedtls_client() {
    need_tshark
    has_headers || skip 'Mbed TLS is not installed'
    [[ -x $mbedtls ]] || fail 'the peer was not built'
    listener server --psk=env:KEY --pcap capture
    spawn client "$mbedtls" client "${port[server]}" "$ident" "$key" "$1"
    hears server 'from client'
    say server 'from server'
    hears client 'from server'
    expect_exit server 0
    captured $'from client\nfrom server'
}

! has_headers || ${CC:-cc} -O1 -o "$mbedtls" "$root/tests/interop/mbedtls.c" -lmbedtls -lmbedcrypto
while read -r number name priority; do
    t "$name, openssl as server" openssl_server "$name"
    t "$name, openssl as client" openssl_client "$name"
    t "$name, GnuTLS as server" gnutls_server "$priority"
    t "$name, GnuTLS as client" gnutls_client "$priority"
    t "$name, Mbed TLS as server" mbedtls_server "$number"
    t "$name, Mbed TLS as client" mbedtls_client "$number"
done <<<"$suites12"
finish
