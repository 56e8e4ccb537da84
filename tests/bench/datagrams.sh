#!/usr/bin/env bash
# The rate of a gigabyte over loopback, in datagrams of several sizes.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2034,SC2317 # shared; called by name
. "$(dirname "$0")/../lib.sh"
# shellcheck source=common_bulk.sh
. "$(dirname "$0")/common_bulk.sh"
cd "$TESTDIR" || exit 1

bulk='bulk by bytes of a datagram'
make_data
for ((run = 0; run < runs; run++)); do
    for bytes in 576 1232 1472 4096 8192 16384; do
        OPTIONS="--mtu $bytes" transfer $bytes file open_dtlscat send_dtlscat
    done
done
for bytes in 576 1472 4096 8192 16384; do
    ratio "$bulk" $bytes 1232
done
