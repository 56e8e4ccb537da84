#!/usr/bin/env bash
# The error line and the exit code are correct for a response that is not DTLS, for an alert with several possible
# reasons, for a ClientHello that is refused, and for lost records.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
if [[ ! ${OWN_NAMESPACE:-} ]] && unshare -rmn true 2>/dev/null; then
    OWN_NAMESPACE=1 exec unshare -rmn "$0" "$@"
fi
. "$(dirname "$0")/../lib.sh"

ANSWER=$(realpath -m "${BUILD:-$root/build}/tests/peers/answer")

# NAME REPLY: starts a service that answers each datagram with REPLY.
service() {
    spawn "$1" "$ANSWER" "$2"
    wait_line "$1.out" '^port ([0-9]+)' 10
    port[$1]=${BASH_REMATCH[1]}
}

# REPLY CODE PATTERN: a client of such a service exits with CODE, and prints one line that matches PATTERN.
ends_with() {
    local reply=$1 code=$2 pattern=$3
    shift 3
    service peer "$reply"
    stdin=/dev/null client client peer --psk="$keyfile" "$@"
    expect_exit client "$code"
    (($(wc -l <client.err) == 1)) || fail "not one line: $(cat client.err)"
    matches client.err "^dtlscat: .*$pattern" || fail "$(cat client.err)"
}

no_dtls() { ends_with "$1" 7 "the peer answers \\(.*$2" -w 1; }

# ---- alerts --------------------------------------------------------------------------------------

alert() { printf '15fefd0000000000000000000202%02x' "$1"; }

# If the ClientHello has a binder, the alert may be about the key.
about_several() {
    ends_with "$(alert "$1")" 7 'wrong key.*identity.*--import-psk.*--suite'
    ! matches client.err 'fatal|authentication failed' || fail "$(cat client.err)"
}

# If the ClientHello has no binder, as in DTLS 1.2, the alert is not about the key.
about_hello() {
    ends_with "$(alert "$1")" 7 'handshake failed' --dtls 1.2
    ! matches client.err 'wrong key|authentication failed|import-psk' || fail "$(cat client.err)"
}

# A server that drops the handshake ignores the Finished. That is no evidence for a wrong key.
forgotten() {
    listener server --psk="$keyfile"
    relay network server 'to-server only 2' 'to-client only 2'
    stdin=/dev/null client client network --psk="$keyfile" --dtls 1.2 -w 3
    expect_exit client 7
    matches client.err 'no answer to our last handshake message \(Finished\) within 3 s' || fail "$(cat client.err)"
    ! matches client.err 'wrong key|authentication' || fail "$(cat client.err)"
}

# ---- keys ----------------------------------------------------------------------------------------

# TEXT PATTERN: two sides have different keys, and the side with TEXT prints advice that matches PATTERN.
advice() {
    listener server --psk="$keyfile"
    (umask 077 && printf 'text:%s' "$1" >other)
    client client server --psk=file:other
    expect_exit client 6
    matches client.err "$2" || fail "$(cat client.err)"
}

# ---- what a listener says of a hello that it refuses ---------------------------------------------

# Arguments: options of the listener, options of the client, and the line that each prints.
refuses() {
    local theirs=$1 ours=$2
    # shellcheck disable=SC2086 # several words
    listener server --psk="$keyfile" $theirs
    # shellcheck disable=SC2086 # several words
    client client server --psk="$keyfile" $ours
    expect_exit client 7
    wait_line server.err "^dtlscat: 127\.0\.0\.1:[0-9]+: handshake failed: .*$3" 10
    matches client.err "$4" || fail "$(cat client.err)"
    client next server --psk="$keyfile" "${@:5}"
    exchange next server
}

certificates_only() {
    need openssl
    listener server --psk="$keyfile" "$@"
    spawn client openssl s_client -dtls1_2 -connect "127.0.0.1:${port[server]}" -quiet
    wait_line server.err 'handshake failed: the peer does not use a pre-shared key' 10
}

# ---- key logs ------------------------------------------------------------------------------------

stale_keylog() {
    listener server --psk="$keyfile"
    SSLKEYLOGFILE=$PWD/nowhere/keys client client server --psk="$keyfile"
    exchange client server
    matches client.err 'warning: cannot write the key log .*SSLKEYLOGFILE' || fail "$(cat client.err)"
    hangup client
    expect_exit client 0
}

keylog_option() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --keylog "$PWD/nowhere/keys"
    expect_exit client 1
}

# ---- names with several addresses ----------------------------------------------------------------

# In this namespace a host name has the addresses ::1 and 127.0.0.1, in this order.
prepare_names() {
    [[ ${OWN_NAMESPACE:-} ]] || return
    need ip
    printf '::1 two.example\n127.0.0.1 two.example localhost\n' >"$TESTDIR/hosts"
    ip link set lo up && mount --bind "$TESTDIR/hosts" /etc/hosts
}

# ADDRESS PORT: opens a socket that accepts all datagrams and answers none.
silent_at() {
    spawn "$1" "$DTLSCAT" -v -l "$1" "$2" --psk="$keyfile"
    wait_line "$1.err" 'listening on' 10
    kill -STOP "$(process "$1")"
}

# The first address is silent or closed. With a time limit of SECONDS times FACTOR, the client connects to the second
# address within 60 % of the limit.
# Arguments: SECONDS FIRST LINE FACTOR
second_address() {
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no network namespaces here'
    local seconds=$(($1 * $4)) first=$2 line=$3 start
    listener server --psk="$keyfile"
    [[ $first == closed ]] || silent_at ::1 "${port[server]}"
    start=$(now_ms)
    spawn client "$DTLSCAT" -v -w "$seconds" --psk="$keyfile" two.example "${port[server]}" --pcap capture
    exchange client server
    (($(now_ms) - start < seconds * 600)) || fail "$(cat client.err)"
    matches client.err "\\[::1\\]:[0-9]+: $line, trying 127\\.0\\.0\\.1:" || fail "$(cat client.err)"
    command -v tshark >/dev/null || return 0
    tshark -r capture -T fields -e ipv6.src -e ip.src -Y "udp.dstport == ${port[server]}" 2>/dev/null | sort -u >sources
    same_file sources <(printf '\t127.0.0.1\n::1\t\n') || fail "captured: $(cat sources)"
}

# The time limit is for both addresses together, and the client tries each address twice.
no_address() {
    [[ ${OWN_NAMESPACE:-} ]] || skip 'no network namespaces here'
    local port start
    port=$(free_port)
    silent_at ::1 "$port"
    silent_at 127.0.0.1 "$port"
    start=$(now_ms)
    stdin=/dev/null spawn client "$DTLSCAT" -v -w 6 --psk="$keyfile" two.example "$port"
    expect_exit client 5
    (($(now_ms) - start >= 5900)) || fail 'too early'
    matches client.err '127\.0\.0\.1:.*no answer, trying \[::1\]' || fail "no second turn: $(cat client.err)"
    matches client.err 'two\.example port [0-9]+, all addresses: no answer within 6 s' || fail "$(cat client.err)"
    kill -CONT "$(process ::1)" "$(process 127.0.0.1)"
}

# ---- sessions ------------------------------------------------------------------------------------

# Arguments: options of the listener, options of the client, and what the client and the listener report about
# connection IDs.
with_cids() {
    # shellcheck disable=SC2086 # several words
    listener server --psk="$keyfile" $1
    # shellcheck disable=SC2086 # several words
    client client server -v --psk="$keyfile" $2
    exchange client server
    matches client.err "cookie$3, handshake [0-9]+ ms" || fail "$(cat client.err)"
    matches server.err "cookie$4, handshake [0-9]+ ms" || fail "$(cat server.err)"
}

# Only the record with data is lost. The close_notify, and in DTLS 1.3 an ACK, arrive, so the percentage is below 100.
share_of_loss() {
    listener server --psk="$keyfile"
    relay relay server 'to-server larger 300'
    client client relay --psk="$keyfile" --dtls "$1" --window 0
    await 10 matches server.err connected || fail 'not connected'
    relay_rule relay 'to-server mtu 300'
    head -c 400 /dev/zero >&"${in[client]}"
    hangup client
    ended client
    ended server
    matches server.err '; in 0 records 0 B, 1 lost \(100 %\)' || fail "$(cat server.err)"
}

prepare_names
while IFS='|' read -r name reply pattern; do
    t "$name" no_dtls "$reply" "$pattern"
done <<'END'
an echo service|echo|not in DTLS.*echo service
a TLS alert|15030300020246|15 03 03 00 02 02 46\), but not in DTLS.*TLS alert
a TLS ServerHello|16030300310200002d0303|not in DTLS.*looks like TLS
CoAP, a reset|70001234|not in DTLS.*CoAP
CoAP, an error|6080123401|not in DTLS.*CoAP
HTTP|485454502f312e3120343030204261642052657175657374|not in DTLS.*HTTP
text|3530302077686174203f0d0a|not in DTLS: the response is text
DNS|id:80010000000000000000|not in DTLS.*DNS
other bytes|80ff0102030405060708|80 ff 01 02 03 04 05 06 \.\.\.\), but not in DTLS
one byte|00|00\), but not in DTLS
a record of DTLS in another epoch|17fefd0001000000000005001000112233445566778899aabbccddeeff|of another session
END
t 'no answer' ends_with none 5 'no answer' -w 1
for alert in 40 47 80 109; do
    t "alert $alert to a binder" about_several "$alert"
    t "alert $alert to a hello of 1.2" about_hello "$alert"
done
t 'decrypt_error to a hello of 1.2' about_hello 51
t 'bad_record_mac to a hello of 1.2' about_hello 20
t 'decrypt_error to a binder' ends_with "$(alert 51)" 6 'authentication failed'
t 'unknown_psk_identity' ends_with "$(alert 115)" 6 'does not know the identity .*unknown_psk_identity'
t 'close_notify' ends_with 15fefd000000000000000000020100 7 'closed before the end of the handshake' -w 3
t 'no answer to the Finished' forgotten
t 'a text that may be hex' advice 00112233445566778899aabbccddeeff '; if the peer reads the key as hex, write it as hex:\.\.\. here$'
t 'a text that is no hex' advice 'correct horse battery staple' 'the key here has 28 bytes, read as text$'
t 'a text of an odd number of digits' advice 00112233445566778899aabbccddeef 'the key here has 31 bytes, read as text$'
t 'no suite of 1.3 in common' refuses '--suite AES128-GCM-SHA256' \
    '--dtls 1.3 --suite CHACHA20-POLY1305-SHA256' 'no cipher suite in common' 'compare --suite'
t 'no group in common' refuses '--group x25519' '--dtls 1.3 --group secp256r1' \
    'no PSK mode or group in common' 'compare --suite and --group'
t 'a client of 1.3 at a listener of 1.2' refuses '--dtls 1.2' '--dtls 1.3' \
    'no protocol version in common: the peer offers DTLS 1\.[23]; allowed here: DTLS 1\.[23]; compare --dtls' 'compare --dtls'
t 'a client of 1.2 at a listener of 1.3' refuses '--dtls 1.3' '--dtls 1.2' \
    'no protocol version in common: the peer offers DTLS 1\.[23]; allowed here: DTLS 1\.[23]; compare --dtls' 'compare --dtls'
t 'a client with certificates only' certificates_only
t 'a client with certificates only, 1.2' certificates_only --dtls 1.2
t 'SSLKEYLOGFILE points nowhere' stale_keylog
t '--keylog points nowhere' keylog_option
t 'no CIDs' with_cids '' '--cid' '' ''
t 'CIDs one way' with_cids '--cid' '--cid' ', CID to the peer' ', CID from the peer'
t 'CIDs both ways' with_cids '--cid' '--cid=aabb --dtls 1.3' ', CID both ways' ', CID both ways'
t '1.2: share of loss' share_of_loss 1.2
t '1.3: share of loss' share_of_loss 1.3
t 'a silent first address' at_some_pace second_address 20 silent 'no answer'
t 'a silent first address, -w 4' at_some_pace second_address 4 silent 'no answer'
t 'a closed first address' at_some_pace second_address 20 closed 'refused'
t 'no address answers' no_address
finish
