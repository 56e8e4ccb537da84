# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# One bottleneck, shared by transfers of dtlscat and of TCP (CUBIC, unless TCP_CONGESTION names another).

# A share of 1 is the rate of the link divided by the number of transfers. dtlscat_share is that of the slowest
# dtlscat; ratio compares the fastest dtlscat with the slowest.
fairness_columns='link queue dtls dtlscat_Mbit/s tcp_Mbit/s dtlscat_share tcp_share ratio lost_% queue_drops queue_max'
fairness_usage='RATE QUEUE DTLSCATS TCPS VERSION, as in: fairness 20mbit 60kb 1 1 1.3'
fairness_seconds=${FAIRNESS_SECONDS:-15}
fairness_warm_up=3

fairness_rows() {
    local queue mix queues='20 60 200 500'
    [[ ! ${SHORT:-} ]] || queues='20 200'
    for mix in '1 1' '2 1' '2 0'; do
        for queue in $queues; do echo "fairness 20mbit ${queue}kb $mix 1.3"; done
    done
}

tcp_transfer() {
    ip netns exec far "$tools/flow" sink "listen=$2" "series=$1.series" >"$1.flow" 2>&1 &
    sinks+=($!)
    await 10 tcp_listens "$2" || fail 'no TCP listener'
    # shellcheck disable=SC2016 # for the inner shell
    ip netns exec near bash -c 'exec "$0" source "seconds=$1" >"/dev/tcp/$2/$3"' "$tools/flow" \
        "$fairness_seconds" "$listener_address" "$2" &
}

tcp_listens() { ip netns exec far grep -q "$(printf ':%04X 0*:0000 0A' "$1")" /proc/net/tcp; }

# NAME...: Mbit/s, one a line.
rates_of() {
    local name
    for name; do
        compute "$(rate_between "$name" $((start + fairness_warm_up)) $((start + fairness_seconds))) * 8 / 1e6" %.2f
    done
}

fairness() {
    local link=$1 queue=$2 dtlscats=$3 tcps=$4 version=$5 start i fair drops names=() tcp_names=() sent=0 arrived=0
    build_network && narrow_link "$link" "$queue" || fail 'no network'
    start_sampling
    for ((i = 1; i <= dtlscats; i++)); do
        names+=("dtlscat$i")
        listen_far "dtlscat$i" $((udp_port + i)) --dtls "$version"
    done
    start=$EPOCHSECONDS
    for ((i = 1; i <= tcps; i++)); do
        tcp_names+=("tcp$i")
        tcp_transfer "tcp$i" $((5000 + i))
    done
    for ((i = 1; i <= dtlscats; i++)); do
        connect_near "client$i" $((udp_port + i)) pipe "seconds=$fairness_seconds" --dtls "$version"
    done
    for ((i = 1; i <= dtlscats; i++)); do ends_within "client$i" $((fairness_seconds + 30)); done
    for ((i = 1; i <= dtlscats; i++)); do ends_within "dtlscat$i" 40; done
    drain
    drops=$(queue_drops)
    stop_sampling
    plot "$link, queue $queue: $dtlscats dtlscat, $tcps TCP" "fairness-$link-$queue-$dtlscats-$tcps-$version" \
        "${names[@]}" "${tcp_names[@]}"
    for ((i = 1; i <= dtlscats; i++)); do
        sent=$((sent + $(stat_of "client$i" bytes_out)))
        arrived=$((arrived + $(flow_of "dtlscat$i" arrived)))
    done
    rates_of "${names[@]}" >dtlscat.rates
    rates_of "${tcp_names[@]}" >tcp.rates
    fair=$(compute "${link%mbit} / ($dtlscats + $tcps)" %.3f)
    row "$link" "$queue" "$version" "$(paste -sd + dtlscat.rates)" "$(paste -sd + tcp.rates)" \
        "$(compute "$(sort -n dtlscat.rates | head -n 1) / $fair" %.2f)" \
        "$(compute "$(sort -n tcp.rates | head -n 1) / $fair" %.2f)" \
        "$(compute "$(sort -n dtlscat.rates | tail -n 1) / $(sort -n dtlscat.rates | head -n 1)" %.2f)" \
        "$(compute "100 * (1 - $arrived / $sent)" %.2f)" "$drops" "$(queue_max)"
}
