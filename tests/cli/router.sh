#!/usr/bin/env bash
# Narrow links behind a router, in a network namespace.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

head -c 1000000 /dev/urandom >"$TESTDIR/million"
head -c 8000000 /dev/zero >"$TESTDIR/zeros"

# Creates two hosts and a router between them. The link to the second host is narrow.
build_network() {
    local node
    mount -t tmpfs none /run || return
    for node in near router far; do
        ip netns add "$node" && ip -n "$node" link set lo up || return
    done
    ip -n router link add wide type veth peer name eth0 netns near &&
        ip -n router link add narrow type veth peer name eth0 netns far &&
        ip -n near address add 192.0.2.1/31 dev eth0 &&
        ip -n router address add 192.0.2.0/31 dev wide &&
        ip -n far address add 192.0.2.3/31 dev eth0 &&
        ip -n router address add 192.0.2.2/31 dev narrow &&
        ip -n near link set eth0 up && ip -n router link set wide up &&
        ip -n far link set eth0 mtu 576 up && ip -n router link set narrow mtu 576 up &&
        ip -n near route add default via 192.0.2.0 && ip -n far route add default via 192.0.2.2 &&
        ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# NODE: prints the number of datagrams that the kernel has fragmented.
fragments() { ip netns exec "$1" awk '/^Ip: [0-9]/ { print $20 }' /proc/net/snmp; }

# VERSION: the router drops the first long datagram, and the kernel reports its MTU, so hardly any datagram is
# fragmented.
behind_a_router() {
    local before
    before=$(fragments near)
    stdin=/dev/null spawn server ip netns exec far "$DTLSCAT" -v -l 192.0.2.3 5684 --psk="$keyfile" \
        --dtls "$1"
    wait_line server.err 'listening on' 10
    stdin=$TESTDIR/million spawn client ip netns exec near "$DTLSCAT" -v 192.0.2.3 5684 \
        --psk="$keyfile" --dtls "$1"
    expect_exit client 0
    expect_exit server 0
    same_file server.out "$TESTDIR/million" || fail "not the same: $(cat ./*.err)"
    (($(fragments near) - before <= 9)) || fail "$(fragments near) fragments"
}

# add or delete: the router sends no ICMP.
silence() { ip -n router rule "$1" iif lo blackhole; }

# VERSION ICMP DIRECTION: the link narrows in mid-transfer. With "icmp" the router reports that, and the kernel
# tells which datagrams fit. With "silent" it does not, and a probe finds out.
narrows() {
    local from=client to=server device=narrow before options=(--psk="$keyfile" --dtls "$1" --stats -v --rate 8M)
    [[ $3 == to-server ]] || { from=server && to=client && device=wide; }
    ip -n router link set narrow mtu 1500 && ip -n far link set eth0 mtu 1500
    ip -n router link set wide mtu 1500
    ip netns exec near ip route flush cache
    ip netns exec far ip route flush cache
    while silence delete 2>/dev/null; do :; done
    [[ $2 == icmp ]] || silence add
    before=$(fragments router)
    spawn server ip netns exec far "$DTLSCAT" -l 192.0.2.3 5684 "${options[@]}"
    wait_line server.err 'listening on' 10
    spawn client ip netns exec near "$DTLSCAT" 192.0.2.3 5684 "${options[@]}"
    wait_line "$from.err" ' connected: ' 10
    feed "$from" "$TESTDIR/zeros" &
    local feeding=$!
    await 20 size_is "$to.out" 1500000 || fail 'nothing comes'
    ip -n router link set "$device" mtu 1000
    wait "$feeding"
    await 20 size_is "$to.out" 7600000 || fail "only $(stat -c %s "$to.out") bytes arrive"
    hangup "$from"
    hangup "$to"
    expect_exit "$from" 0
    expect_exit "$to" 0
    (($(fragments router) == before)) || fail 'the router has fragmented datagrams'
    [[ $(stat_of "$from" peer_lost) == "$(stat_of "$to" lost)" ]] ||
        fail "lost $(stat_of "$from" peer_lost) at the sender, $(stat_of "$to" lost) at the receiver"
    (($(stat_of "$to" lost) > 0 && $(stat_of "$to" lost) < 150)) || fail "lost $(stat_of "$to" lost) records"
    if [[ $2 == icmp ]]; then
        (($(stat_of "$from" records_out) < 8000000 / 900)) || fail 'datagrams are shorter than the MTU'
    else
        matches "$from.err" 'path MTU is below 1232 bytes; sending at most 508 bytes' || fail 'not reported'
    fi
}

[[ ${OWN_NAMESPACE:-} ]] || { echo 'skip a narrow link behind a router - no namespaces' && exit; }
build_network || { echo 'not ok a narrow link behind a router - no network' && exit 1; }
need ip
jobs=1 # they share the network
for version in 1.2 1.3; do
    t "$version, a narrow link behind a router" behind_a_router "$version"
done
for version in 1.2 1.3; do
    for direction in to-server to-client; do
        t "$version, a link that narrows, $direction" narrows "$version" icmp "$direction"
        t "$version, a link that narrows without ICMP, $direction" narrows "$version" silent "$direction"
    done
done
finish
