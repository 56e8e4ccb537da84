#!/usr/bin/env bash
# Files with secrets: whose they are, who can read them, and what a symbolic link does.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

other=65534 # a user that is not root
steps='; where that is not possible, as in a container, use --psk=fd:3 3<'

# USER PATTERN OPTION...: a run by USER is refused with exit 2 and one line that matches PATTERN.
refused() {
    local user=$1 pattern=$2
    shift 2
    timeout 20 setpriv --reuid "$user" --regid "$user" --clear-groups ./dtlscat "$@" 127.0.0.1 9 </dev/null >out 2>err
    (($? == 2)) || fail "exit $?: $(cat err)"
    [[ $(wc -l <err) == 1 ]] && matches err "$pattern" || fail "$(cat err)"
}

# USER OPTION...: a run by USER accepts its files: it fails only because nothing listens at the port.
accepted() {
    local user=$1 code
    shift
    timeout 20 setpriv --reuid "$user" --regid "$user" --clear-groups ./dtlscat "$@" 127.0.0.1 "$(free_port)" -w 9 </dev/null >out 2>err
    code=$?
    ((code == 4)) || fail "exit $code: $(cat err)"
}

# MODE OWNER: a key file "mine". A user without access to the directories above can use what is in this one.
own_key() {
    (($(id -u) == 0)) || skip 'only root can give a file away'
    command -v setpriv >/dev/null || skip 'no setpriv(1)'
    chmod 755 .
    cp -f "$DTLSCAT" dtlscat
    cp "$TESTDIR/key" mine
    chmod "$1" mine
    chown "$2" mine
}

key_of_another_user() {
    own_key 600 "$other"
    refused 0 "^dtlscat: mine belongs to UID $other, so its contents are not safe: expected UID 0 \\(root\\): use chown 0 mine${steps}mine\$" \
        --psk="file:mine"
    DTLSCAT_PSK_FILE=mine refused 0 "belongs to UID $other" --psk
    accepted "$other" --psk="file:mine"
    accepted 0 --psk="file:mine" --user "$other"
    refused 0 "belongs to UID $other" --psk="file:mine" --user 1
    own_key 604 1
    refused "$other" "mine belongs to UID 1, so .*: expected UID $other or 0 \\(root\\)" --psk="file:mine"
    own_key 604 0
    refused "$other" 'mine is accessible to other users \(mode 604\)' --psk="file:mine"
}

# Paths that name descriptors are not links to other files.
descriptors() {
    own_key 600 "$other"
    accepted 0 --psk=fd:3 3<mine
    accepted 0 --psk="file:"<(cat mine)
    accepted 0 --psk="file:"/dev/fd/3 3< <(cat mine)
    refused 0 "belongs to UID $other" --psk=file:/dev/fd/3 3<mine
    mkfifo pipe
    chown "$other" pipe
    cat mine >pipe &
    refused 0 "pipe belongs to UID $other" --psk=file:pipe
    chown 0 pipe
    cat mine >pipe &
    accepted 0 --psk=file:pipe
}

links() {
    own_key 600 0
    ln -s mine link
    refused 0 'cannot open file link: it is a symbolic link, .*: give the path of the file itself' --psk=file:link
    accepted 0 --psk="file:$(readlink -f link)"
    mkdir ..now
    mv mine ..now/
    ln -s ..now ..data # as Kubernetes mounts a secret
    accepted 0 --psk=file:..data/mine
    cp ..data/mine secret
    ln -s secret ticket
    refused 0 'cannot read a ticket from ticket: it is a symbolic link' --psk=file:secret --resume ticket
    same_file ..data/mine secret || fail 'the file was changed'
    ln -s secret secrets
    refused 0 'cannot open secrets: it is a symbolic link' -l --psk=file:secret --secrets secrets
}

# A ticket that another user has written would make the client use a key of that user.
ticket_of_another_user() {
    own_key 600 0
    install -m 600 /dev/null ticket
    chown "$other" ticket
    refused 0 "^dtlscat: ticket belongs to UID $other, .*: use chown 0 ticket\$" --psk=file:mine --resume ticket
}

# SIGHUP: a file that is no longer safe is not loaded.
reload() {
    own_key 600 0
    listener server -k --psk=file:mine --recv-only
    chown "$other" mine
    hup server 'remain in use'
    matches server.err "mine belongs to UID $other" || fail "$(cat server.err)"
    mv mine real
    ln -s real mine
    hup server 'remain in use'
    matches server.err 'it is a symbolic link' || fail "$(cat server.err)"
}

t 'a key file of another user' key_of_another_user
t 'descriptors and pipes' descriptors
t 'symbolic links' links
t 'a ticket of another user' ticket_of_another_user
t 'a key file that is not safe any more' reload
finish
