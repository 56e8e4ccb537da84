#!/usr/bin/env bash
# The setup of docs/SCALE.md: nginx before three listeners with the same --secrets.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317,SC2016 # cases are run by name; backticks are those of SCALE.md
. "$(dirname "$0")/../lib.sh"

export PATH=$PATH:/usr/sbin
listeners='one two three'
module=/usr/lib/nginx/modules/ngx_stream_module.so # where Debian has it

# Prints the configuration of docs/SCALE.md with the ports of this test.
configuration() {
    local from=5701 name edit="s/:5684 /:${port[nginx]} /"
    for name in $listeners; do
        edit+=";s/:$((from++)) /:${port[$name]} /"
    done
    # Files in this directory only, and one process, which need not be root.
    echo "daemon off; master_process off; pid $PWD/nginx.pid; error_log $PWD/nginx.log info;"
    echo "load_module $module; events { }"
    sed -n '/^```nginx/,/^```$/p' "$root/docs/SCALE.md" | sed "/^\`\`\`/d;$edit"
}

balancer() {
    [[ -e $module ]] || skip 'nginx with its stream module is not installed'
    need nginx
    port[nginx]=$(free_port)
    configuration >nginx.conf
    spawn nginx nginx -p "$PWD" -e "$PWD/nginx.log" -c "$PWD/nginx.conf"
    await 10 bound "${port[nginx]}" || fail "nginx does not listen: $(tail -n 1 nginx.log)"
}

# OPTION...: three listeners, each of which sends its name and what it receives.
farm() {
    local name
    for name in $listeners; do
        listener "$name" -k -c "echo $name; cat" --psk="$keyfile" --secrets secrets "$@"
    done
    cat one.err two.err three.err >farm.err
    has_lines farm.err 'created secrets' 1 || fail 'one of them has to create the secrets'
    balancer
}

# NAME [OPTION...]: a client of nginx, which is served by the listener ${of[NAME]}.
visitor() {
    local name=$1
    shift
    client "$name" nginx -v --psk="$keyfile" --resume "$name.ticket" --keepalive 1 --lost-after 2 "$@"
    wait_line "$name.out" '^(one|two|three)$' 20
    of[$name]=${BASH_REMATCH[1]}
    say "$name" "from $name"
    hears "$name" "from $name"
    await 10 test -s "$name.ticket" || fail "$name got no ticket"
}

is_resumed() { matches "$1.err" ' connected: .*resumed'; }

# A ticket of one listener, used by a client that nginx passes to another one.
resumes_elsewhere() {
    local -A of
    local before i
    farm "$@"
    for ((i = 0; i < 20; i++)); do
        visitor client
        hangup client
        expect_exit client 0
        ((i == 0)) || is_resumed client || fail "run $i: not resumed at ${of[client]} after ${before}"
        ((i > 0)) && [[ $before != "${of[client]}" ]] && return
        before=${of[client]}
        rm -f client.out
    done
    fail 'always the same listener'
}

# SIGNAL OPTION...: the listener of a client dies (KILL), or is silent like a machine without a network (STOP). The client
# notices, and resumes its session at another one. nginx selects the dead one for a third of all ports. With this
# limit the client has eight.
survives() {
    local -A of
    local dead
    farm "${@:2}"
    visitor client
    dead=${of[client]}
    kill "-$1" "$(process "$dead")"
    [[ $1 == STOP ]] || ended "$dead"
    expect_exit client 8
    hangup client
    rm -f client.out
    visitor client -w 150 --timer 100ms
    [[ ${of[client]} != "$dead" ]] || fail "$dead is dead"
    is_resumed client || fail "not resumed: $(cat client.err)"
}

# Without the same secrets, a client that resumes elsewhere performs a full handshake.
other_secrets() {
    local -A of
    local name before i
    for name in $listeners; do
        listener "$name" -k -c "echo $name; cat" --psk="$keyfile" --secrets "secrets.$name"
    done
    balancer
    for ((i = 0; i < 20; i++)); do
        visitor client
        hangup client
        expect_exit client 0
        if ((i > 0)) && [[ $before != "${of[client]}" ]]; then
            ! is_resumed client || fail 'resumed'
            return
        fi
        before=${of[client]}
        rm -f client.out
    done
    fail 'always the same listener'
}

for version in 1.2 1.3; do
    t "resumes-elsewhere-$version" resumes_elsewhere --dtls "$version"
    t "survives-$version" survives KILL --dtls "$version"
    t "survives-silence-$version" survives STOP --dtls "$version"
done
t resumes-elsewhere-with-workers resumes_elsewhere --workers 2
t other-secrets other_secrets
finish
