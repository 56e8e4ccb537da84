#!/usr/bin/env bash
# -k: a listener serves many clients at once, and no client can disturb another. -e and -c: each client has a program.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

head -c 1000000 /dev/urandom >"$TESTDIR/megabyte"

# ---- a crowd -------------------------------------------------------------------------------------

# Prints 100 messages of 1 to 1200 random bytes, in lines of hex.
messages() {
    head -c 120000 /dev/urandom | od -An -vtx1 -w1200 |
        awk -v seed="$1" 'BEGIN { srand(seed) } { gsub(/ /, ""); print substr($0, 1, 2 * int(1 + rand() * 1200)) }'
}

# NUMBER: the client sends its messages, and receives them back. The windows of all clients together fit the receive
# buffer of the listener, so that nothing is lost however busy the machine is.
one_of_the_crowd() {
    timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" --mtu 1400 --frame=hex -W 100 \
        -w 150 --window 4000 <"$1/sent" >"$1/got" 2>"$1/err"
    echo $? >"$1/code"
}

descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
has_no_child() { [[ -z $(programs_of "$1") ]]; }

crowd() {
    local i server before start clients=()
    for ((i = 0; i < 200; i++)); do
        mkdir "$i"
        messages "$i" >"$i/sent"
    done
    listener server -k -e cat --frame=len16 --mtu 1400 --psk="$keyfile"
    server=$(process server)
    before=$(descriptors "$server")
    start=$(now_ms)
    for ((i = 0; i < 200; i++)); do
        one_of_the_crowd "$i" &
        clients+=($!)
    done
    wait "${clients[@]}"
    echo "# 200 clients: $(($(now_ms) - start)) ms" >&2
    for ((i = 0; i < 200; i++)); do
        [[ $(cat "$i/code") == 0 ]] || fail "client $i: $(cat "$i/code") $(cat "$i/err")"
        same_file "$i/sent" "$i/got" || fail "client $i got something else"
    done
    await 5 has_no_child "$server" || fail "children: $(programs_of "$server")"
    (($(descriptors "$server") == before)) || fail "$(descriptors "$server") descriptors, $before before"
    kill -TERM "$server"
    expect_exit server 143
}

# ---- those who disturb ---------------------------------------------------------------------------

# PORT: sends random datagrams to a port.
flood() {
    while :; do
        head -c 60000 /dev/urandom >"/dev/udp/127.0.0.1/$1"
        printf '\x16\xfe\xfd%032d' 0 >"/dev/udp/127.0.0.1/$1"
        printf '\x17\xfe\xfd\0\1%032d' 0 >"/dev/udp/127.0.0.1/$1"
    done 2>/dev/null
}

undisturbed() {
    local flooder fourth
    listener server -k -c 'cat >>"$PWD/taken-${DTLSCAT_PEER##*:}"' --psk="$keyfile"
    client dead server --psk="$keyfile" -p "$(free_port)"
    wait_line server.err 'connected' 5
    port[dead]=$(udp_port "$(process dead)")
    kill -KILL "$(process dead)"
    ended dead
    half_open
    flood "${port[server]}" &
    flooder=$!
    fourth=$(free_port)
    stdin=$TESTDIR/megabyte client fourth server --psk="$keyfile" -v -N -p "$fourth"
    wait_line fourth.err connected 1
    expect_exit fourth 0
    kill "$flooder"
    wait "$flooder" 2>/dev/null
    await 5 same_file "$TESTDIR/megabyte" "taken-$fourth" || fail 'not the same'
    # The dead client would be closed only after the five minutes of --idle.
    client again server --psk="$keyfile" -v -p "${port[dead]}"
    wait_line again.err connected 1
    wait_line server.err 'replaced by a new session of the peer' 1
    ! matches server.err 'closed after silence' || fail 'the dead one has only run out'
    ! matches half.err ' connected' || fail 'the half-open one is connected'
}

# The handshake of a client stops half way: its network passes the cookie, and no longer datagram.
half_open() {
    relay network server 'to-client larger 80' 'to-client every 1'
    client half network --psk="$keyfile" --dtls 1.2 -vv
    wait_line half.err '> .*ClientHello msg1' 5
}

# A client that reads nothing gets only what fits its buffers, and the other client gets all data.
# shellcheck disable=SC2034 # the descriptor keeps the pipe open
slow_one() {
    mkfifo never
    exec {never_read}<>never
    head -c 3000000 "$TESTDIR/megabyte" /dev/zero | head -c 3000000 >large
    stdin=large listener server -k --psk="$keyfile" --broker
    stdout=never client slow server --psk="$keyfile"
    wait_line server.err connected 5
    client quick server --psk="$keyfile"
    await 10 size_is quick.out 2000000 || fail "$(stat -c %s quick.out) bytes"
}

two_connected() { (($(grep -c ' connected: ' server.err) == 2)); }

# A fast sender waits for two clients that read equally fast, so that both get all data.
equal_ones() {
    local name
    head -c 60000000 /dev/urandom >sent
    stdout=/dev/null listener server -k --psk="$keyfile" --broker --stats
    for name in one two; do
        client $name server --psk="$keyfile"
    done
    await 10 two_connected
    stdin=sent client sender server --psk="$keyfile" -N
    expect_exit sender 0
    for name in one two; do
        await 20 same_file $name.out sent || fail "$name got $(stat -c %s $name.out) bytes"
    done
    kill -TERM "$(process server)"
    expect_exit server 143
    ! matches server.err 'unsent=[1-9]' || fail 'messages were discarded'
}

# Several senders together do not send more than the queues of the readers hold.
several_senders() {
    local name
    head -c 8000000 /dev/urandom >sent
    stdout=/dev/null listener server -k --broker --stats --psk="$keyfile"
    for name in one two; do
        client $name server --psk="$keyfile" --recv-only
    done
    await 10 two_connected
    for name in a b c; do
        stdin=sent client $name server --psk="$keyfile" --send-only
    done
    for name in a b c; do
        expect_exit $name 0
    done
    for name in one two; do
        await 20 size_is $name.out 24000000 || fail "$name got $(stat -c %s $name.out) bytes"
    done
}

# The only other client is dead. Data for it does not delay the sender.
dead_one() {
    listener server -k --broker --psk="$keyfile"
    client dead server --psk="$keyfile"
    exchange dead server
    kill -STOP "$(process dead)"
    head -c 6000000 /dev/urandom >sent
    stdin=sent client sender server --psk="$keyfile" -N
    await 20 size_is server.out 6000000 || fail "$(stat -c %s server.out) bytes"
    expect_exit sender 0
    kill -KILL "$(process dead)"
}

# ---- who gets what -------------------------------------------------------------------------------

to_all() {
    listener server -k --psk="$keyfile"
    client one server --psk="$keyfile"
    client two server --psk="$keyfile"
    exchange one server
    say two 'two is here'
    hears server 'two is here'
    say server 'to all'
    hears one 'to all'
    hears two 'to all'
    say one 'from one again'
    hears server 'from one again'
    ! contains two.out 'from one' || fail 'two heard one'
}

relayed() {
    listener server -k --broker --psk="$keyfile"
    client one server --psk="$keyfile"
    exchange one server
    client two server --psk="$keyfile"
    exchange two server
    hears one 'from two'
    say one 'hello two'
    hears two 'hello two'
    hears server 'hello two'
    ! contains one.out 'hello two' || fail 'one hears itself'
}

chatting() {
    (umask 077 && printf 'alice:hex:%s\nbob:hex:ff%s\n' "$key" "$key" >identities)
    listener server -k --chat --psk=file:identities
    client alice server --psk=file:identities --identity alice
    exchange alice server
    client bob server --psk=file:identities --identity bob
    exchange bob server
    say alice hello
    hears bob '<"alice"> hello'
    hears server hello
}

# A line of JSON addresses one client, or a client that does not exist.
addressed() {
    local one
    listener server -k --frame=json --psk="$keyfile"
    client one server --psk="$keyfile"
    say one 'hello'
    hears server '"data":"aGVsbG8K"'
    one=$(sed -n 's/.*"peer":"\([^"]*\)".*/\1/p' server.out)
    client two server --psk="$keyfile"
    say two 'hi'
    await 5 matches server.out '"data":"aGkK"' || fail "$(cat server.out)"
    say server "{\"peer\":\"$one\",\"text\":\"for one\\n\"}"
    hears one 'for one'
    say server '{"peer":"127.0.0.1:1","text":"for nobody"}'
    wait_line server.err 'no peer has the address "127.0.0.1:1"' 5
    say server '{"text":"for all\n"}'
    hears two 'for all'
    ! contains two.out 'for one' || fail 'two got it'
    kill -TERM "$(process server)"
    expect_exit server 143
}

# NAME IDENTITY-IN-JSON OPTION...: starts a client. ${peer[NAME]} is its address.
json_client() {
    local name=$1 identity=$2
    shift 2
    client "$name" server "$@"
    say "$name" "I am $name"
    await 10 grep -qF "\"data\":\"$(printf 'I am %s\n' "$name" | base64)\"" server.out ||
        fail "$name is not there: $(cat server.out)"
    peer[$name]=$(grep -F "\"data\":\"$(printf 'I am %s\n' "$name" | base64)\"" server.out |
        sed 's/.*"peer":"\([^"]*\)".*/\1/')
    grep -qF "\"peer\":\"${peer[$name]}\",\"identity\":\"$identity\"," server.out || fail "$(cat server.out)"
}

# A message with an identity is sent if exactly one session has that identity. Other such lines are errors, and are sent
# to no client.
addressed_by_identity() {
    declare -A peer
    local line number=0
    (umask 077 && printf '%s:hex:%s\n' alice "$key" bob "$key" '#ff00' "$key" >keys)
    listener server -k --frame=json --psk=file:keys
    json_client alice alice --psk="$keyfile" --identity alice
    json_client bob bob --psk="$keyfile" --identity bob
    json_client again bob --psk="$keyfile" --identity bob
    (umask 077 && grep '^#' keys >odd)
    json_client odd '#ff00' --psk=file:odd
    say server '{"identity":"alice","text":"1\n"}'
    say server "{\"identity\":\"bob\",\"peer\":\"${peer[again]}\",\"text\":\"2\n\"}"
    say server '{"identity":"#FF00","len":1,"text":"3\n"}'
    while read -r line; do
        say server "$line"
        number=$((number + 1))
    done <<-END
	{"identity":"bob","text":"no"}
	{"identity":"bob","peer":"${peer[alice]}","text":"no"}
	{"identity":"Alice","text":"no"}
	{"identity":"alic","text":"no"}
	{"identity":"","text":"no"}
	{"peer":"","text":"no"}
	{"peer":"${peer[alice]} ","text":"no"}
	{"identty":"alice","text":"no"}
	{"peers":"${peer[alice]}","text":"no"}
	{"peer":null,"text":"no"}
	{"peer":"${peer[alice]}","peer":"${peer[bob]}","text":"no"}
	{"identity":"alice\\u0000","text":"no"}
	{"identity":"alice","to":"bob","text":"no"}
	$(printf '{"identity":"\xe4","text":"no"}')
	END
    await 10 has_lines server.err 'stdin, line [0-9]*: message not sent' $number ||
        fail "$(grep -c 'not sent' server.err) of $number: $(cat server.err)"
    matches server.err '2 sessions have the identity "bob": add the member "peer"' || fail "$(cat server.err)"
    matches server.err 'no peer has the address "[^"]*" and the identity "bob"' || fail "$(cat server.err)"
    matches server.err 'no peer has the identity "alic"' || fail "$(cat server.err)"
    matches server.err 'unknown member "identty"' || fail "$(cat server.err)"
    say server '{"text":"all"}'
    for name in alice bob again odd; do hears "$name" all; done
    printf '1\nall' >alice.expected
    printf 'all' >bob.expected
    printf '2\nall' >again.expected
    printf '3\nall' >odd.expected
    for name in alice bob again odd; do
        same_file "$name.out" "$name.expected" || fail "$name: $(cat "$name.out")"
    done
    hangup server
    kill -TERM "$(process server)"
    expect_exit server 143
}

# A program can send only to its own client, also with an address in JSON.
program_addresses() {
    listener server -k --frame=json --psk="$keyfile" -c \
        'read -r line; echo "{\"identity\":\"bob\",\"text\":\"no\"}"; echo "${line%\"len\"*}\"text\":\"yes\"}"'
    client alice server --psk="$keyfile" --identity alice
    say alice 'hello'
    hears alice 'yes'
    expect_exit alice 0
    printf yes >expected
    same_file alice.out expected || fail "$(cat alice.out)"
    wait_line server.err 'not sent: no peer has the identity "bob"' 5
}

# ---- programs ------------------------------------------------------------------------------------

environment() {
    listener server -k -c 'env | grep ^DTLSCAT_ | sort; cat' --psk="$keyfile"
    client client server --psk="$keyfile" --dtls 1.2 --suite PSK-AES128-CCM8 --identity alice
    hears client 'DTLSCAT_VERSION=1.2'
    matches client.out '^DTLSCAT_PEER=127\.0\.0\.1:[0-9]+$' || fail "$(cat client.out)"
    matches client.out '^DTLSCAT_IDENTITY=alice$' || fail "$(cat client.out)"
    matches client.out '^DTLSCAT_SUITE=PSK-AES128-CCM8$' || fail "$(cat client.out)"
    (($(grep -c ^DTLSCAT_ client.out) == 4)) || fail "$(cat client.out)"
}

# A listener keeps no data of clients that have left, though their identities may be long.
forgotten() {
    local i before name
    ! grep -q __asan_init "$DTLSCAT" || skip 'the sanitizer keeps what is freed'
    listener server -k -c 'echo ${#DTLSCAT_IDENTITY}' --psk="$keyfile"
    for ((i = 0; i < 40; i++)); do
        name=$(printf '%050000d' "$i")
        client client server --psk="$keyfile" --identity "$name"
        expect_exit client 0
        [[ $(cat client.out) == 50000 ]] || fail "$(cat client.out)"
        ((i != 10)) || before=$(memory server)
    done
    (($(memory server) < before + 700)) || fail "$before kB before, $(memory server) kB after"
}

memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(process "$1")/status"; }

# When a program ends, the session of its client is closed, and its output has arrived.
program_ends() {
    listener server -k -c 'cat "$0"; exit 3' --psk="$keyfile"
    listener server2 -k -c "cat '$TESTDIR/megabyte'" --psk="$keyfile"
    client client server2 --psk="$keyfile"
    expect_exit client 0
    same_file client.out "$TESTDIR/megabyte" || fail "$(stat -c %s client.out) bytes"
    client client server2 --psk="$keyfile"
    expect_exit client 0
}

# The output of a program is sent, even if the program has not read its input.
program_reads_nothing() {
    local i
    listener server -k -c 'while [ ! -e "go$DTLSCAT_IDENTITY" ]; do sleep 0.01; done; echo answer' --psk="$keyfile"
    for i in 1 2 3 4 5 6; do
        client "$i" server --psk="$keyfile" --identity "$i" -v
        say "$i" question
        wait_line "$i.err" connected 5
        pause 100
        : >"go$i"
        expect_exit "$i" 0
        [[ $(cat "$i.out") == answer ]] || fail "no answer to client $i"
    done
}

# The program reads all data that its client sent before it closed.
client_leaves() {
    listener server -k -c 'sleep 1; cat >all' --psk="$keyfile"
    stdin=$TESTDIR/megabyte client client server --psk="$keyfile" -N
    expect_exit client 0
    await 10 same_file all "$TESTDIR/megabyte" || fail "$(stat -c %s all) bytes"
}

program_of_a_client() {
    listener server --psk="$keyfile"
    spawn client "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" -e cat
    say server 'there and back'
    hears server 'there and back'
    kill -TERM "$(process client)"
    expect_exit client 143
    expect_exit server 0
}

no_such_program() {
    spawn server "$DTLSCAT" -lk 127.0.0.1 0 -e './no such program' --psk="$keyfile"
    expect_exit server 2
    matches server.err 'cannot start ./no such program: No such file.*-c a shell command' ||
        fail "$(cat server.err)"
    spawn caller "$DTLSCAT" 127.0.0.1 9 --psk="$keyfile" -e ./none
    expect_exit caller 2
}

# ARG... PROGRAM: runs PROGRAM, which the system finds with the environment of env ARG....
found_by_path() {
    local program=${!#}
    printf '#!/bin/sh\nexec /bin/cat\n' >hand
    chmod +x hand
    spawn server env "${@:1:$#-1}" "$DTLSCAT" -v -l 127.0.0.1 0 --psk="$keyfile" -e "$program"
    await_port server
    client client server --psk="$keyfile"
    say client hello
    hears client hello
}

# The program exists when the listener starts, and is then removed.
program_that_goes() {
    printf '#!/bin/sh\ncat\n' >program
    chmod +x program
    listener server -k -e ./program --psk="$keyfile"
    rm program
    client client server --psk="$keyfile"
    expect_exit client 8
    wait_line server.err 'cannot start ./program: No such file' 5
}

# SIGTERM is forwarded to the programs.
stopped() {
    listener server -k -c 'trap "echo told >told; exit" TERM; while :; do sleep 0.1; done' --psk="$keyfile"
    client client server --psk="$keyfile"
    wait_line server.err connected 5
    kill -TERM "$(process server)"
    expect_exit server 143
    [[ -s told ]] || fail 'the program was not told'
    expect_exit client 0
}

# A client that starts again replaces its old session, even if the old program has not ended or read its input.
two_programs() {
    stdin=/dev/null listener server -k -m 2 -c 'sleep 30' --psk="$keyfile"
    port[old]=$(free_port)
    stdin=$TESTDIR/megabyte client old server --psk="$keyfile" -p "${port[old]}" --window 0
    client other server --psk="$keyfile"
    await 5 both_connected || fail "$(cat server.err)"
    pause 300
    kill -KILL "$(process old)"
    ended old
    client new server --psk="$keyfile" -v -p "${port[old]}"
    wait_line new.err connected 5
    say new 'from new'
    pause 300
    kill -TERM "$(process server)"
    expect_exit server 143
}

# ---- limits --------------------------------------------------------------------------------------

too_many() {
    listener server -k -m 2 --psk="$keyfile"
    client one server --psk="$keyfile"
    client two server --psk="$keyfile"
    exchange one server
    await 5 both_connected || fail "$(cat server.err)"
    client three server --psk="$keyfile"
    expect_exit three 8
    wait_line server.err 'the limit of -m is reached' 5
    hangup one
    expect_exit one 0
    client four server --psk="$keyfile"
    say four 'from four'
    hears server 'from four'
}

both_connected() { (($(grep -c ' connected: ' server.err) == 2)); }

idle_ones() {
    listener server -k --idle 500ms --psk="$keyfile"
    echo 'from one' >first
    echo 'from two' >second
    stdin=first client one server --psk="$keyfile" -q -1
    hears server 'from one'
    expect_exit one 0
    wait_line server.err 'closed after silence' 10
    stdin=second client two server --psk="$keyfile"
    hears server 'from two'
}

# FACTOR: a client that answers requests is not closed for silence.
kept_alive() {
    listener server -k --idle $((600 * $1))ms --psk="$keyfile"
    client one server --psk="$keyfile" --keepalive $((100 * $1))ms
    exchange one server
    pause $((1500 * $1))
    say one 'still here'
    hears server 'still here'
    kill -STOP "$(process server)"
    expect_exit one 8
    matches one.err 'nothing received from the peer for' || fail "$(cat one.err)"
    kill -CONT "$(process server)"
}

not_from_there() {
    listener server -k --psk="$keyfile" --deny 127.0.0.0/8,::1
    client client server --psk="$keyfile" -w 300ms
    expect_exit client 5
    listener second -k --psk="$keyfile" --allow 192.0.2.0/24,127.0.0.1
    client client second --psk="$keyfile"
    exchange client second
    listener third -k --psk="$keyfile" --allow 192.0.2.0/24
    client client2 third --psk="$keyfile" -w 300ms
    expect_exit client2 5
    listener fourth -k --psk="$keyfile" --allow 127.0.0.0/8 --deny 127.0.0.1
    client client3 fourth --psk="$keyfile" -w 300ms
    expect_exit client3 5
}

# ---- signals -------------------------------------------------------------------------------------

new_keys() {
    (umask 077 && printf 'alice:hex:%s\n' "$key" >identities)
    listener server -k --psk=file:identities
    client alice server --psk=file:identities --identity alice
    exchange alice server
    (umask 077 && printf 'alice:hex:%s\nbob:hex:ff%s\n' "$key" "$key" >identities)
    hup server 'keys: 2 identities'
    client bob server --psk=file:identities --identity bob
    say bob 'from bob'
    hears server 'from bob'
    say alice 'still here'
    hears server 'still here'
    chmod 644 identities
    hup server 'the keys that were loaded before remain in use'
    chmod 600 identities
    client bob2 server --psk=file:identities --identity bob
    say bob2 'from bob again'
    hears server 'from bob again'
    echo 'text:ali' >identities
    hup server 'has a key without an identity'
    (umask 077 && echo 'text:ali' >ali)
    client stranger server --psk=file:ali --identity stranger
    expect_exit stranger 6
}

# An older timeout(1) resets the signals that nohup(1) ignores, so nohup comes after timeout.
under_nohup() {
    printf '#!/bin/sh\nexec nohup "%s" "$@"\n' "$DTLSCAT" >dtlscat
    chmod +x dtlscat
    DTLSCAT=$PWD/dtlscat
    "$@"
}

hangup_is_ignored() {
    listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    exchange client server
    kill -HUP "$(process server)" "$(process client)"
    exchange client server
}

counters() {
    listener server -k --psk="$keyfile"
    kill -USR1 "$(process server)"
    wait_line server.err 'no peer is connected' 5
    client one server --psk="$keyfile"
    exchange one server
    kill -USR1 "$(process server)"
    wait_line server.err '127.0.0.1:[0-9]+ so far; in 1 record 9 B, .* out 1 record 12 B' 5
    kill -USR1 "$(process one)"
    wait_line one.err '^dtlscat: so far; in 1 record ' 5
    exchange one server
}

t '200 clients at once' crowd
settle
t 'dead, half-open and flooding clients' undisturbed
t 'a slow client' slow_one
t 'two clients that read equally fast' equal_ones
t 'two clients that read equally fast, and three senders' several_senders
t 'a dead client' dead_one
t 'stdin to all' to_all
t '--broker' relayed
t '--chat' chatting
t 'JSON to one' addressed
t 'to an identity' addressed_by_identity
t 'to an identity, by a program' program_addresses
t '-c: environment' environment
t '-c: clients are forgotten' forgotten
t '-c: the program ends' program_ends
t '-c: the program reads nothing' program_reads_nothing
t '-c: the client leaves' client_leaves
t '-e of a client' program_of_a_client
t '-e: no such program' no_such_program
t '-e: found in this directory' found_by_path PATH=/nowhere: hand
t '-e: found without PATH' found_by_path -u PATH cat
t '-e: the program goes away' program_that_goes
t '-c: stopped' stopped
t '-c: a client starts anew' two_programs
t '-m' too_many
t '--idle' idle_ones
t '--keepalive' at_some_pace kept_alive
t '--allow, --deny' not_from_there
t 'SIGHUP reads keys' new_keys
t 'SIGHUP reads keys under nohup, too' under_nohup new_keys
t 'SIGHUP ends nothing under nohup' under_nohup hangup_is_ignored
t 'SIGUSR1 shows counters' counters
finish
