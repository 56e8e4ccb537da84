# shellcheck shell=bash disable=SC2034,SC2154,SC2317 # shared with what sources it; called by name
# Measures a transfer of $size bytes: its rate, the CPU time of both ends, and how much was lost. Source it after
# lib.sh.

made=${BUILD:-$root/build}/bench
limit=300
size=${BENCH_SIZE:-1000000000}
runs=${BENCH_RUNS:-5}
TIMEFORMAT='%U %S'
declare -A pid=() in=() port=() rc=()

export DTLSCAT_PSK=hex:$key

has() { command -v "$1" >/dev/null; }
sample() { printf 'sample\t%s\t%s\t%s\t%s\n' "$@"; }
ratio() { printf 'ratio\t%s\t%s\t%s\n' "$@"; }
compute() { awk "BEGIN { printf \"%.4f\", $1 }"; }

make_data() { openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c "$size" >data; }

# Runs COMMAND... in the background as the receiver, with its port as ${port[server]}. $reader: a command between
# it and the counter, such as "stops".
receiver() {
    rm -f server.err server.time server.count server.out server.in
    mkfifo server.out server.in
    if [[ ${reader:-} ]]; then $reader | wc -c; else wc -c; fi <server.out >server.count &
    counter=$!
    exec {server_in}<>server.in
    { time timeout "$limit" "$@" <server.in >server.out 2>server.err; } 2>server.time &
    receiver=$!
}

# A reader that stops for two seconds in the middle of the data.
stops() {
    head -c $((size / 2))
    pause 2000
    cat
}

reports_port() {
    wait_line server.err 'listening on .*:([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
}
tcp_listens() { grep -q "$(printf ':%04X 0*:0000 0A' "$1")" /proc/net/tcp /proc/net/tcp6; }

# SOURCE COMMAND...: runs COMMAND as the sender, and waits for both ends.
sender() {
    local from=$1
    shift
    if [[ $from == file ]]; then
        { time "$@" <data >/dev/null 2>client.err; } 2>client.time
    else
        head -c "$size" data | { time "$@" >/dev/null 2>client.err; } 2>client.time
    fi
    wait "$counter"
}

# SERIES SOURCE OPEN SEND: one transfer. OPEN starts the receiver, SEND the sender.
transfer() {
    local series=$1 start seconds arrived
    "$3"
    start=${EPOCHREALTIME/./}
    sender "$2" "$4"
    seconds=$(compute "(${EPOCHREALTIME/./} - $start) / 1e6")
    exec {server_in}>&-
    wait "$receiver"
    read -r arrived <server.count
    sample "${bulk:-bulk}" MB/s "$series" "$(compute "$arrived / 1e6 / $seconds")"
    sample "${bulk:-bulk}: CPU of both ends" s/GB "$series" "$(compute "($(cpu client) + $(cpu server)) / $size * 1e9")"
    sample "${bulk:-bulk}: lost" bytes "$series" $((size - arrived))
}

# NAME: prints the user and system time of this end.
cpu() { awk 'END { print $1 + $2 }' "$1.time"; }

# ---- ends ----------------------------------------------------------------------------------------

# $OPTIONS, $SERVER_OPTIONS: more options. $as: a command such as setpriv before the listener's.
open_dtlscat() {
    # shellcheck disable=SC2086 # words
    receiver ${as:-} "$DTLSCAT" -v -l 127.0.0.1 0 ${OPTIONS:-}
    reports_port
}
send_dtlscat() {
    # shellcheck disable=SC2086 # words
    timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" -N ${OPTIONS:-}
}

open_prototype() {
    receiver "$made/prototype" receive
    reports_port
}
send_prototype() { timeout "$limit" "$made/prototype" send "${port[server]}"; }

open_openssl() {
    port[server]=$(free_port)
    receiver openssl s_server -tls1_3 -accept "${port[server]}" -nocert -quiet -naccept 1 -psk "$key" \
        -ciphersuites TLS_AES_128_GCM_SHA256
    await 10 tcp_listens "${port[server]}"
}
send_openssl() {
    timeout "$limit" openssl s_client -tls1_3 -connect "127.0.0.1:${port[server]}" -psk "$key" \
        -ciphersuites TLS_AES_128_GCM_SHA256 -quiet -no_ign_eof -nocommands
}

open_ncat() {
    port[server]=$(free_port)
    receiver ncat --ssl --recv-only -l 127.0.0.1 "${port[server]}"
    await 10 tcp_listens "${port[server]}"
}
send_ncat() { timeout "$limit" ncat --ssl --send-only 127.0.0.1 "${port[server]}"; }
