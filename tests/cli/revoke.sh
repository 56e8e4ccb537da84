#!/usr/bin/env bash
# A key that SIGHUP has changed or removed is of no use any longer: not for connections, tickets and sessions.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# KEY-OF-ALICE: writes the keys of the listener. Bob's is always the same.
write_keys() {
    (umask 077 && printf '%s' "${1:+alice:hex:$1$newline}" "bob:hex:$key$newline" >keys)
}
newline=$'\n'
other=${key/0001/ffff}

# HOW: changes or removes the key of alice, and makes the listener load the keys.
revoke() {
    case $1 in
    changed) write_keys "$other" ;;
    removed) write_keys '' ;;
    esac
    (umask 077 && printf 'hex:%s\n' "$other" >new)
    hup server 'keys: [12] identit|key: 16 bytes'
}

# VERSION HOW OPTION...: the listener closes the connection of alice, and keeps that of bob.
closes() {
    local version=$1 how=$2
    shift 2
    write_keys "$key"
    listener server -k --psk=file:keys "$@"
    client alice server --psk="$keyfile" --identity alice --dtls "$version"
    client bob server --psk="$keyfile" --identity bob --dtls "$version"
    say alice 'from alice'
    hears server 'from alice'
    exchange bob server
    revoke "$how"
    wait_line server.err "identity \"alice\": closed because its key was $how" 10
    expect_exit alice 8
    matches alice.err 'access_denied' || fail "$(cat alice.err)"
    exchange bob server
}

# VERSION HOW OPTION...: alice cannot resume, neither with the old key nor with the new one.
resumes_no_longer() {
    local version=$1 how=$2
    shift 2
    write_keys "$key"
    listener server -k --psk=file:keys "$@"
    # the listener gives a ticket for each of the two
    alice one "$version"
    exchange one server
    await 10 test -s one.ticket || fail 'no ticket'
    hangup one
    expect_exit one 0
    cp -p one.ticket two.ticket
    revoke "$how"
    alice one "$version"
    expect_exit one 6
    [[ $how == changed ]] || return 0
    client two server --psk=file:new --identity alice --dtls "$version" --resume two.ticket -v
    exchange two server
    ! matches two.err 'connected: .*, resumed, ' || fail "$(cat two.err)"
}

# NAME VERSION: a client with the first key, which resumes.
alice() {
    client "$1" server --psk="$keyfile" --identity alice --dtls "$2" --resume "$1.ticket" -v
}

# Each worker closes its clients.
in_workers() {
    write_keys "$key"
    listener server -k --psk=file:keys --workers 2 -c 'cat; echo end of input >>'"$PWD/ended"
    for n in 1 2 3 4 5 6; do
        client "alice$n" server --psk="$keyfile" --identity alice
        say "alice$n" hello
        hears "alice$n" hello
    done
    client bob server --psk="$keyfile" --identity bob
    say bob hello
    hears bob hello
    revoke changed
    for n in 1 2 3 4 5 6; do expect_exit "alice$n" 8; done
    await 10 counts 6 || fail "the programs of $(wc -l <ended) of 6 clients saw the end of their input"
    say bob again
    hears bob again
}
counts() { [[ -f ended ]] && (($(wc -l <ended) == $1)); }

for version in 1.2 1.3; do
    t "a connection, changed, DTLS $version" closes $version changed
    t "a connection, removed, DTLS $version" closes $version removed
    t "a ticket, changed, DTLS $version" resumes_no_longer $version changed
    t "a ticket, removed, DTLS $version" resumes_no_longer $version removed
done
t 'with --workers' in_workers
finish
