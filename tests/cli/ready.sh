#!/usr/bin/env bash
# --ready-fd: the process that starts a listener learns the port, and when the listener is ready.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# The descriptor gets one line with the port of the socket, and is then closed.
tells_port() {
    local line told
    mkfifo told
    stdin=/dev/null spawn server sh -c 'exec "$@" 5>told' sh \
        "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile" --ready-fd 5
    exec {told}<told
    IFS= read -rt "$limit" -u "$told" line || fail 'no line'
    IFS= read -rt "$limit" -u "$told"
    (($? == 1)) || fail 'more than a line, or it was not closed'
    exec {told}<&-
    [[ $line == "$(udp_port "$(process server)")" ]] || fail "told $line"
    port[server]=$line
    client client server --psk="$keyfile"
    say client hello
    hears server hello
}

# A process that has read the port may send a signal at once.
ready_for_signals() {
    local i line told process
    mkfifo told
    exec {told}<>told
    for ((i = 0; i < 50; i++)); do
        "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile" --ready-fd 5 5>told 2>err </dev/null &
        process=$!
        IFS= read -rt "$limit" -u "$told" line || fail 'no line'
        kill -USR1 "$process"
        kill -TERM "$process"
        wait "$process"
        (($? == 143)) || fail "run $i: a signal ended it"
        matches err 'no peer is connected' || fail "run $i: $(cat err)"
    done
}

# If the port is in use, nothing is written to the descriptor.
port_in_use() {
    listener first --psk="$keyfile"
    "$DTLSCAT" -l 127.0.0.1 "${port[first]}" --psk="$keyfile" --ready-fd 5 5>told 2>err </dev/null
    (($? == 1)) || fail "$(cat err)"
    [[ ! -s told ]] || fail "told $(cat told)"
}

nobody_to_tell() {
    "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile" --ready-fd 5 5>/dev/full 2>err </dev/null
    (($? == 1)) || fail "$(cat err)"
    matches err 'descriptor 5 .*No space left' || fail "$(cat err)"
}

# PATTERN OPTION...: exit status 2 and one line that matches PATTERN.
refused() {
    "$DTLSCAT" "${@:2}" --psk="$keyfile" 5>told 6</dev/null 2>err </dev/null
    (($? == 2)) || fail "$(cat err)"
    matches err "$1" || fail "$(cat err)"
    (($(wc -l <err) == 1)) || fail "$(cat err)"
}

t 'the port, then the end' tells_port
t 'a signal at once' ready_for_signals
t 'a port in use' port_in_use
t 'a descriptor that takes nothing' nobody_to_tell
t 'a descriptor to read from' refused 'open for writing' -l 127.0.0.1 0 --ready-fd 6
t 'a client' refused 'needs a listener' 127.0.0.1 9 --ready-fd 5
finish
