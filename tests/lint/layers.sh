#!/bin/bash
# Law 1: folders of lib/ are layers, and the files of a folder have an order. A file includes headers of lower
# rank and its own; a symbol that an object needs is defined in a file of lower rank. cli/ knows only dtls.h;
# two files know OpenSSL.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"
need nm layers

# Lowest first. A name stands for its header and its .c; those of a line have one rank.
ranks='dtls
base: bytes iana siphash wipe
base: names
base: address alloc
base: heap table
crypto: crypto
crypto: crypto_openssl crypto_openssl_dh group
crypto: crypto_openssl_aead
crypto: crypto_openssl_mask
crypto: suite
crypto: kdf12 kdf13
crypto: import keytag
record: window
record: record
record: record12 record13
message: codes decoder ext grease reassembly secrets
message: cookie ticket
message: decode_ext flight hello transcript
message: decode hello_pool sessions
conn: cid_state heartbeat_state hs_state
conn: state
conn: callback early liveness negotiated rules stats validation warm
conn: trace
conn: cids epochs peers pending rto sizes terms
conn: datagram
conn: output
conn: ack conn
conn: heartbeat suspect
conn: closing establish retransmit
conn: receive
handshake: hs psk
handshake: cid13 client_offer resume share
handshake: hs13 hs_server kx12
handshake: hs12 post_handshake retry
handshake: hs12_resume rrc
handshake: acked hs12_client hs12_server hs13_client hs13_server
handshake: hs_client
api: defaults
api: config export info newcomer timers
api: challenge
api: accept source
api: protected
api: input
api: enter
api: calls ctx handle peer prefetch
api: write
api: batch'

declare -A rank
number=0
while read -r line; do
    folder=
    for name in $line; do
        [[ $name == *: ]] && folder=${name%:}/ && continue
        rank[$folder$name]=$number
    done
    number=$((number + 1))
done <<<"$ranks"

# Prints FILE:LINE:HEADER for each #include "HEADER".
included() { search -Hno '^ *# *include *"[^"]*"' "$@" | sed 's/# *include *"//; s/"$//; s/: */:/g'; }

unranked() {
    local file name
    for file in lib/*.h lib/*/*.[ch]; do
        name=${file#lib/}
        [[ ${rank[${name%.[ch]}]:-} ]] || echo "$file: no rank in tests/lint/layers.sh"
    done
}

upward_includes() {
    local file line header name
    while IFS=: read -r file line header; do
        name=${file#lib/} name=${name%.[ch]}
        [[ $file == *.c && $header == "$name.h" ]] && continue
        ((${rank[${header%.h}]:-99} < ${rank[$name]:-99})) ||
            echo "$file:$line: includes $header, which is not of lower rank"
    done < <(included lib/*.h lib/*/*.[ch])
}

# Prints USER DEFINER SYMBOL, all without "lib/" and suffix, for each use of another file's symbol.
uses() {
    local object
    for object in "$BUILD"/lib/*/*.o; do
        nm -g "$object" | awk -v file="${object#"$BUILD"/lib/}" '{ sub(/\.o$/, "", file); print file, $(NF - 1), $NF }'
    done | sort -u | awk '
        $2 == "U" { need[$1 " " $3] = 1; next }
        { where[$3] = $1 }
        END {
            for (n in need) {
                split(n, use, " ")
                if (use[2] in where) print use[1], where[use[2]], use[2]
            }
        }'
}

upward_uses() {
    local user definer symbol total=0
    while read -r user definer symbol; do
        total=$((total + 1))
        ((${rank[$definer]:-99} < ${rank[$user]:-99})) ||
            echo "lib/$user.c: uses $symbol of lib/$definer.c, which is not of lower rank"
    done < <(uses)
    ((total > 500)) || echo "only $total uses were found in $BUILD/lib"
}

cli_beyond_dtls() {
    local file line header
    while IFS=: read -r file line header; do
        [[ $header == dtls.h || -f cli/$header ]] ||
            echo "$file:$line: includes $header, neither dtls.h nor of cli/"
    done < <(included cli/*.[ch] cli/*/*.[ch])
}

openssl_elsewhere() {
    search -n '<openssl/' lib/*.h lib/*/*.[ch] cli/*.[ch] cli/*/*.[ch] |
        search -v '^lib/crypto/crypto_openssl[a-z_]*[.][ch]:'
}

# A directory of ours that comes first in the search would hide it.
names_of_the_system() {
    local file
    for file in lib/*.h lib/*/*.h cli/*.h cli/*/*.h tests/*.h tests/*/*.h; do
        printf '#if __has_include(<%s>)\n%s: has the name of a header of the system\n#endif\n' "${file##*/}" "$file"
    done | "${CC:-cc}" -E -P - 2>/dev/null | search .
}

law every-file-has-a-rank unranked
law includes-go-down upward_includes
law uses-go-down upward_uses
law cli-sees-only-the-public-header cli_beyond_dtls
law two-files-know-openssl openssl_elsewhere
law headers-have-names-of-their-own names_of_the_system
exit $failed
