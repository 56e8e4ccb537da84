#!/usr/bin/env bash
# Addresses, ports, datagram sizes, cookies, timers.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

need_ipv6() { grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null || skip 'no ::1'; }

# HOST LISTENER-OPTION...: the client, with $options, connects to the listener at HOST.
reaches() {
    local host=$1
    shift
    spawn server "$DTLSCAT" -v --psk="$keyfile" "$@"
    wait_line server.err 'listening on .*:[0-9]+' 10
    await_port server
    # shellcheck disable=SC2086 # several words
    spawn client "$DTLSCAT" -v --psk="$keyfile" ${options:-} "$host" "${port[server]}"
    exchange client server
}

# WORD LISTENER-OPTION...: the client connects with WORD as its only argument; PORT in it is replaced.
reaches_by_word() {
    local word=$1
    shift
    spawn server "$DTLSCAT" --verbose --psk="$keyfile" "$@"
    wait_line server.err 'listening on .*:[0-9]+' 10
    await_port server
    # shellcheck disable=SC2086 # several words
    spawn client "$DTLSCAT" --verbose --psk="$keyfile" ${options:-} "${word/PORT/${port[server]}}"
    exchange client server
}

reaches_by_word_ipv6() {
    need_ipv6
    reaches_by_word "$@"
}

# The default port of coaps:// is used.
default_port() {
    timeout 5 "$DTLSCAT" --psk="$keyfile" -w 300ms "$1" </dev/null 2>err
    matches err '127\.0\.0\.1:5684: ' || fail "$(cat err)"
}

# A suite can be given by another name. The report of the connection has its standard name.
curve() {
    listener server --psk="$keyfile" --group "$1"
    client client server -v --psk="$keyfile" --group "$1"
    wait_line client.err ' connected: .* secp256r1' 10
}

reaches_by_name() {
    getent hosts localhost >/dev/null || skip 'localhost has no address here'
    reaches localhost "$@"
}

reaches_ipv6() {
    need_ipv6
    reaches "$@"
}

says_address() {
    spawn server "$DTLSCAT" -v -l "$1" 0 --psk="$keyfile"
    wait_line server.err "listening on $2:[1-9][0-9]*$" 10
}

says_address_ipv6() {
    need_ipv6
    says_address "$@"
}

# FORM: a way to give the port, with a port that is free.
named_port() {
    local free
    free=$(free_port)
    # shellcheck disable=SC2086 # several words
    spawn server "$DTLSCAT" -v --psk="$keyfile" ${1//PORT/$free}
    wait_line server.err "listening on .*:$free$" 10
    port[server]=$free
    client client server --psk="$keyfile"
    exchange client server
}

port_taken() {
    listener server --psk="$keyfile"
    spawn second "$DTLSCAT" -l 127.0.0.1 "${port[server]}" --psk="$keyfile"
    expect_exit second 1
    matches second.err "^dtlscat: cannot listen on 127\.0\.0\.1:${port[server]}: Address already in use; .*ss -ulp" ||
        fail "$(cat second.err)"
}

# OPTION... of a client: its local address is in use.
source_taken() {
    listener server --psk="$keyfile"
    spawn client "$DTLSCAT" --psk="$keyfile" "${@//PORT/${port[server]}}" 127.0.0.1 9
    expect_exit client 1
    matches client.err "^dtlscat: cannot bind the local (port ${port[server]} \(-p\)|address .*:${port[server]} \(-s, -p\)): Address already in use; " ||
        fail "$(cat client.err)"
}

local_port() {
    local free
    free=$(free_port)
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -p "$free"
    exchange client server
    matches server.err "127.0.0.1:$free .*connected" || fail "$(cat server.err)"
}

# A client that dies leaves its association behind. A new client from the same port can connect.
same_port_again() {
    local free
    free=$(free_port)
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -p "$free"
    exchange client server
    kill -KILL "$(process client)"
    ended client
    client again server --psk="$keyfile" -p "$free"
    say again 'from the same port'
    hears server 'from the same port'
}

local_address() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" -s 127.0.0.2
    exchange client server
    matches server.err '127.0.0.2:[0-9]+ .*connected' || fail "$(cat server.err)"
}

# ADDRESS OPTION...: the datagrams of the first two ports are lost, as when a load balancer sends them to a server that
# is gone. The client continues from other ports of ADDRESS.
next_port() {
    local address=${1//./\\.}
    shift
    listener server --psk="$keyfile"
    relay network server 'to-server cut 2'
    client client network -v --psk="$keyfile" -w 100 --timer 150ms --pcap capture "$@"
    exchange client server
    grep -c "no answer yet, now sending from $address:" client.err >count
    (($(cat count) >= 2)) || fail "$(cat client.err)"
    command -v tshark >/dev/null || return 0
    tshark -r capture -T fields -e udp.srcport -Y "udp.dstport == ${port[network]}" 2>/dev/null | sort -u >ports
    (($(wc -l <ports) == $(cat count) + 1)) || fail "captured: $(cat ports)"
}

# OPTION...: the port stays, although others would work.
keeps_port() {
    listener server --psk="$keyfile"
    relay network server 'to-server cut 1'
    stdin=/dev/null client client network -v --psk="$keyfile" -w 3 --timer 150ms "${@/PORT/$(free_port)}"
    expect_exit client 5
    ! matches client.err 'now sending from' || fail "$(cat client.err)"
}

# A second client is refused, and does not disturb the first.
one_at_a_time() {
    listener server --psk="$keyfile"
    client first server --psk="$keyfile"
    exchange first server
    client second server --psk="$keyfile"
    say server 'for the first'
    expect_exit second 8
    matches second.err 'the peer serves another client' || fail "$(cat second.err)"
    ((! $(stat -c %s second.out))) || fail 'a second client is served'
    hears first 'for the first'
    say first 'still here'
    hears server 'still here'
}

# No datagram that dtlscat sends exceeds the MTU.
small_mtu() {
    local name line largest
    line=$(printf 'x%.0s' {1..3000})
    ident=$(printf 'i%.0s' {1..200})
    listener server --psk="$keyfile" --mtu 256 -vvv
    client client server --psk="$keyfile" --identity "$ident" --mtu 256 -vvv
    exchange client server
    say client "$line"
    hears server "$line"
    say server "$line"
    hears client "$line"
    for name in client server; do
        largest=$(sed -nE 's/^[+0-9.() ]+ > +([0-9]+) B .*/\1/p' "$name.err" | sort -n | tail -n 1)
        ((largest <= 256 && largest > 200)) || fail "$name sent a datagram of $largest bytes"
    done
}

long_identity() {
    ident=$(printf 'i%.0s' {1..1000})
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --identity "$ident"
    exchange client server
}

# VERSION, on|off|auto, and whether the listener requests a cookie.
cookie() {
    local request=HelloVerifyRequest
    [[ $1 == 1.2 ]] || request=HelloRetryRequest
    listener server --psk="$keyfile" --cookie "$2"
    client client server --psk="$keyfile" -vv --dtls "$1"
    exchange client server
    if matches client.err $request; then
        [[ $3 == seen ]] || fail 'there is a cookie'
        matches server.err "connected: DTLS $1 [^,]*, cookie" || fail "$(cat server.err)"
    else
        [[ $3 == unseen ]] || fail 'there is no cookie'
        matches server.err "connected: DTLS $1 [^,]*, no cookie" || fail "$(cat server.err)"
    fi
}

# The first retransmission is after MS, the next one after twice that time.
timer() {
    listener server --psk="$keyfile"
    kill -STOP "$(process server)"
    client client server --psk="$keyfile" -vv --timer "$1" -w 100
    await 10 matches client.err "RETRANSMIT 2" || fail "$(cat client.err)"
    matches client.err "RETRANSMIT 1.*$1 ms" || fail "$(cat client.err)"
    matches client.err "RETRANSMIT 2.*$((2 * $1)) ms" || fail "$(cat client.err)"
    kill -CONT "$(process server)"
    exchange client server
}

# Hint and identity can have any bytes. What is printed contains no control characters.
unprintable_identity() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --identity $'a\033[31m\r\nb"\\\xff'
    exchange client server
    ! grep -q $'\033' server.err || fail 'ESC reaches the terminal'
    matches server.err '"a.*b.*" connected' || fail "$(cat server.err)"
}

hint() {
    listener server --psk="$keyfile" --hint 'ask for the blue one'
    client client server --psk="$keyfile" -vv --dtls 1.2
    exchange client server
    matches client.err 'ServerKeyExchange' || fail 'no ServerKeyExchange'
}

# The first 11 bytes of a ClientHello of 5121 bytes.
too_long_hello() {
    local i
    listener server --psk="$keyfile"
    for i in 1 2 3; do
        printf '\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x17\1\0\x14\1\0\0\0\0\0\0\0\x0bFRAGMENT%03d' $i \
            >"/dev/udp/127.0.0.1/${port[server]}"
    done
    client client server --psk="$keyfile"
    exchange client server
    (($(grep -c 'ClientHello of more than 4096 bytes' server.err) == 1)) || fail "$(cat server.err)"
}

t 'ADDR PORT' reaches 127.0.0.1 -l 127.0.0.1 0
t 'PORT alone: IPv4' reaches 127.0.0.1 -l 0
t 'PORT alone: IPv6' reaches_ipv6 ::1 -l 0
t 'a second address of a listener on all' reaches 127.0.0.2 -l 0
t 'a second address of a listener on all, -4' reaches 127.0.0.2 -4 -l 0
t 'address in brackets' reaches_ipv6 '[::1]' -l '[::1]' 0
t 'HOST:PORT' reaches_by_word 127.0.0.1:PORT -l 127.0.0.1 0
t 'NAME:PORT' reaches_by_word localhost:PORT -l 0
t '[ADDR]:PORT' reaches_by_word_ipv6 '[::1]:PORT' -l ::1 0
t 'coaps://HOST:PORT' reaches_by_word coaps://127.0.0.1:PORT -l 127.0.0.1 0
t 'coaps://[ADDR]:PORT/' reaches_by_word_ipv6 'CoAPS://[::1]:PORT/' -l ::1 0
t 'coaps://HOST, then PORT' reaches coaps://127.0.0.1 -l 127.0.0.1 0
t 'coaps://HOST' default_port coaps://127.0.0.1
t '--listen ADDR:PORT' reaches_by_word 127.0.0.1:PORT --listen 127.0.0.1:0
t '--listen [ADDR]:PORT' reaches_by_word_ipv6 '[::1]:PORT' --listen '[::1]:0'
for name in P-256 p-256 prime256v1 secp256r1; do t "--group $name" curve $name; done
t 'options after the port' reaches 127.0.0.1 -l 127.0.0.1 0 -n
t 'a name' reaches_by_name -l 0
options=-4 t 'a name, -4' reaches_by_name -4 -l 127.0.0.1 0
options=-6 t 'IPv6, -6' reaches_ipv6 ::1 -6 -l ::1 0
t 'IPv6' reaches_ipv6 ::1 -l ::1 0
options=-u t '-u is accepted' reaches 127.0.0.1 -u -l 127.0.0.1 0
options=-n t '-n' reaches 127.0.0.1 -n -l 127.0.0.1 0
t '-s of a listener' reaches 127.0.0.1 -l -s 127.0.0.1 0
t 'says the IPv4 address' says_address 127.0.0.1 '127\.0\.0\.1'
t 'says the IPv6 address' says_address_ipv6 ::1 '\[::1\]'
t '-l PORT' named_port '-l PORT'
t '-l -p PORT' named_port '-l -p PORT'
t '-lp PORT' named_port '-lp PORT'
t '-l ADDR PORT' named_port '-l 127.0.0.1 PORT'
t '-l -s ADDR -p PORT' named_port '-l -s 127.0.0.1 -p PORT'
t 'port taken' port_taken
t 'port of -p taken' source_taken -p PORT
t 'port of -p taken at -s' source_taken -s 127.0.0.1 -p PORT
t '-p of a client' local_port
t 'the same port again' same_port_again
t '-s of a client' local_address
t 'no answer: another port' next_port 127.0.0.1
t 'no answer: another port, -s' next_port 127.0.0.2 -s 127.0.0.2
t 'no answer: another port, --sim' next_port 127.0.0.1 --sim delay=1ms
t 'no answer: the port of -p' keeps_port -p PORT
t 'no answer: a long --timer' keeps_port --timer 300ms
t 'one client at a time' one_at_a_time
t '--mtu 256, identity of 200 bytes' small_mtu
t 'identity of 1000 bytes' long_identity
for version in 1.2 1.3; do
    t "$version --cookie on" cookie "$version" on seen
    t "$version --cookie off" cookie "$version" off unseen
    t "$version --cookie auto" cookie "$version" auto unseen
done
t 'a ClientHello in fragments that is too long' too_long_hello
t '--timer 200' timer 200
t 'identity with control characters' unprintable_identity
t '--hint' hint
finish
