#!/usr/bin/env bash
# Exit status 0 requires evidence of delivery. The network passes a number of datagrams and drops all later ones, or
# drops one datagram.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

jobs=40 # they wait most of the time
PLAIN=${RELAY%/relay}/plain
printf 'one\ntwo\nthree\n' >"$TESTDIR/three"
quick=(--lost-after 2 -w 4 --idle 10) # it is no failure to wait for a client that is silent

# ---- the two ends --------------------------------------------------------------------------------

# PEER VERSION: the peer "dtlscat" answers heartbeats, and the peer "plain" does not support them.
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

# VERSION LISTENER: gives the client a ticket, or in DTLS 1.2 a session to resume.
first_visit() {
    stdin=/dev/null client first "$2" --psk="$keyfile" --identity "$ident" --dtls "$1" --resume ticket -N
    expect_exit first 0
    [[ -s ticket ]] || fail 'no ticket'
}

# Prints what has arrived, without newlines. The whole input is "onetwothree".
arrived() { tr -d '\n' <"$1.out"; }

# ---- roles ---------------------------------------------------------------------------------------

# PEER VERSION KIND LOSS
client_writes() {
    start_server "$1" "$2"
    [[ $3 == full ]] || first_visit "$2" server
    set_resumption "$3"
    relay network server "$4"
    stdin=$TESTDIR/three client sender network -v --psk="$keyfile" --identity "$ident" --dtls "$2" --frame=line \
        "${quick[@]}" "${resumption[@]}"
    ended sender
    got=$(arrived server)
}

# KIND: sets the options of a client.
set_resumption() {
    resumption=()
    [[ $1 == full ]] || resumption=(--resume ticket)
    [[ $1 != early ]] || resumption+=(--early-data)
}

# VERSION KIND: the same in the other direction. The client ends when the listener closes.
start_receiver() {
    if [[ $peer == plain ]]; then
        spawn receiver "$PLAIN" "$key" "$1" "${port[network]}"
    else
        set_resumption "$2"
        [[ $2 != early ]] || queue_early
        client receiver network --psk="$keyfile" --identity "$ident" --dtls "$1" --frame=line "${quick[@]}" \
            "${resumption[@]}"
    fi
}

# The input of the receiver stays open.
queue_early() {
    local fd
    mkfifo receiver.in
    exec {fd}<>receiver.in
    in[queued]=$fd
    echo early >&"$fd"
}

listener_writes() {
    stdin=$TESTDIR/three listener sender --psk="$keyfile" --dtls "$2" --frame=line -N "${quick[@]}"
    relay network sender "$4"
    start_receiver "$2" "$3"
    until_over 1
}

# The listener writes to its second client, which resumes the session of the first one. With -k the exit status of a
# listener depends on a single client only with --fail-on-loss.
listener_writes_again() {
    local early=()
    [[ $3 != early ]] || early=(--early-data)
    listener sender -k --fail-on-loss --psk="$keyfile" --dtls "$2" --frame=line -N "${quick[@]}" "${early[@]}"
    first_visit "$2" sender
    feed sender "$TESTDIR/three"
    hangup sender
    relay network sender "$4"
    start_receiver "$2" "$3"
    until_over 2
}

# The client closes soon after the handshake.
client_closes() {
    stdin=$TESTDIR/three listener sender --psk="$keyfile" --dtls "$2" --frame=line "${quick[@]}"
    relay network sender "$4"
    stdin=/dev/null start_receiver "$2" "$3"
    until_over 1
}

program_answers() {
    listener sender -c 'cat; echo one; echo two; echo three' --psk="$keyfile" --dtls "$2" --frame=line "${quick[@]}"
    relay network sender "$4"
    stdin=/dev/null start_receiver "$2" "$3"
    until_over 1
}

# SESSIONS: if its client never completes the handshake, a listener waits for another client.
until_over() {
    await 20 is_over "$1" || fail "no end: $(tail -n 1 sender.err)"
    if has_served "$1"; then
        ended sender
    else
        rc[sender]=-
    fi
    got=$(arrived receiver)
}

has_served() { (($(grep -c ' connected: ' sender.err) >= $1)); }

is_over() { ! runs sender || { ! has_served "$1" && ! runs receiver; }; }

# ---- the table -----------------------------------------------------------------------------------

row() {
    local role=$1 peer=$2 version=$3 kind=$4 loss=$5 got verdict
    "$role" "$peer" "$version" "$kind" "$loss"
    verdict=$(verdict)
    printf '# %-21s %-7s %s %-7s %-16s  exit %-2s %-11s %s\n' "$role" "$peer" "$version" "$kind" "$loss" \
        "${rc[sender]}" "${got:--}" "$verdict" >row
    [[ $verdict != silent ]] || fail "$(cat row) $(cat sender.err)"
}

# Application data is not acknowledged (RFC 9147 section 7). If one datagram is lost and later ones arrive, only the
# receiver notices, by a gap in the record numbers. After the last record of early data, its epoch has no further record
# that could show a gap.
is_counted() {
    local receiver=receiver
    [[ $role != client_writes ]] || receiver=server
    [[ $peer == plain || $kind$got == earlyonetwo ]] || await 1 matches $receiver.err ' [1-9][0-9]* lost'
}

# Only DTLS 1.2 without heartbeats has no evidence of delivery. In that case -v reports it.
verdict() {
    if [[ $got == onetwothree ]]; then
        echo
    elif [[ ${rc[sender]} != 0 ]]; then
        echo reported
    elif [[ $loss == *nth* && $got =~ ^(onetwo|onethree|twothree)$ ]] && is_counted; then
        echo counted
    elif [[ $peer$version == plain1.2 || $peer$role == plainclient_closes ]] && matches sender.err 'not confirmed|discarded'; then
        echo 'no evidence'
    else
        echo silent
    fi
}

# RULE ROLE PEER VERSION KIND
each_loss() {
    local direction number
    for direction in to-server to-client; do
        for number in {2..7}; do
            t "${*:2} $direction $1 $number" row "${@:2}" "$direction $1 $number"
        done
    done
}

for version in 1.2 1.3; do
    for kind in full resumed early; do
        [[ $kind$version != early1.2 ]] || continue
        again=listener_writes_again
        [[ $kind != full ]] || again=listener_writes
        each_loss only $again dtlscat $version $kind
        each_loss nth $again dtlscat $version $kind
        each_loss only client_writes dtlscat $version $kind
        each_loss nth client_writes dtlscat $version $kind
        each_loss only client_writes plain $version $kind
    done
    each_loss nth client_writes plain $version full
    each_loss only listener_writes plain $version full
    for role in client_closes program_answers; do
        each_loss only $role dtlscat $version full
        each_loss only $role plain $version full
    done
done
settle
cat "$TESTDIR"/*/row
finish
