#!/usr/bin/env bash
# Handshakes with one worker and with two: the CPU time of the listener per handshake, and the share of one of two
# workers. The runs alternate.
#
#     tests/bench/workers.sh [HANDSHAKES [ROUNDS]]
#
# Each client has a program. The time to start the programs is counted, the time that they run is not.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

handshakes=${1:-1000} rounds=${2:-${BENCH_RUNS:-5}}
declare -A pid=() in=() port=() rc=()
cd "$TESTDIR" || exit 1
trap 'reap; rm -rf "$TESTDIR"' EXIT

# NAME: prints the process IDs of the workers of this listener.
workers_of() { cat "/proc/$(process "$1")/task/$(process "$1")/children"; }

# PROCESS: prints its CPU time in nanoseconds.
cpu() { cut -d ' ' -f 1 "/proc/$1/schedstat"; }

# NUMBER of workers: prints nanoseconds per handshake, then handshakes per worker.
round() {
    local name=w$1-$RANDOM worker before=0 after=0 shares
    # shellcheck disable=SC2016 # for sh
    listener "$name" -k --workers "$1" -m 1000 --psk="$keyfile" -c 'echo $PPID >>served; exec cat >/dev/null' >&2
    await 10 has_workers "$name" "$1" || fail 'no workers'
    for worker in $(workers_of "$name"); do before=$((before + $(cpu "$worker"))); done
    : >served
    seq "$handshakes" | xargs -P 4 -I{} "$DTLSCAT" -z --psk="$keyfile" -w 20 127.0.0.1 "${port[$name]}" 2>/dev/null
    await 10 has_lines served '' "$handshakes" || echo "only $(wc -l <served) handshakes" >&2
    for worker in $(workers_of "$name"); do after=$((after + $(cpu "$worker"))); done
    shares=$(sort served | uniq -c | awk '{ print $1 }' | tr '\n' ' ')
    kill -TERM "$(process "$name")"
    ended "$name"
    echo $(((after - before) / handshakes)) "$shares"
}

has_workers() { (($(workers_of "$1" | wc -w) == $2)); }

figure='server CPU of a handshake, by number of workers' share='handshakes of one of two workers'
for ((i = 0; i < rounds; i++)); do
    for workers in 1 2; do
        round "$workers" >last
        read -r ns shares <last
        printf 'sample\t%s\tus\t%s\t%s\n' "$figure" "$workers" "$((ns / 1000))"
        ((workers == 1)) || printf 'sample\t%s\t%%\tshare\t%s\n' "$share" "$((100 * ${shares%% *} / handshakes))"
    done
done
printf 'ratio\t%s\t2\t1\n' "$figure"
