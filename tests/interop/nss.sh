#!/usr/bin/env bash
# A client of NSS, which cuts its hello into fragments after three datagrams that are not answered, and one with a
# share of ML-KEM at once.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

header=/usr/include/nss/sslexp.h
nss=${NSS:-$TESTDIR/nss}
build_peer() {
    ${CC:-cc} -O1 -o "$nss" "$root/tests/interop/nss.c" -I/usr/include/nss -I/usr/include/nspr \
        -lssl3 -lnss3 -lnspr4
}

# LOST datagrams at first, --cookie MODE, and whether there are FRAGMENTS or not.
connects() {
    local lost=$1 mode=$2 fragments=$3
    [[ ${NSS:-} || -f $header ]] || skip 'NSS is not installed'
    [[ ${NSS:-} || -x $nss ]] || fail 'the peer was not built'
    listener server --psk="$keyfile" -vv --cookie "$mode"
    relay network server "to-server next $lost"
    # shellcheck disable=SC2086 # may be several words
    spawn client $nss client "${port[network]}" "$ident" "$key" 0
    await 20 heard_or_gone || fail "nothing came"
    ! matches client.err 'PEER has not suite' || skip 'NSS is older than 3.110'
    say server hello
    expect_exit client 0
    [[ $fragments == yes ]] || return 0
    matches server.err 'ClientHello msg0 bytes 0-' || fail "$(cat server.err)"
}

heard_or_gone() { contains server.out 'from client' || ! kill -0 "${pid[client]}" 2>/dev/null; }

with_mlkem() {
    export MLKEM=1
    connects "$@"
}

[[ ${NSS:-} || ! -f $header ]] || build_peer
for mode in on auto off; do
    t "--cookie $mode" connects 0 "$mode" no
    t "--cookie $mode, three datagrams lost" connects 3 "$mode" yes
    t "--cookie $mode, ML-KEM" with_mlkem 0 "$mode" yes
    t "--cookie $mode, ML-KEM, three datagrams lost" with_mlkem 3 "$mode" yes
done
finish
