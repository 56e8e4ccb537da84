#!/usr/bin/env bash
# 10 MB in each direction, in every suite and mode of DTLS 1.3, while both sides change their keys. --mtu keeps the
# datagrams short, so that there are enough records.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

jobs=2 # each is a stream at full pace
head -c 10485760 /dev/urandom >"$TESTDIR/up"
head -c 10485760 /dev/urandom >"$TESTDIR/down"

updates() { grep -c "> .* KeyUpdate" "$1.err"; }

both_ways() {
    local suite=$1 group=$2
    stdin=$TESTDIR/down listener server --psk="$keyfile" --dtls 1.3 --suite "$suite" -vv \
        --rekey-after 2500 --stats --mtu 1232
    client client server --psk="$keyfile" --dtls 1.3 --suite "$suite" -vv \
        --rekey-after 2500 --group "$group" --stats --mtu 1232
    feed client "$TESTDIR/up" &
    await 15 size_is client.out 10485760 || fail "server to client: $(tail -n 1 client.err)"
    hangup client
    expect_exit client 0
    expect_exit server 0
    same_file server.out "$TESTDIR/up" || fail "client to server: $(tail -n 1 server.err)"
    same_file client.out "$TESTDIR/down" || fail "server to client: $(tail -n 1 client.err)"
    (($(updates client) > 1 && $(updates server) > 1)) || fail 'no KeyUpdates'
}

for suite in AES128-GCM-SHA256 AES256-GCM-SHA384 CHACHA20-POLY1305-SHA256 AES128-CCM-SHA256 \
    AES128-CCM8-SHA256; do
    for group in none x25519 secp256r1; do
        t "$suite, $group" both_ways "$suite" "$group"
    done
done
finish
