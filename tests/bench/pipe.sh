#!/usr/bin/env bash
# A gigabyte through two dtlscats, from a file and from a pipe, beside the openssl command with TLS over TCP:
# MB/s of the same run, and what was lost. Then with a reader that stops for two seconds.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # called by name
. "$(dirname "$0")/../lib.sh"

cd "$TESTDIR" || exit 1
declare -A pid=() in=() port=() rc=()
limit=120
size=1000000000
openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c $size >data

# What arrives at NAME is compared as it comes; stopped: the reader stops half way.
sink() { (
    if [[ $2 == stopped ]]; then
        head -c $((size / 2))
        pause 2000
    fi
    cat
) <"$1" | cmp - data >"$1.cmp" 2>&1; }

# COMMAND...: $rate is the MB/s of what it sends, until all has arrived.
speed() {
    local start
    start=$(now_ms)
    "$@" 2>send.err || cat send.err >&2
    wait "$reader"
    [[ ! -s out.cmp ]] || echo "not the same: $(cat out.cmp)" >&2
    rate=$((size / 1000 / ($(now_ms) - start)))
}

send_file() { "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" -N <data; }
send_pipe() { head -c $size data | "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" -N; }

# NAME SENDER READER
through_dtlscat() {
    rm -f out
    mkfifo out
    sink out "$3" &
    reader=$!
    stdin=/dev/null stdout=out listener server --psk="$keyfile" --stats
    speed "$2"
    ended server
    printf '%-38s %5d MB/s  lost %s\n' "$1" "$rate" "$(stat_of server lost)"
}

through_tls() {
    rm -f out
    mkfifo out
    sink out '' &
    reader=$!
    stdout=out spawn server openssl s_server -tls1_3 -accept "$1" -nocert -quiet -naccept 1 \
        -psk "$key" -ciphersuites TLS_AES_128_GCM_SHA256
    await 10 tcp_listens "$1"
    speed send_tls "$1"
    reap
    printf '%-38s %5d MB/s\n' 'openssl, TLS over TCP, from a file' "$rate"
}

tcp_listens() { grep -q "$(printf ':%04X 0*:0000 0A' "$1")" /proc/net/tcp /proc/net/tcp6; }
send_tls() {
    openssl s_client -tls1_3 -connect "127.0.0.1:$1" -psk "$key" -ciphersuites TLS_AES_128_GCM_SHA256 -quiet \
        -no_ign_eof -nocommands <data >/dev/null
}

# A tenth of it to a peer that has no heartbeats, and so says nothing of what it lost.
paced() {
    local start arrived
    stdout=arrived s_server server PSK-AES128-GCM-SHA256
    start=$(now_ms)
    head -c $((size / 10)) data | "$DTLSCAT" 127.0.0.1 "${port[server]}" --dtls 1.2 --identity "$ident" \
        --psk="$keyfile" -q 1
    arrived=$(stat -c %s arrived)
    printf '%-38s %5d MB/s  lost %d of %d bytes\n' 'dtlscat to openssl, at a pace' \
        $((size / 10000 / ($(now_ms) - start - 1000))) $((size / 10 - arrived)) $((size / 10))
    reap
}

echo 'a gigabyte over loopback'
through_dtlscat 'dtlscat, from a file' send_file ''
through_dtlscat 'dtlscat, from a pipe' send_pipe ''
through_dtlscat 'dtlscat, the reader stops for 2 s' send_file stopped
through_tls "$(free_port)"
paced
