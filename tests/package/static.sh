#!/usr/bin/env bash
# make static: one file that runs without any other, and talks to the dynamic one.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

build=$(realpath "${BUILD:-$root/build}")
static=$build/static/dtlscat

# The linker's remarks on glibc are not for whoever builds.
is_made() {
    make -s -j1 -C "$root" static >out 2>err || fail "$(tail -n 1 err)"
    ! matches err 'warning: Using' || fail "$(grep -m 1 'warning: Using' err)"
    [[ -x $static ]] || fail "no $static"
}

# Prints the archives that a static program needs and that are not here. libcrypto needs more if it was
# built so.
missing_archives() {
    local library libraries
    libraries=$(pkg-config --static --libs-only-l libcrypto 2>/dev/null) || libraries=-lcrypto
    for library in -lc $libraries; do
        library=lib${library#-l}.a
        [[ $(${CC:-cc} -print-file-name="$library") == /* ]] || echo "$library"
    done
}

needs_nothing() {
    ! readelf -lW "$static" | grep -w INTERP || fail 'it has an interpreter'
    ! readelf -dW "$static" | grep -w NEEDED || fail 'it needs a library'
}

# Position-independent as the dynamic one, with nothing writable that need not be.
is_hardened() {
    readelf -hW "$static" | grep -Eq 'Type: +DYN' || fail 'not position-independent'
    readelf -lW "$static" >segments
    grep -qw GNU_RELRO segments || fail 'no RELRO'
    ! grep -w GNU_STACK segments | grep -q E || fail 'an executable stack'
    readelf -dW "$static" | grep -Eqw 'BIND_NOW|NOW' || fail 'not bound at once'
}

says_version() {
    "$DTLSCAT" --version >expected
    env -i "$static" --version >seen 2>&1 || fail "exit $?: $(cat seen)"
    same_file expected seen || fail "$(cat seen)"
}

# Where there is nothing but the program itself.
runs_alone() {
    ((EUID == 0)) && command -v chroot >/dev/null || skip 'only root can chroot'
    mkdir empty
    cp "$static" empty
    chroot empty /dtlscat --version >seen 2>&1 ||
        { matches seen 'not permitted' && skip "$(cat seen)"; } || fail "$(cat seen)"
    same_file <("$DTLSCAT" --version) seen || fail "$(cat seen)"
}

serves() {
    DTLSCAT=$static listener server --psk="$keyfile" "$@"
    client client server --psk="$keyfile" "$@"
    exchange client server
}

calls() {
    listener server --psk="$keyfile" "$@"
    DTLSCAT=$static client client server --psk="$keyfile" "$@"
    exchange client server
}

finds_names() {
    grep -Eq '^127\.0\.0\.1\s(.*\s)?localhost(\s|$)' /etc/hosts || skip 'no localhost in /etc/hosts'
    listener server --psk="$keyfile"
    spawn client "$static" -4 localhost "${port[server]}" --psk="$keyfile"
    exchange client server
}

missing=$(missing_archives)
if [[ $missing ]]; then
    echo "skip static - no ${missing//$'\n'/, no }"
    exit 0
fi
t 'it is made, in silence' is_made
settle
t 'no interpreter, no libraries' needs_nothing
t 'position-independent, RELRO, no executable stack' is_hardened
t 'it says its version' says_version
t 'it runs where nothing else is' runs_alone
t 'it serves the dynamic one, DTLS 1.3' serves --dtls 1.3
t 'it serves the dynamic one, DTLS 1.2' serves --dtls 1.2
t 'it calls the dynamic one, DTLS 1.3' calls --dtls 1.3
t 'it calls the dynamic one, DTLS 1.2' calls --dtls 1.2
t 'it finds names of /etc/hosts' finds_names
finish
