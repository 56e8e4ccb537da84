# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# A slow link with a queue. Sourced by run.

# goodput is the share of the data that the link could carry in the time from the first to the last byte; lost_% is
# the share of the bytes that did not arrive; sender_lost, receiver_lost and drops count datagrams.
bottleneck_columns='link queue dtls source size lost_% goodput_% sender_lost receiver_lost drops client server
queue_max seconds exact'
bottleneck_usage='RATE QUEUE VERSION file|pipe SIZE, as in: bottleneck 10mbit 32kb 1.3 file 5M'

bottleneck_rows() {
    local queue version source size
    if [[ ${SHORT:-} ]]; then
        for queue in 8 16 32 64 200; do echo "bottleneck 10mbit ${queue}kb 1.3 file 5M"; done
        echo 'bottleneck 10mbit 32kb 1.2 pipe 5M'
        echo 'bottleneck 10mbit 32kb 1.3 pipe 20M'
        for queue in 30 60 120; do echo "bottleneck 100mbit ${queue}kb 1.3 file 20M"; done
        return
    fi
    for version in $(versions); do
        for source in $(sources); do
            for size in 5M 20M; do
                for queue in 8 16 32 64 200; do echo "bottleneck 10mbit ${queue}kb $version $source $size"; done
                for queue in 30 60 120; do echo "bottleneck 100mbit ${queue}kb $version $source $size"; done
            done
        done
    done
}

# VERSION: the bytes of a packet besides its data: Ethernet, IPv4, UDP, and a record with AES-GCM.
overhead_of() { [[ $1 == 1.2 ]] && echo $((42 + 37)) || echo $((42 + 22)); }

# VERSION RATE: the share of RATE that the data took, in percent, of datagrams as large as those that were sent.
goodput() {
    local payload
    payload=$(compute "$(stat_of client bytes_out) / $(stat_of client records_out)" %.0f)
    compute "100 * $(flow_of server arrived) / ($(flow_of server last) - $(flow_of server first)) /
        ($(bytes_per_second "$2") * $payload / ($payload + $(overhead_of "$1")))"
}

bottleneck() {
    local link=$1 queue=$2 version=$3 source=$4 size=$5 bytes start drops name
    bytes=$(bytes_of "$size")
    build_network && narrow_link "$link" "$queue" || fail 'no network'
    start_sampling
    sink=bytes=$bytes listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port "$source" "bytes=$bytes" --dtls "$version"
    ends_within client "$end_limit"
    start=$(($(now_ms) - start))
    ends_within server 40
    drain
    drops=$(queue_drops)
    stop_sampling
    name=$link-$queue-$version-$source-$size
    plot "$link, queue $queue: DTLS $version, $size from a $source" "bottleneck-$name" server
    row "$link" "$queue" "$version" "$source" "$size" \
        "$(lost_share client server)" "$(goodput "$version" "$link")" \
        "$(lost_at_peer client)" "$(stat_of server lost)" "$drops" "${rc[client]}" "${rc[server]}" \
        "$(queue_max)" "$(compute "$start / 1000" %.2f)" "$(exactness server)"
}
