#!/usr/bin/env bash
# --workers: several processes serve one port.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317,SC2016 # cases are run by name; $PPID is for sh
. "$(dirname "$0")/../lib.sh"

# OPTION...: each client is sent the process that serves it, and what it has sent.
farm() { listener server -k -c 'echo worker $PPID; cat' --psk="$keyfile" "$@"; }

# NAME OF OPTION...: sets $worker.
visitor() {
    client "$@" --psk="$keyfile" -v
    wait_line "$1.out" '^worker ([0-9]+)$' 20
    worker=${BASH_REMATCH[1]}
    exchange_with_program "$1"
}

exchange_with_program() {
    say "$1" "from $1 $SRANDOM"
    await 10 matches "$1.out" '^from ' || fail "no echo for $1"
}

leaves() {
    hangup "$1"
    expect_exit "$1" 0
}

stops() {
    kill -TERM "$(process server)"
    expect_exit server 143
    await 10 workers_are_gone || fail 'workers are left'
}

workers_are() {
    local supervisor
    supervisor=$(process server)
    read -ra workers <"/proc/$supervisor/task/$supervisor/children" || :
    ((${#workers[@]} == $1))
}
workers_are_gone() {
    local pid
    for pid in "${workers[@]}"; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}
await_workers() { await 10 workers_are "$1" || fail "${#workers[@]} workers"; }

# Connects clients until two workers serve one each: a, which $first serves, and b, which $second serves.
two_workers() {
    local i
    visitor a server
    first=$worker
    for ((i = 0; i < 60; i++)); do
        visitor b server
        second=$worker
        [[ $first == "$second" ]] || return 0
        leaves b
        rm -f b.out
    done
    fail 'all clients have the same worker'
}

all_take_part() {
    local -A seen=()
    local i
    farm --workers 3
    await_workers 3
    for ((i = 0; i < 100 && ${#seen[@]} < 3; i++)); do
        visitor client server
        seen[$worker]=1
        leaves client
        rm -f client.out
    done
    ((${#seen[@]} == 3)) || fail "only ${#seen[@]} workers serve"
    for worker in "${!seen[@]}"; do
        [[ " ${workers[*]} " == *" $worker "* ]] || fail "$worker is no worker"
    done
    stops
}

# A dead worker is started again, and serves. The session at the other worker continues.
dies() {
    farm --workers 2
    await_workers 2
    two_workers
    kill -KILL "$first"
    wait_line server.err "worker [12] \(process $first\) was killed by signal 9 .*: its sessions are lost; starting it again" 10
    await_workers 2
    [[ " ${workers[*]} " == *" $second "* ]] || fail 'the other worker is gone'
    say b 'still there'
    hears b 'still there'
    # a new client of the same port, which the kernel gives to the same worker
    kill -KILL "$(process a)"
    ended a
    for ((i = 0; i < 60; i++)); do
        visitor c server
        leaves c
        rm -f c.out
        [[ $worker == "$second" ]] || break
    done
    [[ $worker != "$second" ]] || fail 'the new worker serves nobody'
    leaves b
    stops
}

# The kernel selects the same worker as before: a worker that has died leaves its socket to the next.
others_keep_their_clients() {
    local i names=()
    farm --workers 4
    for ((i = 0; i < 8; i++)); do
        visitor "c$i" server
        names+=("$worker")
    done
    kill -KILL "${names[0]}"
    wait_line server.err 'starting it again' 10
    for ((i = 0; i < 8; i++)); do
        [[ ${names[i]} != "${names[0]}" ]] || continue
        say "c$i" 'still there'
        hears "c$i" 'still there'
    done
}

too_many_die() {
    local i died
    farm --workers 2
    await_workers 2
    for ((i = 0; i < 5; i++)); do
        await_workers 2
        died=${workers[0]}
        kill -ILL "$died" # a sanitizer exits by itself on SIGSEGV
        wait_line server.err "worker . \(process $died\) " 10
    done
    expect_exit server 132
    (($(grep -c 'starting it again' server.err) == 4)) || fail "$(cat server.err)"
    has_lines server.err 'five workers have died within a minute, so the run ends' 1 || fail "$(cat server.err)"
}

supervisor_dies() {
    farm --workers 2
    await_workers 2
    visitor client server
    kill -KILL "$(process server)"
    ended server
    await 10 workers_are_gone || fail 'workers are left'
    expect_exit client 0
}

group_of_process() { awk '{ print $5 }' "/proc/$1/stat"; }

# Ctrl-C on the terminal is sent to a process group. The workers get it from the supervisor, once: a second
# signal would end them without close_notify.
interrupted() {
    farm --workers 2
    await_workers 2
    visitor client server
    for worker in "${workers[@]}"; do
        [[ $(group_of_process "$worker") != "$(group_of_process "$(process server)")" ]] || fail 'one group'
    done
    kill -INT "$(process server)"
    expect_exit server 130
    expect_exit client 0
}

# Under nohup(1) the end of a terminal does not end the run.
nohup_run() {
    export DTLSCAT_PSK=hex:$key # no key file, which SIGHUP would load again
    spawn server nohup "$DTLSCAT" -v -lk 127.0.0.1 0 -c 'echo worker $PPID; cat' --workers 2
    wait_line server.err 'listening on .*:([0-9]+)' 10
    port[server]=${BASH_REMATCH[1]}
    await_workers 2
    kill -HUP "$(process server)"
    kill -USR1 "$(process server)"
    visitor client server
}

# SIGHUP loads the keys in each worker, and in those that are started later.
reloads() {
    cp "$TESTDIR/key" keys
    chmod 600 keys
    listener server -k -c 'echo worker $PPID; cat' --psk=file:keys --workers 2
    await_workers 2
    cp "$TESTDIR/otherkey" keys
    hup server 'key: 16 bytes'
    await 10 serves_both_with "file:$TESTDIR/otherkey" || fail 'not all workers have the new key'
    kill -KILL "${workers[0]}"
    wait_line server.err 'starting it again' 10
    await_workers 2
    await 10 serves_both_with "file:$TESTDIR/otherkey" || fail 'a later worker has the old key'
    # a file that cannot be parsed is reported once, and changes nothing
    echo nonsense:x: >keys
    hup server 'the keys that were loaded before remain in use'
    serves_both_with "file:$TESTDIR/otherkey" || fail 'the keys are lost'
    has_lines server.err 'remain in use' 1 || fail "$(cat server.err)"
    has_lines server.err '^dtlscat: key: 16 bytes' 2 || fail "$(cat server.err)"
}

# PSK: 20 clients, of which none is refused; two workers serve them.
serves_both_with() {
    local i
    for ((i = 0; i < 20; i++)); do
        echo x | "$DTLSCAT" -w 5 -q 0 127.0.0.1 "${port[server]}" --psk="$1" 2>/dev/null || return 1
    done | sort -u | grep -c worker | grep -qx 2
}

counters() {
    farm --workers 2
    await_workers 2
    two_workers
    kill -USR1 "$(process server)"
    await 10 has_lines server.err 'so far' 2 || fail "$(cat server.err)"
}

# What is sent before the listener has checked the new address is answered at the old one.
is_answered() {
    say "$1" 'from a new address'
    pause 100
    contains "$1.out" 'from a new address'
}

# VERSION: a datagram of a new address reaches the worker that has issued the connection ID.
moves() {
    farm --workers 4 --cid --dtls "$1"
    relay path server
    for ((i = 0; i < 8; i++)); do
        visitor "c$i" path --cid
        relay_rule path 'rebind 0'
        await 10 is_answered "c$i" || fail "c$i is not answered at its new address"
        leaves "c$i"
    done
    (($(grep -c ' moved to ' server.err) >= 8)) || fail "$(cat server.err)"
}

# A ticket of one worker resumes at each.
resumes() {
    local -A seen=()
    farm --workers 2 --dtls "$1"
    for ((i = 0; i < 60 && ${#seen[@]} < 2; i++)); do
        visitor client server --resume ticket
        ((i == 0)) || matches client.err ' connected: .*resumed' || fail "run $i: $(cat client.err)"
        seen[$worker]=1
        await 10 test -s ticket || fail 'no ticket'
        leaves client
        rm -f client.out
    done
    ((${#seen[@]} == 2)) || fail 'all clients have the same worker'
}

port_is_taken() {
    farm --workers 2
    spawn other "$DTLSCAT" -lk 127.0.0.1 "${port[server]}" --workers 2 -c cat --psk="$keyfile"
    expect_exit other 1
    contains other.err 'Address already in use' || fail "$(cat other.err)"
}

# The supervisor writes the port, and no process keeps the descriptor open.
ready_fd() {
    mkfifo ready
    spawn server sh -c 'exec "$@" 7>ready' sh \
        "$DTLSCAT" -lk 127.0.0.1 0 --ready-fd 7 --workers 2 -c cat --psk="$keyfile"
    read -rt 20 "port[server]" <ready || fail 'no port'
    client client server --psk="$keyfile"
    say client hello
    hears client hello
}

is_served_or_refused() { [[ -s $1.out ]] || ! runs "$1"; }

# -m is the limit of the whole run: here at most two clients for each worker.
client_limit() {
    local i served=0
    farm --workers 2 -m 4
    for ((i = 0; i < 16; i++)); do
        client "c$i" server --psk="$keyfile"
        await 10 is_served_or_refused "c$i" || fail "c$i is neither served nor refused"
        [[ ! -s c$i.out ]] || served=$((served + 1))
    done
    ((served > 1 && served <= 4)) || fail "$served clients are served"
}

for version in 1.2 1.3; do
    t "moves-$version" moves "$version"
    t "resumes-$version" resumes "$version"
done
t all-take-part all_take_part
t dies dies
t others-keep-their-clients others_keep_their_clients
t too-many-die too_many_die
t supervisor-dies supervisor_dies
t interrupted interrupted
t nohup nohup_run
t reloads reloads
t counters counters
t port-is-taken port_is_taken
t ready-fd ready_fd
t client-limit client_limit
finish
