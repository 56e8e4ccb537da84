#!/usr/bin/env bash
# Runs the commands of the README as they are written there, in a network namespace: its addresses and names are those
# of this machine, and all its ports are free.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

jobs=1 # they share the ports

enter_namespace() {
    [[ ${OWN_NAMESPACE:-} ]] || return
    need ip
    echo '127.0.0.1 localhost host dev.local coaps.example log.example' >"$TESTDIR/hosts"
    ip link set lo up && ip address add 192.168.0.10/32 dev lo && mount --bind "$TESTDIR/hosts" /etc/hosts
}

# Prints the line of the README that contains WORDS, without indentation and prompt. A limit in seconds becomes one in
# minutes.
line() { grep -F -m 1 -- "$1" "$root/README.md" | tee -a "$TESTDIR/typed" | sed -nE 's/^    ([a-z]+\$ )?//; T; s/-w[0-9]+/&m/; p'; }

# Files that the commands need.
prepare() {
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no network namespaces here'
    mkdir bin
    ln -s "$DTLSCAT" bin/dtlscat
    PATH=$PWD/bin:$PATH
    cp -p "$TESTDIR/key" k
    cp -p k dev.psk
    (umask 077 && printf 'alice:hex:%s\nbob:hex:ff%s\n' "$key" "$key" >keys.psk)
    export K=hex:$key HUE_KEY=hex:$key USER=alice
}

# NAME WORDS
type_line() {
    local command
    command=$(line "$2")
    [[ $command ]] || fail "no line with '$2'"
    spawn "$1" bash -c "$command"
}

# PROCESS NAME: prints the PID of the child process with that name.
child_of() {
    local child
    for child in $(cat "/proc/$1/task/$1/children"); do
        [[ $(cat "/proc/$child/comm") != "$2" ]] || echo "$child"
    done
}

await_bound() { await 10 bound "$1" || fail "nobody listens: $(cat ./*.err)"; }

# On terminals: the listener shows a new key, and the user types it at the client.
fresh_key() {
    prepare
    command -v script >/dev/null || skip 'no script(1)'
    spawn server script -qefc "$(line 'dtlscat -l 5684 --psk')" /dev/null
    await_bound 5684
    await 10 matches server.out '[0-9a-f]{32}' || fail 'no key is shown'
    spawn client script -qefc 'dtlscat host 5684 --psk' /dev/null
    await 10 matches client.out 'key: $' || fail 'no prompt'
    say client "$(grep -oE '[0-9a-f]{32}' server.out | head -n 1)"
    await 10 contains client.out $'key: \r\n' || fail 'the key is not taken'
    exchange client server
}

request() {
    prepare
    need xxd
    spawn server dtlscat -l 5684 --psk=file:k
    await_bound 5684
    type_line client 'printf req'
    hears server req
    say server answer
    expect_exit client 0
    matches client.out '616e 7377 6572 0a .*answer' || fail "$(cat client.out)"
}

new_key() {
    prepare
    rm k
    type_line shell keygen
    expect_exit shell 0
    [[ $(stat -c '%a %s' k) == '600 33' ]] || fail "$(stat -c '%a %s' k): not a key file"
}

file() {
    prepare
    head -c 300000 /dev/urandom >report.pdf
    spawn server dtlscat -l 5684 --psk=file:k
    await_bound 5684
    type_line client report.pdf
    expect_exit client 0
    expect_exit server 0
    same_file server.out report.pdf || fail "$(stat -c %s server.out) bytes have come"
}

diagnosis() {
    prepare
    spawn server dtlscat -l 5684 --psk=file:k
    await_bound 5684
    type_line client 'loss=25%'
    wait_line client.err 'connected: DTLS 1.3' 30
    matches client.err '> .*ClientHello' || fail "$(cat client.err)"
    [[ -s run.pcapng ]] || fail 'no capture'
    hangup client
    expect_exit client 0
}

frames() {
    prepare
    printf '#!/bin/sh\nprintf "\\0\\3one\\0\\0\\0\\5three"\n' >bin/hue-frames
    chmod +x bin/hue-frames
    spawn server dtlscat -l 2100 --psk=file:keys.psk --frame=hex -W 3
    await_bound 2100
    type_line client hue-frames
    expect_exit client 0
    expect_exit server 0
    printf '6f6e65\n\n7468726565\n' >expected
    same_file server.out expected || fail "$(cat server.out)"
}

who() {
    prepare
    need jq
    type_line server 'dtlscat -lk 2100'
    await_bound 2100
    printf hello | dtlscat 127.0.0.1 2100 --psk=file:keys.psk --identity alice -q 0 || fail "alice: $?"
    printf hi | dtlscat 127.0.0.1 2100 --psk=file:keys.psk --identity bob -q 0 || fail "bob: $?"
    kill -INT "$(child_of "$(process server)" dtlscat)"
    ended server
    printf '["alice",5]\n["bob",2]\n' >expected
    same_file server.out expected || fail "$(cat server.out)"
}

right_key() {
    prepare
    spawn server dtlscat -lk 5684 --psk=file:k
    await_bound 5684
    type_line client 'key is right'
    expect_exit client 0
    hears client 'key is right'
    matches client.err ' connected: DTLS 1.3 ' || fail "$(cat client.err)"
}

handler() {
    prepare
    printf '#!/bin/sh\necho "$DTLSCAT_IDENTITY"; cat\n' >handler
    chmod +x handler
    type_line server 'dtlscat -lk 5684'
    await_bound 5684
    spawn client dtlscat 127.0.0.1 5684 --psk=file:keys.psk --identity bob
    hears client bob
    say client 'and back'
    hears client 'and back'
}

log() {
    prepare
    echo 'first line' >app.log
    spawn server dtlscat -l 6514 --psk=file:k --frame=json
    await_bound 6514
    type_line client 'tail -F app.log'
    hears server "\"len\":10,\"data\":\"$(printf 'first line' | base64)\""
    echo 'second line' >>app.log
    hears server "\"len\":11,\"data\":\"$(printf 'second line' | base64)\""
}

ready() {
    prepare
    spawn shell bash -c "$(line 'ready-fd 3') wait"
    await 10 size_is port.txt 1 || fail "no port: $(cat shell.err)"
    printf hello | dtlscat 127.0.0.1 "$(cat port.txt)" --psk=file:k || fail "exit $?"
    expect_exit shell 0
    [[ $(cat got.bin) == hello ]] || fail "$(cat got.bin)"
}

ten() {
    prepare
    need jq
    need xxd
    sed -n '/^## Ten things/,/^## The key/p' "$root/README.md" | grep -E '^    [^#]' >lines
    (($(wc -l <lines) == 10)) || fail "$(wc -l <lines) lines, not ten"
    ! grep -vxFf "$TESTDIR/typed" lines >untyped || fail "no case has: $(head -n 1 untyped)"
}

enter_namespace
t 'a fresh key' fresh_key
t 'a new key' new_key
t 'a file' file
t 'a request and one answer' request
t 'a diagnosis' diagnosis
t 'frames' frames
t 'who sent what' who
t 'is the key right' right_key
t 'a handler' handler
t 'a log' log
t 'a free port' ready
t 'ten lines, each with a case' ten
finish
