# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared by the files that run sources
# The network of the link tests, the programs in it, and the measurements. Sourced by run, which makes a namespace for
# each row.
#
#     near (192.0.2.1) --- [wire] --- router --- far (192.0.2.3)
#
# The client runs in near, the listener in far. The bottleneck is the router's interface to far: neither a socket
# buffer nor an error of the kernel tells the sender about its queue. All interfaces segment batches of datagrams
# (gso_max_segs), so the queue holds and drops single datagrams.

listener_address=192.0.2.3
client_node=near
udp_port=5684
end_limit=${END_LIMIT:-120} # seconds that a transfer may take

# Datagrams that the queue dropped.
queue_drops() { tc -n router -s -j qdisc show dev out | jq '.[0].drops'; }

# [DELAY]: in ms, each way.
build_network() {
    local node
    mount -t tmpfs none /run || return
    for node in near router far; do
        ip netns add "$node" && ip -n "$node" link set lo up || return
    done
    ip -n near link add eth0 type veth peer name in netns router &&
        ip -n router link add out type veth peer name eth0 netns far || return
    [[ ! ${1:-} ]] || insert_wire "$1" || return
    ip -n near address add 192.0.2.1/31 dev eth0 &&
        ip -n router address add 192.0.2.0/31 dev in &&
        ip -n far address add 192.0.2.3/31 dev eth0 &&
        ip -n router address add 192.0.2.2/31 dev out || return
    for node in near/eth0 far/eth0 router/in router/out; do
        ip -n "${node%/*}" link set "${node#*/}" gso_max_segs 1 up || return
    done
    ip -n near route add default via 192.0.2.0 congctl "${TCP_CONGESTION:-cubic}" &&
        ip -n far route add default via 192.0.2.2 &&
        ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' && resolve_neighbours
}

# Resolves all link-layer addresses, which would lengthen the first round trip: a datagram to a closed port and the
# ICMP error cross all links.
resolve_neighbours() {
    # shellcheck disable=SC2016 # for the inner shell
    ip netns exec near bash -c 'echo >"/dev/udp/$0/9"' $listener_address &&
        await 5 knows_neighbour near && await 5 knows_neighbour far
}

knows_neighbour() { [[ $(ip -n "$1" neighbour show dev eth0) == *lladdr* ]]; }

# Replaces the cable between near and router by two and a wire of DELAY.
insert_wire() {
    ip netns add wire && ip -n near link del eth0 &&
        ip -n near link add eth0 type veth peer name left netns wire &&
        ip -n router link add in type veth peer name right netns wire &&
        ip -n wire link set left gso_max_segs 1 up && ip -n wire link set right gso_max_segs 1 up || return
    spawn wire ip netns exec wire "$tools/wire" left right "$1"
    wait_line wire.out ready 10
}

# MTU: another network, near and far at the two ends of one cable, with all offloads of the kernel.
build_cable() {
    mount -t tmpfs none /run && ip netns add near && ip netns add far &&
        ip -n near link add eth0 type veth peer name eth0 netns far || return
    ip -n near address add 192.0.2.1/24 dev eth0 && ip -n far address add 192.0.2.3/24 dev eth0 &&
        ip -n near link set eth0 mtu "$1" up && ip -n far link set eth0 mtu "$1" up && ip -n far link set lo up
}

# RATE QUEUE: of the link from the router to far; the rate "fast" is none.
narrow_link() { [[ $1 == fast ]] || tc -n router qdisc replace dev out root tbf rate "$1" burst 5kb limit "$2"; }

# PERCENT [both]: datagrams that the router loses at random, to far or in both directions.
lose_at_random() {
    local parts
    parts=$(compute "$1 * 100" %.0f)
    ip netns exec router nft -f - <<END
table inet links {
    chain loss {
        type filter hook forward priority 0
        udp dport $udp_port numgen random mod 10000 < $parts counter drop
        ${2:+udp sport $udp_port numgen random mod 10000 < $parts counter drop}
    }
}
END
}

# Datagrams to far that the first rule with a counter dropped.
nft_dropped() {
    ip netns exec router nft -j list table inet links | jq '[.. | .counter? | objects | .packets][0]'
}

# ---- ends ----------------------------------------------------------------------------------------

# NAME PORT OPTION...: a listener whose output goes to a sink with the arguments $sink, as NAME.flow.
listen_far() {
    local name=$1 port=$2
    shift 2
    mkfifo "$name.out"
    # shellcheck disable=SC2086 # arguments are words
    "$tools/flow" sink series="$name.series" ${sink:-} <"$name.out" >"$name.flow" 2>&1 &
    sinks+=($!)
    stdin=/dev/null stdout=$name.out spawn "$name" ip netns exec far "$DTLSCAT" -v -l "$listener_address" "$port" \
        --psk="$keyfile" --stats "$@"
    wait_line "$name.err" 'listening on' 10
}

# NAME PORT SOURCE AMOUNT OPTION...: a client whose input is AMOUNT (bytes=N or seconds=N) from a file or a pipe.
# $OPTIONS of the environment are options, too.
connect_near() {
    local name=$1 port=$2 source=$3 amount=$4
    shift 4
    if [[ $source == file ]]; then
        "$tools/flow" source "$amount" >"$name.data"
    else
        mkfifo "$name.data"
        "$tools/flow" source "$amount" >"$name.data" 2>/dev/null &
    fi
    # shellcheck disable=SC2086 # options are words
    stdin=$name.data spawn "$name" ip netns exec "$client_node" "$DTLSCAT" -v "$listener_address" "$port" \
        --psk="$keyfile" --stats -N ${OPTIONS:-} "$@"
}

# A number of the line of a sink: NAME WHAT.
flow_of() { sed -nE "s/.*\b$2=(-?[0-9.]+).*/\1/p" "$1.flow"; }

# NAME BYTES: the sink has read at least that number.
has_arrived() { [[ $(tail -n 1 "$1.series" 2>/dev/null) =~ \ ([0-9]+)$ ]] && ((BASH_REMATCH[1] >= $2)); }

# Waits for the end of all sinks.
drain() {
    wait "${sinks[@]}"
    sinks=()
}

# NAME SECONDS: sets ${rc[NAME]} to the exit status, or to "-" if NAME had to be terminated.
ends_within() {
    local name=$1
    if await_end "$2" "$name"; then
        ended "$name"
    else
        kill -TERM "$(process "$name")"
        await_end 10 "$name" || kill -KILL "$(process "$name")"
        ended "$name"
        rc[$name]=-
    fi
}

await_end() {
    local end=$(($(now_ms) + $1 * 1000))
    while runs "$2"; do
        (($(now_ms) < end)) || return 1
        pause 20
    done
}

# ---- samples -------------------------------------------------------------------------------------

# Writes "TIME BYTES DROPS BACKLOG" of the bottleneck to FILE about every 20 ms: bytes sent, datagrams dropped, bytes
# in the queue.
sample() {
    local answer
    coproc TC { exec stdbuf -oL tc -n router -s -j -b -; }
    # shellcheck disable=SC2154 # set by coproc
    trap 'kill $TC_PID 2>/dev/null' EXIT
    while echo 'qdisc show dev out' >&"${TC[1]}" && read -r answer <&"${TC[0]}"; do
        [[ $answer =~ \"bytes\":([0-9]+).*\"drops\":([0-9]+).*\"backlog\":([0-9]+) ]] || continue
        echo "$EPOCHREALTIME ${BASH_REMATCH[1]} ${BASH_REMATCH[2]} ${BASH_REMATCH[3]}"
        pause 20
    done >"$1" 2>/dev/null
}

start_sampling() {
    sample queue.series &
    sampler=$!
}

stop_sampling() {
    kill "$sampler" 2>/dev/null
    wait "$sampler" 2>/dev/null
}

queue_max() { awk '$4 > max { max = $4 } END { print max + 0 }' queue.series; }

# TITLE PICTURE NAME...: draws the samples and the series of the sinks NAME... as PICTURE.svg.
plot() {
    local title=$1 picture=$2
    shift 2
    mkdir -p "$OUT/plots"
    command -v gnuplot >/dev/null || return 0
    gnuplot -e "title='$title'; output='$OUT/plots/$picture.svg'; names='$*'" "$links/plot.gp" 2>plot.err ||
        echo "links: no plot: $(tail -n 1 plot.err)" >&2
}

# ---- rows ----------------------------------------------------------------------------------------

# With SHORT the versions and sources are not combined.
versions() { [[ ${SHORT:-} ]] && echo 1.3 || echo 1.3 1.2; }
sources() { [[ ${SHORT:-} ]] && echo file || echo file pipe; }

# Prints a row of a table from values in the order of the columns.
row() {
    local IFS=$'\t'
    echo "$*"
}

# ---- numbers -------------------------------------------------------------------------------------

# 10mbit in bytes per second; 32kb, 5M in bytes.
bytes_per_second() { echo $((${1%mbit} * 125000)); }
bytes_of() {
    case $1 in
    *kb) echo $((${1%kb} * 1024)) ;;
    *k) echo $((${1%k} * 1000)) ;;
    *M) echo $((${1%M} * 1000000)) ;;
    *) echo "$1" ;;
    esac
}

# EXPRESSION [FORMAT]: "-" where a part of it is missing or it is no number.
compute() {
    local value
    value=$(awk "BEGIN { printf \"${2:-%.1f}\", ${1//$'\n'/} }" 2>/dev/null)
    [[ $value == *[0-9]* ]] && echo "$value" || echo -
}

# The bytes per second of NAME between two times: NAME FROM TO.
rate_between() {
    awk -v from="$2" -v to="$3" '
        $1 < from { first = $1; bytes = $2 }
        $1 <= to { last = $1; end = $2 }
        END {
            if (first < from) first = from
            printf "%.0f", (last > first ? (end - bytes) / (to - first) : 0)
        }' "$1.series"
}

# CLIENT SERVER: the share of the bytes sent that did not arrive, in percent.
lost_share() {
    local sent
    sent=$(stat_of "$1" bytes_out)
    compute "100 * (1 - $(flow_of "$2" arrived) / ${sent:-0})" %.2f
}

# What the sender NAME reports as lost at its peer; a program that does not count that has no such number.
lost_at_peer() {
    local lost
    lost=$(stat_of "$1" peer_lost)
    echo "${lost:--}"
}

# NAME: prints yes if all data arrived in order, no if data is missing, or the number of bytes that were never sent.
# A piece of less than 24 bytes between two gaps cannot be located, and is not counted as such.
exactness() {
    local foreign
    foreign=$(flow_of "$1" foreign)
    if ((foreign > 24 * $(flow_of "$1" jumps))); then
        echo "foreign=$foreign"
    elif (($(flow_of "$1" missing) == 0 && $(flow_of "$1" jumps) == 0)); then
        echo yes
    else
        echo no
    fi
}
