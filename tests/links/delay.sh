# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# A slow link with a long round trip.

delay_columns='link queue rtt_ms dtls size goodput_0-5s_% goodput_5s-_% lost_% sender_lost receiver_lost drops
client server queue_max seconds exact'
delay_usage='RATE QUEUE RTT VERSION SIZE, as in: delay 10mbit 128kb 100 1.3 20M'

delay_rows() {
    local version queue
    for version in $(versions); do
        for queue in 32 128 500; do echo "delay 10mbit ${queue}kb 100 $version 20M"; done
        [[ ${SHORT:-} ]] || echo "delay 10mbit 128kb 10 $version 20M"
    done
}

# VERSION RATE FROM TO: the share of the payload that the link can carry.
share_between() {
    local payload
    payload=$(compute "$(stat_of client bytes_out) / $(stat_of client records_out)" %.0f)
    compute "100 * $(rate_between server "$3" "$4") /
        ($(bytes_per_second "$2") * $payload / ($payload + $(overhead_of "$1")))"
}

delay() {
    local link=$1 queue=$2 rtt=$3 version=$4 bytes start first drops
    bytes=$(bytes_of "$5")
    build_network $((rtt / 2)) && narrow_link "$link" "$queue" || fail 'no network'
    start_sampling
    sink=bytes=$bytes listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port file "bytes=$bytes" --dtls "$version"
    ends_within client "$end_limit"
    start=$(($(now_ms) - start))
    ends_within server 40
    drain
    drops=$(queue_drops)
    stop_sampling
    plot "$link, queue $queue, round trip $rtt ms: DTLS $version" "delay-$link-$queue-$rtt-$version" server
    first=$(flow_of server first)
    row "$link" "$queue" "$rtt" "$version" "$5" \
        "$(share_between "$version" "$link" "$first" "$(compute "$first + 5" %.3f)")" \
        "$(share_between "$version" "$link" "$(compute "$first + 5" %.3f)" "$(flow_of server last)")" \
        "$(lost_share client server)" "$(lost_at_peer client)" "$(stat_of server lost)" "$drops" \
        "${rc[client]}" "${rc[server]}" "$(queue_max)" "$(compute "$start / 1000" %.2f)" "$(exactness server)"
}
