#!/usr/bin/env bash
# make install: what is put where, that a program is built with what is there, and that all of it goes.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

prefix=$TESTDIR/prefix
internals=$(realpath "${BUILD:-$root/build}")/internals.a
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}

make_it() { make -s -j1 -C "$root" "$@" >out 2>err || fail "$(tail -n 1 err)"; }

files() { (cd "$1" && find . ! -type d -printf '%m %P\n' | sort -k 2); }

is_installed() {
    make_it install PREFIX="$prefix"
    cat >expected <<'END'
755 bin/dtlscat
644 include/dtlscat/dtls.h
644 lib/libdtlscat.a
644 lib/pkgconfig/dtlscat.pc
644 share/bash-completion/completions/dtlscat
644 share/fish/vendor_completions.d/dtlscat.fish
644 share/man/man1/dtlscat.1
644 share/zsh/site-functions/_dtlscat
END
    files "$prefix" >seen
    same_file expected seen || fail "$(diff expected seen | grep '^[<>]' | tr '\n' ' ')"
}

# DESTDIR is where it is put, PREFIX where it will be.
is_uninstalled() {
    make_it install PREFIX=/usr/elsewhere DESTDIR="$PWD/tree"
    grep -qx 'prefix=/usr/elsewhere' tree/usr/elsewhere/lib/pkgconfig/dtlscat.pc || fail 'no prefix'
    (($(files tree | wc -l) == 8)) || fail "$(files tree | tr '\n' ' ')"
    make_it uninstall PREFIX=/usr/elsewhere DESTDIR="$PWD/tree"
    [[ -z $(files tree) ]] || fail "$(files tree | tr '\n' ' ') stay"
}

# Compiles the C on standard input to ./program with what pkg-config says, and nothing else of ours.
build() {
    local flags
    flags=$(pkg-config --cflags --libs dtlscat 2>err) || fail "$(head -n 1 err)"
    # shellcheck disable=SC2086 # several words
    ${CC:-cc} -x c -std=c11 -Wall -Wextra -Werror -o program - -x none "$@" $flags 2>err ||
        fail "$(grep -m 1 -E 'error|undefined|multiple' err || head -n 1 err)"
}

says_version() {
    [[ "dtlscat $(pkg-config --modversion dtlscat)" == "$("$DTLSCAT" --version)" ]] ||
        fail "$(pkg-config --modversion dtlscat)"
}

program() {
    cat <<'END'
#include <dtls.h>
#include <stdio.h>

int main(void)
{
    dtls_context_t *ctx = dtls_new_context(NULL);

    if (!ctx)
        return 1;
    dtls_free_context(ctx);
    printf("dtlscat %s\n", dtls_package_version());
    return 0;
}
END
}

builds_program() {
    build < <(program)
    ./program >seen || fail "exit $?"
    same_file seen <("$DTLSCAT" --version) || fail "$(cat seen)"
}

# A program may have names that the library has for itself.
leaves_names_alone() {
    nm -g --defined-only "$internals" | awk 'NF == 3 && $3 !~ /^dtls_|^__/ { print $3 }' >names
    (($(wc -l <names) > 100)) || fail 'too few names'
    sed 's/.*/int our_&(void) __asm__("&"); int our_&(void) { return 0; }/' names >names.c
    ${CC:-cc} -c names.c 2>err || fail "$(head -n 1 err)"
    build names.o < <(program)
    ./program >seen || fail "exit $?"
}

command -v pkg-config >/dev/null || {
    echo 'not ok install - no pkg-config'
    exit 1
}
t 'files and modes' is_installed
settle
t 'uninstalled, nothing stays' is_uninstalled
t 'pkg-config has the version' says_version
t 'a program is built with pkg-config' builds_program
t 'a program may use the names inside the library' leaves_names_alone
finish
