#!/usr/bin/env bash
# No branch and no address depends on a secret: tests/constant/handshakes.c under valgrind's memcheck.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

build=$(realpath "${BUILD:-$root/build}")
compile=${COMPILE:-${CC:-cc} -O1 -g -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilib -Itests}
program=$TESTDIR/handshakes

# The functions that the program intercepts.
wrapped='mac_key aead_new aead_open aead_open_record mask_new mask_make'

build_it() {
    local options
    # shellcheck disable=SC2086 # several words
    options=$(printf ' -Wl,--wrap=%s' $wrapped)
    # shellcheck disable=SC2086 # several words
    (cd "$root" && $compile -o "$program" tests/constant/handshakes.c $options \
        "$build"/tests/{jar,net,node,test,wire}.o "$build/internals.a" -lcrypto) 2>build.err ||
        fail "handshakes.c does not compile: $(cat build.err)"
}

# CASE...: runs them, and checks that each passes.
under_memcheck() {
    valgrind -q --suppressions="$root/tests/constant/libcrypto.supp" --error-exitcode=9 "$program" "$@" \
        >"$TESTDIR/out" 2>"$TESTDIR/err"
}

is_constant() {
    under_memcheck || fail "$(grep -m 1 '^not ok' "$TESTDIR/out") $(head -n 20 "$TESTDIR/err")"
}

# With a comparison that ends at the first difference, memcheck must report it.
finds_a_leak() {
    ! LEAK=1 under_memcheck wrong_key || fail 'memcheck does not see a comparison that ends early'
    grep -q CRYPTO_memcmp "$TESTDIR/err" || fail "$(cat "$TESTDIR/err")"
}

run() {
    command -v valgrind >/dev/null || skip 'no valgrind'
    echo '#include <valgrind/memcheck.h>' | ${CC:-cc} -E - >/dev/null 2>&1 || skip 'no headers of valgrind'
    [[ -x $program ]] || build_it
    "$@"
}

jobs=1 # they share the program
t 'no branch or address depends on a secret' run is_constant
t 'a comparison that ends early is found' run finds_a_leak
finish
