#!/usr/bin/env bash
# --secrets: the file of secrets, and listeners that share it.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

first=$(printf '%064d' 1)
second=$(printf '%064d' 2)

write() {
    printf '%s\n' "$@" >secrets
    chmod 600 secrets
}

# EXIT ERROR: a listener does not start.
refuses() {
    timeout "$limit" "$DTLSCAT" -l 127.0.0.1 0 --psk="$keyfile" --secrets secrets </dev/null >out 2>err
    local status=$?
    ((status == $1)) || fail "exit $status: $(cat err)"
    contains err "$2" || fail "$(cat err)"
}

created() {
    listener server --psk="$keyfile" --secrets secrets
    has_lines server.err 'created secrets with a new secret' 1 || fail "$(cat server.err)"
    [[ $(stat -c %a secrets) == 600 ]] || fail "mode $(stat -c %a secrets)"
    matches secrets '^[0-9a-f]{64}$' || fail 'not one secret'
    cp -p secrets before
    listener other --psk="$keyfile" --secrets secrets
    ! contains other.err created || fail 'created again'
    same_file secrets before || fail 'changed'
    [[ $(ls) == *secrets* && ! $(ls secrets.* 2>/dev/null) ]] || fail "left: $(ls)"
}

# Several listeners start at the same time, and read the same secret.
created_once() {
    local i
    for ((i = 0; i < 8; i++)); do
        spawn "s$i" "$DTLSCAT" -v -l 127.0.0.1 0 --psk="$keyfile" --secrets secrets
    done
    for ((i = 0; i < 8; i++)); do wait_line "s$i.err" 'listening on' 10; done
    cat s?.err >all.err
    has_lines all.err 'created secrets' 1 || fail "$(grep created all.err)"
    [[ ! $(ls secrets.* 2>/dev/null) ]] || fail "left: $(ls)"
}

wrong_files() {
    write "$first"
    chmod 640 secrets
    refuses 2 'is accessible to other users (mode 640)'
    write "${first%?}"
    refuses 2 'secrets, line 1: invalid secret of 63 characters: expected 64 hex digits'
    write '# comment' '' "${first/0/g}"
    refuses 2 'secrets, line 3: invalid secret of 64 characters: expected 64 hex digits'
    write "$first"$'\r'"$first"
    refuses 2 'secrets, line 1: invalid secret of 129 characters: expected 64 hex digits'
    printf '%s\n\0%s\n' "$first" "$first" >secrets
    refuses 2 'secrets, line 2: invalid secret of 65 characters: expected 64 hex digits'
    write "$first" "$first" "$first" "$first" "$first"
    refuses 2 'secrets has more than 4 secrets: remove the oldest ones'
    write '# nothing'
    refuses 2 'secrets has no secret: expected a line of 64 hex digits; to start with a new secret, remove the file'
    rm secrets
    mkfifo secrets
    refuses 2 'expected a regular file'
    rm secrets
    ln -s /nowhere/secrets secrets
    refuses 2 'cannot open secrets'
}

not_in_a_message() {
    write "$first" "${second}0"
    refuses 2 'line 2'
    ! contains err "${second:0:16}" || fail 'the secret is shown'
}

of_another_user() {
    (($(id -u) == 0)) || skip 'only root can give a file away'
    write "$first"
    chown 65534 secrets
    refuses 2 'belongs to UID 65534'
}

# OF RESUMED: a client that has a ticket connects to OF.
visits() {
    client "$1-client" "$1" -v --psk="$keyfile" --resume ticket "${@:3}"
    exchange "$1-client" "$1"
    await 10 test -s ticket || fail 'no ticket'
    hangup "$1-client"
    expect_exit "$1-client" 0
    if [[ $2 == resumed ]]; then
        matches "$1-client.err" 'connected: .*resumed' || fail "not resumed at $1: $(cat "$1-client.err")"
    else
        ! matches "$1-client.err" 'connected: .*resumed' || fail "resumed at $1"
    fi
    rm "$1-client.out"
}

tickets_everywhere() {
    listener one -k --psk="$keyfile" --secrets secrets
    listener two -k --psk="$keyfile" --secrets secrets
    visits one full --dtls "$1"
    visits two resumed --dtls "$1"
    visits one resumed --dtls "$1"
}

tickets_survive_a_restart() {
    listener one --psk="$keyfile" --secrets secrets
    visits one full
    expect_exit one 0
    own_port=${port[one]} listener two --psk="$keyfile" --secrets secrets
    visits two resumed
}

# The secret changes by SIGHUP, in the three steps of docs/SCALE.md.
changes() {
    local step
    write "$first"
    cp -p secrets secrets2
    listener one -k --psk="$keyfile" --secrets secrets
    listener two -k --psk="$keyfile" --secrets secrets2
    visits one full
    for step in "$first $second" "$second $first" "$second"; do
        write "${step% *}"
        [[ $step != *' '* ]] || write "${step% *}" "${step#* }"
        load one secrets
        visits two resumed
        visits one resumed
        cp -p secrets secrets2
        load two secrets2
        visits two resumed
        visits one resumed
    done
}

# A file that is missing is an error for a listener that runs: it is not created again.
missing_later() {
    listener one -k --psk="$keyfile" --secrets secrets
    visits one full
    rm secrets
    kill -HUP "$(process one)"
    wait_line one.err 'the secrets that were loaded before remain in use' 10
    [[ ! -e secrets ]] || fail 'created again'
    visits one resumed
}

# NAME FILE: SIGHUP makes NAME read FILE again. Then a FILE that is broken is reported, and changes nothing.
load() {
    hup "$1" '^dtlscat: secrets: [0-9], file '
    cp -p "$2" good
    echo broken >"$2"
    hup "$1" 'the secrets that were loaded before remain in use'
    cp -p good "$2"
}

for version in 1.2 1.3; do
    t "tickets-everywhere-$version" tickets_everywhere "$version"
done
t created created
t created-once created_once
t wrong-files wrong_files
t not-in-a-message not_in_a_message
t of-another-user of_another_user
t tickets-survive-a-restart tickets_survive_a_restart
t changes changes
t missing-later missing_later
finish
