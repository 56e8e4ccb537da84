#!/usr/bin/env bash
# --resume and --early-data: a ticket can be used once.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

head -c 60000 /dev/urandom >"$TESTDIR/bulk"
echo 'in a hurry' >"$TESTDIR/hurry"
echo 'too early' >"$TESTDIR/early"
(umask 077 && printf 'alice:hex:%s\n' "$key" >"$TESTDIR/identities")
psk=file:$TESTDIR/identities

# NAME OF OPTION...: a client of the listener OF that stores its ticket in the file "ticket".
resumer() {
    local name=$1 of=$2
    shift 2
    client "$name" "$of" -v --psk="$psk" --resume ticket "$@"
}

# OPTION...: a listener, and a client that has connected with OPTION... and has a ticket.
ticket() {
    listener server -k --psk="$psk" --early-data
    first_ticket "$@"
}

first_ticket() {
    stdin=/dev/null resumer first server -N "$@"
    expect_exit first 0
    [[ -s ticket ]] || fail 'no ticket'
    matches first.err 'connected: DTLS 1.3 [^,]*, cookie, handshake ' || fail "$(cat first.err)"
}

visit() {
    resumer "$@"
    exchange "$1" "$2"
    hangup "$1"
    expect_exit "$1" 0
}

is_resumed() { matches "$1.err" 'connected: .*, resumed, ' || fail "$(cat "$1.err")"; }
is_new() { ! matches "$1.err" 'connected: .*, resumed, ' || fail "$(cat "$1.err")"; }

# ---- tickets -------------------------------------------------------------------------------------

resumes() {
    ticket
    [[ $(stat -c %a ticket) == 600 ]] || fail "mode $(stat -c %a ticket)"
    cp ticket before
    visit second server
    is_resumed second
    matches server.err 'connected: DTLS 1.3 [^,]*, no cookie, resumed, handshake ' ||
        fail "$(cat server.err)"
    [[ $(stat -c %a ticket) == 600 ]] || fail "mode $(stat -c %a ticket)"
    ! same_file ticket before || fail 'the same ticket is there again'
    visit third server
    is_resumed third
    [[ $(echo ticket*) == ticket ]] || fail "left over: $(echo ticket*)"
}

# The file is removed as soon as its ticket is sent, whatever happens to that datagram.
offered_once() {
    ticket
    kill -STOP "$(process server)"
    resumer second server -vv
    wait_line second.err '> .*ClientHello' 10
    [[ ! -e ticket ]] || fail 'it is still there'
    kill -KILL "$(process second)"
    kill -CONT "$(process server)"
    ended second
    [[ ! -e ticket ]] || fail 'it is there again'
    visit third server
    is_new third
    visit fourth server
    is_resumed fourth
}

used_ticket() {
    ticket
    cp -p ticket used
    visit second server
    is_resumed second
    mv used ticket
    visit third server
    is_new third
    visit fourth server
    is_resumed fourth
}

# COMMAND...: damages the ticket. The client then uses the key instead.
spoilt() {
    ticket
    "$@"
    visit second server
    is_new second
    visit third server
    is_resumed third
}

# Changes the byte at OFFSET from the end.
change_byte() {
    local at byte
    at=$(($(stat -c %s ticket) - $1))
    byte=$(od -An -tu1 -j "$at" -N 1 ticket)
    # shellcheck disable=SC2059 # it makes a byte
    printf "\\x$(printf %x $((byte ^ 1)))" | dd of=ticket bs=1 seek="$at" conv=notrunc status=none
}

cut_short() { truncate -s -1 ticket; }
empty() { : >ticket; }
age() { touch -d '3 hours ago' ticket; }

renew_listener() {
    kill -TERM "$(process server)"
    ended server
    listener server -k --psk="$psk" "$@"
}

# The key of the listener is valid for any identity, but a ticket is valid for one identity only.
key_for_all() {
    psk=$keyfile
    spoilt renew_listener
}

# The clock was set back, or the file comes from another host.
from_the_future() {
    ticket
    touch -d '1 hour' ticket
    visit second server
    is_resumed second
}

locked() {
    command -v flock >/dev/null || skip 'no flock(1)'
    ticket
    (
        flock -n 7 || fail 'it is locked'
        visit second server
        is_new second
    ) 7<ticket || exit
}

no_tickets() {
    listener server -k --psk="$psk" --no-tickets
    visit first server
    [[ ! -e ticket ]] || fail 'a ticket'
    visit second server
    is_new second
}

# OPTION... of the listener: without tickets, a session is resumed by its session ID.
without_tickets_12() {
    listener server -k --psk="$psk" --dtls 1.2 --no-tickets "$@"
    visit first server
    is_new first
    visit second server
}

by_session_id() {
    without_tickets_12 "$@"
    cp -p ticket used
    is_resumed second
    visit third server
    is_resumed third
    mv used ticket
    visit fourth server
    is_resumed fourth
}

# The cache has room for one session. The second session replaces the first.
other_session() {
    without_tickets_12 --sessions 1
    cp -p ticket used
    rm ticket
    visit third server
    mv used ticket
    visit fourth server
    is_new fourth
}

no_sessions() {
    without_tickets_12 --sessions 0
    is_new second
    [[ ! -e ticket ]] || fail 'something to resume'
}

# VERSION: what the server sends to the first port of the client is lost. The client continues from another port, with
# the same ticket. The listener serves one session, and has started a handshake with each port.
another_port() {
    listener first -k --psk="$psk" --secrets secrets --dtls "$1"
    visit one first
    listener server --psk="$psk" --secrets secrets --dtls "$1"
    relay network server 'to-client cut 1'
    resumer two network -w 100 --timer 150ms
    exchange two server
    is_resumed two
    matches two.err 'no answer yet, now sending from' || fail "$(cat two.err)"
}

# A server may take early data from two ports for the data of two clients.
early_from_one_port() {
    ticket --early-data
    relay network server 'to-server cut 1'
    stdin=$TESTDIR/hurry resumer second network --early-data -w 3 --timer 150ms
    expect_exit second 5
    ! matches second.err 'now sending from' || fail "$(cat second.err)"
}

# OPTION... of the client: prints the first two steps of a session of DTLS 1.2.
resumes_12() {
    listener server -k --psk="$psk" --dtls 1.2
    visit first server "$@"
    is_new first
    visit second server "$@"
    is_resumed second
    matches server.err '"alice".* connected: DTLS 1.2 .*, cookie, resumed, handshake ' ||
        fail "$(cat server.err)"
    visit third server "$@"
    is_resumed third
    matches third.err '"alice".* connected: DTLS 1.2 ' || fail "$(cat third.err)"
}

used_ticket_12() {
    resumes_12 "$@"
    cp -p ticket used
    visit fourth server
    is_resumed fourth
    mv used ticket
    visit fifth server
    is_new fifth
}

without_ems_12() {
    listener server -k --psk="$psk" --dtls 1.2
    visit first server --no-ems
    [[ ! -e ticket ]] || fail 'a ticket'
}

# The client has a ticket of DTLS 1.2, and the listener now supports DTLS 1.3 too.
goes_on_to_13() {
    resumes_12 "$@"
    renew_listener
    visit fourth server
    is_new fourth
    matches fourth.err 'connected: DTLS 1.3 ' || fail "$(cat fourth.err)"
    visit fifth server
    is_resumed fifth
}

# The client has a ticket of DTLS 1.3, and the listener now supports only DTLS 1.2.
falls_back_to_12() {
    ticket
    renew_listener --dtls 1.2
    visit second server
    matches second.err 'connected: DTLS 1.2 ' || fail "$(cat second.err)"
}

# The ticket of one identity is not used for another.
of_another_identity() {
    psk=$keyfile
    listener server -vk --psk="$psk"
    visit first server --identity alice
    visit second server --identity alice
    is_resumed second
    visit third server --identity bob
    is_new third
    matches server.err '"bob" connected' || fail "$(cat server.err)"
    visit fourth server --identity bob
    is_resumed fourth
}

# A file with other contents is not overwritten by a ticket.
no_ticket_file() {
    (umask 077 && echo 'notes of a year' >notes)
    listener server -k --psk="$psk"
    client client server --psk="$psk" --resume notes
    expect_exit client 2
    matches client.err 'notes: the file has no ticket' || fail "$(cat client.err)"
    same_file notes <(echo 'notes of a year') || fail 'it is lost'
}

nowhere() {
    "$DTLSCAT" 127.0.0.1 9 --psk="$psk" --resume /nowhere/ticket </dev/null 2>err
    (($? == 1)) || fail "$(cat err)"
    matches err '^dtlscat: .*/nowhere/ticket: No such file' || fail "$(cat err)"
}

t 'resumes, again and again' resumes
t 'a ticket is offered once' offered_once
for version in 1.2 1.3; do t "resumes from another port, $version" another_port "$version"; done
t 'a ticket that was used' used_ticket
t 'the end of it changed' spoilt change_byte 1
t 'the middle of it changed' spoilt change_byte 60
t 'one byte short' spoilt cut_short
t 'empty' spoilt empty
t 'too old' spoilt age
t 'of another listener' spoilt renew_listener
t 'of another listener, with a key for all' key_for_all
t 'written in the future' from_the_future
t 'in use by another program' locked
t '--no-tickets' no_tickets
t 'resumes in DTLS 1.2' resumes_12 --dtls 1.2
t 'resumes in DTLS 1.2, a client of both versions' resumes_12
t 'a ticket of DTLS 1.2 that was used' used_ticket_12
t 'resumes by session ID' by_session_id
t 'a session that gave way to another' other_session
t '--sessions 0' no_sessions
t 'none in DTLS 1.2 without extended master secret' without_ems_12
t 'of DTLS 1.2 at a listener of both versions' goes_on_to_13
t 'at a listener of DTLS 1.2' falls_back_to_12
t 'of another identity' of_another_identity
t 'a file that is no ticket' no_ticket_file
t '--resume to nowhere' nowhere

# ---- early data ----------------------------------------------------------------------------------

# FILE NAME OPTION...: a client sends FILE, and the listener receives it once.
sends() {
    local file=$1 name=$2
    stdin=$file resumer "$name" server -vvv --early-data "${@:3}"
    expect_exit "$name" 0
    await 10 same_file server.out "$file" ||
        fail "$(stat -c %s server.out) bytes: $(head -c 60 server.out)"
}

is_early() { matches "$1.err" '> .* rec e1#0 application_data' || fail "$(cat "$1.err")"; }
not_early() { ! matches "$1.err" '> .* rec e1#0 ' || fail "$(cat "$1.err")"; }
was() { matches "$1.err" "connected: .*, early data $2, " || fail "$1: $(cat "$1.err")"; }
says_nothing() { ! matches "$1.err" "^dtlscat:.*early data" || fail "$1: $(cat "$1.err")"; }

arrives() {
    ticket --early-data
    sends "$TESTDIR/hurry" second "$@"
    is_early second
    was second accepted
    was server accepted
}

# As much data as the ticket permits is sent early. The rest is sent after the handshake.
arrives_in_bulk() {
    local early
    ticket --early-data
    sends "$TESTDIR/bulk" second
    is_early second
    was second accepted
    (($(grep -c '> .* rec e3#.* application_data' second.err) > 20)) || fail 'nothing follows'
    early=$(awk '/> .* rec e1#.* application_data/ { sum += $NF } END { print sum }' second.err)
    ((early == 16384)) || fail "$early bytes early"
}

# With -C the end of a line has one byte more, and does not fit the last byte of early data.
line_at_the_end() {
    ticket --early-data
    { head -c 16383 /dev/zero | tr '\0' x; printf '\ntail\n'; } >text
    stdin=text resumer second server --early-data -C -vvv
    expect_exit second 0
    is_early second
    sed 's/$/\r/' text >expected
    await 10 same_file server.out expected || fail "$(stat -c %s server.out) bytes"
}

# MODE MESSAGE ERROR: early data that is not sent is reported, and sets the exit status, as for later data.
not_sent_early() {
    listener server -k --psk="$psk" --early-data --frame=hex
    first_ticket --early-data
    printf '%s\n' "$2" "${4:-ok}" >messages
    stdin=messages resumer second server --early-data --frame="$1"
    expect_exit second 1
    matches second.err "^dtlscat: stdin(, line [0-9])?: .*$3" || fail "$(cat second.err)"
    hears server 6f6b
    [[ $(cat server.out) == 6f6b ]] || fail "$(cut -c 1-80 server.out)"
}

# If no input is ready at once, no early data is sent.
nothing_yet() {
    ticket --early-data
    resumer second server --early-data -vvv
    wait_line second.err connected 10
    exchange second server
    is_resumed second
    not_early second
    says_nothing second
    says_nothing server
}

not_asked_for() {
    ticket
    stdin=$TESTDIR/hurry resumer second server -vvv
    expect_exit second 0
    await 10 same_file server.out "$TESTDIR/hurry" || fail "$(cat server.out)"
    is_resumed second
    not_early second
}

# The ticket of a listener without --early-data does not permit early data.
not_allowed() {
    listener server -k --psk="$psk"
    first_ticket --early-data
    sends "$TESTDIR/hurry" second
    is_resumed second
    not_early second
    says_nothing second
}

without_ticket() {
    listener server -k --psk="$psk" --early-data
    sends "$TESTDIR/hurry" first
    not_early first
}

# FILE: the data arrives even if the listener rejects it as early data: it requests a cookie from a new address.
rejected() {
    ticket --early-data
    sends "$1" second -s 127.0.0.2
    is_early second
    was second rejected
    is_resumed second
}

rejected_as_late() {
    ticket --early-data
    touch -d '1 minute ago' ticket
    sends "$TESTDIR/bulk" second
    is_early second
    was second rejected
    was server rejected
    is_resumed second
}

# A message that fits a record of early data does not fit a record of the suite that the handshake then selects.
rejected_by_another() {
    listener server -k --psk="$psk" --early-data --suite AES128-CCM8-SHA256
    first_ticket --early-data --suite AES128-CCM8-SHA256,AES128-GCM-SHA256
    renew_listener --early-data --suite AES128-GCM-SHA256
    sends "$TESTDIR/bulk" second --suite AES128-CCM8-SHA256,AES128-GCM-SHA256
    is_early second
    was second rejected
    is_new second
}

# OPTION...: sends FILE as early data, and ends before the listener can respond. The trace shows a datagram before it is
# sent. When the ClientHello is retransmitted, the first one and the early data have been sent.
sends_and_dies() {
    kill -STOP "$(process server)"
    stdin=$1 resumer dead server -vvv --early-data "${@:2}"
    wait_line dead.err '> .* rec e1#0 application_data' 10
    wait_line dead.err '> .* rec e0#[1-9] handshake' 10
    kill -KILL "$(process dead)"
    ended dead
    kill -CONT "$(process server)"
}

# Early data of a handshake that is never completed is not delivered, even if the next client has the same address.
never_done() {
    local own
    own=$(free_port)
    ticket --early-data -p "$own"
    sends_and_dies "$TESTDIR/hurry" -p "$own"
    visit third server -p "$own"
    is_new third
    same_file server.out <(echo 'from third') || fail "$(cat server.out)"
}

# Early data with a ticket that was used before is not delivered.
replayed() {
    ticket --early-data
    cp -p ticket used
    sends "$TESTDIR/hurry" second
    mv used ticket
    sends_and_dies "$TESTDIR/hurry"
    visit third server
    same_file server.out <(cat "$TESTDIR/hurry"; echo 'from third') || fail "$(cat server.out)"
}

# Two clients send early data with one ticket. The first client has used the ticket, and ends before its handshake is complete.
twice() {
    ticket --early-data
    cp -p ticket copy
    sends_and_dies "$TESTDIR/early"
    mv copy ticket
    sends "$TESTDIR/hurry" second
    was second rejected
    is_new second
}

# Early data of a client that the listener refuses is not delivered.
sent_away() {
    local own
    own=$(free_port)
    listener server -k -m 1 --psk="$psk" --early-data
    first_ticket --early-data -p "$own"
    client there server --psk="$psk"
    exchange there server
    stdin=$TESTDIR/hurry resumer second server -vvv --early-data -p "$own"
    expect_exit second 8
    is_early second
    say there 'still here'
    hears server 'still here'
    hangup there
    expect_exit there 0
    visit third server -p "$own"
    same_file server.out <(printf '%s\n' 'from there' 'still here' 'from third') ||
        fail "$(cat server.out)"
}

key_log() {
    ticket --early-data
    sends "$TESTDIR/hurry" second --keylog secrets
    matches secrets '^CLIENT_EARLY_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]{64}$' || fail "$(cat secrets)"
    (($(wc -l <secrets) == 6)) || fail "$(cat secrets)"
}

t 'early data' arrives
t 'early data, -N' arrives -N
t 'early data, more than the ticket allows' arrives_in_bulk
t 'early data, -C' line_at_the_end
t 'early data, a message too long' not_sent_early line "$(printf '%01300d' 0)" 'message of 1300 bytes not sent'
t 'early data for somebody else' not_sent_early json '{"peer":"192.0.2.1:5","text":"no"}' \
    'no peer has the address "192.0.2.1:5"' '{"text":"ok"}'
t 'early data: nothing yet' nothing_yet
t 'early data: not asked for' not_asked_for
t 'early data: not allowed' not_allowed
t 'early data: no ticket' without_ticket
t 'early data rejected' rejected "$TESTDIR/hurry"
t 'early data rejected, in bulk' rejected "$TESTDIR/bulk"
t 'early data rejected as late' rejected_as_late
t 'early data rejected by another listener' rejected_by_another
t 'early data of a handshake that is never done' never_done
t 'early data: no answer' early_from_one_port
t 'early data replayed' replayed
t 'early data with one ticket twice' twice
t 'early data of one who is sent away' sent_away
t 'early data: the key log' key_log
finish
