#!/usr/bin/env bash
# Captures, with and without connection IDs, decrypted by tshark with the key log. In a network
# namespace of their own; without one or without tshark there is nothing to test.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

jobs=1 # they share the interface

tshark_reads() {
    tshark -r capture -o tls.keylog_file:secrets -d "udp.port==${port[server]},dtls" "$@" 2>/dev/null
}

# SUITE OPTION...: data both ways, and what tshark makes of it.
decrypted() {
    local suite=$1
    shift
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no network namespaces here'
    command -v tshark >/dev/null && command -v dumpcap >/dev/null || skip 'no tshark'
    spawn capturer dumpcap -q -i lo -P -w capture
    wait_line capturer.err 'File: capture' 10
    listener server --psk="$keyfile" --suite "$suite" --keylog secrets "$@"
    client client server --psk="$keyfile" --suite "$suite" "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    await 10 has_both_closes || fail 'not all is captured'
    kill -TERM "$(process capturer)"
    ended capturer
    # On a busy machine there are heartbeats too, whose payload tshark 4.6 calls data.
    [[ $(cut -f 2 packets | xxd -r -p | grep -ao 'from [a-z]*') == $'from client\nfrom server' ]] ||
        fail "$(tshark_reads)"
}

# What is captured is not written at once.
has_both_closes() {
    tshark_reads -T fields -e dtls.alert_message.desc -e data.data -e udp.dstport -e dtls.record.connection_id >packets
    (($(cut -f 1 packets | grep -cx 0) >= 2))
}

# The records to the listener under keys have its ID, and their type is hidden.
with_cid() {
    decrypted "$1" --cid
    (($(cut -f 3- packets | grep -c "^${port[server]}"$'\t.') >= 3)) || fail "$(tshark_reads)"
}

[[ ! ${OWN_NAMESPACE:-} ]] || ip link set lo up
for suite in PSK-AES128-GCM-SHA256 PSK-AES256-GCM-SHA384 PSK-AES128-CCM PSK-AES128-CCM8 \
    PSK-AES128-CBC-SHA256 DHE-PSK-AES128-GCM-SHA256 ECDHE-PSK-AES128-CBC-SHA256; do
    t "$suite" decrypted "$suite"
    t "$suite with connection IDs" with_cid "$suite"
done
# What the manual says of Wireshark 4.4.
version=$(tshark -v 2>/dev/null | sed -nE '1s/.* ([0-9]+)\.([0-9]+)\..*/\1\2/p')
for suite in ECDHE-PSK-AES128-GCM-SHA256 ECDHE-PSK-AES128-CCM8-SHA256 AES128-GCM-SHA256 \
    CHACHA20-POLY1305-SHA256; do
    ((${version:-0} < 44)) || t "$suite" decrypted "$suite"
done
finish
