#!/usr/bin/env bash
# --export: both sides get the same keying material.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

label=EXPERIMENTAL_label

exported() { sed -nE "s/^dtlscat: ([0-9.:]+ )?export $2: ([0-9a-f]+)\$/\2/p" "$1.err"; }

# Arguments: LABEL, its BYTES as text and as a number, and OPTION... of the client.
same_on_both() {
    listener server --psk="$keyfile" --export "$1$2"
    client client server --psk="$keyfile" --export "$1$2" "${@:4}"
    exchange client server
    exported client "$1" >ours
    exported server "$1" >theirs
    (($(tr -d '\n' <ours | wc -c) == 2 * $3)) || fail "$(cat client.err)"
    (($(wc -l <ours) == 1)) || fail "not one line: $(cat client.err)"
    same_file ours theirs || fail "$(cat client.err server.err)"
}

# Another label gives other bytes. In DTLS 1.3 fewer bytes are not a prefix of more bytes.
differs() {
    listener server --psk="$keyfile" --export "$1"
    client client server --psk="$keyfile" --export "$2" --dtls "$3"
    exchange client server
    exported client "${2%:*}" >ours
    exported server "${1%:*}" >theirs
    [[ -s ours && -s theirs ]] || fail 'nothing'
    [[ $(cut -c 1-32 ours) != "$(cut -c 1-32 theirs)" ]] || fail 'they do not differ'
}

each_session_its_own() {
    listener server -k --psk="$keyfile" --export "$label"
    for name in first second; do
        client "$name" server --psk="$keyfile" </dev/null
        exchange "$name" server
        hangup "$name"
        expect_exit "$name" 0
    done
    (($(exported server "$label" | sort -u | wc -l) == 2)) || fail "$(cat server.err)"
}

# If the peer does not support the extended master secret, the handshake fails.
without_ems() {
    listener server --psk="$keyfile" --no-ems --dtls 1.2
    client client server --psk="$keyfile" --export "$label"
    expect_exit client 7
    ! matches client.err '^dtlscat: export' || fail "$(cat client.err)"
    client second server --psk="$keyfile"
    exchange second server
}

# openssl exports the same bytes.
like_openssl() {
    need openssl
    listener server --psk="$keyfile" --export "$label:20"
    spawn client openssl s_client -dtls1_2 -connect "127.0.0.1:${port[server]}" \
        -psk_identity "$ident" -psk "$key" -cipher PSK-AES128-GCM-SHA256:@SECLEVEL=0 \
        -keymatexport "$label" -keymatexportlen 20
    await 10 matches client.out 'Keying material: [0-9A-F]{40}' || fail "$(cat client.out)"
    sed -nE 's/.*Keying material: //p' client.out | tr A-F a-f >theirs
    exported server "$label" >ours
    same_file ours theirs || fail "$(cat ours theirs)"
}

for version in 1.2 1.3; do
    t "$version 32 bytes" same_on_both "$label" '' 32 --dtls $version
    t "$version 1 byte" same_on_both "$label" :1 1 --dtls $version
    t "$version 1024 bytes" same_on_both "$label" :1024 1024 --dtls $version
    t "$version a label with colons" same_on_both a:b :32 32 --dtls $version
    t "$version a label of 248 bytes" same_on_both "$(printf 'l%.0s' {1..248})" '' 32 \
        --dtls $version
    t "$version another label" differs "$label" other $version
done
t '1.3 another length' differs "$label:16" "$label:32" 1.3
t 'each session has its own' each_session_its_own
t 'without extended master secret' without_ems
t 'like openssl' like_openssl
finish
