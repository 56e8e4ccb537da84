#!/usr/bin/env bash
# The client that dtls.h shows compiles as printed, and talks to a server of either version.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

library=$(realpath "${BUILD:-$root/build}")/libdtlscat.a
compile=${COMPILE:-${CC:-cc} -O1 -g -std=gnu11 -Wall -Wextra -Werror}

# The example is indented in the first comment, from its first include to the sentence after it.
example() {
    sed -nE '/^ \* +#include <dtls\.h>/,/^ \* [^ ]/{ s/^ \*( {5}|$)//p }' "$root/lib/dtls.h"
}

# Compiles the program on stdin as $1.
build() {
    cat >"$TESTDIR/$1.c"
    # shellcheck disable=SC2086 # several words
    (cd "$root" && $compile -Ilib -o "$TESTDIR/$1" "$TESTDIR/$1.c" "$library" -lcrypto) 2>compile.err ||
        fail "it does not compile: $(cat compile.err)"
}

# The second one kills the server before it closes. The process ID of the server is in its last argument.
compiles() {
    example | build example
    example | sed -E 's/return dtls_close\(ctx, peer\);/kill(server, SIGKILL);\n&/
        s/^#include <poll.h>/&\n#include <signal.h>\nstatic int server;/
        s/int argc UNUSED_PARAM/int argc/; s/^( *)dtls_config_t config;/\1server = atoi(argv[argc - 1]);\n&/' |
        build killer
}

talks() {
    (umask 077 && echo 'text:not a good secret' >secret)
    listener server --psk=file:secret "$@"
    spawn client "$TESTDIR/example" "${port[server]}"
    hears server hello
    say server 'good day'
    expect_exit client 0
    [[ $(<client.out) == 'good day' ]] || fail "it printed '$(<client.out)'"
    expect_exit server 0
}

misses_the_answer() {
    (umask 077 && echo 'text:not a good secret' >secret)
    listener server --psk=file:secret "$@"
    spawn client "$TESTDIR/killer" "${port[server]}" "$(<server.pid)"
    hears server hello
    say server 'good day'
    expect_exit client 1
    [[ $(<client.out) == 'good day' ]] || fail "it printed '$(<client.out)'"
}

tells_why() {
    listener server --psk="$keyfile" "$@"
    spawn client "$TESTDIR/example" "${port[server]}"
    expect_exit client 1
    [[ $(<client.err) == 'wrong pre-shared key' ]] || fail "it printed '$(<client.err)'"
}

t 'the example compiles as printed' compiles
settle # the others need it
for version in 1.2 1.3; do
    t "it talks to a server of DTLS $version" talks --dtls "$version"
    t "a close without an answer is not clean in DTLS $version" misses_the_answer --dtls "$version"
    t "it says that the key is wrong in DTLS $version" tells_why --dtls "$version"
done
finish
