#!/usr/bin/env bash
# Descriptors, memory or the disk are used up: one line each, and the other clients are served.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

clients=12
most=300 # clients until memory is used up

[[ ! ${OWN_NAMESPACE:-} ]] || ip link set lo up

# Prints the processor time that PID has used, in hundredths of a second.
processor_time() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# ERROR: a listener that has a limit starts programs until it can start no more. Further clients are refused,
# and those that it has are served. When one ends, the next is served.
programs_until() {
    local i name before served=0
    for ((i = 0; i < clients; i++)); do
        client "c$i" server --psk="$keyfile"
        say "c$i" "hello $i"
        await 10 answered "c$i" || fail "c$i: neither served nor refused"
        ! contains "c$i.out" hello || served=$((served + 1))
    done
    ((served > 0 && served < clients)) || fail "$served of $clients served"
    has_lines server.err "cannot start cat: $1" $((clients - served)) || fail "$(cat server.err)"
    before=$(processor_time "$(process server)")
    pause 300
    (($(processor_time "$(process server)") - before < 20)) || fail 'the listener is busy'
    say c0 again
    hears c0 again
    hangup c0
    expect_exit c0 0
    await 10 next_is_served || fail 'no new client is served'
}

answered() { contains "$1.out" hello || ! runs "$1"; }

next_is_served() {
    client next server --psk="$keyfile"
    say next hello
    await 2 answered next
    contains next.out hello
}

descriptors() {
    spawn server bash -c 'ulimit -n 24; exec "$@"' - "$DTLSCAT" -v -lk 127.0.0.1 0 --psk="$keyfile" -e cat
    wait_line server.err 'listening on .*:([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
    programs_until 'Too many open files; raise the limit with ulimit -n, or serve fewer clients'
}

# Limits the address space of the process PID to what it has now.
no_more_memory() {
    prlimit --pid "$1" --as="$(awk '$1 == "VmSize:" { print $2 * 1024 }' "/proc/$1/status")": 2>/dev/null ||
        skip 'the limits of the listener cannot be changed'
}

# New clients are refused with a line. Those that the listener serves continue. libcrypto does not tell that it failed
# because of memory.
memory() {
    local i
    command -v prlimit >/dev/null || skip 'no prlimit'
    ! grep -q __asan_init "$DTLSCAT" || skip 'a sanitizer ends the program when memory is used up'
    listener server -k --psk="$keyfile"
    client first server --psk="$keyfile"
    exchange_with first hello
    no_more_memory "$(process server)"
    for ((i = 0; i < most; i++)); do
        client "c$i" server --psk="$keyfile" -w 100
        say "c$i" "hello $i"
        await 30 served_or_short "hello $i" || fail "c$i: neither served nor refused: $(cat server.err)"
        contains server.out "hello $i" || break
    done
    ((i < most)) || fail "$most clients served"
    exchange_with first again
    prlimit --pid "$(process server)" --as=unlimited
    client next server --psk="$keyfile"
    exchange_with next 'next one'
}

exchange_with() {
    say "$1" "$2"
    await 10 contains server.out "$2" || fail "no '$2' from $1"
}

served_or_short() {
    contains server.out "$1" || matches server.err 'out of memory|handshake failed: '
}

# A file system of 64 kB, which is full.
full_disk() {
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no namespaces here'
    mkdir disk
    mount -t tmpfs -o size=64k,mode=755 none disk 2>/dev/null || skip 'no tmpfs'
    dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null
}

ticket() {
    full_disk
    listener server -k --psk="$keyfile" -c cat
    client client server --psk="$keyfile" --resume disk/ticket
    say client hello
    hears client hello
    wait_line client.err '^dtlscat: cannot store the ticket in disk/ticket: No space left on device$' 10
    [[ $(ls disk) == filler ]] || fail "left over: $(ls disk)"
    umount -l disk
    hangup client
    expect_exit client 0
}

secrets() {
    full_disk
    "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile" --secrets disk/secrets </dev/null 2>err
    (($? == 1)) || fail "exit $?"
    matches err '^dtlscat: cannot create disk/secrets: No space left on device$' || fail "$(cat err)"
    [[ $(ls disk) == filler ]] || fail "left over: $(ls disk)"
    umount -l disk
}

# OPTION: the file of OPTION is on a disk that is full. A line says so, and sessions continue.
copy() {
    listener server -k --psk="$keyfile" "$1" /dev/full
    client client server --psk="$keyfile"
    exchange client server
    client other server --psk="$keyfile"
    say other 'from other'
    hears server 'from other'
    kill -TERM "$(process server)"
    ended server
    has_lines server.err 'No space left on device; the .* is incomplete' 1 || fail "$(cat server.err)"
}

t 'descriptors' descriptors
t 'memory' memory
t 'the disk, for a ticket' ticket
t 'the disk, for secrets' secrets
for option in -o -x --keylog; do t "the disk, for $option" copy $option; done
finish
