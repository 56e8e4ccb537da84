#!/usr/bin/env bash
# Counts by callgrind the instructions of a record, of handshakes, and of a listener that receives one message. The
# counts do not depend on how busy the machine is. They are compared with tests/bench/instructions.txt, which
# `make bench-record` writes: a warning reports an increase by more than 10 %.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2034 # shared
. "$(dirname "$0")/../lib.sh"

made=$(realpath "${BUILD:-$root/build}")/tests/bench
recorded=$root/tests/bench/instructions.txt

command -v valgrind >/dev/null || { echo 'instructions: valgrind is not installed' >&2 && exit 0; }
cd "$TESTDIR" || exit 1

# A script that the listener of `many` runs instead of the tool.
cat >counted <<END
#!/bin/sh
exec valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file=log --instr-atstart=no '$DTLSCAT' --no-sandbox "\$@"
END
chmod +x counted

# PROGRAM CASE LOOP TIMES: prints the instructions of a process that runs the loop that often.
count() {
    local program=(valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file=log "$made/$1")
    [[ $1 != many ]] || program=("$made/$1")
    DTLSCAT=$PWD/counted BENCH_LOOP=$3 BENCH_TIMES=$4 "${program[@]}" "$2" >out 2>&1 || {
        cat out log >&2
        return 1
    }
    sed -nE 's/.*Collected : ([0-9]+).*/\1/p' log
}

# PROGRAM CASE LOOP: prints the instructions of one run of the loop.
once() {
    local least most few=20 more=120
    least=$(count "$@" $few) && most=$(count "$@" $more) && echo $(((most - least) / (more - few)))
}

all() {
    local program name loop what count
    echo "# $(openssl version), $(uname -m)"
    while read -r program name loop what; do
        count=$(once "$program" "$name" "$loop") || return
        printf '%s\t%s\n' "$count" "$what"
    done <<'END'
record seal_and_open record a record of 1200 bytes, AES-128-GCM, sealed and opened
record seal_and_open record-1.3 a record of 1200 bytes, AES-128-GCM in DTLS 1.3, sealed and opened
handshake handshake 1.2-psk a handshake, DTLS 1.2, PSK, AES-128-CCM-8, both ends
handshake handshake 1.2-resumed a handshake, DTLS 1.2, resumed by a ticket, both ends
handshake handshake 1.3-psk a handshake, DTLS 1.3, psk_ke, both ends
handshake handshake 1.3-ecdhe a handshake, DTLS 1.3, psk_dhe_ke, X25519, both ends
many wakeup 10 a message of 32 bytes to a listener with 10 clients
many wakeup 1000 a message of 32 bytes to a listener with 1000 clients
END
}

compare() {
    local count what before
    while IFS=$'\t' read -r count what; do
        [[ $what ]] || continue
        before=$(awk -F '\t' -v what="$what" '$2 == what { print $1 }' "$recorded")
        printf 'sample\t%s\tinstructions\t%s\t%s\n' "$what" recorded "${before:-0}" "$what" now "$count"
        printf 'ratio\t%s\tnow\trecorded\n' "$what"
        ((count * 10 <= ${before:-0} * 11)) || echo "warning: more instructions than recorded: $what: $count, not $before"
    done <counts
}

all >counts || exit 1
if [[ ${1:-} == --record ]]; then
    cp counts "$recorded"
else
    [[ $(head -n 1 counts) == "$(head -n 1 "$recorded")" ]] ||
        echo "instructions: recorded with another libcrypto or machine: $(head -n 1 "$recorded")"
    compare
fi
