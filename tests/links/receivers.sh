# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# Ends that pause: readers that are slow or pause, and processes that a signal stops.

receivers_columns='case dtls source size lost_% sender_lost receiver_lost drops client server seconds exact'
receivers_usage='reader-stops|slow-reader|sender-stops|listener-stops VERSION file|pipe'
receivers_pause=${RECEIVERS_PAUSE:-20}

receivers_rows() {
    local version kind source
    for version in $(versions); do
        for kind in reader-stops slow-reader sender-stops listener-stops; do
            for source in $(sources); do echo "receivers $kind $version $source"; done
        done
    done
}

# NAME SECONDS: stopped by a signal in mid-transfer.
stop_for() {
    await 10 has_arrived server 3000000 || fail 'nothing arrives'
    kill -STOP "$(process "$1")" || fail 'the transfer ended before it could be stopped'
    pause $(($2 * 1000))
    kill -CONT "$(process "$1")"
}

receivers() {
    local kind=$1 version=$2 source=$3 size=20M bytes start drops how=
    [[ $kind != slow-reader ]] || size=2M
    bytes=$(bytes_of "$size")
    case $kind in
    reader-stops) how="pause=$receivers_pause at=$((bytes / 2))" ;;
    slow-reader) how=rate=100000 ;;
    esac
    build_network && narrow_link 100mbit 200kb || fail 'no network'
    sink="bytes=$bytes $how" listen_far server $udp_port --dtls "$version"
    start=$(now_ms)
    connect_near client $udp_port "$source" "bytes=$bytes" --dtls "$version"
    case $kind in
    sender-stops) stop_for client 5 ;;
    listener-stops) stop_for server 5 ;;
    esac
    ends_within client "$end_limit"
    start=$(($(now_ms) - start))
    ends_within server 60
    drain
    drops=$(queue_drops)
    row "$kind" "$version" "$source" "$size" "$(lost_share client server)" "$(lost_at_peer client)" \
        "$(stat_of server lost)" "$drops" "${rc[client]}" "${rc[server]}" "$(compute "$start / 1000" %.2f)" \
        "$(exactness server)"
}
