#!/usr/bin/env bash
# dtlscat and a server of Mbed TLS, whose cookies change with every hello, over long round trips.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"
handshakes=${HANDSHAKES:-8}

mbedtls=$TESTDIR/mbedtls
has_headers() { echo '#include <mbedtls/ssl_cookie.h>' | ${CC:-cc} -E - >/dev/null 2>&1; }

build_peer() {
    ${CC:-cc} -O1 -o "$mbedtls" "$root/tests/interop/mbedtls.c" -lmbedtls -lmbedcrypto
}

# ROUND_TRIP in ms
connects() {
    has_headers || skip 'Mbed TLS is not installed'
    [[ -x $mbedtls ]] || fail 'the peer was not built'
    local i half=$(($1 / 2))
    for ((i = 0; i < handshakes; i++)); do
        spawn "server$i" "$mbedtls" server 0 "$ident" "$key" c0a8
        wait_line "server$i.out" '^port ([0-9]+)' 10
        port[server$i]=${BASH_REMATCH[1]}
        relay "relay$i" "server$i" "to-server delay $half" "to-client delay $half"
    done
    for ((i = 0; i < handshakes; i++)); do
        client "client$i" "relay$i" --psk="$keyfile" --identity "$ident" --dtls 1.2
        say "client$i" "hello $i"
    done
    for ((i = 0; i < handshakes; i++)); do hears "client$i" "hello $i" 25; done
}

! has_headers || build_peer
for ms in 300 700 1500 3000; do t "round trip $ms ms, $handshakes handshakes" connects "$ms"; done
finish
