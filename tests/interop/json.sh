#!/usr/bin/env bash
# The events of --json against tshark's view of the same handshake: messages, cipher suites, groups, extensions and
# identities. In a network namespace of its own; without one or without tshark there is nothing to test.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317,SC2016 # cases are run by name; $ is for jq
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

jobs=1 # they share the interface

# Prints a line for each fact, in the order of the wire: "message TYPE SEQ", "suite NAME", ... Without keys tshark shows
# only plaintext messages.
facts_of_tshark() {
    local keys=()
    [[ $encrypted == false ]] || keys=(-o tls.keylog_file:secrets)
    tshark -r capture "${keys[@]}" -d "udp.port==${port[server]},dtls" -T pdml 2>/dev/null |
        sed -nE '
            s/.*"dtls\.handshake\.type" showname="[^(]*\(([0-9]+)\)".*/message \1/p
            s/.*"dtls\.handshake\.message_seq" .* show="([0-9]+)".*/seq \1/p
            s/.*"dtls\.handshake\.ciphersuite" showname="Cipher Suite: ([^ ]+) .*/suite \1/p
            s/.*"dtls\.handshake\.extensions_supported_group" showname="Supported Group: ([^ ]+) .*/group \1/p
            s/.*"dtls\.handshake\.extension\.type" showname="Type: ([^ ]+) .*/extension \1/p
            s/.*"dtls\.handshake\.identity" showname="[^"]*" .* value="([0-9a-f]+)".*/identity \1/p'
}

# ENCRYPTED: true if the messages under keys are wanted, too.
facts_of_events() {
    jq -r --argjson encrypted "$1" '
        select(.event == "datagram") | .records[] | select($encrypted or .epoch == 0) | .contents[]? |
        select(.kind == "message") | "message \(.msg_type)", "seq \(.msg_seq)", (.fields |
            (.cipher_suites[]?, .cipher_suite // empty | "suite \(.)"),
            (.extensions[]? | "extension \(.type)", (.groups[]? | "group \(.)")),
            (.psk_identity // empty | "identity \(.)"))' client.json
}

# ENCRYPTED SUITES OPTION...: SUITES as for --suite, or nothing.
agrees() {
    local encrypted=$1 suites=$2
    shift 2
    [[ ! $suites ]] || set -- --suite "$suites" "$@"
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no network namespaces here'
    command -v tshark >/dev/null && command -v dumpcap >/dev/null || skip 'no tshark'
    spawn capturer dumpcap -q -i lo -P -w capture
    wait_line capturer.err 'File: capture' 10
    listener server --psk="$keyfile" --keylog secrets "$@"
    client client server --psk="$keyfile" --identity alice --json=client.json "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
    facts_of_events "$encrypted" | sed 's/^identity alice$/identity 616c696365/' >events
    await 10 same_facts || fail "$(diff facts events)"
    kill -TERM "$(process capturer)"
    ended capturer
    for fact in message seq suite group extension; do
        grep -q "^$fact " events || fail "no $fact"
    done
}

# What is captured is not written at once.
same_facts() {
    facts_of_tshark >facts
    # Of ECDHE_PSK and DHE_PSK tshark 4.0 does not show the identity.
    [[ $suites == PSK-* ]] || sed -i '/^identity/d' facts events
    same_file facts events
}

[[ ! ${OWN_NAMESPACE:-} ]] || ip link set lo up
for suite in PSK-AES128-GCM-SHA256 PSK-AES128-CCM8 PSK-AES128-CBC-SHA256 DHE-PSK-AES128-GCM-SHA256; do
    t "$suite" agrees true "$suite,ECDHE-PSK-AES128-CBC-SHA" --dtls 1.2
done
t 'DTLS 1.2 by default, in plaintext' agrees false '' --dtls 1.2
t 'DTLS 1.3, in plaintext' agrees false '' --dtls 1.3
t 'both versions, in plaintext' agrees false ''
finish
