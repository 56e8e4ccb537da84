#!/usr/bin/env bash
# The address of a client changes, in a network namespace.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

# Creates two hosts with two links. The far host has an address that is reached by either link.
build_network() {
    local link
    mount -t tmpfs none /run || return
    ip netns add near && ip netns add far && ip -n near link set lo up && ip -n far link set lo up &&
        ip -n far address add 203.0.113.1/32 dev lo && ip -n far address add 2001:db8::1/128 dev lo ||
        return
    for link in 1 2; do
        ip -n near link add "eth$link" type veth peer name "eth$link" netns far &&
            ip -n far address add "192.0.2.${link}2/28" dev "eth$link" &&
            ip -n far address add "2001:db8:$link::2/64" dev "eth$link" nodad &&
            ip -n far link set "eth$link" up || return
    done
}

# LINK NUMBER: adds an address on the link, and the route to the far host.
up() {
    ip -n near link set "eth$1" up && ip -n near address add "192.0.2.$1$2/28" dev "eth$1" &&
        ip -n near address add "2001:db8:$1::$2/64" dev "eth$1" nodad || return
    await 10 ip -n near route add 203.0.113.1/32 via "192.0.2.${1}2" 2>/dev/null &&
        await 10 ip -n near route add 2001:db8::1/128 via "2001:db8:$1::2" 2>/dev/null
}

# The link gets another address, or it goes down with its address and another link comes up.
same_link() {
    ip -n near link set eth1 down && ip -n near address flush dev eth1 && up 1 3
}
other_link() {
    ip -n near link set eth1 down && up 2 3
}

start_over() {
    local link
    for link in 1 2; do
        ip -n near link set "eth$link" down && ip -n near address flush dev "eth$link" || return
    done
    up 1 1
}

# HOST: the capture of the client has both of its addresses.
captured() {
    local ip=ip
    command -v tshark >/dev/null || return 0
    [[ $1 != *:* ]] || ip=ipv6
    tshark -r capture -Y "$ip.dst == $1" -T fields -e "$ip.src" 2>/dev/null | sort -u >addresses
    (($(wc -l <addresses) == 2)) || fail "captured addresses: $(tr '\n' ' ' <addresses)"
}

# CHANGE HOST VERSION OPTION...: data that is sent after the change arrives in both directions.
roams() {
    local change=$1 host=$2 version=$3
    shift 3
    start_over || fail 'no link'
    spawn server ip netns exec far "$DTLSCAT" -v -l "$host" 5684 --psk="$keyfile" --cid --dtls "$version"
    wait_line server.err 'listening on' 10
    spawn client ip netns exec near "$DTLSCAT" -v "$host" 5684 --psk="$keyfile" --cid --dtls "$version" \
        --pcap capture "$@"
    wait_line client.err ' connected: ' 10
    exchange client server
    "$change" || fail "no $change"
    say client 'this may be lost'
    wait_line client.err 'sending from ' 15
    wait_line server.err ' moved to ' 10
    say client 'from elsewhere'
    hears server 'from elsewhere'
    say server 'to elsewhere'
    hears client 'to elsewhere'
    [[ $* != *-p* ]] || matches server.err ' moved to .*:40000$' || fail "$(cat server.err)"
    hangup client
    expect_exit client 0
    captured "$host"
}

# There is no other address, and -s names the current one.
keeps_its_address() {
    start_over || fail 'no link'
    spawn server ip netns exec far "$DTLSCAT" -v -l 203.0.113.1 5684 --psk="$keyfile" --cid
    wait_line server.err 'listening on' 10
    spawn client ip netns exec near "$DTLSCAT" -v 203.0.113.1 5684 --psk="$keyfile" --cid -s 192.0.2.11
    wait_line client.err ' connected: ' 10
    exchange client server
    same_link || fail 'no change'
    say client 'this may be lost'
    wait_line client.err 'cannot send' 15
    ip -n near address add 192.0.2.11/28 dev eth1
    say client 'back again'
    hears server 'back again'
    ! matches client.err 'sending from' || fail "$(cat client.err)"
}

[[ ${OWN_NAMESPACE:-} ]] || { echo 'skip another own address - no namespaces' && exit; }
build_network || { echo 'not ok another own address - no network' && exit 1; }
need ip
jobs=1 # they share the network
for version in 1.2 1.3; do
    for host in 203.0.113.1 2001:db8::1; do
        t "$version, $host, the link comes back with another address" roams same_link "$host" "$version"
        t "$version, $host, another link" roams other_link "$host" "$version" -p 40000
    done
done
t 'an address that -s names' keeps_its_address
finish
