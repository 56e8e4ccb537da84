#!/usr/bin/env bash
# Wrong usage: exit status 2, one clear line, and no datagram is sent. usage.expected has command lines, each followed
# by the line that dtlscat prints. PORT is the port of a listener that must receive nothing, and TESTDIR is a directory.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

expected=$(cd "$(dirname "$0")" && pwd)/usage.expected
declare -A pid=() in=() port=() rc=()
cd "$TESTDIR" || exit 1
(umask 022 && echo ticket >open)
stdin=/dev/null listener watcher --psk="$keyfile" -vv
watched=${port[watcher]}
export DTLSCAT_PSK=hex:$key

# COMMAND-LINE: prints exactly the expected line.
answers() {
    local status
    eval "set -- ${1//PORT/$watched}"
    shift
    timeout "$limit" "$DTLSCAT" "$@" </dev/null >out 2>err
    status=$?
    ((status == 2)) || fail "exit $status: $(cat err)"
    same_file err "$TESTDIR/answer-$number" || fail "$(cat err)"
    ((! $(stat -c %s out))) || fail 'something on stdout'
}

no_packet() {
    ! grep -q ' < ' "$TESTDIR/watcher.err" || fail "$(grep -m 1 ' < ' "$TESTDIR/watcher.err")"
}

# The listener would have seen a datagram: it sees those of a working client.
watcher_watches() {
    port[watcher]=$watched
    client client watcher
    wait_line "$TESTDIR/watcher.err" ' < .*ClientHello' 10
}

number=0
while IFS= read -r command && IFS= read -r answer; do
    number=$((number + 1))
    printf '%s\n' "${answer//TESTDIR/$TESTDIR}" >"$TESTDIR/answer-$number"
    t "${command#\$ }" answers "${command#\$ }"
done <"$expected"
settle
t 'none of them sent a packet' no_packet
settle
t 'one would have been seen' watcher_watches
settle
reap
finish
