#!/usr/bin/env bash
# The network accepts no datagrams for some time, in a network namespace.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../namespace.sh"
. "$(dirname "$0")/../lib.sh"

# Creates two hosts that a link connects.
build_network() {
    local node
    mount -t tmpfs none /run || return
    for node in near far; do
        ip netns add "$node" && ip -n "$node" link set lo up || return
    done
    ip -n near link add eth0 type veth peer name eth0 netns far &&
        ip -n near address add 192.0.2.1/24 dev eth0 && ip -n far address add 192.0.2.2/24 dev eth0 &&
        ip -n near link set eth0 up && ip -n far link set eth0 up
}

# FAULT NODE: creates a fault, and removes it. With routes the errors are ENETUNREACH, EHOSTUNREACH and EACCES.
begin_fault() {
    case $1 in
    link) ip -n "$2" link set eth0 down ;;
    *) ip -n "$2" route add "$1" 192.0.2.0/30 ;;
    esac
}
end_fault() {
    case $1 in
    link) ip -n "$2" link set eth0 up ;;
    *) ip -n "$2" route del "$1" 192.0.2.0/30 ;;
    esac
}

# OPTION...
connect_them() {
    spawn server ip netns exec far "$DTLSCAT" -v -l 192.0.2.2 5684 --psk="$keyfile" "$@"
    wait_line server.err 'listening on' 10
    spawn client ip netns exec near "$DTLSCAT" -v 192.0.2.2 5684 --psk="$keyfile" "$@"
    wait_line client.err ' connected: ' 10
    wait_line server.err ' connected: ' 10
    exchange client server
}

# FAULT NODE FROM TO VERSION: a line that FROM sends during the fault is lost and counted. The next line arrives.
passes() {
    local fault=$1 node=$2 from=$3 to=$4
    connect_them --dtls "$5" --stats --fail-on-loss --frame=line
    begin_fault "$fault" "$node"
    say "$from" two
    wait_line "$from.err" 'cannot send: .*; datagrams are lost until' 10
    say "$from" 'two again'
    pause 300
    end_fault "$fault" "$node"
    say "$from" three
    hears "$to" three
    hangup client
    hangup server
    expect_exit "$from" 10
    ended "$to"
    ! contains "$to.out" two || fail "$to got what was lost"
    matches "$from.err" ', 2 unsent$' || fail "$(cat "$from.err")"
    (($(stat_of "$from" write_failed) >= 2)) || fail "$(cat "$from.err")"
    has_lines "$from.err" 'cannot send' 1 || fail "$(cat "$from.err")"
}

# FAULT VERSION: the client starts during the fault, as soon as its socket has a route.
in_the_handshake() {
    spawn server ip netns exec far "$DTLSCAT" -v -l 192.0.2.2 5684 --psk="$keyfile" --dtls "$2"
    wait_line server.err 'listening on' 10
    begin_fault "$1" far
    spawn client ip netns exec near "$DTLSCAT" -v 192.0.2.2 5684 --psk="$keyfile" --dtls "$2"
    wait_line server.err 'cannot send: ' 10
    begin_fault "$1" near
    wait_line client.err 'cannot send: ' 10
    end_fault "$1" near
    end_fault "$1" far
    exchange client server
}

[[ ${OWN_NAMESPACE:-} ]] || { echo 'skip a network that fails for a while - no namespaces' && exit; }
build_network || { echo 'not ok a network that fails for a while - no network' && exit 1; }
need ip
jobs=1 # they share the network
for version in 1.2 1.3; do
    for fault in link unreachable prohibit; do
        t "$version, $fault, client" passes "$fault" near client server "$version"
        t "$version, $fault, listener" passes "$fault" far server client "$version"
    done
    for fault in unreachable prohibit; do
        t "$version, $fault, in the handshake" in_the_handshake "$fault" "$version"
    done
done
finish
