# shellcheck shell=bash
# Common functions of the shell tests; sourced, never run.
#
# A test script defines functions, queues them with `t NAME FUNCTION ARG...` and ends with `finish`.
# Each runs in a subshell and a directory of its own, $jobs of them at a time. It succeeds by
# returning; `fail WHY` and `skip REASON` leave it. Programs under test are started by `spawn`: the
# test holds their standard input open, sees their output in NAME.out and NAME.err, and every one
# of them has a hard time limit.
# shellcheck disable=SC2034 # what the scripts use

set -u
export LC_ALL=C SHELL=$BASH # script(1) hands commands to $SHELL
unset DTLSCAT_PSK DTLSCAT_PSK_FILE SSLKEYLOGFILE

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DTLSCAT=${DTLSCAT:-$root/build/dtlscat}
[[ $DTLSCAT == /* ]] || DTLSCAT=$PWD/$DTLSCAT
RELAY=$(realpath -m "${BUILD:-$root/build}/tests/peers/relay")
MEMORY=$(realpath -m "${BUILD:-$root/build}/tests/peers/memory")
if [[ -z ${TESTDIR:-} ]]; then
    TESTDIR=$(mktemp -d)
    trap 'rm -rf "$TESTDIR"' EXIT
fi
TESTDIR=$(cd "$TESTDIR" && pwd)
jobs=${TEST_JOBS:-4}
limit=200   # seconds that a program under test may run: only one that hangs needs them
patience=10 # a busy machine may take so many times what an idle one needs

ident=Client_identity
key=000102030405060708090a0b0c0d0e0f
printf 'hex:%s\n' "$key" >"$TESTDIR/key"
printf 'hex:%s\n' "${key/0001/ffff}" >"$TESTDIR/otherkey"
chmod 600 "$TESTDIR/key" "$TESTDIR/otherkey"
keyfile=file:$TESTDIR/key

# Of DTLS 1.2: IANA number, OpenSSL's name (and ours), GnuTLS's priority string
suites='c0a8 PSK-AES128-CCM8 +PSK:+AES-128-CCM-8:+AEAD
c0a9 PSK-AES256-CCM8 +PSK:+AES-256-CCM-8:+AEAD
c0a4 PSK-AES128-CCM +PSK:+AES-128-CCM:+AEAD
c0a5 PSK-AES256-CCM +PSK:+AES-256-CCM:+AEAD
00a8 PSK-AES128-GCM-SHA256 +PSK:+AES-128-GCM:+AEAD
00a9 PSK-AES256-GCM-SHA384 +PSK:+AES-256-GCM:+AEAD
ccab PSK-CHACHA20-POLY1305 +PSK:+CHACHA20-POLY1305:+AEAD
ccac ECDHE-PSK-CHACHA20-POLY1305 +ECDHE-PSK:+CHACHA20-POLY1305:+AEAD'
# And those that neither of them has.
our_suites='d001 ECDHE-PSK-AES128-GCM-SHA256
d002 ECDHE-PSK-AES256-GCM-SHA384
d005 ECDHE-PSK-AES128-CCM-SHA256
d003 ECDHE-PSK-AES128-CCM8-SHA256'
# Those that have to be asked for.
asked_suites='00aa DHE-PSK-AES128-GCM-SHA256 +DHE-PSK:+AES-128-GCM:+AEAD
00ab DHE-PSK-AES256-GCM-SHA384 +DHE-PSK:+AES-256-GCM:+AEAD
c0a6 DHE-PSK-AES128-CCM +DHE-PSK:+AES-128-CCM:+AEAD
c0aa DHE-PSK-AES128-CCM8 +DHE-PSK:+AES-128-CCM-8:+AEAD
ccad DHE-PSK-CHACHA20-POLY1305 +DHE-PSK:+CHACHA20-POLY1305:+AEAD
00ae PSK-AES128-CBC-SHA256 +PSK:+AES-128-CBC:+SHA256
008c PSK-AES128-CBC-SHA +PSK:+AES-128-CBC:+SHA1
c037 ECDHE-PSK-AES128-CBC-SHA256 +ECDHE-PSK:+AES-128-CBC:+SHA256
c035 ECDHE-PSK-AES128-CBC-SHA +ECDHE-PSK:+AES-128-CBC:+SHA1'
all_suites=$suites$'\n'$our_suites$'\n'$asked_suites

# What the line of a connection says between suite and EMS: the group that is the first by default.
group_of() {
    case $1 in
    ECDHE-*) echo 'x25519 ' ;;
    DHE-*) echo 'ffdhe2048 ' ;;
    esac
}

# ---- cases ---------------------------------------------------------------------------------------

names=()
cases=() # their processes
running=0
exec {never}<> <(:) # a descriptor on which a read waits for its timeout

fail() {
    printf '%s\n' "$*" >why
    exit 1
}

skip() {
    printf '%s\n' "$*" >why
    exit 77
}

directory_of() { echo "$TESTDIR/${1//[^A-Za-z0-9.,=-]/_}.d"; }

# Queues one case: NAME FUNCTION ARG...
t() {
    local name=$1
    shift
    if ((running >= jobs)); then
        wait -n
        running=$((running - 1))
    fi
    names+=("$name")
    run_case "$(directory_of "$name")" "$name" "$@" &
    cases+=($!)
    running=$((running + 1))
}

run_case() (
    dir=$1 name=$2
    shift 2
    [[ ! -e $dir ]] || rm -rf "$dir"
    mkdir -p "$dir"
    cd "$dir" || exit 1
    (
        declare -A pid=() in=() port=() rc=()
        trap reap EXIT
        "$@"
    )
    case $? in
    0) printf 'ok %s\n' "$name" >result ;;
    77) printf 'skip %s - %s\n' "$name" "$(cat why)" >result ;;
    *)
        printf 'not ok %s - %s\n' "$name" "$(cat why 2>/dev/null || echo 'unexpected end')" >result
        printf '# %s\n' "$name" >&2
        find . -name '*.err' -exec tail -n 6 {} + >&2
        ;;
    esac
)

# Waits for all cases that are queued.
settle() {
    wait "${cases[@]}"
    cases=()
    running=0
}

# Prints the results in order and leaves.
finish() {
    local name bad=0
    settle
    for name in "${names[@]}"; do
        cat "$(directory_of "$name")/result" 2>/dev/null || echo "not ok $name - no result"
    done >"$TESTDIR/results"
    cat "$TESTDIR/results"
    grep -q '^not ok' "$TESTDIR/results" && bad=1
    exit $bad
}

# ---- time ----------------------------------------------------------------------------------------

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# Polls CONDITION... (a command without output) until it holds. SECONDS are enough on an idle machine; a
# busy one has $patience times as long.
await() {
    local end=$((${EPOCHREALTIME/./} + $1 * patience * 1000000))
    shift
    until "$@"; do
        ((${EPOCHREALTIME/./} < end)) || return 1
        read -rt 0.02 -u "$never" || :
    done
}

# Lets MILLISECONDS pass, for what cannot be awaited: that something does not happen.
pause() { read -rt "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))" -u "$never" || :; }

# Runs FUNCTION ARG... FACTOR for what has to keep pace with a clock: FACTOR is how many times as long as on an
# idle machine it may take. What fails at each pace is not a matter of time.
at_some_pace() {
    local factor
    for factor in 1 4 16; do
        mkdir "pace$factor" && cd "pace$factor" || fail 'no directory'
        (
            trap reap EXIT
            "$@" "$factor"
        ) && return
        cp why .. 2>/dev/null
        cd ..
    done
    exit 1
}

contains() {
    local text=
    IFS= read -rd '' text 2>/dev/null <"$1"
    [[ $text == *"$2"* ]]
}

# Asked again and again, so without a process of its own where the file is short.
matches() {
    local line lines
    mapfile -t lines 2>/dev/null <"$1" || return 1
    if ((${#lines[@]} > 300)); then
        grep -Eq -- "$2" "$1"
        return
    fi
    for line in "${lines[@]}"; do
        [[ $line =~ $2 ]] && return
    done
    return 1
}

# FILE PATTERN NUMBER: that many lines match.
has_lines() { (($(grep -c -- "$2" "$1") == $3)); }

size_is() { (($(stat -c %s "$1" 2>/dev/null || echo 0) >= $2)); }
same_file() { cmp -s "$1" "$2"; }

wait_line() { await "$3" matches "$1" "$2" || fail "no line '$2' in $1"; }

# NAME PATTERN: sends SIGHUP to NAME, which then prints one more line like this.
hup() {
    local before
    before=$(grep -cE -- "$2" "$1.err")
    kill -HUP "$(process "$1")"
    await 10 has_more_matches "$1.err" "$2" "$before" || fail "after SIGHUP, no line '$2' in $1.err"
}
# FILE PATTERN NUMBER: more than that many lines match.
has_more_matches() { (($(grep -cE -- "$2" "$1") > $3)); }

# ---- programs under test -------------------------------------------------------------------------

# Starts COMMAND... as NAME. Its standard input is a pipe that stays open until `hangup NAME`,
# unless $stdin names a file.
spawn() {
    local name=$1 from=${stdin:-$1.in} fd
    shift
    if [[ $from == "$name.in" ]]; then
        [[ -p $from ]] || mkfifo "$from"
        exec {fd}<>"$from"
        in[$name]=$fd
    fi
    : >"$name.pid"
    (
        trap - EXIT
        for fd in "${in[@]}"; do exec {fd}>&-; done
        # shellcheck disable=SC2016 # for the inner shell
        exec env --default-signal=INT,QUIT timeout -k 1 "$limit" sh -c 'echo $$ >"$0"; exec "$@"' "$name.pid" "$@" \
            <"$from" >"${stdout:-$name.out}" 2>"$name.err"
    ) &
    pid[$name]=$!
    await 5 test -s "$name.pid" || fail "$name did not start"
}

say() { printf '%s\n' "$2" >&"${in[$1]}"; }

# Writes FILE to the standard input of NAME, which stays open.
feed() { timeout "$limit" cat "$2" >&"${in[$1]}"; }

hangup() {
    local fd=${in[$1]:-}
    [[ -z $fd ]] || exec {fd}>&-
    unset "in[$1]"
}

# The process itself, behind its time limit.
process() {
    local process
    read -r process <"$1.pid"
    echo "$process"
}

hears() { await "${3:-10}" contains "$1.out" "$2" || fail "$1 did not get '$2'"; }

# Waits for the end of NAME, whose exit code is then ${rc[NAME]}.
ended() {
    wait "${pid[$1]}" 2>/dev/null # bash reports who was killed
    rc[$1]=$?
    unset "pid[$1]"
}

expect_exit() {
    ended "$1"
    [[ ${rc[$1]} == "$2" ]] || fail "$1: exit ${rc[$1]}, expected $2: $(tail -n 1 "$1.err")"
}

# Skips the case if the memory and environment of NAME cannot be read: only root can, if it has a sandbox.
need_inside() { [[ -r /proc/$(process "$1")/mem ]] || skip "the memory of $1 cannot be read"; }

# NAME has not ended yet.
runs() {
    local process
    read -r process <"$1.pid"
    kill -0 "$process" 2>/dev/null
}

# Ends whatever a case has left running.
reap() {
    local name
    for name in "${!pid[@]}"; do kill "${pid[$name]}" 2>/dev/null; done
    for name in "${!pid[@]}"; do wait "${pid[$name]}" 2>/dev/null; done
}

# Prints the first bound UDP port of a process, IPv4 before IPv6.
udp_port() {
    local inodes table
    inodes=$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l ' 2>/dev/null)
    for table in udp udp6; do
        awk -v inodes=" $inodes" '
            NR > 1 && index(inodes, " socket:[" $10 "] ") { split($2, a, ":"); print a[2] }
        ' "/proc/net/$table"
    done | { read -r hex && echo $((16#$hex)); }
}

bound() { grep -q ":$(printf '%04X' "$1") " /proc/net/udp /proc/net/udp6; }

# A port for those who have to name one, from below those that the kernel gives to whoever asks for none:
# nobody takes it in between.
free_port() {
    local first last port
    read -r first last </proc/sys/net/ipv4/ip_local_port_range
    while port=$((first - 1 - RANDOM % 12000)) && bound "$port"; do :; done
    echo "$port"
}

# Only root can see the descriptors of a dtlscat with a sandbox: its port is in its report.
has_port() {
    port[$1]=$(udp_port "$(process "$1")")
    [[ ${port[$1]} || ! -f $1.err ]] || ! matches "$1.err" 'listening on .*:([0-9]+)' || port[$1]=${BASH_REMATCH[1]}
    [[ ${port[$1]} ]]
}

await_port() { await 10 has_port "$1" || fail "$1 does not listen: $(tail -n 1 "$1.err")"; }

# ---- dtlscat -------------------------------------------------------------------------------------

# Starts a listener NAME on a loopback port, $own_port or a free one: NAME OPTION...; the port is ${port[NAME]}.
listener() {
    local name=$1
    shift
    spawn "$name" "$DTLSCAT" -v -l 127.0.0.1 "${own_port:-0}" "$@"
    wait_line "$name.err" 'listening on .*:([0-9]+)' 10
    port[$name]=${BASH_REMATCH[1]}
}

# Starts a client NAME of the listener OF: NAME OF OPTION...
client() {
    local name=$1 of=$2
    shift 2
    spawn "$name" "$DTLSCAT" 127.0.0.1 "${port[$of]}" "$@"
}

# Prints the processes of programs that the process PID has started: its children without the helper.
programs_of() {
    local child name
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        { read -r name <"/proc/$child/comm"; } 2>/dev/null
        [[ $name == dtlscat ]] || echo "$child"
    done
}

# One line each way between two running programs.
exchange() {
    say "$1" "from $1"
    hears "$2" "from $1"
    say "$2" "from $2"
    hears "$1" "from $2"
}

# A counter of the --stats line: NAME COUNTER.
stat_of() { sed -nE "s/^dtlscat: stats: .*\b$2=([0-9]+).*/\1/p" "$1.err"; }

# ---- a network that loses ------------------------------------------------------------------------

# Puts a relay NAME before OF, for clients of NAME: NAME OF RULE...; tests/peers/relay.c has the rules.
relay() {
    local name=$1 of=$2
    shift 2
    spawn "$name" "$RELAY" "${port[$of]}" "$@"
    wait_line "$name.out" '^port ([0-9]+)' 10
    port[$name]=${BASH_REMATCH[1]}
}

# From now on: NAME RULE.
relay_rule() {
    local before
    before=$(grep -cxF "$2" "$1.out")
    say "$1" "$2"
    await 10 has_more_lines "$1.out" "$2" "$before" || fail "$1 did not take '$2'"
}

has_more_lines() { (($(grep -cxF "$2" "$1") > $3)); }

# Ends a relay; then it knows what it has passed and dropped.
relay_ends() {
    kill -TERM "$(process "$1")"
    expect_exit "$1" 0
}

# NAME DIRECTION, of a relay that has ended.
relay_passed() { sed -n "s/^$2 passed \([0-9]*\) .*/\1/p" "$1.out"; }
relay_dropped() { sed -n "s/^$2 .* dropped //p" "$1.out"; }

# ---- peers ---------------------------------------------------------------------------------------

# A missing peer is a failure: the tests install them.
need() { command -v "$1" >/dev/null || fail "$1 is not installed"; }

# The peers take $key and $ident; further arguments go to the program.
s_server() {
    local name=$1 suite=$2
    shift 2
    need openssl
    spawn "$name" openssl s_server -dtls1_2 -accept 127.0.0.1:0 -nocert -psk_identity "$ident" \
        -psk "$key" -cipher "$suite:@SECLEVEL=0" -quiet -naccept 1 "$@"
    await_port "$name"
}

s_client() {
    local name=$1 of=$2 suite=$3
    shift 3
    need openssl
    spawn "$name" openssl s_client -dtls1_2 -connect "127.0.0.1:${port[$of]}" \
        -psk_identity "$ident" -psk "$key" -cipher "$suite:@SECLEVEL=0" -quiet -no_ign_eof \
        -nocommands "$@"
}

priority() { echo "NONE:+VERS-DTLS1.2:$1:+SIGN-ALL:+COMP-NULL:+GROUP-ALL"; }

gnutls_serv() {
    local name=$1 suite=$2
    shift 2
    need gnutls-serv
    printf '%s:%s\n' "$ident" "$key" >"$name.psk"
    # With port 0 it would have another port for IPv6, and /proc/net/udp may leave out a socket now and then.
    port[$name]=$(free_port)
    spawn "$name" gnutls-serv -q --udp --port "${port[$name]}" --echo --pskpasswd "$name.psk" \
        --priority "$(priority "$suite")" "$@"
    await 10 bound "${port[$name]}" || fail "$name does not listen: $(tail -n 1 "$name.err")"
}

gnutls_cli() {
    local name=$1 of=$2 suite=$3
    shift 3
    need gnutls-cli
    spawn "$name" gnutls-cli --udp -p "${port[$of]}" 127.0.0.1 --pskusername "$ident" \
        --pskkey "$key" --priority "$(priority "$suite")" "$@"
}
