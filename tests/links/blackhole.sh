# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# A router whose link to far narrows in mid-transfer, and does not say so: ICMP errors are filtered.

# resumed is the time from the narrowing until data arrives that was not in the queue; said: which end reports that
# the path MTU changed.
blackhole_columns='from_mtu to_mtu dtls source resumed_s lost_% sender_lost receiver_lost refused said client server seconds exact'
blackhole_usage='MTU VERSION file|pipe SIZE, as in: blackhole 1000 1.3 file 8M'
blackhole_limit=60

blackhole_rows() {
    echo 'blackhole 1000 1.3 file 8M'
    [[ ! ${SHORT:-} ]] || return
    echo 'blackhole 1000 1.3 pipe 8M'
    echo 'blackhole 1000 1.2 file 8M'
    echo 'blackhole 1000 1.2 pipe 8M'
    echo 'blackhole 576 1.3 file 8M'
}

# Datagrams that the router could not forward.
refused() { ip netns exec router awk '/^Ip: [0-9]/ { print $19 }' /proc/net/snmp; }

filter_icmp() {
    ip netns exec router nft -f - <<'END'
table inet silence {
    chain output {
        type filter hook output priority 0
        icmp type destination-unreachable counter drop
    }
}
END
}

# The end of the longest silence that began after TIME, in seconds after TIME; the sink's end is one, too.
resumed_after() {
    awk -v time="$1" '
        $1 > time && past && $1 - past > longest { longest = $1 - past; end = $1 }
        { past = $1 }
        END { if (longest > 0) printf "%.2f", end - time; else print "-" }' server.series
}

said_by() {
    local name said=
    for name in client server; do
        ! grep -Eq 'path MTU|MTU of the path' "$name.err" || said+=${said:+,}$name
    done
    echo "${said:--}"
}

blackhole() {
    local mtu=$1 version=$2 source=$3 bytes start narrowed
    bytes=$(bytes_of "$4")
    build_network && narrow_link 10mbit 64kb && filter_icmp || fail 'no network'
    start_sampling
    sink=bytes=$bytes listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port "$source" "bytes=$bytes" --dtls "$version"
    await 10 series_has 2000000 || fail 'nothing arrives'
    ip -n router link set out mtu "$mtu"
    narrowed=$EPOCHREALTIME
    ends_within client "$blackhole_limit"
    start=$(($(now_ms) - start))
    ends_within server 40
    drain
    stop_sampling
    plot "10mbit, queue 64kb, MTU from 1500 to $mtu: DTLS $version" "blackhole-$mtu-$version-$source" server
    row 1500 "$mtu" "$version" "$source" "$(resumed_after "$narrowed")" "$(lost_share client server)" \
        "$(lost_at_peer client)" "$(stat_of server lost)" "$(refused)" "$(said_by)" \
        "${rc[client]}" "${rc[server]}" "$(compute "$start / 1000" %.2f)" "$(exactness server)"
}

# N: that many bytes have been read by the sink.
series_has() { (($(tail -n 1 server.series 2>/dev/null | awk '{ print $2 + 0 }') >= $1)); }
