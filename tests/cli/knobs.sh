#!/usr/bin/env bash
# The options with which a peer is tested: each of them works between two dtlscat, in both versions and roles, and -vv
# shows what it does.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# VERSION OF OPTION...: one end has the options, the other -vv as well.
exchanges() {
    local version=$1 of=$2 listener_options=(--psk="$keyfile" -vv --dtls "$1") client_options
    shift 2
    client_options=("${listener_options[@]}")
    [[ $of == client ]] || listener_options+=("$@")
    [[ $of == listener ]] || client_options+=("$@")
    listener server "${listener_options[@]}"
    client client server "${client_options[@]}"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# NAME PATTERN: the end that has the option shows it.
shows() { matches "$1.err" "$2" || fail "no '$2' in $1.err: $(cat "$1.err")"; }
shows_not() { ! matches "$1.err" "$2" || fail "'$2' in $1.err: $(cat "$1.err")"; }

fragment() {
    exchanges "$1" both --fragment 25
    shows client '> .* ClientHello msg0 bytes 0-25 of'
    shows server '< .* ClientHello msg0 bytes 25-50 of'
    shows server '> .* ServerHello msg. bytes 0-25 of'
}

# In DTLS 1.2 its body is 12 bytes.
fragment12() {
    exchanges 1.2 client --fragment 10
    shows client '> .* Finished msg. bytes 10-12 of 12'
    shows_not server '> .*Hello.* bytes'
}

repeat() {
    exchanges "$1" "$2" --repeat-flight
    local name=client other=server hello=ClientHello
    [[ $2 == client ]] || name=server other=client hello=ServerHello
    shows $name "> .* $hello .*RETRANSMIT 1 .--repeat-flight."
    shows $name '> .* Finished .*RETRANSMIT 1 .--repeat-flight.'
    shows_not $other '--repeat-flight'
}

# Both lists of cipher suites are as long; the lengths of the extensions are random.
grease() {
    exchanges "$1" both --grease
    local with without
    shows client '> +([0-9]+) B +ClientHello msg0'
    with=${BASH_REMATCH[1]}
    rm ./*.err
    exchanges "$1" both
    shows client '> +([0-9]+) B +ClientHello msg0'
    without=${BASH_REMATCH[1]}
    ((with >= without + 12)) || fail "$with bytes with, $without without"
}

# The header of the record takes 13 bytes, that of the message 12.
padding() {
    exchanges "$1" client --client-hello-padding 1000
    shows client '> +1025 B +ClientHello msg0$'
    shows client '> +1(0[3-9]|1[0-9])[0-9] B +ClientHello msg1$'
}

padding_in_fragments() {
    exchanges "$1" client --client-hello-padding 4000
    shows client '> +1232 B +ClientHello msg0 bytes 0-1207 of 4000'
    shows client '> .*ClientHello msg0 bytes 3621-4000 of 4000'
}

too_long_for_us() {
    listener server --psk="$keyfile" -v
    client client server --psk="$keyfile" --client-hello-padding 5000 -w 1
    expect_exit client 5
    shows server 'ClientHello of more than 4096 bytes'
}

# Without the option the flight is in one datagram.
alone() {
    exchanges 1.2 "$1" --record-per-datagram
    shows "$2" '> +14 B +(rec e0#[0-9]+ change_cipher_spec|ChangeCipherSpec)'
    rm ./*.err
    exchanges 1.2 client
    shows_not "$2" '> +14 B +(rec e0#[0-9]+ change_cipher_spec|ChangeCipherSpec)'
}

all=(--fragment 20 --repeat-flight --grease --record-per-datagram)

resumes() {
    listener server -k --psk="$keyfile" -c cat --early-data "${all[@]}"
    echo early >early
    for name in first second; do
        stdin=early client $name server --psk="$keyfile" -vv -W 1 --resume ticket --early-data "${all[@]}"
        hears $name early
        expect_exit $name 0
    done
    shows second 'connected: .*, resumed, .*early data accepted'
    shows second '> .* Finished .*RETRANSMIT 1 .--repeat-flight.'
}

for version in 1.2 1.3; do
    t "--fragment, DTLS $version" fragment $version
    t "--repeat-flight of the client, DTLS $version" repeat $version client
    t "--repeat-flight of the listener, DTLS $version" repeat $version listener
    t "--grease, DTLS $version" grease $version
    t "--client-hello-padding, DTLS $version" padding $version
    t "--client-hello-padding in fragments, DTLS $version" padding_in_fragments $version
    t "all together, DTLS $version" exchanges $version both "${all[@]}"
done
t '--fragment of the Finished' fragment12
t '--client-hello-padding beyond what a listener takes' too_long_for_us
t '--record-per-datagram of the client' alone client client
t '--record-per-datagram of the listener' alone listener server
t 'all together, resumed with early data' resumes
finish
