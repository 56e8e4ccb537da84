#!/bin/bash
# Each field of an association is written by one file. The compiler checks it: each file of lib/ is compiled with
# headers in which the fields of all other owners are const. Thus every form of writing is an error: assignment,
# ++ and +=, memcpy() and other functions that write to an array or through an address, also through an alias.
# memset() and wipe() of a whole struct are macros that refuse the structs of other owners.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"
compiler=${CC:-cc}
need "$compiler" owners

# A line: TYPE.FIELD, or TYPE for its other fields, then its owner, a file of lib/. "-": the fields of the member have
# owners of their own. More than one owner: state of a running handshake that these files build together.
owners='
conn_t                    conn/conn
conn_t.messages           -
conn_t.negotiated         -
conn_t.early              -
conn_t.client_random_hash handshake/hs
conn_t.identity           handshake/psk
conn_t.identity_length    handshake/psk
conn_t.key_tag            handshake/psk
conn_t.exporter12         handshake/hs12
conn_t.cached_session     handshake/hs12_resume
conn_t.issued_ticket      handshake/resume
conn_t.read               conn/epochs
conn_t.write              conn/epochs
conn_t.send_epoch         conn/epochs
conn_t.held               -
conn_t.sizes              -
conn_t.flight             -
conn_t.reassembly         -
conn_t.repeat_at          conn/retransmit
conn_t.rtt                -
conn_t.liveness           -
conn_t.heartbeat          -
conn_t.closing            -
conn_t.warnings           conn/receive
conn_t.counts             conn/stats
conn_t.dropped            conn/stats
conn_t.cids               conn/cids
messages_t                handshake/hs
negotiated_t              conn/negotiated
early_t                   conn/early
held_t                    conn/epochs
sizes_t                   conn/sizes
rtt_t                     conn/rto
liveness_t                conn/liveness
heartbeat_t               conn/heartbeat
heartbeat_request_t       conn/heartbeat
held_heartbeat_t          conn/heartbeat
closing_t                 conn/closing
exporter12_t              handshake/hs12
conn13_t                  handshake/post_handshake
conn13_t.acks             -
conn13_t.post             conn/conn
conn13_t.retire_at        conn/epochs
conn13_t.read_epoch       conn/epochs
conn13_t.old_keys         conn/epochs
conn13_t.read_secret      handshake/hs13
conn13_t.write_secret     handshake/hs13
conn13_t.exporter         handshake/hs13
conn13_t.resumption       handshake/hs13
acks_t                    conn/ack
conn_cids_t               conn/cids
conn_cids_t.new_address   handshake/rrc
path_check_t              conn/cids
own_cid_t                 conn/cids
handshake_t               conn/conn
handshake_t.older         conn/pending
handshake_t.newer         conn/pending
handshake_t.transcript    -
handshake_t.randoms       handshake/hs
handshake_t.master        handshake/resume handshake/hs12_resume handshake/hs12
handshake_t.share         -
handshake_t.session       -
handshake_t.session_key   handshake/resume
handshake_t.v13           -
handshake_t.offer         -
handshake_t.suspicion     -
handshake_t.repeats       -
handshake_t.network       conn/pending
handshake_t.received      conn/validation
handshake_t.sent          conn/validation
handshake_t.address_validated conn/validation
handshake_t.answers       -
handshake_t.keys          handshake/hs12
handshake_t.change_cipher_spec conn/receive
handshake_t.unknown_identity handshake/hs12_server handshake/hs13_server
handshake_t.random_key handshake/hs12_server
handshake_t.point_formats handshake/hs12_server
handshake_t.renegotiation_info handshake/hs12_server
handshake_t.hint          handshake/hs12_client
handshake_t.hint_length   handshake/hs12_client
handshake_t.finished_at   handshake/hs12_client
offer_t                   handshake/client_offer
offer_t.first             -
suspicion_t               conn/suspect
repeats_t                 conn/retransmit
answers_t                 conn/suspect
share_t                   handshake/share
session12_t               handshake/resume handshake/hs12_resume
hs13_t                    handshake/hs13_client
hs13_t.schedule           -
hs13_t.client_secret      handshake/hs13
hs13_t.server_secret      handshake/hs13
hs13_t.psks               handshake/resume handshake/hs13_client handshake/hs13_server
hs13_t.psk_count          handshake/resume handshake/hs13_client
hs13_t.selected_identity  handshake/hs13_client handshake/hs13_server
hs13_t.ticket             handshake/hs13_server
hs13_t.ticket_bytes       handshake/hs13_server
hs13_t.retry              handshake/hs13_server
flight_t                  message/flight
reassembly_t              message/reassembly
transcript_t              message/transcript
schedule_t                crypto/kdf13
'

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

rows() { search . <<<"$owners"; }
owner_names() { rows | awk '{ for (i = 2; i <= NF; i++) if ($i != "-") print $i }' | sort -u; }
structs() { rows | awk '{ sub(/\..*/, "", $1); print $1 }' | sort -u; }

# foreign FILE: prints the rows of the table that FILE does not own, as TYPE or TYPE.FIELD.
foreign() { rows | awk -v file="$1" '{ for (i = 2; i <= NF; i++) if ($i == file || $i == "-") next; print $1 }'; }

# Reads a header, and writes it without comments and with the const that the names in CONST demand.
add_const() {
    awk -v RS='\001' -v const="$1" -v table="$owners" '
        function declare(type, text,    parts, n, i, base, stars, name, rest) {
            n = split(text, parts, ",")
            for (i = 1; i <= n; i++) {
                match(parts[i], /[A-Za-z_0-9]+[ \n]*(\[[^]]*\][ \n]*)*$/)
                rest = substr(parts[i], 1, RSTART - 1)
                name = substr(parts[i], RSTART)
                if (i == 1) {
                    base = rest
                    gsub(/\*/, "", base)
                }
                stars = gsub(/\*/, "*", rest) ? "*" : ""
                field = name
                sub(/[^A-Za-z_0-9].*/, "", field)
                key = type "." field
                printf "%s %s%s %s;", base, stars, (key in is_const || (!(key in listed) && type in is_const)) ? "const" : "", name
            }
        }
        BEGIN {
            n = split(const, words, /[ \n]+/)
            for (i = 1; i <= n; i++) is_const[words[i]] = 1
            n = split(table, words, /\n/)
            for (i = 1; i <= n; i++) { split(words[i], row, / +/); listed[row[1]] = 1; sub(/\..*/, "", row[1]); known[row[1]] = 1 }
        }
        {
            while (match($0, /\/\*[^*]*\*+([^\/*][^*]*\*+)*\//)) $0 = substr($0, 1, RSTART - 1) " " substr($0, RSTART + RLENGTH)
            while (match($0, /(typedef struct|struct [a-z_0-9]+) \{[^}]*\}[^;]*;/)) {
                printf "%s", substr($0, 1, RSTART - 1)
                whole = substr($0, RSTART, RLENGTH)
                $0 = substr($0, RSTART + RLENGTH)
                head = whole
                sub(/\{.*/, "", head)
                tail = whole
                sub(/.*\}/, "", tail)
                type = head ~ /typedef/ ? tail : head "_t"
                sub(/^struct /, "", type)
                gsub(/[ ;\n]/, "", type)
                if (!(type in known)) { printf "%s", whole; continue }
                body = whole
                sub(/^[^{]*\{/, "", body)
                sub(/\}[^}]*$/, "", body)
                printf "%s{", head
                n = split(body, lines, ";")
                for (l = 1; l < n; l++) declare(type, lines[l])
                printf "\n}%s\n", tail
            }
            printf "%s", $0
        }'
}

headers=$(for type in $(structs); do search -lE "^(\} $type;|struct ${type%_t} \{)" lib/*/*.h; done | sort -u)

# whole_structs CONST: prints macros by which memset() and its like do not take the address of a const struct.
whole_structs() {
    local type name
    printf '#include "base/wipe.h"\n#include <string.h>\n#define GUARD(p) _Generic((p)'
    for type in $1; do
        [[ $type == *.* ]] || printf ', %s *: (const void *)(p)' "$type"
    done
    printf ', default: (p))\n'
    for name in memset memcpy memmove wipe; do
        printf '#define %s(p, ...) %s(GUARD(p), __VA_ARGS__)\n' "$name" "$name"
    done
}

# make_headers DIRECTORY CONST
make_headers() {
    local header
    for header in $headers; do
        mkdir -p "$1/$(dirname "${header#lib/}")"
        add_const "$2" <"$header" >"$1/${header#lib/}"
    done
    mv "$1/conn/state.h" "$1/conn/state_const.h"
    { echo '#include "conn/state_const.h"'; whole_structs "$2"; } >"$1/conn/state.h"
}

# compile DIRECTORY FILE...: prints FILE:LINE:MESSAGE for each write of a const field in a FILE itself.
compile() {
    local directory=$1 file
    shift
    local track=(-ftrack-macro-expansion=0) # a finding is where the macro is used; clang does that anyway
    "$compiler" "${track[@]}" -E -x c - </dev/null >/dev/null 2>&1 || track=()
    for file; do
        "$compiler" "${track[@]}" -std=c11 -D_GNU_SOURCE -fsyntax-only -Wcast-qual -x c -I"$directory" -Ilib "$file" 2>&1 |
            search -E "^$file:[0-9]+:.*(error|warning): "
    done
}

sources_of() { ls "lib/$1.c" "lib/$1.h" 2>/dev/null; }

foreign_writes() {
    local name
    make_headers "$scratch/none" "$(foreign none)"
    for name in $(owner_names); do
        make_headers "$scratch/$name" "$(foreign "$name")"
        # shellcheck disable=SC2046 # one word a file
        compile "$scratch/$name" $(sources_of "$name")
    done
    # shellcheck disable=SC2046 # one word a file
    compile "$scratch/none" $(printf '%s\n' lib/*/*.[ch] | search -vE "^lib/($(owner_names | paste -sd '|'))\.[ch]$")
}

# An owner that does not write its field leaves the table.
idle_owners() {
    local name row
    while read -r name row; do
        for owner in $row; do
            [[ $owner == - ]] && continue
            make_headers "$scratch/idle" "$name"
            # shellcheck disable=SC2046 # one word a file
            [[ $(compile "$scratch/idle" $(sources_of "$owner")) ]] || echo "lib/$owner does not write $name"
        done
    done < <(rows)
}

# The check itself: each marked line must be an error, and no other line.
missed_forms() {
    cat >"$scratch/probe.c" <<'PROBE'
#include "conn/state.h"
void probe(conn_t *conn, uint8_t *bytes, void (*call)(void *));
void probe(conn_t *conn, uint8_t *bytes, void (*call)(void *))
{
    handshake_t *hs = conn->hs;
    conn13_t *v13 = conn->v13;
    acks_t *acks = &v13->acks;
    conn->phase = PHASE_ENDED;                     /* write */
    conn->warnings++;                              /* write */
    --conn->stats.timeouts;                        /* write */
    conn->negotiated.ems |= true;                  /* write */
    conn->closing = (closing_t){.at = 1};          /* write */
    conn->read[1] = NULL;                          /* write */
    conn->hs->randoms.client[2] = 1;               /* write */
    hs->keys = true;                               /* write */
    hs->offer.cookie[0] = 1;                       /* write */
    v13->pending[POST_TICKET] = true;              /* write */
    acks->count += 1;                              /* write */
    conn->cids->check.until = NEVER;               /* write */
    memcpy(hs->randoms.client, bytes, 2);          /* write */
    memset(&conn->closing, 0, sizeof conn->closing); /* write */
    memmove(conn->cids->check.cookie, bytes, 1);   /* write */
    wipe(conn->v13, sizeof *conn->v13);            /* write */
    call(&conn->messages.send_seq);                /* write */
    call(hs->master);                              /* write */
    call((uint8_t *)hs->randoms.client);           /* write */
    conn->flight.sends++;                          /* write */
    flight_t *flight = v13->post[POST_TICKET];
    flight->timer_at = NEVER;                      /* write */
    dtls_tick_t *alias = &conn->deadline;          /* write */
    uint8_t *cast = (uint8_t *)conn->identity + 0;
    conn_t *candidate = conn->peer->candidate;
    candidate->messages.state = 0;                 /* write */
    conn->peer->candidate->rtt.known = true;       /* write */
    *conn = (conn_t){.ctx = NULL};                 /* write */
    call(alias), call(cast);
}
PROBE
    make_headers "$scratch/none" "$(foreign none)"
    diff <(search -n '/\* write \*/' "$scratch/probe.c" | cut -d: -f1) \
        <(compile "$scratch/none" "$scratch/probe.c" | cut -d: -f2 | sort -nu) | sed -n 's/^[<>]/line of the probe:/p'
}

law every-form-of-writing-is-found missed_forms
law fields-are-written-by-their-owners foreign_writes
law owners-write-their-fields idle_owners
exit $failed
