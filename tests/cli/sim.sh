#!/usr/bin/env bash
# --sim: the tool impairs its own datagrams.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

# VERSION SPEC: a session with --sim SPEC at the client. Each end sends a line until the other one has it.
session() {
    listener server --psk="$keyfile" --dtls "$1"
    client client server --psk="$keyfile" --dtls "$1" --sim "$2" -vv --stats -w 60 -q 1
    lines_pass client server
}

# A END, B: a line of END arrives at the other one, sooner or later.
line_passes() {
    say "$1" "from $1"
    contains "$2.out" "from $1"
}

lines_pass() {
    await 30 line_passes "$1" "$2" || fail "nothing from $1: $(tail -n 1 "$1.err")"
    await 30 line_passes "$2" "$1" || fail "nothing from $2: $(tail -n 1 "$2.err")"
}

both_end() {
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# A counter of the line "sim: out=..." or "sim: in=...": DIRECTION COUNTER.
sim_stat() { sed -nE "s/^dtlscat: sim: (.* )?\b$1=[0-9]+.*/&/p" client.err | sed -nE "s/.*\b$2=([0-9]+).*/\1/p"; }

# Prints the decisions about the first ten datagrams of a direction (> or <), without times and lengths.
decisions() { sed -nE "s/^\+[0-9.]+ \(\+[0-9.]+\) $1 +[0-9]+ B +--sim (#[0-9] .*|#10 .*)/\1/p" client.err; }

# A run of the tool has the same decision for each number as another one.
same_decisions() {
    local spec='loss=30%,dup=20%,seed=7' run direction
    for run in first second; do
        mkdir $run && cd $run || fail 'no directory'
        session "$1" "$spec"
        # more datagrams, so that both runs have ten
        await 30 ten_each || fail 'no ten datagrams'
        both_end
        for direction in '>' '<'; do decisions "$direction"; done >../$run.decisions
        cd ..
    done
    [[ -s first.decisions ]] || fail 'no decision'
    same_file first.decisions second.decisions || fail "$(diff first.decisions second.decisions | tr '\n' ' ')"
}

ten_each() {
    say client more
    say server more
    [[ $(grep -cE '\) > +[0-9]+ B' client.err) -gt 30 && $(grep -cE '\) < +[0-9]+ B' client.err) -gt 30 ]]
}

# VERSION DIRECTION NUMBER: the datagram is dropped, and the session works.
one_lost() {
    session "$1" "drop=$2:$3,seed=1"
    both_end
    [[ $(sim_stat "$2" drop) == 1 ]] || fail "$(grep sim: client.err)"
    matches client.err "^\+[0-9.]+ \(\+[0-9.]+\) [<>] +[0-9]+ B +--sim #$3 dropped \(drop\)$" || fail "$(grep -e --sim client.err)"
}

# Both ends impair.
both_ends_impair() {
    local spec='loss=5%,dup=5%,reorder=5%,delay=10ms,jitter=5ms'
    listener server --psk="$keyfile" --dtls "$1" --sim "$spec" -w 60
    client client server --psk="$keyfile" --dtls "$1" --sim "$spec" -w 60 -q 2
    lines_pass client server
    hangup client
    ended client
    ended server
    [[ ${rc[client]} == 0 && ${rc[server]} == 0 ]] || fail "exit ${rc[client]} and ${rc[server]}"
}

# The last data and the close_notify of each end pass the delay, although the listener has nothing to wait for.
last_words() {
    listener server --psk="$keyfile" --dtls "$1" --sim delay=out:500ms,seed=1
    stdin=$TESTDIR/line client client server --psk="$keyfile" --dtls "$1" --sim delay=out:200ms,seed=1 -vv --stats -N
    expect_exit client 0
    expect_exit server 0
    same_file server.out "$TESTDIR/line" || fail 'the data is lost'
    matches client.err ' < .* Alert warning close_notify$' || fail 'no close_notify'
    [[ $(sim_stat out queue) == 0 ]] || fail "$(grep sim: client.err)"
}

# A delayed datagram wakes the tool: here no timer does.
wakes_up() {
    listener server --psk="$keyfile" --dtls "$1" --timer 60s --sim delay=out:30ms,seed=1
    client client server --psk="$keyfile" --dtls "$1" --timer 60s --sim delay=in:30ms,seed=1 -z
    expect_exit client 0
}

catches_signals() {
    local mask
    mask=$(sed -nE 's/^SigCgt:\s*//p' "/proc/$(process "$1")/status")
    ((16#$mask >> 14 & 1))
}

# A second signal does not wait for delayed datagrams.
two_signals() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --sim delay=60s,seed=1
    await 10 catches_signals client || fail 'no signal handlers'
    kill -TERM "$(process client)"
    pause 300
    runs client || fail "it did not wait: $(cat client.err)"
    kill -TERM "$(process client)"
    expect_exit client 143
}

# The seed that was chosen is printed, once, and only if it was not given.
prints_its_seed() {
    listener server --psk="$keyfile" --sim loss=0%
    client client server --psk="$keyfile" --sim loss=0% -q 0
    hangup client
    expect_exit client 0
    has_lines client.err '^dtlscat: --sim: seed=[0-9]\{1,9\}$' 1 || fail "$(cat client.err)"
    has_lines server.err '^dtlscat: --sim: seed=[0-9]\{1,9\}$' 1 || fail "$(cat server.err)"
    listener server --psk="$keyfile"
    client client server --psk="$keyfile" --sim loss=0%,seed=5 -q 0
    hangup client
    expect_exit client 0
    [[ ! -s client.err ]] || fail "$(cat client.err)"
}

# Two options add up; the workers of a listener use one seed.
with_workers() {
    listener server -k --psk="$keyfile" -c cat --workers 2 --sim drop=in:1 --sim loss=0%
    client client server --psk="$keyfile" --timer 100
    say client hello
    hears client hello
    has_lines server.err 'seed=' 1 || fail "$(cat server.err)"
}

# A stream through a slow link with a delay: all of it arrives, not sooner than the link permits.
slow_link() {
    local start end
    head -c 300000 /dev/urandom >bulk
    listener server --psk="$keyfile" --dtls "$1" --stats
    start=${EPOCHREALTIME/./}
    stdin=bulk client client server --psk="$keyfile" --dtls "$1" --sim rate=out:200k,delay=20ms,seed=1 --stats -N
    expect_exit client 0
    end=${EPOCHREALTIME/./}
    expect_exit server 0
    ((end - start > 1000000)) || fail "300 kB in $((end - start)) us"
    (($(stat -c %s server.out) + $(stat_of server lost) * 1232 >= 300000)) || fail "$(stat -c %s server.out) bytes"
}

# Longer datagrams vanish: the probe finds the size that passes.
black_hole() {
    head -c 200000 /dev/urandom >bulk
    listener server --psk="$keyfile" --dtls "$1"
    stdin=bulk client client server --psk="$keyfile" --dtls "$1" --sim mtu=out:600,seed=1 --stats -N
    expect_exit client 0
    expect_exit server 0
    same_file server.out bulk || fail 'the data is lost'
    (($(sim_stat out mtu) > 0)) || fail "$(grep sim: client.err)"
}

# VERSION: a corrupted record is dropped by the receiver, and counted.
corrupts() {
    listener server --psk="$keyfile" --dtls "$1" --stats
    client client server --psk="$keyfile" --dtls "$1" --sim corrupt=12@20,seed=1 -vv --stats -q 1
    exchange client server
    await 20 both_corrupted || fail 'no twelve datagrams'
    both_end
    [[ $(sim_stat out corrupt) == 1 && $(sim_stat in corrupt) == 1 ]] || fail "$(grep sim: client.err)"
    (($(stat_of server dropped) >= 1 && $(stat_of client dropped) >= 1)) || fail "$(grep stats: ./*.err)"
}

both_corrupted() {
    say client more
    say server more
    matches client.err '> .* #12 corrupted \(byte 20, xor 01\)' && matches client.err '< .* #12 corrupted'
}

# The relay of the tests has the same rules.
relay_has_the_rules() {
    listener server --psk="$keyfile"
    relay network server 'sim dup=100%,drop=1,seed=3'
    client client network --psk="$keyfile" --timer 100
    exchange client server
    relay_ends network
    [[ $(relay_dropped network to-server) == 1 && $(relay_dropped network to-client) == 1 ]] || fail "$(cat network.out)"
}

echo 'last words' >"$TESTDIR/line"
for version in 1.2 1.3; do
    t "$version, the same seed twice" same_decisions "$version"
    for direction in in out; do
        for number in 1 2 3; do
            t "$version, drop=$direction:$number" one_lost "$version" "$direction" "$number"
        done
    done
    t "$version, both ends" both_ends_impair "$version"
    t "$version, the end of a session with a delay" last_words "$version"
    t "$version, without timers" wakes_up "$version"
    t "$version, a slow link" slow_link "$version"
    t "$version, a black hole" black_hole "$version"
    t "$version, corruption" corrupts "$version"
done
t 'two signals' two_signals
t 'the seed' prints_its_seed
t 'workers' with_workers
t 'the relay' relay_has_the_rules
finish
