#!/usr/bin/env bash
# The key appears nowhere: neither in the process table nor in any output.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# FILE...: the files contain no form of the key.
keyless() {
    local file
    for file; do
        ! grep -aqiE "$key|AAECAwQFBgcICQoLDA0ODw|Secret-of-text" "$file" || fail "key in $file"
    done
}

# OPTION...: checks the process table while both sides are connected.
unseen() {
    listener server --psk="$keyfile"
    client client server -vvv "$@"
    exchange client server
    keyless "/proc/$(process client)/cmdline" "/proc/$(process server)/cmdline" client.err server.err
    hangup client
    expect_exit client 0
    keyless client.err server.err
}

# Programs of the same user can read the environment of a process.
wiped_from_environment() {
    listener server --psk="$keyfile"
    client client server --psk=env:MINE
    exchange client server
    need_inside client
    keyless "/proc/$(process client)/environ"
    tr '\0' '\n' <"/proc/$(process client)/environ" | grep -q '^MINE=' || fail 'too much wiped'
}

unseen_with_descriptor() { unseen --psk=fd:7 7<"$TESTDIR/key"; }

# A warning says that others could see the key. Then the key is wiped, and the rest of the command line stays readable.
wiped() {
    (umask 077 && echo "$1" >right)
    listener server --psk=file:right
    client client server -vvv --psk="$1" -w 200
    exchange client server
    keyless "/proc/$(process client)/cmdline" client.err
    tr '\0' ' ' <"/proc/$(process client)/cmdline" | grep -q -- '-w 200' || fail 'too much wiped'
    matches client.err 'shell history show other users a key on the command line' || fail 'no warning'
}

# The same if the handshake fails because of the key.
failure_without_key() {
    (umask 077 && echo hex:ffff >other)
    listener server --psk=file:other -vvv
    client client server -vvv --psk="$keyfile"
    expect_exit client 6
    matches client.err 'authentication failed.*16 bytes' || fail "$(tail -n 1 client.err)"
    keyless client.err server.err
}

# An error line does not repeat a key that it rejects.
refusal_without_key() {
    "$DTLSCAT" 127.0.0.1 9 "--psk=$1" </dev/null 2>err
    (($? == 2)) || fail "$(cat err)"
    keyless err
}

# A listener forgets the secrets of a client that has gone. The client has logged them.
forgets_secrets() {
    ! grep -q __asan_init "$DTLSCAT" || skip 'the memory of a sanitizer is too large to search'
    listener server -k --psk="$keyfile"
    client client server --psk="$keyfile" --dtls "$1" --keylog keys
    exchange client server
    need_inside server
    mapfile -t secrets < <(awk '{ print $3 }' keys)
    remembers server || fail "${#secrets[@]} secrets, none of which is in the memory of a connected listener"
    hangup client
    expect_exit client 0
    await 10 forgotten server || fail "still in memory: $(remembers server)"
}

remembers() { "$MEMORY" "$(process "$1")" "${secrets[@]}"; }

forgotten() {
    remembers "$1" >remembered
    (($? == 1))
}

# SPEC: the helper process, which is forked when the key is known, does not have it.
helper_without_key() {
    local helper
    [[ $1 == env:* ]] || unset MINE
    listener server -k --psk="$1" -c cat
    client client server --psk="$keyfile"
    say client hello
    hears client hello
    read -r helper < <(helper_of "$(process server)")
    [[ $helper ]] || skip 'no helper: no sandbox here'
    need_inside server
    "$MEMORY" "$(process server)" "$key" >found || fail 'the listener does not have the key'
    "$MEMORY" "$helper" "$key" >found
    (($? == 1)) || fail 'the helper has the key'
}

# PID: prints its child that is dtlscat.
helper_of() { comm -23 <(tr ' ' '\n' <"/proc/$1/task/$1/children" | grep . | sort) <(programs_of "$1" | sort); }

export MINE=hex:$key
t 'file' unseen --psk="$keyfile"
t 'environment' unseen --psk=env:MINE
t 'the environment itself' wiped_from_environment
t 'descriptor' unseen_with_descriptor
t 'inline hex' wiped "hex:$key"
t 'inline text' wiped text:Secret-of-text
t 'inline b64' wiped b64:AAECAwQFBgcICQoLDA0ODw==
t 'wrong key' failure_without_key
t 'a client that has gone, DTLS 1.2' forgets_secrets 1.2
t 'a client that has gone, DTLS 1.3' forgets_secrets 1.3
t 'the helper, file' helper_without_key "$keyfile"
t 'the helper, environment' helper_without_key env:MINE
t 'refused: odd' refusal_without_key "hex:${key}0"
t 'refused: not hex' refusal_without_key "hex:${key}zz"
t 'refused: no tag' refusal_without_key "$key"
t 'refused: unknown tag' refusal_without_key "key:$key"
finish
