#!/usr/bin/env bash
# Exit 0 needs evidence of delivery: a network that passes a number of datagrams, and none after them.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

jobs=24 # they wait most of the time
PLAIN=${RELAY%/relay}/plain
printf 'one\ntwo\nthree\n' >"$TESTDIR/three"
quick=(--lost-after 2 -w 4 --idle 10) # it is no failure to wait for a client that is silent

# ---- the two ends --------------------------------------------------------------------------------

# PEER VERSION: "dtlscat" answers heartbeats, "plain" takes none.
start_server() {
    if [[ $1 == plain ]]; then
        stdin=/dev/null spawn server "$PLAIN" "$key" "$2"
        wait_line server.err '^port ([0-9]+)' 10
        port[server]=${BASH_REMATCH[1]}
    else
        local early=()
        [[ $2 == 1.2 ]] || early=(--early-data)
        stdin=/dev/null listener server -k --psk="$keyfile" --dtls "$2" --frame=line "${early[@]}" "${quick[@]}"
    fi
}

# A ticket, or a session of 1.2, for the client.
first_visit() {
    stdin=/dev/null client first server --psk="$keyfile" --identity "$ident" --dtls "$1" --resume ticket -N
    expect_exit first 0
    [[ -s ticket ]] || fail 'no ticket'
}

# What has arrived, without the ends of lines; all of it is "onetwothree".
arrived() { tr -d '\n' <"$1.out"; }

# ---- roles ---------------------------------------------------------------------------------------

# PEER VERSION KIND DIRECTION NUMBER
client_writes() {
    start_server "$1" "$2"
    local more=()
    if [[ $3 != full ]]; then
        first_visit "$2"
        more=(--resume ticket)
    fi
    [[ $3 != early ]] || more+=(--early-data)
    relay network server "$4 only $5"
    stdin=$TESTDIR/three client sender network -v --psk="$keyfile" --identity "$ident" --dtls "$2" --frame=line \
        "${quick[@]}" "${more[@]}"
    ended sender
    got=$(arrived server)
}

# The same in the other direction. The client ends when the listener closes.
start_receiver() {
    if [[ $1 == plain ]]; then
        spawn receiver "$PLAIN" "$key" "$2" "${port[network]}"
    else
        client receiver network --psk="$keyfile" --identity "$ident" --dtls "$2" --frame=line "${quick[@]}"
    fi
}

listener_writes() {
    stdin=$TESTDIR/three listener sender --psk="$keyfile" --dtls "$2" --frame=line -N "${quick[@]}"
    relay network sender "$4 only $5"
    start_receiver "$1" "$2"
    until_over
}

# The client closes, soon after the handshake.
client_closes() {
    stdin=$TESTDIR/three listener sender --psk="$keyfile" --dtls "$2" --frame=line "${quick[@]}"
    relay network sender "$4 only $5"
    stdin=/dev/null start_receiver "$1" "$2"
    until_over
}

program_answers() {
    listener sender -c 'cat; echo one; echo two; echo three' --psk="$keyfile" --dtls "$2" --frame=line "${quick[@]}"
    relay network sender "$4 only $5"
    stdin=/dev/null start_receiver "$1" "$2"
    until_over
}

# A listener whose client never finishes its handshake waits for another.
until_over() {
    await 20 is_over || fail "no end: $(tail -n 1 sender.err)"
    if matches sender.err ' connected: '; then
        ended sender
    else
        rc[sender]=-
    fi
    got=$(arrived receiver)
}

is_over() { ! runs sender || { ! matches sender.err ' connected: ' && ! runs receiver; }; }

# ---- the table -----------------------------------------------------------------------------------

row() {
    local role=$1 peer=$2 version=$3 kind=$4 direction=$5 number=$6 got verdict
    "$role" "$peer" "$version" "$kind" "$direction" "$number"
    verdict=$(verdict)
    printf '# %-15s %-7s %s %-7s %-9s %d  exit %-2s %-11s %s\n' "$role" "$peer" "$version" "$kind" "$direction" \
        "$number" "${rc[sender]}" "${got:--}" "$verdict" >row
    [[ $verdict != silent ]] || fail "$(cat row) $(cat sender.err)"
}

# The protocol offers nothing that proves delivery only in 1.2 without heartbeats; -v says so there.
verdict() {
    if [[ $got == onetwothree ]]; then
        echo
    elif [[ ${rc[sender]} != 0 ]]; then
        echo reported
    elif [[ $peer$version == plain1.2 || $peer$role == plainclient_closes ]] && matches sender.err 'not confirmed|discarded'; then
        echo 'no evidence'
    else
        echo silent
    fi
}

for peer in dtlscat plain; do
    for version in 1.2 1.3; do
        for direction in to-server to-client; do
            for number in {2..7}; do
                for kind in full resumed early; do
                    [[ $kind$version == early1.2 ]] ||
                        t "client_writes $peer $version $kind $direction $number" \
                            row client_writes $peer $version $kind $direction "$number"
                done
                for role in listener_writes client_closes program_answers; do
                    t "$role $peer $version $direction $number" row $role $peer $version full $direction "$number"
                done
            done
        done
    done
done
settle
cat "$TESTDIR"/*/row
finish
