#!/usr/bin/env bash
# Link-local addresses of IPv6, which are complete only with their network interface.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

host=fe80::1%lo

need_link_local() {
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no namespaces here'
    ip link set lo up || fail 'no lo'
    ip address replace fe80::1/64 dev lo nodad 2>/dev/null || skip 'no IPv6'
}

# HOST: of the client.
reaches() {
    need_link_local
    spawn server "$DTLSCAT" -v -l "$host" 0 --psk="$keyfile"
    wait_line server.err 'listening on \[fe80::1%lo\]:([0-9]+)' 10
    spawn client "$DTLSCAT" -v --psk="$keyfile" "$1" "${BASH_REMATCH[1]}"
    exchange client server
    matches client.err '^dtlscat: \[fe80::1%lo\]:[0-9]+ .* connected' || fail "$(cat client.err)"
    matches server.err '^dtlscat: \[fe80::1%lo\]:[0-9]+ .* connected' || fail "$(cat server.err)"
}

# A message is sent to the client whose address its messages have, with the interface.
names() {
    local port scope
    need_link_local
    spawn server "$DTLSCAT" -v -k -l "$host" 0 --psk="$keyfile" --frame=json
    wait_line server.err 'listening on .*:([0-9]+)$' 10
    spawn client "$DTLSCAT" --psk="$keyfile" "$host" "${BASH_REMATCH[1]}"
    say client hello
    hears server '"peer":"[fe80::1%lo]:'
    port=$(sed -n 's/.*"peer":"\[fe80::1%lo\]:\([0-9]*\)".*/\1/p' server.out)
    for scope in '' %9 %nowhere; do say server "{\"peer\":\"[fe80::1$scope]:$port\",\"text\":\"wrong\"}"; done
    say server "{\"peer\":\"[fe80::1%lo]:$port\",\"text\":\"right\"}"
    hears client right
    ! contains client.out wrong || fail "$(cat client.out)"
    has_lines server.err 'no peer has the address "\[fe80::1.*\]' 3 || fail "$(cat server.err)"
}

t 'an address with the name of its interface' reaches fe80::1%lo
t 'an address with the number of its interface' reaches fe80::1%1
t 'messages to an address with an interface' names
finish
