# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# Random loss on a link without a limit.

# stall_s is the longest time without data.
loss_columns='loss_% direction dtls size MB/s lost_% sender_lost receiver_lost drops client server stall_s seconds exact'
loss_usage='PERCENT data|both VERSION SIZE, as in: loss 5 data 1.3 20M'
loss_limit=30

loss_rows() {
    local version percent
    for version in $(versions); do
        echo "loss 0 data $version 200M"
        for percent in 1 5 20; do
            echo "loss $percent data $version 100M"
            [[ ${SHORT:-} ]] || echo "loss $percent both $version 100M"
        done
    done
}

# A transfer is terminated after $loss_limit seconds; the rate is of the data that has arrived.
loss() {
    local percent=$1 direction=$2 version=$3 bytes start
    bytes=$(bytes_of "$4")
    [[ $direction == both ]] || direction=
    build_network && lose_at_random "$percent" $direction || fail 'no network'
    sink=bytes=$bytes listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port file "bytes=$bytes" --dtls "$version"
    ends_within client "$loss_limit"
    start=$(($(now_ms) - start))
    ends_within server 40
    drain
    row "$percent" "$2" "$version" "$4" \
        "$(compute "$(flow_of server arrived) / 1e6 / ($(flow_of server last) - $(flow_of server first))" %.2f)" \
        "$(lost_share client server)" "$(lost_at_peer client)" "$(stat_of server lost)" "$(nft_dropped)" \
        "${rc[client]}" "${rc[server]}" "$(flow_of server stall)" "$(compute "$start / 1000" %.2f)" \
        "$(exactness server)"
}
