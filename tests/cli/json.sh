#!/usr/bin/env bash
# --json: what each kind of run writes follows docs/trace.schema.json, and ends with the event "exit" and its code. The
# handshake messages in it are those that tshark shows of the capture of the same run, and in DTLS 1.3 those of the
# recordings in tests/vectors.
#
# $COMPARE  all: compare every run with tshark and the recordings; otherwise only a few
# $SUITES   cipher suites of the listeners: tshark cannot decrypt each
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317,SC2016 # cases are run by name; $ is for jq
. "$(dirname "$0")/../lib.sh"

ANSWER=$(realpath -m "${BUILD:-$root/build}/tests/peers/answer")
python=python3
"$python" -c 'import jsonschema' 2>/dev/null || python=/usr/bin/python3

# FILE FILTER: the events of FILE, as the array of jq, have what FILTER tells.
has() { jq -es "$2" "$1" >>jq.out 2>&1 || fail "$1: not $2"; }

# FILE CODE: the last event.
exits() { has "$1" ".[-1] | .event == \"exit\" and .code == $2 and (.code == 0) == (has(\"reason\") | not)"; }

# NAME OPTION...: a listener whose events are in NAME.json, and whose datagrams in NAME.pcapng.
events_of() {
    listener "$1" --psk="$keyfile" --json="$1.json" --pcap="$1.pcapng" ${SUITES:+--suite "$SUITES"} "${@:2}"
}
# NAME OF OPTION...
client_of() { client "$1" "$2" --psk="$keyfile" --json="$1.json" --pcap="$1.pcapng" "${@:3}"; }

# CLIENT-CODE SERVER-CODE: both end, and their last events have these codes.
both_end() {
    hangup client
    expect_exit client "$1"
    expect_exit server "$2"
    exits client.json "$1"
    exits server.json "$2"
}

# CODE PATTERN OPTION...: dtlscat ends with CODE, and the reason in the exit event matches PATTERN.
ends_with() {
    local code=$1 pattern=$2
    shift 2
    stdin=/dev/null spawn client "$DTLSCAT" --json=client.json --pcap=client.pcapng "$@"
    expect_exit client "$code"
    exits client.json "$code"
    [[ $(jq -r 'select(.event == "exit").reason' client.json) =~ $pattern ]] ||
        fail "reason: $(tail -n 1 client.json)"
}

# ---- sessions ------------------------------------------------------------------------------------

# OPTION...: one line each way.
session() {
    events_of server "$@"
    client_of client server "$@"
    exchange client server
    both_end 0 0
    for name in client server; do
        has "$name.json" 'map(.event) | index("connected") < index("data") and index("data") < index("closed")'
        has "$name.json" 'map(select(.event == "data").direction) | sort == ["in", "out"]'
        has "$name.json" '.[-1].statistics | .records_in == 1 and .records_out == 1 and .lost == 0'
        has "$name.json" '[.[] | select(.event == "datagram" and .direction == "out") | .length] | add' # not null
    done
    has server.json "map(select(.event == \"listening\")) | length == 1 and .[0].port == ${port[server]}"
    # Both sides report the same handshake, and each what the other has sent.
    jq -s '[.[] | select(.event == "connected") | {identity, version, suite, group, ems}]' client.json >client.connected
    jq -s '[.[] | select(.event == "connected") | {identity, version, suite, group, ems}]' server.json >server.connected
    same_file client.connected server.connected || fail 'the sides differ'
    messages client out >sent
    messages server in >received
    same_file sent received || fail "client: $(diff sent received)"
    messages server out >sent
    messages client in >received
    same_file sent received || fail "server: $(diff sent received)"
}

# NAME DIRECTION: prints the handshake messages with their contents.
messages() {
    jq -c --arg way "$2" 'select(.event == "datagram" and .direction == $way) | .records[].contents[]? |
        select(.kind == "message" and .fields) | [.message, .msg_seq, .length, .fields]' "$1.json"
}

# The messages of the trace for people are those of the events.
same_as_text() {
    events_of server --dtls "$1"
    client_of client server --dtls "$1" -vv
    exchange client server
    both_end 0 0
    jq -r 'select(.event == "datagram") | (if .direction == "out" then ">" else "<" end) as $way |
        .records[].contents[]? | select(.kind == "message") | "\($way) \(.message) msg\(.msg_seq)"' client.json >events
    sed -nE 's/^.*([<>]) [ 0-9B]* *([A-Za-z]+ msg[0-9]+).*/\1 \2/p' client.err >text
    [[ -s text ]] || fail 'no text'
    same_file text events || fail "$(diff text events)"
}

data_in_base64() {
    events_of server --json-data
    client_of client server
    exchange client server
    both_end 0 0
    has server.json '[.[] | select(.event == "data") | .data | @base64d] == ["from client\n", "from server\n"]'
    has client.json 'all(has("data") | not)'
}

# Without FILE the events are on stderr, and nothing else is.
on_stderr() {
    events_of server
    client client server --psk="$keyfile" --json --pcap=client.pcapng "$@"
    exchange client server
    both_ends_on_stderr
}
both_ends_on_stderr() {
    hangup client
    expect_exit client 0
    expect_exit server 0
    mv client.err client.json
    exits client.json 0
}

many_clients() {
    events_of server -k -c cat
    for name in one two; do
        client_of "$name" server
        say "$name" "from $name"
        hears "$name" "from $name"
        hangup "$name"
        expect_exit "$name" 0
        exits "$name.json" 0
    done
    kill -TERM "$(process server)"
    expect_exit server 143
    exits server.json 143
    has server.json '.[-1] | .sessions == 2 and (.reason | test("signal 15"))'
    has server.json 'map(select(.event == "closed")) | length == 2'
}

with_workers() {
    listener server --psk="$keyfile" --json=server.json -k -c cat --workers 3 # excludes --pcap
    for name in one two three four; do
        client_of "$name" server
        say "$name" "from $name"
        hears "$name" "from $name"
        hangup "$name"
        expect_exit "$name" 0
    done
    kill -TERM "$(process server)"
    expect_exit server 143
    exits server.json 143
    has server.json '[.[] | select(.event == "exit" and .worker) | .worker] | sort == [1, 2, 3]'
    has server.json '.[-1] | has("worker") | not'
    has server.json '[.[] | select(.event == "connected") | .worker] | length == 4 and all'
}

resumption() {
    events_of server -k -c cat --dtls "$1"
    for name in first client; do
        client_of "$name" server --resume ticket
        say "$name" "from $name"
        hears "$name" "from $name"
        hangup "$name"
        expect_exit "$name" 0
        exits "$name.json" 0
        [[ -e offered ]] || cp ticket offered # each session stores another ticket
    done
    has first.json 'any(.event == "ticket" and .direction == "in")'
    has client.json 'any(.event == "connected" and .resumed)'
    # Hex digits of the events are not those of the ticket, or of what else its file has.
    file=$(xxd -p offered | tr -d '\n')
    grep -ohE '[0-9a-f]{32,}' ./*.json | sort -u >digits
    [[ -s digits ]] || fail 'no hex digits'
    while read -r digits; do
        [[ $file != *$digits* ]] || fail "a ticket is in the events: $digits"
    done <digits
}

early_data() {
    echo early >early
    events_of server -k -c cat --dtls 1.3 --early-data
    client_of first server --resume ticket --dtls 1.3
    say first hello
    hears first hello
    hangup first
    expect_exit first 0
    stdin=early client_of client server --resume ticket --dtls 1.3 --early-data
    expect_exit client 0
    exits client.json 0
    has client.json 'any(.event == "connected" and .early_data == "accepted")'
}

key_update() {
    events_of server --dtls 1.3 --frame=line
    client_of client server --dtls 1.3 --rekey-after 2 --frame=line
    for n in 1 2 3 4; do
        say client "line $n"
        hears server "line $n"
    done
    both_end 0 0
    has client.json 'any(.event == "rekey" and .direction == "out")'
    has server.json 'any(.event == "rekey" and .direction == "in")'
}

# The port of the client changes.
moved() {
    events_of server --cid --dtls "$1"
    relay network server
    client_of client network --cid --dtls "$1"
    exchange client server
    relay_rule network 'rebind 1'
    say client 'from elsewhere'
    say client 'and again'
    wait_line server.err ' moved to ' 20
    both_end 0 0
    has server.json 'any(.event == "moved" and .verified and .peer != .to)'
}

fragments() {
    events_of server --identity "$(printf 'i%.0s' {1..600})" --mtu 256 --dtls "$1"
    client_of client server --identity "$(printf 'i%.0s' {1..600})" --mtu 256 --dtls "$1"
    exchange client server
    both_end 0 0
    has client.json '[.[].records? // [] | .[].contents? // [] | .[] | select(.fragment_offset)] | length > 1'
    has server.json '[.[].records? // [] | .[].contents? // [] | .[] | select(.reassembled and .fields)] | length > 0'
}

# ---- a network that loses ------------------------------------------------------------------------

retransmission() {
    events_of server --dtls "$1" --timer 60000 # only the client's timer is due
    relay network server 'to-client nth 2'
    client_of client network --dtls "$1" --timer 50
    exchange client server
    both_end 0 0
    has client.json 'any(.event == "retransmit" and .reason == "timer" and .timer_ms >= 50)'
    has client.json '.[-1].statistics.timeouts > 0'
}

duplicates() {
    events_of server --dtls 1.2 --timer 50
    relay network server 'to-server nth 3'
    client_of client network --dtls 1.2
    exchange client server
    both_end 0 0
    has client.json '[.[].records? // [] | .[].contents? // [] | .[] | select(.duplicate or .kind == "drop")] | length > 0'
}

loss() {
    events_of server --fail-on-loss --frame=line
    relay network server
    client_of client network --frame=line
    say client one
    hears server one
    relay_rule network 'to-server every 5'
    for n in {1..40}; do say client "line $n"; done
    await 10 contains server.out 'line 3' || fail 'nothing arrives'
    relay_rule network 'to-server every 0'
    say client three
    hears server three
    hangup client
    ended client
    expect_exit server 10
    exits server.json 10
    has server.json 'any(.event == "lost" and .in > 0)'
}

# What --sim does is in the events, and no part of a datagram is in an event of its own because of it.
simulated() {
    events_of server
    client_of client server -z --sim=drop=out:1,dup=in:1,corrupt=out:3@0 --timer 50
    expect_exit client 0
    expect_exit server 0
    exits client.json 0
    exits server.json 0
    has client.json '[.[] | select(.event == "simulated") | [.direction, .number, .dropped, .duplicated, .corrupted]] ==
        [["out", 1, "drop", null, null], ["in", 1, null, true, false], ["out", 3, null, false, true]]'
    has client.json 'all(.event != "datagram" or (has("continued") | not))'
}

forged() {
    events_of server
    relay network server
    client_of client network
    exchange client server
    relay_rule network 'to-server forge 2'
    say client damaged
    hears server damaged
    both_end 0 0
    has server.json 'any(.event == "drop" and .reason == "bad-mac")'
    has server.json '.[-1].statistics.dropped["bad-mac"] == 2'
}

# ---- exit codes ----------------------------------------------------------------------------------

wrong_key() {
    events_of server --dtls "$1"
    ends_with 6 'authentication failed' 127.0.0.1 "${port[server]}" --psk="file:$TESTDIR/otherkey" --dtls "$1"
    has client.json 'any(.event == "failed" and .code == 6 and (.connected | not))'
    await 10 contains server.json '"event":"failed"' || fail 'the server does not report it'
    kill -INT "$(process server)"
    expect_exit server 130
    exits server.json 130
}

no_common_suite() {
    events_of server --suite PSK-AES128-CCM8
    ends_with 7 'compare --suite' 127.0.0.1 "${port[server]}" --psk="$keyfile" --suite PSK-AES256-CCM
    has client.json 'any(.event == "alert" and .alert == "handshake_failure" and (.protected | not))'
    has client.json 'any(.event == "failed" and .alert == "handshake_failure")'
    kill -TERM "$(process server)"
    expect_exit server 143
}

refused() {
    ends_with 4 'server running' 127.0.0.1 "$(free_port)" --psk="$keyfile"
}

silent() {
    events_of server
    kill -STOP "$(process server)"
    ends_with 5 'no answer within' 127.0.0.1 "${port[server]}" --psk="$keyfile" -w 1
    has client.json 'any(.event == "state" and .state == "handshake")'
    kill -CONT "$(process server)"
}

unknown_name() {
    RES_OPTIONS='timeout:1 attempts:1' ends_with 3 'nobody\.invalid' nobody.invalid 5684 --psk="$keyfile"
}

# ARGUMENT...: an error of the command line, before or after --json.
usage() {
    ends_with 2 "$1" "${@:2}"
    has client.json 'map(.event) == ["start", "message", "exit"]'
    (($(wc -l <client.err) == 1)) || fail "$(cat client.err)"
    spawn stderr "$DTLSCAT" "${@:2}" --json
    expect_exit stderr 2
    mv stderr.err stderr.json
    exits stderr.json 2
}

missing_key() {
    ends_with 2 'is not set' 127.0.0.1 5684 --psk=env:NO_SUCH_VARIABLE
}

full_stdout() {
    events_of server
    stdout=/dev/full client_of client server
    say server hello
    expect_exit client 1
    exits client.json 1
    has client.json '.[-1].reason | test("No space left")'
}

lost_peer() {
    listener server --psk="$keyfile"
    client_of client server --keepalive 100ms
    exchange client server
    kill -KILL "$(process server)"
    expect_exit client 8
    exits client.json 8
    has client.json 'any(.event == "closed" and (.reason | test("given up")))'
}

idle() {
    events_of server
    client_of client server --idle 1
    expect_exit client 9
    exits client.json 9
    has client.json '.[-1].reason | test("--idle")'
}

program_fails() {
    events_of server -c 'exit 3'
    client_of client server
    expect_exit server 11
    exits server.json 11
    has server.json '.[-1].reason | test("status 3")'
}

# SIGNAL CODE: ends a client during its handshake.
signals() {
    local name=$1 code=$2
    listener server --psk="$keyfile"
    kill -STOP "$(process server)"
    client_of client server
    await 10 contains client.json '"state":"handshake"' || fail 'no handshake'
    kill "-$name" "$(process client)"
    expect_exit client "$code"
    exits client.json "$code"
    kill -CONT "$(process server)"
}

# The name of a FIFO: opening it for reading waits, so the program has no handlers of its own yet.
signal_before_handlers() {
    mkfifo -m 600 keys
    spawn client "$DTLSCAT" --json=client.json 127.0.0.1 5684 --psk=fd:3 3<>keys
    await 10 contains client.json '"event":"start"' || fail 'no start'
    kill -TERM "$(process client)"
    expect_exit client 143
    exits client.json 143
}

second_signal() {
    events_of server -k -c 'trap "" TERM; sleep 1000'
    client_of client server
    await 10 contains server.json '"event":"connected"' || fail 'no session'
    kill -STOP "$(process client)"
    kill -TERM "$(process server)"
    await 10 contains server.json '"state":"closing"' || fail 'it does not close'
    kill -TERM "$(process server)"
    expect_exit server 143
    exits server.json 143
    has server.json '.[-1].reason | test("second signal")'
    kill -CONT "$(process client)"
}

# ---- other peers ---------------------------------------------------------------------------------

no_dtls() {
    spawn peer "$ANSWER" "$(printf 'HTTP/1.1 400 Bad Request' | xxd -p | tr -d '\n')"
    wait_line peer.out '^port ([0-9]+)' 10
    ends_with 7 'the peer answers' 127.0.0.1 "${BASH_REMATCH[1]}" --psk="$keyfile" -w 1
    has client.json 'any(.event == "drop")'
}

certificates_only() {
    need openssl
    events_of server -k --dtls 1.2 -c cat
    timeout "$limit" openssl s_client -dtls1_2 -connect "127.0.0.1:${port[server]}" -cipher ECDHE-RSA-AES128-GCM-SHA256 \
        </dev/null >s_client.out 2>&1
    await 10 contains server.json '"event":"alert"' || fail 'no alert'
    kill -TERM "$(process server)"
    expect_exit server 143
    exits server.json 143
    has server.json '[.[].records? // [] | .[].contents? // [] | .[].fields?.cipher_suites? // empty | .[]] |
        any(. == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")'
}

openssl_server() {
    s_server server PSK-AES128-GCM-SHA256
    client_of client server --identity "$ident"
    exchange client server
    hangup client
    expect_exit client 0
    exits client.json 0
    has client.json 'any(.event == "connected" and .suite == "PSK-AES128-GCM-SHA256")'
}

# An identity that is no text, and one with what JSON escapes. Arguments: as in a key file, and in the events.
identities() {
    printf '%s:hex:%s\n' "$1" "$key" >identity
    chmod 600 identity
    events_of server --psk=file:identity
    client_of client server --psk=file:identity
    exchange client server
    both_end 0 0
    [[ $(jq -r 'select(.event == "connected") | .identity // .identity_hex' server.json) == "$2" ]] ||
        fail "$(grep connected server.json)"
}

# ---- the file ------------------------------------------------------------------------------------

to_fifo() {
    mkfifo pipe
    cat pipe >client.json &
    pid[reader]=$!
    events_of server
    client client server --psk="$keyfile" --json=pipe --pcap=client.pcapng
    exchange client server
    hangup client
    expect_exit client 0
    ended reader
    exits client.json 0
}

to_descriptor() {
    events_of server
    client client server --psk="$keyfile" --json=/dev/fd/5 --pcap=client.pcapng 5>client.json
    exchange client server
    hangup client
    expect_exit client 0
    exits client.json 0
}

# A reader that does not read delays nothing. What is missing is told.
slow_reader() {
    mkfifo pipe
    exec {reader}<>pipe
    listener server --psk="$keyfile" --json=server.json -k -c 'head -c 20000000 /dev/zero'
    client client server --psk="$keyfile" --json=pipe --json-data --recv-only
    await 20 size_is client.out 20000000 || fail 'the transfer does not end'
    cat <&"$reader" >client.json &
    pid[copy]=$!
    expect_exit client 0
    await 10 contains client.json '"event":"exit"' || fail 'no exit'
    kill "${pid[copy]}"
    exits client.json 0
    has client.json 'any(.event == "omitted" and .lines > 0)'
}

refuses_stdout() {
    stdin=/dev/null spawn client "$DTLSCAT" "--json=$1" 127.0.0.1 5684 --psk="$keyfile"
    expect_exit client 2
    matches client.err 'stdout' || fail "$(cat client.err)"
    [[ ! -s client.out ]] || fail 'something on stdout'
}

same_as_stdout() {
    stdin=/dev/null spawn client "$DTLSCAT" --json=client.out 127.0.0.1 5684 --psk="$keyfile"
    expect_exit client 2
    matches client.err 'stdout' || fail "$(cat client.err)"
}

is_private() {
    rm -f client.json
    usage 'PORT is missing' 127.0.0.1
    [[ $(stat -c %a client.json) == 600 ]] || fail "mode $(stat -c %a client.json)"
}

# A key, and keying material, are on stderr only.
secrets() {
    spawn server "$DTLSCAT" -l 127.0.0.1 0 --psk=new --json=server.json
    wait_line server.err 'shown only once: ([0-9a-f]+)' 10
    new=${BASH_REMATCH[1]}
    has_port server
    spawn client "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="hex:$new" --json=client.json --export EXPERIMENTAL:16
    wait_line client.err 'export EXPERIMENTAL: ([0-9a-f]+)' 10
    exported=${BASH_REMATCH[1]}
    exchange client server
    both_end 0 0
    ! grep -qE "$new|$exported" client.json server.json || fail 'a secret is in the events'
}

# ---- recordings ----------------------------------------------------------------------------------

# VECTOR NAME...: these report the messages of the recording.
as_recorded() {
    local name
    for name in "${@:2}"; do
        "$python" -B "$root/tests/facts/compare.py" vector "$name.json" "$root/tests/vectors/dtlscat13-$1.vec" \
            >>counts 2>compare.err || fail "$(tail -qn 1 counts compare.err)"
    done
}

# VECTOR CLIENT-OPTIONS SERVER-OPTION...: a handshake with the features of the recording.
recorded() {
    local options vector=$1
    read -ra options <<<"$2"
    SUITES='' events_of server --dtls 1.3 "${@:3}"
    client_of client server --identity "$ident" "${options[@]}"
    exchange client server
    both_end 0 0
    as_recorded "$vector" client server
}

recorded_key_update() {
    SUITES='' events_of server --dtls 1.3 --group none --rekey-after 3 --frame=line
    client_of client server --identity "$ident" --dtls 1.3 --group none --rekey-after 3 --frame=line
    for n in 1 2 3 4; do
        say client "to server $n"
        hears server "to server $n"
        say server "to client $n"
        hears client "to client $n"
    done
    both_end 0 0
    as_recorded psk_ke-keyupdate client server
}

# The second session is resumed, with early data.
recorded_resumption() {
    echo early >early
    SUITES='' events_of server -k -c cat --dtls 1.3 --group none --early-data
    local -a resume=(--identity "$ident" --dtls 1.3 --group none --resume ticket)
    client_of first server "${resume[@]}"
    say first hello
    hears first hello
    hangup first
    expect_exit first 0
    stdin=early client_of client server "${resume[@]}" --early-data
    expect_exit client 0
    as_recorded psk_ke-ticket-1full first
    as_recorded psk_ke-ticket-2resumed-0rtt client
}

suites_of_both=AES128-GCM-SHA256,CHACHA20-POLY1305-SHA256,AES128-CCM-SHA256,PSK-AES128-GCM-SHA256,PSK-CHACHA20-POLY1305
suites_of_both+=,PSK-AES256-GCM-SHA384,PSK-AES128-CCM,PSK-AES256-CCM,PSK-AES128-CCM8,PSK-AES256-CCM8

recordings() {
    local name suite
    t 'recorded: HelloRetryRequest with a group' recorded psk_dhe_ke-p256-hrr-group "--suite $suites_of_both" \
        --group secp256r1
    t 'recorded: psk_dhe_ke' recorded psk_dhe_ke-x25519-hrr-cookie '--dtls 1.3 --suite AES128-GCM-SHA256 --group x25519'
    while read -r name suite; do
        t "recorded: psk_ke, $suite" recorded "psk_ke-$name" "--dtls 1.3 --group none --suite $suite" --suite "$suite"
    done <<<'aes256-gcm AES256-GCM-SHA384
ccm8 AES128-CCM8-SHA256
chacha20 CHACHA20-POLY1305-SHA256
hrr-cookie AES128-GCM-SHA256'
    t 'recorded: connection IDs' recorded psk_ke-cid '--dtls 1.3 --group none --cid=aabb' --cid
    t 'recorded: no cookie' recorded psk_ke-no-cookie '--dtls 1.3 --group none' --cookie off
    t 'recorded: KeyUpdate' recorded_key_update
    t 'recorded: resumption with early data' recorded_resumption
}

# ---- tshark --------------------------------------------------------------------------------------

# DIRECTORY: tshark shows what the events report, of each capture in it.
as_tshark_shows() {
    local capture
    command -v tshark >/dev/null || skip 'no tshark'
    for capture in "$1"/*.pcapng; do
        "$python" -B "$root/tests/facts/compare.py" own "${capture%.pcapng}.json" "$capture" >>counts 2>compare.err ||
            fail "$(tail -qn 1 counts compare.err)"
    done
}

# RUN...: those of these runs that have captures.
compare() {
    local run compared=0
    for run; do
        compgen -G "$(directory_of "$run")/*.pcapng" >/dev/null || continue
        t "tshark: $run" as_tshark_shows "$(directory_of "$run")"
        compared=$((compared + 1))
    done
    echo "# tshark: $compared runs"
    [[ ${COMPARE:-} != all ]] || t 'at least 40 runs are compared' test "$compared" -ge 40
}

# Prints what was compared.
counts() {
    cat "$TESTDIR/$1"*.d/counts 2>/dev/null | awk -v what="$1" '
        { count = $1; $1 = ""; sum[$0] += count }
        END { for (name in sum) print "# " what ":", sum[name] name }' | sort
}

for version in 1.2 1.3; do
    t "a session, $version" session --dtls "$version"
    t "the messages of -vv, $version" same_as_text "$version"
    t "resumption, $version" resumption "$version"
    t "the client moves, $version" moved "$version"
    t "fragments, $version" fragments "$version"
    t "retransmission, $version" retransmission "$version"
    t "wrong key, $version" wrong_key "$version"
done
t '--json-data' data_in_base64
t 'on stderr' on_stderr
t 'on stderr with -vv' on_stderr -vv
t '/dev/stderr' on_stderr --json=/dev/stderr
t 'many clients' many_clients
t '--workers' with_workers
t 'early data' early_data
t 'KeyUpdate' key_update
t 'duplicates' duplicates
t 'loss' loss
t 'forged records' forged
t '--sim' simulated
t 'no common suite' no_common_suite
t 'refused' refused
t 'silent peer' silent
t 'unknown name' unknown_name
t 'usage: missing port' usage 'PORT is missing' 127.0.0.1
t 'usage: unknown option' usage 'unknown option' --no-such-option 127.0.0.1 5684
t 'usage: conflict' usage 'needs a listener' -k 127.0.0.1 5684
t 'missing key' missing_key
t 'full stdout' full_stdout
t 'lost peer' lost_peer
t 'idle' idle
t 'program fails' program_fails
t 'SIGINT' signals INT 130
t 'SIGTERM' signals TERM 143
t 'SIGQUIT' signals QUIT 131
t 'signal before the handlers' signal_before_handlers
t 'second signal' second_signal
t 'no DTLS' no_dtls
t 'client with certificates only' certificates_only
t 'server of OpenSSL' openssl_server
t 'identity of bytes' identities '#ff00fe' ff00fe
t 'identity with escapes' identities '#61225c01c3a97f' $'a"\\\x01\303\251\x7f'
t 'FIFO' to_fifo
t 'open descriptor' to_descriptor
t 'slow reader' slow_reader
t 'refuses /dev/stdout' refuses_stdout /dev/stdout
t 'refuses /dev/fd/1' refuses_stdout /dev/fd/1
t 'refuses the file of stdout' same_as_stdout
t 'mode of the file' is_private
t 'no secret' secrets

follow_the_schema() {
    local files
    files=$(find "$TESTDIR" -name '*.json' | sort)
    (($(wc -l <<<"$files") >= 60)) || fail "only $(wc -l <<<"$files") files"
    # shellcheck disable=SC2086 # a word for each file
    "$python" "$root/tests/cli/schema.py" "$root/docs/trace.schema.json" $files >schema.err 2>&1 ||
        fail "$(grep -c . schema.err) files: $(head -n 3 schema.err)"
}
if [[ ${COMPARE:-} == all ]]; then
    recordings
    settle
    compare "${names[@]}"
else
    settle
    compare 'a session, 1.2' 'a session, 1.3' 'fragments, 1.2' 'retransmission, 1.2' 'client with certificates only'
fi
settle
t 'the schema' follow_the_schema
counts recorded
counts tshark
finish
