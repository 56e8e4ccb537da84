#!/usr/bin/env bash
# The two programs of the tinydtls usage page compile against the public header, and talk to each
# other and to openssl.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

cd "$root" || exit 1
library=$(realpath "${BUILD:-build}")/libdtlscat.a
compile=${COMPILE:-${CC:-cc} -O1 -g -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilib}

# The page's code takes the results of recvfrom() and sendto() as int.
build() {
    # shellcheck disable=SC2086 # several words
    (cd "$root" && $compile -Wno-conversion -o "$TESTDIR/$1" "tests/seed/$1.c" "$library" -lcrypto)
}

programs_compile() {
    build server 2>server.err || fail 'server.c does not compile'
    build client 2>client.err || fail 'client.c does not compile'
}

only_the_public_header() {
    local headers
    headers=$(sed -nE 's/^#include "(.*)"/\1/p' "$root"/tests/seed/*.c | sort -u)
    [[ $headers == dtls.h ]] || fail "they include $headers"
}

page_server() {
    spawn "$1" "$TESTDIR/server"
    wait_line "$1.err" '^listening on [0-9]+' 10
    port[$1]=$(sed -nE 's/^listening on //p' "$1.err")
}

page_client() { spawn "$1" "$TESTDIR/client" "${port[$2]}"; }

to_each_other() {
    page_server server
    for n in 1 2 3; do
        page_client "client$n" server
        say "client$n" "line of $n"
        hears "client$n" "line of $n"
    done
    for n in 1 2 3; do
        say "client$n" "again $n"
        hears "client$n" "again $n"
        hangup "client$n"
        expect_exit "client$n" 0
        same_file "client$n.out" <(printf 'line of %s\nagain %s\n' "$n" "$n") || fail 'not an echo'
    done
}

to_openssl_server() {
    s_server server "$1"
    page_client client server
    say client 'from client'
    hears server 'from client'
    say server 'from server'
    hears client 'from server'
    hangup client
    expect_exit client 0
}

from_openssl_client() {
    page_server server
    s_client client server "$1"
    say client 'there and back'
    hears client 'there and back'
    hangup client
    expect_exit client 0
}

wrong_identity() {
    page_server server
    ident=somebody_else
    s_client client server PSK-AES128-CCM8
    say client 'not to be heard'
    wait_line server.err 'unknown id' 10
    ! contains client.out 'not to be heard' || fail 'it was let in'
}

t 'the programs include the public header only' only_the_public_header
t 'the programs compile' programs_compile
settle # the others need them
t 'client and server' to_each_other
t 'client and openssl s_server, CCM_8' to_openssl_server PSK-AES128-CCM8
t 'client and openssl s_server, GCM' to_openssl_server PSK-AES128-GCM-SHA256
t 'openssl s_client and server, CCM_8' from_openssl_client PSK-AES128-CCM8
t 'openssl s_client and server, ChaCha20' from_openssl_client PSK-CHACHA20-POLY1305
t 'openssl s_client with an unknown identity' wrong_identity
finish
