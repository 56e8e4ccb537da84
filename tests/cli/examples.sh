#!/usr/bin/env bash
# Runs the examples of the manual as they are written there, on loopback and on free ports.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# Prints the first example that contains WORDS. alice.example and 5684 are replaced by 127.0.0.1 and PORT, and a limit
# in seconds becomes one in minutes.
example() {
    local line
    line=$(sed -n '/^\.Sh EXAMPLES/,$s/^\.Dl \$ //p' "$root/docs/dtlscat.1" |
        grep -F -m 1 -- "$1" |
        sed 's/\\e/\\/g; s/[a-z]*\.example/127.0.0.1/; s/\b\(5684\|6514\)\b/'"$2"'/; s/-w [0-9]*/&m/')
    [[ $line ]] || fail "no example with '$1'"
    echo "$line"
}

# NAME WORDS PORT
run_example() {
    local command
    command=$(example "$2" "$3") || exit 1
    spawn "$1" bash -c "$command"
}

# The same on a pseudo-terminal.
type_example() {
    local command
    command -v script >/dev/null || skip 'no script(1)'
    command=$(example "$2" "$3") || exit 1
    spawn "$1" script -qefc "$command" /dev/null
}

await_bound() { await 10 bound "$1" || fail "nobody listens: $(cat ./*.err)"; }

# The commands of the examples, and the key file that they use.
prepare() {
    mkdir bin
    ln -s "$DTLSCAT" bin/dtlscat
    PATH=$PWD/bin:$PATH
    need openssl
    bash -c "$(example 'keygen' 0)" || fail 'no key'
    [[ $(stat -c %a key) == 600 && $(stat -c %s key) == 33 ]] || fail 'not a key file'
}

fresh_key() {
    local free
    prepare
    free=$(free_port)
    type_example server 'dtlscat -l 5684 --psk' "$free"
    await_bound "$free"
    await 10 matches server.out '[0-9a-f]{32}' || fail 'no key is shown'
    type_example client 'alice.example 5684 --psk' "$free"
    await 10 matches client.out 'key: $' || fail 'no prompt'
    say client "$(grep -oE '[0-9a-f]{32}' server.out | head -n 1)"
    await 10 contains client.out $'key: \r\n' || fail 'the key is not taken'
    exchange client server
}

log() {
    local free
    prepare
    free=$(free_port)
    mkdir far
    cp -p key far
    echo 'first line' >app.log
    spawn far bash -c "cd far && $(example 'dtlscat -l 6514' "$free")"
    await_bound "$free"
    run_example near 'tail -F app.log' "$free"
    await 10 contains far/app.log 'first line' || fail "$(cat near.err)"
    echo 'second line' >>app.log
    await 10 contains far/app.log 'second line' || fail "$(cat near.err)"
}

coap() {
    prepare
    listener server --psk=file:key
    run_example client '\ex41' "${port[server]}"
    printf 'A\001\0224\252\264time' >request
    await 10 same_file server.out request || fail "$(od -c server.out)"
    say server 'twelve'
    expect_exit client 0
    matches client.out 't +w +e +l +v +e' || fail "$(cat client.out)"
}

right_key() {
    prepare
    listener server --psk=file:key
    run_example client 'echo right' "${port[server]}"
    expect_exit client 0
    hears client right
    expect_exit server 0
    ((! $(stat -c %s server.out))) || fail 'something was sent'
}

wrong_key() {
    prepare
    listener server --psk="$keyfile"
    run_example client 'echo right' "${port[server]}"
    expect_exit client 6
    ! matches client.out right || fail 'it says right'
}

answered() {
    local free
    prepare
    free=$(free_port)
    run_example server 'hello $DTLSCAT_PEER' "$free"
    await_bound "$free"
    spawn client "$DTLSCAT" 127.0.0.1 "$free" --psk=file:key
    hears client 'hello 127.0.0.1:'
    say client 'and back'
    hears client 'and back'
}

chat() {
    local free
    prepare
    free=$(free_port)
    run_example server '--chat' "$free"
    await_bound "$free"
    spawn one "$DTLSCAT" 127.0.0.1 "$free" --psk=file:key
    exchange one server
    spawn two "$DTLSCAT" 127.0.0.1 "$free" --psk=file:key
    exchange two server
    hears one '> from two'
}

openssl_pair() {
    local free
    prepare
    free=$(free_port)
    run_example server 'openssl s_server' "$free"
    await_bound "$free"
    run_example client 'dtlscat --psk=file:key 127.0.0.1' "$free"
    exchange client server
}

traced() {
    prepare
    listener server --psk=file:key
    run_example client '--keylog' "${port[server]}"
    exchange client server
    matches client.err Finished || fail 'no trace'
    matches secrets '^CLIENT_TRAFFIC_SECRET_0 ' || fail 'no secrets'
}

two_lost() {
    prepare
    listener server --psk=file:key
    run_example client '--sim' "${port[server]}"
    expect_exit client 0
    has_lines client.err ' < .* --sim #[12] dropped (drop)$' 2 || fail "$(cat client.err)"
}

t 'a fresh key' fresh_key
t 'a log' log
t 'CoAP' coap
t 'is the key right: yes' right_key
t 'is the key right: no' wrong_key
t 'a program for each' answered
t 'chat' chat
t 'openssl' openssl_pair
t 'a trace with secrets' traced
t 'two datagrams lost' two_lost
finish
