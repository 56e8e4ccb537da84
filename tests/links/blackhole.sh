# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# A path whose MTU shrinks in mid-transfer without notice: either the MTU of the router's link to far, with its ICMP
# errors filtered, or by a filter that drops all longer packets. A router fragments datagrams without the DF flag.

# resumed_s is the end of the longest silence after the change, in seconds since the change. drops counts datagrams
# that the queue dropped, refused those that were too long. said names the ends that report the path MTU.
blackhole_columns='kind link mtu dtls source resumed_s lost_% sender_lost receiver_lost drops refused fragmented said
client server seconds exact'
blackhole_usage='router|filter RATE|fast MTU VERSION file|pipe SIZE, as in: blackhole filter 10mbit 1000 1.3 file 8M'
blackhole_limit=60

blackhole_rows() {
    local version source kind
    for version in $(versions); do
        for kind in router filter; do
            for source in $(sources); do
                echo "blackhole $kind 10mbit 1000 $version $source 8M"
                echo "blackhole $kind fast 1000 $version $source 200M"
            done
        done
        echo "blackhole filter 10mbit 576 $version file 8M"
    done
}

silence_router() {
    ip netns exec router nft -f - <<'END'
table inet links {
    chain output {
        type filter hook output priority 0
        icmp type destination-unreachable drop
    }
}
END
}

# KIND MTU
narrow_path() {
    if [[ $1 == router ]]; then
        ip -n router link set out mtu "$2"
    else
        ip netns exec router nft "add chain inet links forward { type filter hook forward priority 0; }
            add rule inet links forward oifname out meta length > $2 counter drop"
    fi
}

# KIND
refused() {
    if [[ $1 == router ]]; then
        ip_counter FragFails
    else
        nft_dropped
    fi
}

# NAME: a counter of the router.
ip_counter() {
    ip netns exec router awk -v name="$1" '
        $1 == "Ip:" && !column { for (i = 2; i <= NF; i++) if ($i == name) column = i; next }
        $1 == "Ip:" { print $column }' /proc/net/snmp
}

# TIME: the end of the longest silence of the server's sink that began after it, or "-" if less than 50 kB
# followed.
resumed_after() {
    awk -v time="$1" '
        $1 > time && past && $1 - past > longest { longest = $1 - past; end = $1; bytes = $2 }
        { past = $1; total = $2 }
        END { if (total - bytes > 50000) printf "%.2f", end - time; else print "-" }' server.series
}

said_by() {
    local name said=
    for name in client server; do
        ! grep -Eqi 'path.*mtu|mtu.*path' "$name.err" || said+=${said:+,}$name
    done
    echo "${said:--}"
}

blackhole() {
    local kind=$1 link=$2 mtu=$3 version=$4 source=$5 bytes start narrowed drops
    bytes=$(bytes_of "$6")
    build_network && narrow_link "$link" 64kb && silence_router || fail 'no network'
    start_sampling
    sink=bytes=$bytes listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port "$source" "bytes=$bytes" --dtls "$version"
    await 10 has_arrived server $((bytes / 4)) || fail 'nothing arrives'
    narrow_path "$kind" "$mtu"
    narrowed=$EPOCHREALTIME
    ends_within client "$blackhole_limit"
    start=$(($(now_ms) - start))
    ends_within server 40
    drain
    drops=$(queue_drops)
    stop_sampling
    plot "$link, queue 64kb, MTU from 1500 to $mtu ($kind): DTLS $version" \
        "blackhole-$kind-$link-$mtu-$version-$source" server
    row "$kind" "$link" "$mtu" "$version" "$source" "$(resumed_after "$narrowed")" "$(lost_share client server)" \
        "$(lost_at_peer client)" "$(stat_of server lost)" "$drops" "$(refused "$kind")" "$(ip_counter FragOKs)" \
        "$(said_by)" "${rc[client]}" "${rc[server]}" "$(compute "$start / 1000" %.2f)" "$(exactness server)"
}
