#!/usr/bin/env bash
# A gigabyte over loopback: dtlscat, the prototype of tests/bench/stacks, and TLS 1.3 over TCP of openssl and ncat in
# turn; then dtlscat under harder conditions.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2034,SC2317 # shared; called by name
. "$(dirname "$0")/../lib.sh"
# shellcheck source=common_bulk.sh
. "$(dirname "$0")/common_bulk.sh"
cd "$TESTDIR" || exit 1

side_by_side() {
    local run source bulk what
    for ((run = 0; run < runs; run++)); do
        for source in file pipe; do
            bulk="bulk from a $source"
            transfer dtlscat $source open_dtlscat send_dtlscat
            transfer 'openssl, TLS over TCP' $source open_openssl send_openssl
            transfer prototype $source open_prototype send_prototype
            ! has ncat || transfer 'ncat, TLS over TCP' $source open_ncat send_ncat
        done
    done
    for source in file pipe; do
        for what in '' ': CPU of both ends'; do
            ratio "bulk from a $source$what" dtlscat 'openssl, TLS over TCP'
            ratio "bulk from a $source$what" dtlscat 'ncat, TLS over TCP'
            ratio "bulk from a $source$what" dtlscat prototype
        done
    done
}

harder() {
    local run
    for ((run = 0; run < runs; run++)); do
        bulk='bulk where it is harder' transfer "$1" file open_dtlscat send_dtlscat
    done
}

# The receive buffer of an unprivileged receiver is at most net.core.rmem_max.
unprivileged() {
    local as='setpriv --reuid=65534 --regid=65534 --clear-groups'
    if ((EUID == 0)) && $as "$DTLSCAT" -V >/dev/null 2>&1; then
        harder 'an unprivileged receiver'
    else
        echo 'bulk: no unprivileged receiver: this needs root, and a program that nobody may run' >&2
    fi
}

stopped() { reader=stops harder 'the reader stops for 2 s'; }

busy() {
    local loops=() i
    for i in 1 2; do
        while :; do :; done &
        loops+=($!)
    done
    harder 'two other busy programs'
    kill "${loops[@]}"
}

plain() { LD_PRELOAD=$made/plain_udp harder 'without UDP_SEGMENT and UDP_GRO'; }

# A tenth of the data, to a peer without heartbeats, which does not report what it lost.
paced() {
    local run start arrived seconds
    for ((run = 0; run < runs; run++)); do
        stdout=arrived s_server server PSK-AES128-GCM-SHA256
        start=${EPOCHREALTIME/./}
        head -c $((size / 10)) data | "$DTLSCAT" 127.0.0.1 "${port[server]}" --dtls 1.2 --identity "$ident" -q 1 \
            2>client.err
        seconds=$(compute "(${EPOCHREALTIME/./} - $start) / 1e6 - 1")
        arrived=$(stat -c %s arrived)
        sample 'bulk to a peer without heartbeats' MB/s openssl "$(compute "$arrived / 1e6 / $seconds")"
        sample 'bulk to a peer without heartbeats: lost' bytes openssl $((size / 10 - arrived))
        reap
    done
}

make_data
for part in ${BENCH_BULK:-side-by-side unprivileged stopped busy plain paced}; do
    "${part//-/_}"
done
