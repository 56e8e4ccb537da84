# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# A router whose link to far narrows in mid-transfer, and does not say so: ICMP errors are filtered.

# resumed is the time from the narrowing until data arrives that was not in the queue; said: which end reports that
# the path MTU changed; drops are of the queue, refused are datagrams too long for the link.
blackhole_columns='link from_mtu to_mtu dtls source resumed_s lost_% sender_lost receiver_lost drops refused said client server seconds exact'
blackhole_usage='RATE|fast MTU VERSION file|pipe SIZE, as in: blackhole 10mbit 1000 1.3 file 8M'
blackhole_limit=60

blackhole_rows() {
    local version source
    for version in $(versions); do
        for source in $(sources); do
            echo "blackhole 10mbit 1000 $version $source 8M"
            echo "blackhole fast 1000 $version $source 200M"
        done
        echo "blackhole 10mbit 576 $version file 8M"
    done
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
    local link=$1 mtu=$2 version=$3 source=$4 bytes start narrowed drops
    bytes=$(bytes_of "$5")
    build_network && narrow_link "$link" 64kb && filter_icmp || fail 'no network'
    start_sampling
    sink=bytes=$bytes listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port "$source" "bytes=$bytes" --dtls "$version"
    await 10 has_arrived server $((bytes / 4)) || fail 'nothing arrives'
    ip -n router link set out mtu "$mtu"
    narrowed=$EPOCHREALTIME
    ends_within client "$blackhole_limit"
    start=$(($(now_ms) - start))
    ends_within server 40
    drain
    drops=$(queue_drops)
    stop_sampling
    plot "$link, queue 64kb, MTU from 1500 to $mtu: DTLS $version" "blackhole-$link-$mtu-$version-$source" server
    row "$link" 1500 "$mtu" "$version" "$source" "$(resumed_after "$narrowed")" "$(lost_share client server)" \
        "$(lost_at_peer client)" "$(stat_of server lost)" "$drops" "$(refused)" "$(said_by)" \
        "${rc[client]}" "${rc[server]}" "$(compute "$start / 1000" %.2f)" "$(exactness server)"
}
