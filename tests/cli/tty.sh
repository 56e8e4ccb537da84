#!/usr/bin/env bash
# What a terminal is used for: asking for the key, telling a fresh one, and --progress.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# NAME COMMAND... with a terminal of its own; what it shows is NAME.out, what is typed goes by say.
on_terminal() {
    local name=$1
    shift
    command -v script >/dev/null || skip 'no script(1)'
    spawn "$name" script -qefc "$(printf '%q ' "$@")" /dev/null
}

# NAME COMMAND... without any terminal.
without_terminal() {
    local name=$1
    shift
    command -v setsid >/dev/null || skip 'no setsid(1)'
    stdin=/dev/null spawn "$name" setsid -w "$@"
}

asks() {
    listener server --psk="$keyfile" -vv
    on_terminal client "$DTLSCAT" "$@" 127.0.0.1 "${port[server]}"
    await 10 matches client.out '[Kk]ey|PSK' || fail 'no prompt'
    ! matches server.err 'ClientHello' || fail 'a packet was sent before the key was known'
    say client "hex:$key"
    wait_line server.err connected 10
    ! contains client.out "$key" || fail 'the key is echoed'
    exchange client server
}

nothing_typed() {
    on_terminal client "$DTLSCAT" --psk=prompt 127.0.0.1 9
    await 10 matches client.out '[Kk]ey|PSK' || fail 'no prompt'
    say client ''
    expect_exit client 2
}

# The terminal is as before, with echo, after the prompt was interrupted.
echo_is_back() {
    # The shell starts us with SIGINT ignored, which a shell can neither trap nor pass on as anything else.
    # shellcheck disable=SC2016 # for the inner shell
    on_terminal client env --default-signal=INT bash -c 'trap : INT
        "$0" --psk=prompt 127.0.0.1 9; echo "status $?"; stty -a' "$DTLSCAT"
    await 10 matches client.out '[Kk]ey|PSK' || fail 'no prompt'
    printf '\003' >&"${in[client]}"
    await 10 matches client.out 'status 130' || fail "$(cat client.out)"
    await 10 matches client.out ' echo ' || fail 'echo is off'
}

# In an interactive shell the program is stopped by Ctrl-Z or SIGNAL, and continued by fg: it asks again, and the
# key is not shown.
asks_again() {
    listener server --psk="$keyfile"
    on_terminal client env PS1=ready: bash --norc --noprofile -i
    await 10 contains client.out ready: || fail 'no shell'
    say client "'$DTLSCAT' --psk=prompt 127.0.0.1 ${port[server]}"
    await 10 prompted 1 || fail 'no prompt'
    if [[ $1 == ctrl-z ]]; then
        printf '\032' >&"${in[client]}"
    else
        kill -"$1" "$(process_with "${port[server]}")"
    fi
    await 10 matches client.out 'Stopped' || fail "it did not stop: $(cat client.out)"
    say client 'stty -a; fg'
    await 10 prompted 2 || fail "it does not ask again: $(cat client.out)"
    matches client.out ' echo ' || fail 'the shell has no echo'
    say client "hex:$key"
    wait_line server.err connected 10
    ! contains client.out "$key" || fail 'the key is echoed'
    say client "from client"
    hears server 'from client'
}

# That has ARGUMENT on its command line.
process_with() { grep -lzxF -- "$1" /proc/[0-9]*/cmdline 2>/dev/null | head -n 1 | tr -dc 0-9; }

prompted() { (($(grep -o 'dtlscat: key' client.out | wc -l) >= $1)); }

names_host_and_identity() {
    on_terminal client "$DTLSCAT" --psk=prompt --identity "$1" 127.0.0.1 9
    await 10 contains client.out "key of $2 for \"127.0.0.1\" port 9: " || fail "$(cat client.out)"
}

tells_fresh_key() {
    on_terminal server "$DTLSCAT" -l 127.0.0.1 0 --psk
    await 10 matches server.out 'listening on .*:[0-9]+' || fail "$(cat server.out)"
    await 5 matches server.out '[0-9a-f]{32}' || fail 'no key is shown'
    [[ $(cat server.out) =~ [0-9a-f]{32} ]]
    port[server]=$(sed -nE 's/.*listening on .*:([0-9]+).*/\1/p' server.out | head -n 1)
    MINE=${BASH_REMATCH[0]} client client server --psk=env:MINE
    exchange client server
}

refuses() {
    without_terminal lonely "$DTLSCAT" "$@"
    expect_exit lonely 2
    (($(wc -l <lonely.err) == 1)) || fail "not one line: $(cat lonely.err)"
    matches lonely.err 'DTLSCAT_PSK|file:|env:' || fail "no way out is named: $(cat lonely.err)"
}

# A line that is written anew; without a terminal there is none.
shows_progress() {
    head -c 1000000 /dev/urandom >sent
    stdin=sent listener server --psk="$keyfile"
    on_terminal client sh -c 'exec "$@" >got' - "$DTLSCAT" --progress 127.0.0.1 "${port[server]}" \
        --psk="$keyfile"
    await 10 contains client.out $'\r\033[K1.0 MB in, 0 B out, ' || fail "$(od -c client.out)"
    matches client.out '/s, 0 lost' || fail "$(od -c client.out)"
    listener other --psk="$keyfile" --progress
    client another other --psk="$keyfile" --progress
    exchange another other
    pause 700
    hangup another
    expect_exit another 0
    ((! $(stat -c %s another.err))) || fail "$(cat another.err)"
}

t 'a client asks' asks --psk
t 'a client asks when told to' asks --psk=prompt
t 'nothing typed' nothing_typed
t 'interrupted prompt' echo_is_back
t 'asked again after Ctrl-Z' asks_again ctrl-z
t 'asked again after SIGSTOP' asks_again STOP
t 'the prompt names host and identity' names_host_and_identity alice '"alice"'
t 'the prompt quotes an identity' names_host_and_identity $'a\033b' '"a\x1bb"'
t 'a listener tells a fresh key' tells_fresh_key
t 'a client with nobody to ask' refuses --psk 127.0.0.1 9
t 'a prompt with nobody to ask' refuses --psk=prompt 127.0.0.1 9
t 'a listener with nobody to tell' refuses --psk -l 127.0.0.1 0
t '--progress' shows_progress
finish
