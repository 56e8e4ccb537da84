#!/usr/bin/env bash
# What dtlscat uses a terminal for: to prompt for the key, to show a new key, and for --progress.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

jobs=6 # two of them wait most of the time

# NAME COMMAND...: runs COMMAND on a pseudo-terminal. Its output is NAME.out, and `say` types.
on_terminal() {
    local name=$1
    shift
    command -v script >/dev/null || skip 'no script(1)'
    spawn "$name" script -qefc "$(printf '%q ' "$@")" /dev/null
}

# NAME COMMAND...: runs COMMAND without a terminal.
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

# After the prompt was interrupted, the terminal has its echo again.
echo_is_back() {
    # The shell starts this process with SIGINT ignored, and a shell can neither trap it nor reset it for its children.
    # shellcheck disable=SC2016 # for the inner shell
    on_terminal client env --default-signal=INT bash -c 'trap : INT
        "$0" --psk=prompt 127.0.0.1 9; echo "status $?"; stty -a' "$DTLSCAT"
    await 10 matches client.out '[Kk]ey|PSK' || fail 'no prompt'
    printf '\003' >&"${in[client]}"
    await 10 matches client.out 'status 130' || fail "$(cat client.out)"
    await 10 matches client.out ' echo ' || fail 'echo is off'
}

# In an interactive shell, Ctrl-Z or SIGNAL stops the program, and fg continues it. The prompt is then printed again,
# and the key is not shown.
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

# A program in the background prompts once the shell gives it the terminal, and only once.
asks_in_foreground() {
    listener server --psk="$keyfile"
    on_terminal client env PS1=ready: bash --norc --noprofile -i
    await 10 contains client.out ready: || fail 'no shell'
    say client "'$DTLSCAT' --psk=prompt 127.0.0.1 ${port[server]} &"
    await 10 is_stopped "${port[server]}" || fail "it did not stop: $(cat client.out)"
    say client fg
    await 10 prompted 1 || fail "it does not ask: $(cat client.out)"
    say client "hex:$key"
    wait_line server.err connected 10
    ! contains client.out "$key" || fail 'the key is echoed'
    ! prompted 2 || fail "it asks twice: $(cat client.out)"
}

is_stopped() { grep -q '^State:.T' "/proc/$(process_with "$1")/status" 2>/dev/null; }

# ARGUMENT: finds the dtlscat that has ARGUMENT on its command line. The grep has it, too.
process_with() {
    local file
    while IFS= read -r file; do
        [[ ${file%cmdline}exe -ef $DTLSCAT ]] || continue
        tr -dc 0-9 <<<"$file"
        return
    done < <(grep -lzxF -- "$1" /proc/[0-9]*/cmdline 2>/dev/null)
}

prompted() { (($(grep -oE 'dtlscat: .*key: ' client.out | wc -l) >= $1)); }

asks_for() {
    local question=$1
    shift
    on_terminal client "$DTLSCAT" --psk=prompt "$@"
    await 10 contains client.out "dtlscat: $question, key: " || fail "$(cat client.out)"
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

# Prints the port of a listener that runs on a pseudo-terminal.
shown_port() {
    await 10 matches "$1.out" 'listening on .*:([0-9]+)' || fail "$(cat "$1.out")"
    port[$1]=${BASH_REMATCH[1]}
}

# MARK OPTION...: on a terminal both sides report the beginning and the end of a session, and what Ctrl-D does. MARK is
# part of the line that a client prints at the end of its input.
sees_life() {
    local mark=$1
    shift
    on_terminal server "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile"
    shown_port server
    on_terminal client "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" "$@"
    await 10 matches client.out 'dtlscat: 127\.0\.0\.1:.* connected: ' || fail "$(cat client.out)"
    await 10 matches server.out 'dtlscat: 127\.0\.0\.1:.* connected: ' || fail "$(cat server.out)"
    exchange client server
    printf '\004' >&"${in[server]}"
    await 10 contains server.out 'end of input: receiving until the peer closes' ||
        fail "$(cat server.out)"
    say client 'more'
    hears server 'more'
    printf '\004' >&"${in[client]}"
    await 10 contains client.out "end of input: $mark" || fail "$(cat client.out)"
    await 10 contains client.out 'dtlscat: closed ' || fail "$(cat client.out)"
    await 10 contains server.out 'dtlscat: closed by peer' || fail "$(cat server.out)"
    expect_exit client 0
    expect_exit server 0
}

sees_life_for_ever() {
    on_terminal server "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile"
    shown_port server
    on_terminal client "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" -q -1
    exchange client server
    printf '\004' >&"${in[client]}"
    await 10 contains client.out 'end of input: receiving until the peer closes' ||
        fail "$(cat client.out)"
    spawn second "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile"
    await 10 contains server.out 'refused: only one session is served without -k' || fail "$(cat server.out)"
    expect_exit second 8
}

# Between pipes dtlscat prints nothing, even if stderr is a terminal.
silent_in_pipes() {
    listener server -k --psk="$keyfile"
    # shellcheck disable=SC2016 # for the inner shell
    on_terminal client sh -c 'echo hello | "$0" 127.0.0.1 "$1" --psk="$2" | cat; echo end' \
        "$DTLSCAT" "${port[server]}" "$keyfile"
    hears server hello
    expect_exit client 0
    same_file client.out <(printf 'end\r\n') || fail "$(cat client.out)"
}

# For a user at a terminal who only reads, a peer that has gone is noticed, and a peer that is alive is not closed.
# Between pipes no request is sent.
notices_silence() {
    listener gone -k --psk="$keyfile" --dtls "$1"
    listener alive --psk="$keyfile" --dtls "$1"
    on_terminal client "$DTLSCAT" 127.0.0.1 "${port[gone]}" --psk="$keyfile" --lost-after 3
    on_terminal other "$DTLSCAT" 127.0.0.1 "${port[alive]}" --psk="$keyfile" --lost-after 3
    client piped gone --psk="$keyfile" --lost-after 3
    exchange client gone
    exchange other alive
    exchange piped gone
    pause 3000 # until all that was said is confirmed
    kill -STOP "$(process gone)"
    expect_exit client 8
    contains client.out 'nothing received from the peer for 3 s' || fail "$(cat client.out)"
    exchange other alive
    runs piped || fail "$(cat piped.err)"
    kill -CONT "$(process gone)"
    exchange piped gone
}

# A user at the listener of a chat sees the names of the senders, and the clients see the name of the listener.
chats() {
    on_terminal server "$DTLSCAT" -lk 127.0.0.1 0 --psk="$keyfile" --chat
    shown_port server
    client alice server --psk="$keyfile" --identity alice
    client bob server --psk="$keyfile" --identity bob
    await 10 has_lines server.out ' connected: ' 2 || fail "$(cat server.out)"
    say alice 'from alice'
    await 10 matches server.out '^<127\.0\.0\.1:[0-9]+> from alice' || fail "$(cat server.out)"
    say server 'from the host'
    hears alice '<host> from the host'
    hears bob '<host> from the host'
    printf '\004' >&"${in[server]}"
    await 10 contains server.out 'end of input: receiving until a signal arrives (Ctrl-C)' ||
        fail "$(cat server.out)"
    say alice 'still here'
    hears server 'still here'
}

# The progress line is updated in place. Without a terminal there is no progress line.
shows_progress() {
    head -c 1000000 /dev/urandom >sent
    stdin=sent listener server --psk="$keyfile"
    on_terminal client sh -c 'exec "$@" >got' - "$DTLSCAT" --progress 127.0.0.1 "${port[server]}" \
        --psk="$keyfile"
    await 10 contains client.out $'\r\033[K1.0 MB in, 0 B out, ' || fail "$(od -c client.out)"
    matches client.out '/s, 0 lost' || fail "$(od -c client.out)"
    kill -TERM "$(process server)"
    expect_exit client 0
    tail -c 300 client.out | tr '\r\n\033' '><!' >end
    matches end '>!\[K1\.0 MB in, 0 B out, [^<>!]*/s, 0 lost><$' || fail "no clean line at the end: $(cat end)"
    listener other --psk="$keyfile" --progress
    client another other --psk="$keyfile" --progress
    exchange another other
    pause 700
    hangup another
    expect_exit another 0
    ((! $(stat -c %s another.err))) || fail "$(cat another.err)"
}

# Received data starts at the beginning of a line, not behind the progress line.
makes_room() {
    listener server --psk="$keyfile"
    on_terminal client "$DTLSCAT" --progress 127.0.0.1 "${port[server]}" --psk="$keyfile"
    await 10 contains client.out '0 B in, 0 B out, ' || fail "$(cat client.out)"
    say server 'from server'
    hears client 'from server'
    await 10 contains client.out $' lost\r\033[Kfrom server\r\n' || fail "$(od -c client.out)"
}

for version in 1.2 1.3; do # the longest first
    t "a peer that has gone, DTLS $version" notices_silence $version
done
t 'a client asks' asks --psk
t 'a client asks when told to' asks --psk=prompt
t 'nothing typed' nothing_typed
t 'interrupted prompt' echo_is_back
t 'asked again after Ctrl-Z' asks_again ctrl-z
t 'asked again after SIGSTOP' asks_again STOP
t 'asked in the foreground' asks_in_foreground
t 'the prompt names host and identity' asks_for '"127.0.0.1" port 9, identity "alice"' --identity alice 127.0.0.1 9
t 'the prompt names the default identity' asks_for '"127.0.0.1" port 9, identity "dtlscat"' 127.0.0.1 9
t 'the prompt quotes an identity' asks_for '"127.0.0.1" port 9, identity "a\x1bb"' --identity $'a\033b' 127.0.0.1 9
t 'the prompt of a listener for all' asks_for 'port 9, any identity' -l 9
t 'the prompt of a listener for one' asks_for 'port 9, identity "alice"' --identity alice -l 9
t 'a listener tells a fresh key' tells_fresh_key
t 'a client with nobody to ask' refuses --psk 127.0.0.1 9
t 'a prompt with nobody to ask' refuses --psk=prompt 127.0.0.1 9
t 'a listener with nobody to tell' refuses --psk -l 127.0.0.1 0
t 'a session on terminals' sees_life 'closing after 0.5 s of silence (-q)'
t 'a session on terminals, -N' sees_life 'closing' -N
t 'a session on terminals, -q -1' sees_life_for_ever
t 'pipes between, stderr a terminal' silent_in_pipes
t 'the host of a chat' chats
t '--progress' shows_progress
t '--progress and data on one terminal' makes_room
finish
