#!/usr/bin/env bash
# -k: many clients at once; -e and -c: a program for each of them.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

limit=60

# ---- a crowd -------------------------------------------------------------------------------------

# Client NUMBER sends 100 messages of 1..1200 random bytes, and gets its own back.
one_of_the_crowd() {
    local number=$1 size i
    mkdir "$number"
    for ((i = 0; i < 100; i++)); do
        size=$((1 + RANDOM * 32768 % 1200))
        head -c $((size * 2)) /dev/urandom | od -An -vtx1 | tr -d ' \n' | head -c $((2 * size))
        echo
    done >"$number/sent"
    timeout "$limit" "$DTLSCAT" 127.0.0.1 "${port[server]}" --psk="$keyfile" --frame=hex -W 100 -w 20 \
        <"$number/sent" >"$number/got" 2>"$number/err"
    echo $? >"$number/code"
}

# Descriptors and children of a process.
descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
children() { cat "/proc/$1/task/$1/children"; }
has_no_child() { [[ -z $(children "$1") ]]; }

crowd() {
    local i server before
    listener server -k -e cat --psk="$keyfile"
    server=$(process server)
    before=$(descriptors "$server")
    for ((i = 0; i < 200; i++)); do one_of_the_crowd "$i" & done
    await "$limit" contains_all_codes || fail 'not all have ended'
    for ((i = 0; i < 200; i++)); do
        [[ $(cat "$i/code") == 0 ]] || fail "client $i: $(cat "$i/code") $(cat "$i/err")"
        same_file "$i/sent" "$i/got" || fail "client $i got something else"
    done
    await 5 has_no_child "$server" || fail "children: $(children "$server")"
    (($(descriptors "$server") == before)) || fail "$(descriptors "$server") descriptors, $before before"
}

contains_all_codes() { (($(find . -name code -size +0 | wc -l) == 200)); }

t '200 clients at once' crowd
finish
