#!/usr/bin/env bash
# The system calls of a bulk transfer.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

head -c 16000000 /dev/urandom >"$TESTDIR/data"
tool=$DTLSCAT

# NAME CALL: how often NAME has made that call, and how often it has failed with EAGAIN.
calls() { grep -c "^[0-9]* *$2(" "$1.trace"; }
in_vain() { grep -c "^[0-9]* *$2(.* EAGAIN" "$1.trace"; }

# NAME: the tool is traced from now on.
trace() {
    printf '#!/bin/sh\nexec strace -f -o %s %s "$@"\n' "$PWD/$1.trace" "$tool" >"$1.traced"
    chmod +x "$1.traced"
    DTLSCAT=$PWD/$1.traced
}

few() {
    local name
    ! grep -q __asan_init "$DTLSCAT" || skip 'the sanitizer does not work under strace'
    ! grep -q __gcov_dump "$DTLSCAT" || skip 'gcov makes calls of its own'
    strace -o /dev/null true 2>why || skip "strace does not work: $(head -n 1 why)"
    trace server
    listener server --psk="$keyfile"
    trace client
    stdin=$TESTDIR/data client client server --psk="$keyfile" -N
    expect_exit client 0
    expect_exit server 0
    same_file server.out "$TESTDIR/data" || fail 'not the same'
    for name in client server; do
        (($(calls $name recvmmsg) > 0)) || fail "$name: no recvmmsg"
        (($(calls $name recvmmsg) <= $(calls $name ppoll))) || fail "$name: more recvmmsg than ppoll"
        (($(in_vain $name recvmmsg) <= 5)) || fail "$name: $(in_vain $name recvmmsg) recvmmsg in vain"
        (($(calls $name recvmsg) <= 5)) || fail "$name: $(calls $name recvmsg) recvmsg"
        (($(calls $name getsockopt) <= 20)) || fail "$name: $(calls $name getsockopt) getsockopt"
    done
    (($(calls client read) <= 16000000 / 150000 + 40)) || fail "$(calls client read) reads"
}

t 'no call without need' few
finish
