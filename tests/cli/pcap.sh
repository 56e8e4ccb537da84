#!/usr/bin/env bash
# --pcap: captures that tshark decrypts without any setting, also those of a pipe and of a killed run.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# FILE FIELD...: the fields of each packet. Checksums are verified.
fields() {
    local file=$1
    shift
    tshark -r "$file" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields "${@/#/-e}" 2>tshark.err
}

need_tshark() { command -v tshark >/dev/null || skip 'no tshark'; }

# FILE: prints the data, as bytes.
data_of() { tshark -r "$1" -T fields -e data.data 2>/dev/null | xxd -r -p; }

# FILE: it is whole, and has the secrets of one session.
whole() {
    capinfos -c -s "$1" >info 2>&1 || fail "$1: $(cat info)"
    ! matches info 'cut short|error' || fail "$1: $(cat info)"
    tshark -r "$1" >packets 2>tshark.err || fail "$1: $(cat tshark.err)"
    ! matches packets 'Malformed|Ignored' || fail "$1: $(grep -m 1 Malformed packets)"
    capinfos "$1" 2>&1 | grep -q 'Number of decryption secrets in file: [1-9]' || fail "$1: no secrets"
}

# FILE: has a checksum and the address and port of both sides in each packet.
addressed() {
    local client server
    fields "$1" ip.checksum.status udp.checksum.status ip.src udp.srcport ip.dst udp.dstport >packets
    [[ -s packets ]] || fail "$(cat tshark.err)"
    server="127.0.0.1"$'\t'${port[server]}
    client="127.0.0.1"$'\t[0-9]+'
    ! grep -Evx "1"$'\t'"1"$'\t'"($server"$'\t'"$client|$client"$'\t'"$server)" packets >others || fail "$(cat others)"
}

# OPTION...: data both ways between two captures.
session() {
    listener server --psk="$keyfile" --pcap server.pcapng "$@"
    client client server --psk="$keyfile" --pcap client.pcapng "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# SUITE OPTION...
decrypted() {
    local file
    need_tshark
    session --suite "$@"
    for file in client.pcapng server.pcapng; do
        whole "$file"
        addressed "$file"
        [[ $(data_of "$file") == $'from client\nfrom server' ]] || fail "$file: $(tshark -r "$file" 2>&1)"
    done
    [[ $(fields client.pcapng frame.packet_flags_direction | sort | uniq | tr '\n' ' ') == '0x00000001 0x00000002 ' ]] ||
        fail 'both directions expected'
}

with_cid() {
    decrypted "$1" --cid
    fields client.pcapng udp.dstport dtls.record.connection_id | grep -q "^${port[server]}"$'\t.' || fail 'no connection ID'
}

# ADDRESS OWN FIELD: a client at OWN, and a listener on all addresses. The addresses are FIELD.src and FIELD.dst.
any_address() {
    local file
    need_tshark
    spawn server "$DTLSCAT" -vl 0 --psk="$keyfile" --pcap server.pcapng
    wait_line server.err 'listening on .*:([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
    spawn client "$DTLSCAT" "$1" "${port[server]}" --psk="$keyfile" --pcap client.pcapng
    say client 'from client'
    hears server 'from client'
    hangup client
    expect_exit client 0
    expect_exit server 0
    for file in client.pcapng server.pcapng; do
        whole "$file"
        fields "$file" "$3.src" "$3.dst" udp.checksum.status | sort -u >packets
        same_file packets <(printf '%s\t%s\t1\n' "$1" "$2" "$2" "$1" | sort -u) || fail "$file: $(cat packets)"
    done
}

# Batches of the kernel are captured as the datagrams that they consist of.
batches() {
    local file sum
    need_tshark
    head -c 300000 /dev/urandom >data
    listener server --psk="$keyfile" --pcap server.pcapng --suite PSK-AES128-GCM-SHA256 --recv-only --mtu 1200
    stdin=data client client server --psk="$keyfile" --pcap client.pcapng --mtu 1200
    expect_exit client 0
    expect_exit server 0
    same_file data server.out || fail 'other data'
    for file in client.pcapng server.pcapng; do
        whole "$file"
        sum=$(fields "$file" data.len | awk '{ sum += $1 } END { print sum }')
        ((sum == 300000)) || fail "$file: $sum of 300000 bytes"
        [[ $(data_of "$file" | cksum) == "$(cksum <data)" ]] || fail "$file: other data"
    done
}

# ---- comments ----

comments() { fields "$1" frame.comment >comments; }

dropped() {
    need_tshark
    listener server --psk="$keyfile" --dtls "$1" --pcap server.pcapng
    relay network server
    client client network --psk="$keyfile" --dtls "$1"
    exchange client server
    relay_rule network 'to-server forge 2'
    say client 'once more'
    hears server 'once more'
    hangup client
    expect_exit client 0
    expect_exit server 0
    comments server.pcapng
    has_lines comments '^dropped: bad-mac: ' 2 || fail "$(cat comments)"
}

retransmitted() {
    need_tshark
    listener server --psk="$keyfile" --dtls "$1" --pcap server.pcapng
    relay network server 'to-server next 1'
    client client network --psk="$keyfile" --dtls "$1" --pcap client.pcapng --timer 100
    exchange client server
    hangup client
    expect_exit client 0
    comments client.pcapng
    matches comments 'retransmission 1: ClientHello \(timer [0-9]+ ms\)' || fail "$(cat comments)"
}

# The client sends its ClientHello again, since it has lost the response. The server repeats its flight for this reason.
duplicate() {
    need_tshark
    listener server --psk="$keyfile" --dtls 1.2 --pcap server.pcapng --cookie off --timer 60000
    relay network server 'to-client next 1'
    client client network --psk="$keyfile" --dtls 1.2 --timer 100
    exchange client server
    hangup client
    expect_exit server 0
    comments server.pcapng
    matches comments 'duplicate: ClientHello' || fail "$(cat comments)"
    matches comments 'retransmission 1: ServerHello \(the peer repeated its flight\)' || fail "$(cat comments)"
}

# ---- the end of the run ----

# FILE: tshark reads it. If the kill has interrupted a write(2), the last packet is incomplete.
readable() {
    tshark -r "$1" >packets 2>tshark.err || matches tshark.err 'cut short' || fail "$(cat tshark.err)"
    (($(grep -c 'Application Data' packets) > 100)) || fail "$(tail -n 3 packets)"
    fields "$1" data.len | grep -q . || fail 'not decrypted'
}

killed() {
    local name
    need_tshark
    listener server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-GCM-SHA256 --pcap server.pcapng --recv-only
    stdin=/dev/zero client client server --psk="$keyfile" --pcap client.pcapng
    for name in client server; do await 10 size_is "$name.pcapng" 1000000 || fail 'no capture'; done
    for name in client server; do kill -KILL "$(process "$name")"; done
    ended client
    ended server
    readable client.pcapng
    readable server.pcapng
}

# What is captured is in the file while the run waits, and the secrets are.
readable_at_once() {
    need_tshark
    listener server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-GCM-SHA256 --pcap server.pcapng
    client client server --psk="$keyfile"
    exchange client server
    await 5 has_data server.pcapng || fail "$(tshark -r server.pcapng 2>&1)"
}

has_data() { [[ $(data_of "$1") == $'from client\nfrom server' ]]; }

# ---- pipes ----

fifo() {
    need_tshark
    mkfifo pipe
    cat pipe >copy &
    pid[reader]=$!
    listener server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-GCM-SHA256 --pcap pipe
    client client server --psk="$keyfile"
    exchange client server
    await 5 has_data copy || fail "$(tshark -r copy 2>&1)"
    hangup client
    expect_exit server 0
    ended reader
    whole copy
}

# A program that reads the capture in one pass while it is written.
live() {
    need_tshark
    listener server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-GCM-SHA256
    # shellcheck disable=SC2016 # for the inner shell
    spawn client bash -c 'exec "$@" 3> >(tshark -l -r - -T fields -e data.data >seen 2>/dev/null)' - \
        "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" --pcap=/dev/fd/3
    exchange client server
    await 10 matches seen "$(printf 'from server\n' | xxd -p)" || fail "$(cat seen)"
    hangup client
    expect_exit client 0
}

# BYTES LINE: the reader of the capture has stopped. Nothing waits for it, and one line says so.
stopped_reader() {
    mkfifo pipe
    exec 4<>pipe
    head -c "$1" /dev/zero >data
    listener server --psk="$keyfile" --recv-only --pcap pipe
    stdin=data client client server --psk="$keyfile"
    expect_exit client 0
    expect_exit server 0
    same_file data server.out || fail 'other data'
    has_lines server.err 'the reader of the capture' 1 || fail "$(cat server.err)"
    matches server.err "^dtlscat: the reader of the capture pipe $2; the capture is incomplete$" || fail "$(cat server.err)"
}

# A reader that closes ends the capture only.
closed_reader() {
    mkfifo pipe
    head -c 100 pipe >start &
    listener server --psk="$keyfile" --pcap pipe
    client client server --psk="$keyfile"
    exchange client server
    wait_line server.err 'cannot write the capture pipe: its reader has closed; the capture is incomplete' 10
    hangup client
    expect_exit client 0
    expect_exit server 0
}

full_disk() {
    listener server --psk="$keyfile" --pcap /dev/full
    client client server --psk="$keyfile"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 1
    has_lines server.err 'cannot write the capture /dev/full: No space left on device; the capture is incomplete' 1 ||
        fail "$(cat server.err)"
}

# ---- files ----

mode() {
    umask 022
    head -c 100000 /dev/zero >client.pcapng
    chmod 600 client.pcapng
    session
    [[ $(stat -c %a server.pcapng) == 600 ]] || fail "mode $(stat -c %a server.pcapng)"
    # The old content is gone.
    [[ $(od -An -tx4 -N 4 client.pcapng) == ' 0a0d0d0a' ]] || fail 'no capture'
    ! tail -c 1000 client.pcapng | cmp -s - <(head -c 1000 /dev/zero) || fail 'old content'
    matches server.err 'warning: the capture server.pcapng has the secrets of this run' || fail "$(cat server.err)"
}

# STATUS FILE LINE OPTION...
refused() {
    local status expected=$1 line=$3
    "$DTLSCAT" 127.0.0.1 9 --psk="$keyfile" --pcap "$2" </dev/null 2>err
    status=$?
    ((status == expected)) || fail "exit $status: $(cat err)"
    [[ $(cat err) == "dtlscat: $line"* ]] || fail "$(cat err)"
}

symbolic_link() {
    touch target
    chmod 600 target
    ln -s target link
    refused 1 link 'cannot write the capture link: it is a symbolic link, '
    [[ ! -s target ]] || fail 'it was written'
}

other_owner() {
    ((EUID == 0)) || skip 'not root'
    (umask 077 && echo theirs >file)
    chown 12345 file
    refused 2 file 'file belongs to UID 12345, so its contents are not safe'
    [[ $(cat file) == theirs ]] || fail 'it was written'
}

# Standard output, under a name of its own.
same_as_stdout() {
    (umask 077 && : >out)
    # shellcheck disable=SC2094 # nothing is written
    refused 2 out '--pcap cannot write to out: stdout and stderr have other data; give a file' >out
    [[ ! -s out ]] || fail 'it was written'
}

# A program cannot write to the capture.
not_inherited() {
    # shellcheck disable=SC2016 # for the inner shells
    spawn server bash -c 'exec "$@" 3>capture' - "$DTLSCAT" -vl 127.0.0.1 0 --psk="$keyfile" --pcap=/dev/fd/3 \
        -c 'cat /proc/self/fd/3 && echo open || echo closed'
    wait_line server.err 'listening on .*:([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
    client client server --psk="$keyfile"
    hears client closed
    [[ $(od -An -tx4 -N 4 capture) == ' 0a0d0d0a' ]] || fail 'no capture'
}

plain='PSK-AES128-GCM-SHA256 PSK-AES256-GCM-SHA384 PSK-AES128-CCM PSK-AES256-CCM PSK-AES128-CCM8 PSK-AES256-CCM8'
for suite in $plain; do
    t "$suite" decrypted "$suite"
    t "$suite with connection IDs" with_cid "$suite"
done
for suite in DHE-PSK-AES128-GCM-SHA256 PSK-AES128-CBC-SHA256 ECDHE-PSK-AES128-CBC-SHA256; do t "$suite" decrypted "$suite"; done
# What the manual says of tshark 4.4.
version=$(tshark -v 2>/dev/null | sed -nE '1s/.* ([0-9]+)\.([0-9]+)\..*/\1\2/p')
for suite in ECDHE-PSK-AES128-GCM-SHA256 ECDHE-PSK-AES128-CCM8-SHA256 AES128-GCM-SHA256 AES256-GCM-SHA384 \
    CHACHA20-POLY1305-SHA256 AES128-CCM-SHA256; do
    ((${version:-0} < 44)) || t "$suite" decrypted "$suite"
done
t 'IPv6' any_address ::1 ::1 ipv6
t 'IPv4 on a socket of IPv6' any_address 127.0.0.1 127.0.0.1 ip
t 'IPv4, another local address' any_address 127.0.0.2 127.0.0.1 ip
t 'batches' batches
for version in 1.2 1.3; do
    t "$version: forged records" dropped "$version"
    t "$version: retransmissions" retransmitted "$version"
done
t 'a duplicate' duplicate
t 'a killed run' killed
t 'a run that waits' readable_at_once
t 'a named pipe' fifo
t 'a program that reads while it is written' live
t 'a reader that has stopped' stopped_reader 20000000 'is too slow'
t 'a reader that has stopped, at the end' stopped_reader 1000000 'has stopped'
t 'a reader that closes' closed_reader
t 'a full disk' full_disk
t 'the file' mode
t 'a symbolic link' symbolic_link
t 'a file of another user' other_owner
t 'standard output' same_as_stdout
t 'a program does not inherit it' not_inherited
finish
