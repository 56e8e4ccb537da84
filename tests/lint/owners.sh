#!/bin/bash
# Each field of struct conn (lib/conn/state.h) is written by the files in $owners only. The check sees assignments
# through a pointer that is named conn, candidate, victim or newcomer. conn->hs and conn->ctx are pointers to other
# lifetimes: only the pointer counts.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"

# A line: a field, then the files that may write it.
owners='answers_heartbeat: conn/heartbeat
asked: conn/heartbeat
cached_session: handshake/hs12_resume
cids: api/calls conn/cids handshake/cid13
client: conn/conn
closing: conn/closing
confirmed: conn/closing
cookie: api/newcomer handshake/client_offer handshake/hs13_client handshake/hs_client
ctx: conn/conn
early: handshake/client_offer handshake/hs13_client handshake/hs13_server
ems: handshake/hs12_client handshake/hs12_server
exporter12: handshake/hs12
failure: api/calls api/timers conn/closing conn/conn conn/evict
flight: conn/retransmit handshake/client_offer handshake/hs12 handshake/hs_client
group: handshake/share
handshake_ms: conn/establish
heard: conn/liveness
heartbeat_allowed: conn/heartbeat
heartbeat_seen: conn/heartbeat
held: conn/held
held_request: conn/heartbeat
hello_seq: api/newcomer
hold_heartbeats: conn/heartbeat
hs: conn/conn
identity: handshake/psk
identity_length: handshake/psk
last_answer: conn/liveness
last_heard: conn/liveness
limit: api/calls conn/conn conn/establish handshake/acked
moving: handshake/rrc
mtu: conn/sizes
mute: conn/conn
newer: conn/pending
next_ended: conn/conn
older: conn/pending
peer: conn/conn
phase: conn/closing conn/conn conn/establish
read: conn/epochs
reading: handshake/hs
receive_seq: api/newcomer handshake/client_offer handshake/hs handshake/hs_client
refuse_at: handshake/hs
repeat_at: conn/retransmit
resumed: handshake/hs12_resume handshake/hs13_client handshake/hs13_server
rows: api/newcomer handshake/hs12_client handshake/hs12_server handshake/hs13_client handshake/hs_client
rtt_known: conn/rto
rtt_ms: conn/rto
secure_renegotiation: handshake/hs12_server
send_epoch: conn/epochs
send_seq: api/newcomer handshake/client_offer handshake/hs handshake/post13
sizes: conn/sizes
started: conn/conn
state: api/newcomer handshake/hs handshake/hs12_client handshake/hs_client
stats: api/input api/write conn/epochs conn/receive conn/retransmit
suite: handshake/hs12_client handshake/hs12_resume handshake/hs12_server handshake/hs13_client handshake/hs13_server
ticket: handshake/hs12_resume handshake/post13
unanswered: conn/liveness
v13: conn/ack conn/conn conn/epochs handshake/cid13 handshake/hs13 handshake/hs13_client handshake/hs13_server handshake/post13
version: handshake/hs12_client handshake/hs12_server handshake/hs13_client handshake/hs13_server
warnings: conn/receive
write: conn/conn conn/epochs'

# Prints FIELD FILE for each field that a file writes, directly or in a member of it.
writes() {
    local member='(\[[^]]*\])?((\.|->)[a-z_0-9]+(\[[^]]*\])?)*'
    local operator='(=([^=]|$)|\+\+|--|\|=|&=|\+=|-=)'
    search -oE "\b(conn|candidate|victim|newcomer)->[a-z_0-9]+$member *$operator" lib/*/*.c |
        sed -E 's/^lib\/([^:]*)\.c:[a-z]+->([a-z_0-9]+).*/\2 \1/' | search -vE '^(ctx|hs) ' | sort -u
    search -oE '\bconn->(hs|ctx) *=([^=]|$)' lib/*/*.c | sed -E 's/^lib\/([^:]*)\.c:conn->([a-z]+).*/\2 \1/' | sort -u
}

foreign_writes() {
    local field file files
    while read -r field file; do
        files=$(sed -n "s/^$field: //p" <<<"$owners")
        [[ " $files " == *" $file "* ]] || echo "lib/$file.c: writes conn->$field, which belongs to ${files:-no file}"
    done < <(writes)
}

# An owner that no longer writes its field leaves the list.
idle_owners() {
    local field files file found
    found=$(writes)
    while read -r field files; do
        for file in $files; do
            search -qx "${field%:} $file" <<<"$found" || echo "conn->${field%:} is not written by lib/$file.c"
        done
    done <<<"$owners"
}

law fields-are-written-by-their-owners foreign_writes
law owners-write-their-fields idle_owners
exit $failed
