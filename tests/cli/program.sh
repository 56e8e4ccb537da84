#!/usr/bin/env bash
# -e and -c: what programs read and write, and how they end.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

seq 1 200000 >"$TESTDIR/numbers"
printf 'hello\nworld\n' >"$TESTDIR/two"
seq 1400000 -1 1 >"$TESTDIR/unsorted" # 10 MB
sort "$TESTDIR/unsorted" >"$TESTDIR/sorted"

# COMMAND GIVEN EXPECTED [OPTION...]: a client sends the file GIVEN to COMMAND, and receives the file EXPECTED.
answers() {
    local command=$1 given=$2 expected=$3
    shift 3
    listener server -c "$command" --psk="$keyfile" "$@"
    stdin=$given client client server --psk="$keyfile"
    expect_exit client 0
    same_file client.out "$expected" || fail "$(stat -c %s client.out) bytes: $(head -c 60 client.out)"
    expect_exit server 0
}

# The same with text instead of files.
says() {
    printf '%b' "$3" >expected
    answers "$1" "$2" expected "${@:4}"
}

large_writes() {
    head -c 3000000 /dev/zero >expected
    answers 'dd if=/dev/zero bs=1000000 count=3 2>/dev/null' "$TESTDIR/two" expected
}

echoes() { answers "$1" "$TESTDIR/numbers" "$TESTDIR/numbers"; }

# MODE: the program gets the messages of the client in the framing MODE, and responds in it.
framed() {
    listener server -c "cat | tee seen" --frame="$1" --psk="$keyfile"
    stdin=$TESTDIR/two client client server --frame=line --psk="$keyfile"
    expect_exit client 0
    same_file client.out "$TESTDIR/two" || fail "$(cat client.out)"
    same_file seen <(printf '%b' "$2") || fail "the program got $(od -c seen)"
}

# MODE SEEN: both directions, with bytes that only a length can frame.
framed_by_length() {
    printf 'a\0\nb\n\n' >given
    listener server -c 'tee seen' --frame="$1" --psk="$keyfile"
    stdin=given client client server --psk="$keyfile"
    expect_exit client 0
    same_file client.out given || fail "$(od -c client.out)"
    same_file seen <(printf '%b' "$2") || fail "the program got $(od -c seen)"
}

# The program gets JSON objects, and responds with "text" and "data".
framed_as_json() {
    # shellcheck disable=SC2016 # for sh
    listener server -c 'tee seen | while read -r l; do echo "{\"text\":\"got\"}"; echo "{\"data\":\"/wA=\"}"; done' \
        --frame=json --psk="$keyfile"
    stdin=$TESTDIR/two client client server --psk="$keyfile" --frame=line
    expect_exit client 0
    same_file client.out <(printf 'got\n\377\0\ngot\n\377\0\n') || fail "$(od -c client.out)"
    has_lines seen '"data":"[A-Za-z0-9]*=*"' 2 || fail "the program got $(cat seen)"
}

# The program writes more than fits a pipe and ends at once. A slow client then receives all output.
ends_before_it_is_read() {
    local reader
    mkfifo slow
    exec {reader}<>slow
    listener server -c 'head -c 60000 /dev/zero; exit 0' --psk="$keyfile" "$@"
    stdout=slow stdin=/dev/null client client server --psk="$keyfile" "$@"
    await 10 has_no_child "$(process server)" || fail 'the program has not ended'
    timeout "$limit" head -c 60000 <&"$reader" >got
    size_is got 60000 || fail "$(stat -c %s got) bytes"
    exec {reader}>&-
    expect_exit client 0
    expect_exit server 0
}

has_no_child() { [[ -z $(programs_of "$1") ]]; }

# A message that does not fit a record is skipped and reported, and the exit status is 1.
message_too_long() {
    listener server -c 'head -c 2000 /dev/zero | tr "\0" x; echo; echo short' --frame=line --psk="$keyfile"
    client client server --frame=line --psk="$keyfile"
    hears client short
    expect_exit client 0
    expect_exit server 1
    matches server.err 'program(, line [0-9]+)?: message of 2000 bytes not sent' || fail "$(cat server.err)"
}

packets() {
    listener server -c 'dd bs=100 count=2 2>/dev/null' --frame=packet --psk="$keyfile"
    client client server --frame=line --psk="$keyfile"
    say client one
    hears client one
    say client '' # an empty message would be the end of the program's input
    say client two
    hears client two
    expect_exit client 0
    same_file client.out <(printf 'one\ntwo\n') || fail "$(cat client.out)"
}

# COMMAND PATTERN CODE
fails() {
    listener server -c "$1" --psk="$keyfile"
    stdin=$TESTDIR/two client client server --psk="$keyfile"
    expect_exit client 0
    expect_exit server "$3"
    matches server.err "127.0.0.1:[0-9]*: the program ended $2" || fail "$(cat server.err)"
}

# Without -v too, the exit status 11 is explained, in one line.
fails_in_one_line() {
    spawn server "$DTLSCAT" -l 127.0.0.1 0 -c 'cat; exit 3' --psk="$keyfile"
    await_port server
    stdin=$TESTDIR/two client client server --psk="$keyfile"
    expect_exit client 0
    expect_exit server 11
    grep -v 'listening on' server.err >rest
    (($(wc -l <rest) == 1)) || fail "$(cat server.err)"
    matches rest '^dtlscat: 127.0.0.1:[0-9]*: the program ended with status 3$' || fail "$(cat rest)"
}

# With -k the next client is served.
fails_among_many() {
    listener server -k -c 'exit 3' --psk="$keyfile"
    client first server --psk="$keyfile"
    expect_exit first 0
    wait_line server.err 'the program ended with status 3' 10
    client second server --psk="$keyfile"
    expect_exit second 0
    kill -TERM "$(process server)"
    expect_exit server 143
}

# The peer has gone. Further output of its program is discarded, and this is not a failure of the program.
writes_to_nobody() {
    listener server -c 'read -r line; while echo y; do sleep 0.05; done' --lost-after 1 --psk="$keyfile"
    client client server --psk="$keyfile"
    wait_line server.err ' connected' 10
    say client line
    hears client y
    kill -KILL "$(process client)"
    expect_exit server 8
    ! matches server.err 'program ended' || fail "$(cat server.err)"
}

# When the client closes, the program reads the end of its input. The program responds only then.
filters() { answers sort "$TESTDIR/unsorted" "$TESTDIR/sorted" "$@"; }

# NUMBER BYTES: the network drops NUMBER datagrams after the client's data, beginning with the first close_notify.
filters_despite_loss() {
    local lost=$1 bytes=$2
    shift 2
    head -c "$bytes" "$TESTDIR/unsorted" >part
    sort part >expected
    listener server -c 'tee seen | sort' --psk="$keyfile" "$@"
    relay between server
    client client between --psk="$keyfile" "$@"
    cat part >&"${in[client]}"
    await 20 same_file part seen || fail 'not all has arrived'
    relay_rule between "to-server next $lost"
    hangup client
    expect_exit client 0
    same_file client.out expected || fail "$(stat -c %s client.out) bytes"
    expect_exit server 0
}

# A client waits for a slow program, since the dtlscat of that program answers requests.
slow_filter() {
    listener server -c 'cat >/dev/null; sleep 4; echo "done"' --psk="$keyfile" "$@"
    stdin=$TESTDIR/two client client server --psk="$keyfile" "$@"
    expect_exit client 0
    same_file client.out <(echo 'done') || fail "$(cat client.out client.err)"
    expect_exit server 0
}

# The listener is killed before it has sent the whole response.
filter_dies() {
    listener server -c 'cat >/dev/null; echo half; sleep 60' --psk="$keyfile"
    stdin=$TESTDIR/two client client server --psk="$keyfile"
    hears client half
    kill -KILL "$(process server)"
    expect_exit client 8
    matches client.err 'no answer to the close; data from the peer may be incomplete' || fail "$(cat client.err)"
}

# shellcheck disable=SC2016 # for sh
t 'a shell reads line by line' says 'while read -r l; do echo "got $l"; done' "$TESTDIR/two" 'got hello\ngot world\n'
t 'reads of a few bytes' says 'head -c 3; echo; head -c 3' "$TESTDIR/two" 'hel\nlo\n'
t 'reads of one byte' says 'dd bs=1 count=5 2>/dev/null' "$TESTDIR/two" hello
t 'input by name' says 'cat /dev/stdin' "$TESTDIR/two" 'hello\nworld\n'
t 'output by name' says 'cat >/dev/stdout' "$TESTDIR/two" 'hello\nworld\n'
t 'writes of a megabyte' large_writes
t 'an echo of a megabyte: cat' echoes cat
t 'an echo of a megabyte: dd' echoes 'dd bs=1000 2>/dev/null'
t 'an echo of a megabyte: in blocks of a megabyte' echoes 'dd ibs=1000 obs=1000000 2>/dev/null'
t '--frame=line' framed line 'hello\nworld\n'
t '--frame=len16' framed len16 '\0000\0005hello\0000\0005world'
t '--frame=hex' framed hex '68656c6c6f\n776f726c64\n'
t '--frame=len16, any bytes' framed_by_length len16 '\0000\0006a\0000\nb\n\n'
t '--frame=len32, any bytes' framed_by_length len32 '\0000\0000\0000\0006a\0000\nb\n\n'
t '--frame=json' framed_as_json
t '--frame=packet' packets
t 'a message that is too long' message_too_long
for version in 1.2 1.3; do
    t "sort, DTLS $version" filters --dtls "$version"
    for lost in 1 2 3; do
        t "sort, $lost lost at the end, DTLS $version" filters_despite_loss "$lost" 20000 --dtls "$version"
    done
    t "sort of 10 MB, 1 lost at the end, DTLS $version" filters_despite_loss 1 10000000 --dtls "$version"
    t "a program that ends before it is read, DTLS $version" ends_before_it_is_read --dtls "$version"
    t "a program that takes its time, DTLS $version" slow_filter --dtls "$version"
done
t 'a listener that dies before the answer is complete' filter_dies
t 'a status' fails 'cat; exit 3' 'with status 3' 11
t 'a status, without -v' fails_in_one_line
t 'a signal' fails 'cat; kill -9 $$' 'by signal 9' 11
t 'a status, with -k' fails_among_many
t 'a program that writes when its peer has gone' writes_to_nobody
finish
