#!/usr/bin/env bash
# What a running dtlscat has given up: system calls, new privileges, core dumps, and with --user its user.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

other=65534 # a user that is not root

# PID FIELD: of /proc/PID/status.
status() { sed -nE "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '; }

is_confined() { [[ $(status "$1" Seccomp) == 2 && $(status "$1" NoNewPrivs) == 1 ]]; }

confined() {
    await 10 is_confined "$1" || fail "$(grep -E 'Seccomp|NoNewPrivs' "/proc/$1/status")"
    grep -Eq '^Max core file size +0 ' "/proc/$1/limits" || fail "$(grep core "/proc/$1/limits")"
}

need_sandbox() {
    local machine
    machine=$(uname -m)
    [[ $machine == x86_64 || $machine == aarch64 ]] || skip "no sandbox on $machine"
    ! nm "$DTLSCAT" 2>/dev/null | grep -q __asan_init || skip 'no sandbox with a sanitizer'
    ((EUID == 0)) || skip 'only root can read the state of the process'
}

need_root() {
    ((EUID == 0)) || skip 'only root can change its user'
    chmod 755 .
}

both_sides() {
    need_sandbox
    listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    exchange client server
    confined "$(process server)"
    confined "$(process client)"
}

# The supervisor reads no datagrams.
workers() {
    local worker
    need_sandbox
    listener server -k --psk="$keyfile" --workers 2 -c cat
    client client server --psk="$keyfile"
    say client hello
    hears client hello
    for worker in $(cat "/proc/$(process server)/task/$(process server)/children"); do confined "$worker"; done
}

without() {
    need_sandbox
    listener server --psk="$keyfile" --no-sandbox -c 'cat; sed -n "s/^Seccomp:.//p" /proc/self/status'
    client client server --psk="$keyfile" --no-sandbox
    say client hello
    hears client hello
    [[ $(status "$(process server)" Seccomp) == 0 ]] || fail 'a filter'
    hangup client
    hears client 0
    expect_exit client 0
}

# Programs inherit neither the sandbox nor a key.
programs() {
    DTLSCAT_PSK=hex:${key/00/99} listener server -k --psk="$keyfile" -c 'cat
        env; sed -n "/^NoNewPrivs\|^Seccomp:/p" /proc/self/status; ulimit -c; trap'
    client client server --psk="$keyfile"
    say client hello
    hangup client
    expect_exit client 0
    matches client.out '^DTLSCAT_PEER=127' || fail "$(cat client.out)"
    ! grep -E 'DTLSCAT_PSK|^(NoNewPrivs|Seccomp):.*[12]|trap --' client.out >seen || fail "$(cat seen)"
    [[ $(grep -xE '[0-9]+|unlimited' client.out | tail -n 1) == "$(ulimit -c)" ]] || fail 'another core limit'
}

# Descriptors that the caller has opened reach programs, and others do not: with and without the sandbox the same.
descriptors() {
    local option
    echo given >given
    for option in -v --no-sandbox; do
        listener "server$option" -k --psk="$keyfile" "$option" -c 'cat <&7; ls /proc/self/fd' 7<given
        client "client$option" "server$option" --psk="$keyfile"
        hears "client$option" given
        expect_exit "client$option" 0
    done
    same_file client-v.out client--no-sandbox.out || fail "$(tr '\n' ' ' <client-v.out)"
}

# The helper ends with the process that it serves.
helper_ends() {
    local helper
    need_sandbox
    listener server -k --psk="$keyfile" -c cat
    read -r helper _ <"/proc/$(process server)/task/$(process server)/children"
    [[ $helper ]] || fail 'no helper'
    [[ $(status "$helper" Name) == dtlscat ]] || fail "$(status "$helper" Name)"
    kill -KILL "$(process server)"
    await 10 has_ended "$helper" || fail 'the helper runs'
}

has_ended() { ! kill -0 "$1" 2>/dev/null; }

is_user() {
    [[ $(status "$1" Uid) == "$other $other $other $other" && $(status "$1" Gid) == "$other $other $other $other" &&
        -z $(status "$1" Groups | tr -d ' ') && $(status "$1" CapPrm) =~ ^0+$ ]]
}

# The user is changed after the socket is bound, for the helper and for programs too.
user() {
    local process
    need_root
    cp "$TESTDIR/key" mine
    listener server -k --psk=file:mine --user "${as:-$other}" "$@" -c 'cat; id -u; id -G'
    client client server --psk="$keyfile"
    say client hello
    hears client hello
    for process in $(process server) $(cat "/proc/$(process server)/task/$(process server)/children"); do
        is_user "$process" || fail "$(grep -E 'Uid|Gid|Groups|CapPrm' "/proc/$process/status")"
    done
    hangup client
    expect_exit client 0
    [[ $(tail -n 2 client.out | tr '\n' ' ') == "$other $other " ]] || fail "$(cat client.out)"
}

privileged_port() {
    need_root
    spawn server "$DTLSCAT" -v -l 127.0.0.1 $((RANDOM % 500 + 500)) --psk="$keyfile" --user $other --recv-only
    wait_line server.err 'listening on|cannot listen' 10
    matches server.err 'listening on' || skip 'the port is in use'
    await 10 is_user "$(process server)" || fail 'another user'
}

# A key file that the user cannot read is a line, and the old keys stay. One that the user owns is read.
user_reloads() {
    need_root
    cp "$TESTDIR/key" mine
    listener server -k --psk=file:mine --user $other -c cat
    chmod 600 mine
    cp "$TESTDIR/otherkey" mine
    hup server 'the keys that were loaded before remain in use'
    matches server.err 'cannot open file mine: Permission denied' || fail "$(cat server.err)"
    client client server --psk="$keyfile"
    say client hello
    hears client hello
    chown $other mine
    hup server 'key: 16 bytes'
    client later server --psk="file:$TESTDIR/otherkey"
    say later hello
    hears later hello
}

# A client stores its ticket as the user.
user_resumes() {
    need_root
    mkdir -m 700 tickets
    chown $other tickets
    cp "$TESTDIR/key" mine
    listener server -k --psk="$keyfile" --recv-only
    client first server -v --psk=file:mine --user $other --resume tickets/one
    wait_line first.err connected 10
    await 10 test -s tickets/one || fail "no ticket: $(cat first.err)"
    [[ $(stat -c %u tickets/one) == "$other" ]] || fail "owner $(stat -c %u tickets/one)"
    hangup first
    expect_exit first 0
    stdin=/dev/null client second server -v --psk=file:mine --user $other --resume tickets/one
    expect_exit second 0
    matches second.err 'resumed' || fail "$(cat second.err)"
}

user_needs_root() {
    command -v setpriv >/dev/null || skip 'no setpriv(1)'
    need_root
    cp "$DTLSCAT" dtlscat
    cp "$TESTDIR/key" mine
    chown 1 mine
    setpriv --reuid 1 --regid 1 --clear-groups ./dtlscat -l 127.0.0.1 0 --psk=file:mine --user $other </dev/null 2>err
    (($? == 1)) || fail "exit $?"
    matches err "^dtlscat: cannot change to the user of --user $other: .*; start dtlscat as root, or remove --user" || fail "$(cat err)"
}

t 'both sides are confined' both_sides
t 'workers are confined' workers
t 'without the sandbox' without
t 'what programs inherit' programs
t 'descriptors for programs' descriptors
t 'the end of the helper' helper_ends
t 'another user' user
t 'another user, with workers' user --workers 2
as=$other:$other t 'another user and group, by number' user
as=$(id -un $other):$(id -gn $other) t 'another user and group, by name' user
t 'another user, and a privileged port' privileged_port
t 'another user reads keys again' user_reloads
t 'another user stores tickets' user_resumes
t 'another user without root' user_needs_root
finish
