#!/bin/bash
# Law 1: a file of lib/ includes its own header and headers of lower rank; cli/ knows only dtls.h;
# two files know OpenSSL.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"

# Lowest first. A name stands for its header and its .c.
ranks='dtls bytes iana window siphash alloc
names address crypto
crypto_openssl crypto_openssl_dh suite group alloc cookie defaults
kdf12 kdf13 reassembly table
flight record transcript ext ticket import
record12 record13 hello
sessions hello_pool
state
trace peers config resume terms
datagram cids share sizes
output info export kx12
conn
ack heartbeat evict
closing hs
hs_server hs12 hs13 cid13
hs_client post13
rrc
acked retry timers hs12_client hs12_server hs12_resume
hs13_client hs13_server newcomer
accept
input
enter
calls ctx'

declare -A rank
number=0
while read -r line; do
    for name in $line; do rank[$name]=$number; done
    number=$((number + 1))
done <<<"$ranks"

# Prints FILE:LINE:HEADER for each #include "HEADER".
included() { search -Hno '^ *# *include *"[^"]*"' "$@" | sed 's/# *include *"//; s/"$//; s/: */:/g'; }

unranked() {
    local file name
    for file in lib/*.h lib/*/*.[ch]; do
        name=$(basename "${file%.[ch]}")
        [[ ${rank[$name]:-} ]] || echo "$file: no rank in tests/lint/layers.sh"
    done
}

upwards() {
    local file line header name
    while IFS=: read -r file line header; do
        name=$(basename "${file%.[ch]}")
        header=${header##*/}
        [[ $file == *.c && $header == "$name.h" ]] && continue
        ((${rank[${header%.h}]:-99} < ${rank[$name]:-99})) ||
            echo "$file:$line: includes $header, which is not of lower rank"
    done < <(included lib/*.h lib/*/*.[ch])
}

cli_beyond_dtls() {
    local file line header
    while IFS=: read -r file line header; do
        [[ $header == dtls.h || -f cli/$header ]] ||
            echo "$file:$line: includes $header, neither dtls.h nor of cli/"
    done < <(included cli/*.[ch] cli/*/*.[ch])
}

openssl_elsewhere() {
    search -n '<openssl/' lib/*.h lib/*/*.[ch] cli/*.[ch] cli/*/*.[ch] | search -v '^lib/crypto/crypto_openssl\(_dh\)\?.c:'
}

# A directory of ours that comes first in the search would hide it.
names_of_the_system() {
    local file
    for file in lib/*.h lib/*/*.h cli/*.h cli/*/*.h tests/*.h tests/*/*.h; do
        printf '#if __has_include(<%s>)\n%s: has the name of a header of the system\n#endif\n' "${file##*/}" "$file"
    done | "${CC:-cc}" -E -P - 2>/dev/null | search .
}

law every-file-has-a-rank unranked
law includes-go-down upwards
law cli-sees-only-the-public-header cli_beyond_dtls
law two-files-know-openssl openssl_elsewhere
law headers-have-names-of-their-own names_of_the_system
exit $failed
