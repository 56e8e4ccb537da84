# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# Links without limit or loss: the speed of two builds in turns, and its ratio.

speed_columns='link dtls size MB/s old_MB/s ratio lost'
speed_usage='loopback|MTU VERSION SIZE, as in: speed 1500 1.3 500M; OLD is the program to compare with'
speed_turns=5

speed_rows() {
    local version link
    for version in $(versions); do
        for link in loopback 1500 9000; do echo "speed $link $version 500M"; done
    done
}

# NAME PROGRAM VERSION BYTES: appends MB/s to NAME.speeds, and what was lost to lost.
one_speed() {
    local name=$1 DTLSCAT=$2
    sink=bytes=$4 listen_far "$name" $udp_port --dtls "$3"
    connect_near "$name.client" $udp_port file "bytes=$4" --dtls "$3"
    ends_within "$name.client" "$end_limit"
    ends_within "$name" 40
    drain
    compute "$(flow_of "$name" arrived) / 1e6 / ($(flow_of "$name" last) - $(flow_of "$name" first))" %.1f \
        >>"$name.speeds"
    flow_of "$name" missing >>lost
    rm -f "$name".out "$name".client.data
}

median() {
    sort -n "$1.speeds" 2>/dev/null |
        awk '{ value[NR] = $1 } END { print NR ? value[int((NR + 1) / 2)] : "-" }'
}

speed() {
    local link=$1 version=$2 bytes turn
    bytes=$(bytes_of "$3")
    if [[ $link == loopback ]]; then
        build_cable 1500
        listener_address=127.0.0.1 client_node=far
    else
        build_cable "$link"
    fi || fail 'no network'
    for ((turn = 0; turn < speed_turns; turn++)); do
        one_speed new "$BIN" "$version" "$bytes"
        [[ ! ${OLD:-} ]] || one_speed old "$OLD" "$version" "$bytes"
    done
    row "$link" "$version" "$3" "$(median new)" "$(median old)" \
        "$(compute "$(median new) / $(median old)" %.2f)" "$(awk '{ sum += $1 } END { print sum }' lost)"
}
