#!/usr/bin/env bash
# --frame: messages keep their boundaries in every mode and in both directions.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

max=1210 # the largest message of the default MTU and suite

# LEAST MOST EXCLUDED-BYTE: prints 1000 messages in hex, one per line: the shortest, the longest, and random ones.
messages() {
    head -c $((1000 * max)) /dev/urandom | od -An -vtx1 -w$max |
        awk -v least="$1" -v most="$2" -v no="$3" -v seed="$RANDOM" '
            BEGIN { srand(seed) }
            {
                length_ = NR == 1 ? least : NR == 2 ? most : least + int(rand() * (most - least + 1))
                line = ""
                for (i = 1; i <= length_; i++) line = line ($i == no ? "41" : $i)
                print line
            }'
}

# Reads lines of hex, and writes them as messages of MODE.
encode() {
    awk -v mode="$1" '{
        n = length($0) / 2
        if (mode == "len16") printf "%04x", n
        if (mode == "len32") printf "%08x", n
        printf "%s", $0
        if (mode == "line") printf "0a"
        if (mode == "nul") printf "00"
    }' | xxd -r -p
}

# Three bytes at a time: six digits become four characters.
encode_json() {
    awk '
        function digit(number) { return substr(code, int(number) % 64 + 1, 1) }
        BEGIN {
            code = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            for (i = 0; i < 256; i++) value[sprintf("%02x", i)] = i
        }
        {
            text = ""
            for (i = 1; i <= length($0); i += 6) {
                left = (length($0) - i + 1) / 2
                bits = value[substr($0, i, 2)] * 65536
                bits += value[substr($0, i + 2, 2)] * 256 + value[substr($0, i + 4, 2)]
                text = text digit(bits / 262144) digit(bits / 4096)
                text = text (left > 1 ? digit(bits / 64) : "=") (left > 2 ? digit(bits) : "=")
            }
            printf "{\"data\":\"%s\"}\n", text
        }'
}

encoded() {
    case $1 in
    hex) cat ;;
    json) encode_json ;;
    *) encode "$1" ;;
    esac
}

# MODE LEAST EXCLUDED: 1000 messages of the client in MODE arrive in hex, and the same in the other direction.
there_and_back() {
    local mode=$1 most=$max
    need xxd
    [[ $mode != fixed:* ]] || most=$2
    messages "$2" "$most" "$3" >messages
    messages "$2" "$most" "$3" >answers
    encoded "$mode" <messages >sent
    listener server --psk="$keyfile" --frame=hex -W 1000
    stdin=sent client client server --psk="$keyfile" --frame="$mode"
    expect_exit server 0
    expect_exit client 0
    same_file server.out messages || fail "there: $(wc -l <server.out) messages"
    stdin=answers listener answerer --psk="$keyfile" --frame=hex
    client client answerer --psk="$keyfile" --frame="$mode" -W 1000
    expect_exit client 0
    expect_exit answerer 0
    encoded "$mode" <answers >expected
    if [[ $mode == json ]]; then
        sed 's/.*,"data":/{"data":/' client.out >got
        same_file got expected || fail "back: $(wc -l <client.out) messages"
    else
        same_file client.out expected || fail "back: $(stat -c %s client.out) bytes"
    fi
}

# MODE FORMAT MESSAGE ERROR: a message cannot be sent, and the messages before and after it arrive.
refused() {
    local place=stdin
    listener server --psk="$keyfile" --frame=hex
    # shellcheck disable=SC2059 # these are formats
    { printf "$2"; printf "$3"; printf "$2"; } >sent
    stdin=sent client client server --psk="$keyfile" --frame="$1"
    expect_exit client 1
    (($(wc -l <client.err) == 1)) || fail "$(cat client.err)"
    [[ $1 == len16 ]] || place='stdin, line 2'
    matches client.err "^dtlscat: $place: .*$4" || fail "$(cat client.err)"
    expect_exit server 0
    printf '6f6b\n6f6b\n' >expected
    same_file server.out expected || fail "$(cat server.out)"
}

long() { printf 'x%.0s' $(seq "$1"); }

# The longest message is sent. A message with one byte more is not.
edge() {
    listener server --psk="$keyfile" --frame=hex
    { long $max; echo; long $((max + 1)); echo; echo ok; } >sent
    stdin=sent client client server --psk="$keyfile" --frame=line
    expect_exit client 1
    matches client.err "message of $((max + 1)) bytes not sent: the limit is $max" ||
        fail "$(cat client.err)"
    expect_exit server 0
    { long $max | xxd -p | tr -d '\n'; echo; echo 6f6b; } >expected
    same_file server.out expected || fail "$(cut -c1-20 server.out)"
}

# With --frame=fixed, the receiver cannot write a message of another length: it ends the session, and the
# sender is told.
unspeakable() {
    listener server -k --psk="$keyfile" --frame=fixed:4
    client good server --psk="$keyfile" --frame=line
    client bad server --psk="$keyfile" --frame=line
    say good 'good'
    say bad 'too long'
    expect_exit bad 8
    matches bad.err 'the peer sent an alert, internal_error; see the log of the peer' || fail "$(cat bad.err)"
    say good 'more'
    hears server goodmore
    matches server.err 'received a message of 8 bytes, which the --frame mode cannot represent' || fail "$(cat server.err)"
}

crlf() {
    listener server --psk="$keyfile" --frame=hex
    client client server --psk="$keyfile" -C
    say client hello
    hears server 68656c6c6f0d0a
    client2=$(process client)
    kill -INT "$client2"
    expect_exit client 130
    listener lines --psk="$keyfile" --frame=hex
    client text lines --psk="$keyfile" -C --frame=line
    say text hello
    hears lines 68656c6c6f0d0a
}

# ---- what else is about messages -----------------------------------------------------------------

delayed() {
    local start
    printf '%s\n' 1 2 3 4 5 6 >sent
    listener server --psk="$keyfile" --frame=line
    start=$(now_ms)
    stdin=sent client client server --psk="$keyfile" --frame=line --delay 100ms -q 0
    expect_exit client 0
    (($(now_ms) - start >= 500)) || fail "it took $(($(now_ms) - start)) ms"
    expect_exit server 0
    same_file server.out sent || fail "$(cat server.out)"
}

rated() {
    local start
    head -c 300000 /dev/urandom >sent
    listener server --psk="$keyfile"
    start=$(now_ms)
    stdin=sent client client server --psk="$keyfile" --rate 300k -q 0
    expect_exit client 0
    (($(now_ms) - start >= 800)) || fail "it took $(($(now_ms) - start)) ms"
    expect_exit server 0
    same_file server.out sent || fail 'not the same'
}

# WINDOW SIZE: data that fits the buffer of a socket is not lost without a flow window.
windowed() {
    head -c "$2" /dev/urandom >sent
    listener server --psk="$keyfile"
    stdin=sent client client server --psk="$keyfile" --window "$1"
    expect_exit client 0
    expect_exit server 0
    same_file server.out sent || fail 'not the same'
}

# SENT STATUS: the receiver wants three messages, and more are not confirmed.
so_many() {
    listener server --psk="$keyfile" --frame=line -W 3
    seq "$1" >sent
    stdin=sent client client server --psk="$keyfile" --frame=line
    expect_exit server 0
    printf '%s\n' 1 2 3 >expected
    same_file server.out expected || fail "$(cat server.out)"
    expect_exit client "$2"
}

# OPTION...: a signal ends dtlscat even if stdin delivers data without an end.
endless() {
    listener server --psk="$keyfile"
    stdin=/dev/zero stdout=/dev/null client client server -v --psk="$keyfile" "$@"
    wait_line client.err connected 5
    pause 200
    kill -INT "$(process client)"
    expect_exit client 130
    expect_exit server 0
}

# With -W a client waits after the end of stdin. A close by the peer ends the wait.
waited_for() {
    listener server --psk="$keyfile"
    stdin=/dev/null client client server --psk="$keyfile" -W 2
    wait_line server.err connected 5
    pause 800
    say server one
    hears client one
    say server two
    expect_exit client 0
    expect_exit server 0
    listener third --psk="$keyfile" -N
    client left third --psk="$keyfile" -W 2
    say third one
    hears left one
    hangup third
    expect_exit left 9
    matches left.err 'the peer closed after sending 1 of the 2 messages' || fail "$(cat left.err)"
}

# FACTOR
waited_for_in_vain() {
    listener server --psk="$keyfile"
    stdin=/dev/null client client server --psk="$keyfile" -W 1 -w $((500 * $1))ms
    expect_exit client 9
}

one_way() {
    listener server --psk="$keyfile" --recv-only
    client client server --psk="$keyfile" --send-only
    say server 'not read'
    say client 'from client'
    hears server 'from client'
    hangup client
    expect_exit client 0
    expect_exit server 0
    ((! $(stat -c %s client.out))) || fail 'the client wrote something'
    listener talker --psk="$keyfile"
    client mute talker --psk="$keyfile" --send-only
    wait_line talker.err connected 5
    say talker hello
    say mute hello
    hears talker hello
    hangup mute
    expect_exit mute 0
    ((! $(stat -c %s mute.out))) || fail 'it did not throw away what came'
}

dumped() {
    listener server --psk="$keyfile" -o raw -x hex
    client client server --psk="$keyfile"
    exchange client server
    hangup client
    expect_exit server 0
    printf 'from client\nfrom server\n' >expected
    same_file raw expected || fail "$(cat raw)"
    cat >expected <<'END'
< 00000000  66 72 6f 6d 20 63 6c 69 65 6e 74 0a              |from client.|
> 00000000  66 72 6f 6d 20 73 65 72 76 65 72 0a              |from server.|
END
    same_file hex expected || fail "$(cat hex)"
    [[ $(stat -c %a raw) == 600 ]] || fail 'others may read it'
}

# MODE SIZE: stdio writes a block of this size at once, so only the error mark of the stream shows a failure.
no_copy() {
    head -c "$2" /dev/zero >sent
    listener server --psk="$keyfile" --frame="$1"
    stdin=sent client client server --psk="$keyfile" --mtu 16000 --frame="$1" -o /dev/full
    expect_exit client 1
    matches client.err 'cannot write to the file of -o: No space.*incomplete' || fail "$(cat client.err)"
    expect_exit server 0
    same_file server.out sent || fail 'it did not arrive'
}

generated() {
    umask 077
    "$DTLSCAT" --keygen >key || fail "exit $?"
    matches key '^[0-9a-f]{32}$' || fail 'no key'
    "$DTLSCAT" --keygen --identity alice >>keys || fail "exit $?"
    matches keys '^alice:[0-9a-f]{32}$' || fail 'no line'
    ! same_file key <(cut -d: -f2 keys) || fail 'twice the same'
    listener server --psk=file:keys
    client client server --psk=file:keys
    exchange client server
    umask 022
    "$DTLSCAT" --keygen >made 2>err || fail "exit $?"
    [[ $(stat -c %a made) == 600 && ! -s err ]] || fail "$(stat -c %a made) $(cat err)"
    echo old >open
    "$DTLSCAT" --keygen >>open 2>err || fail "exit $?"
    matches err 'accessible to other users' || fail "$(cat err)"
}

# Identities that a key file would parse as something else.
generated_for() {
    local name
    umask 077
    for name in alice 'a:b' '# x' '#61' $'two\nlines' hex 'b64' 'my phone' $'\xff'; do
        "$DTLSCAT" --keygen --identity "$name" >key || fail "exit $?"
        (($(wc -l <key) == 1)) || fail "$name: $(cat key)"
        listener server -v --psk=file:key
        stdin=/dev/null client client server --psk=file:key --identity "$name" -N
        expect_exit client 0
        expect_exit server 0
        rm key
    done
}

right_or_wrong() {
    listener server -k --psk="$keyfile"
    stdin=/dev/null client client server -z -v --psk="$keyfile"
    expect_exit client 0
    matches client.err ' connected: ' || fail "$(cat client.err)"
    client wrong server -z --psk="file:$TESTDIR/otherkey"
    expect_exit wrong 6
    client again server -z --psk="$keyfile"
    expect_exit again 0
    ((! $(stat -c %s server.out))) || fail 'something was sent'
}

for mode in len16 len32 hex json; do t "$mode" there_and_back "$mode" 0 none; done
t 'line' there_and_back line 0 0a
t 'nul' there_and_back nul 0 00
t 'fixed:64' there_and_back fixed:64 64 none
t 'line: one too long' refused line 'ok\n' "$(long 1300)\n" 'message of 1300 bytes not sent'
t 'len16: one too long' refused len16 '\0\2ok' "\5\24$(long 1300)" 'message of 1300 bytes not sent'
t 'hex: no hex' refused hex '6f6b\n' '6f6\n' 'odd number of hex digits'
t 'json: invalid JSON' refused json '{"text":"ok"}\n' '{"text":1}\n' 'invalid value "1}": expected a string'
t 'json: invalid base64' refused json '{"text":"ok"}\n' '{"data":"b$k="}\n' '"data", beginning "b\$k=": expected base64'
t 'json: no object' refused json '{"text":"ok"}\n' 'hello\n' 'not a JSON object "hello": expected'
t 'json: for another' refused json '{"text":"ok","identity":"dtlscat"}\n' '{"identity":"x","text":"no"}\n' \
    'no peer has the identity "x"'
t 'json: an unknown member' refused json '{"text":"ok"}\n' '{"text":"no","to":"x"}\n' 'unknown member "to"'
t 'the largest message' edge
t 'fixed: a message of another length' unspeakable
t '-C' crlf
t '--delay' delayed
t '--rate' rated
t '--window 4k' windowed 4k 2000000
t '--window 0' windowed 0 50000
t '--window 1M' windowed 1M 2000000
t 'endless input' endless --rate 0 --window 0
t 'an endless line' endless --frame=line
t '-W' so_many 3 0
t '-W: more than the receiver wants' so_many 5 8
t '-W waits' waited_for
t '-W waits no longer than -w' at_some_pace waited_for_in_vain
t '--send-only, --recv-only' one_way
t '-o, -x' dumped
t '-o, no room for a byte' no_copy fixed:1 1
t '-o, no room for a block' no_copy fixed:8192 8192
t '--keygen' generated
t '--keygen, all kinds of names' generated_for
t '-z' right_or_wrong
finish
