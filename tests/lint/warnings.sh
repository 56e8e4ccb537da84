#!/bin/bash
# Neither gcc nor clang has a warning. Of the one that builds there is none where make has come this far, but
# for what make does not build.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"

if [[ ! ${COMPILE:-} ]]; then
    echo 'skip warnings - make knows the flags'
    exit 0
fi
# NSS has directories of its own.
flags="${COMPILE#"$CC "} -isystem /usr/include/nss -isystem /usr/include/nspr"

# The peers in tests/interop are written for libraries that only make interop needs.
peers_at_hand() {
    local peer
    for peer in tests/interop/*.c; do
        # shellcheck disable=SC2086 # flags are words
        ! $CC $flags -E "$peer" >/dev/null 2>&1 || echo "$peer"
    done
}

# The programs in tests/seed convert as freely as the page they come from; tests/api/seed.sh compiles
# them.
ours() { printf '%s\n' lib/*/*.c cli/*.c cli/*/*.c tests/*.c tests/*/*.c | search -Ev '^tests/(seed|interop)/'; }

files() {
    "$CC" -v 2>&1 | grep -q "$1 version" || ours
    peers_at_hand
}

findings() {
    # shellcheck disable=SC2086 # flags are words
    files "$1" |
        { xargs -r "$1" $flags -fsyntax-only 2>&1 || true; } | search -E 'error|warning'
}

# Of an array that its string fills to the last byte, without the NUL, gcc 15 and later warn under -Wextra. Older
# ones have a warning of C++ for it.
unterminated() {
    # shellcheck disable=SC2086 # flags are words
    search -lE '\] = .*"' lib/*/*.c cli/*.c cli/*/*.c tests/*.c tests/*/*.c |
        { xargs gcc $flags -Wc++-compat -fsyntax-only 2>&1 || true; } |
        search -E 'initializer-string .*(too long|truncates)'
}

# The widths of i386, with the headers of amd64, where one that nothing here needs is missing.
on_32_bits() {
    mkdir -p "$TESTDIR/gnu" && : >"$TESTDIR/gnu/stubs-32.h" || return
    # shellcheck disable=SC2086 # flags are words
    ours | { xargs gcc $flags -m32 -I"$TESTDIR" -isystem "/usr/include/$(gcc -print-multiarch)" -fsyntax-only 2>&1 || true; } |
        search -E 'error|warning'
}

if [[ $(gcc -dumpmachine 2>/dev/null) == x86_64-* ]]; then law no-warning-on-32-bits on_32_bits; fi
if command -v gcc >/dev/null; then law strings-fit unterminated; fi
for compiler in gcc clang; do
    if command -v "$compiler" >/dev/null; then
        law "no-warning-of-$compiler" findings "$compiler"
    else
        echo "skip no-warning-of-$compiler - no $compiler"
    fi
done
exit $failed
