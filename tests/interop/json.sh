#!/usr/bin/env bash
# The events of --json against tshark's view of what another program has captured. In a network namespace of its own;
# without one or without tshark there is nothing to test. tests/cli/json.sh compares with the captures of --pcap.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

jobs=1 # they share the interface

# OPTION...: a session with these options.
agrees() {
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
    await 10 same_facts || fail "$(cat differences)"
    kill -TERM "$(process capturer)"
    ended capturer
    for fact in messages suite group extension "${more[@]}"; do
        grep -q "^[1-9][0-9]* $fact$" counts || fail "no $fact: $(cat counts)"
    done
}

# What is captured is not written at once.
same_facts() {
    python3 -B "$root/tests/facts/compare.py" outside client.json capture secrets >counts 2>compare.err ||
        ! tail -qn 1 counts compare.err >differences
}

# SUITE: tshark decrypts it. Version 4.0 shows the identity only in a key exchange without a group.
with_keys() {
    local more=('protected messages')
    [[ $1 != PSK-* ]] || more+=(identity)
    agrees --dtls 1.2 --suite "$1,ECDHE-PSK-AES128-CBC-SHA"
}

# VERSION...
plaintext() {
    local more=()
    [[ $* == *1.2 ]] || more=(identity)
    agrees "$@"
}

[[ ! ${OWN_NAMESPACE:-} ]] || ip link set lo up
t PSK-AES128-GCM-SHA256 with_keys PSK-AES128-GCM-SHA256
t 'DTLS 1.3' plaintext --dtls 1.3
t 'both versions' plaintext
[[ ${COMPARE:-} == all ]] || finish
for suite in PSK-AES128-CCM8 PSK-AES128-CBC-SHA256 DHE-PSK-AES128-GCM-SHA256; do t "$suite" with_keys "$suite"; done
t 'DTLS 1.2' plaintext --dtls 1.2
finish
