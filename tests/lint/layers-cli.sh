#!/bin/bash
# Law 1 for cli/: a file includes headers of its own folder and of lower ones, and uses symbols of lower files only.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"

# Lowest first: a line for each folder, with its files in their order. A name stands for its header and its .c.
# app.h, what the peers of a run share, belongs to the peers; the files of the run itself are in cli/.
ranks='common/clock common/exit common/utf8 common/nowait common/lines common/report common/base64 common/hex common/identity common/json
    common/keyedhash common/numbers common/home common/jsonwriter common/eventfile common/eventlog common/signals
net/route net/address net/impair net/impairspec net/delayline net/sim net/batch net/datagram net/socket net/steer net/response net/acl
stream/pipe stream/peek stream/frame stream/feed stream/queue stream/pace stream/window stream/roundtrip stream/pathrate
    stream/lossbound stream/reno stream/congestion stream/chat
options/options options/hostport options/similar options/setters options/optiontable options/value options/conflicts options/unknown
    options/help options/parse
sandbox/available sandbox/seccomp sandbox/landlock sandbox/sandbox sandbox/user sandbox/fileops sandbox/launch sandbox/message
    sandbox/helper
key/tag key/secretfile key/secrets key/prompt key/ambiguity key/keytext key/keyring key/keyfile key/keygen key/ticketfile key/psk
report/dump report/progress report/outcome report/contents report/keylog report/mismatch report/pcapng
    report/capturefile report/capture
report/tracetext report/jsonpeer report/jsonmessage report/jsontrace report/jsonevents
report/trace
app peer/due peer/peerlist peer/feedback peer/summary peer/ending peer/watch peer/childio peer/programs peer/child peer/path peer/outgoing
    peer/readers peer/liveness peer/stdineof peer/peer peer/named peer/input peer/early peer/deliver peer/connecting
configure sessions events socketerrors deadlines reload serve loop workers simulate main'
sources=(cli/*.c cli/*/*.c)

declare -A rank level
number=0 folder=0
while IFS= read -r line; do
    [[ $line == ' '* ]] || folder=$((folder + 1))
    for name in $line; do
        rank[$name]=$number level[$name]=$folder
        number=$((number + 1))
    done
done <<<"$ranks"

name_of() {
    local file=${1#cli/}
    printf '%s' "${file%.[cho]}"
}

unranked() {
    local file name
    for file in cli/*.[ch] cli/*/*.[ch]; do
        name=$(name_of "$file")
        [[ ${rank[$name]:-} ]] || echo "$file: no rank in tests/lint/layers-cli.sh"
    done
    for name in "${!rank[@]}"; do
        [[ -f cli/$name.h || -f cli/$name.c ]] || echo "$name: has a rank in tests/lint/layers-cli.sh, and no file"
    done
}

includes_up() {
    local file line header user
    while IFS=: read -r file line header; do
        user=$(name_of "$file") header=$(name_of "$header")
        [[ $header == dtls ]] && continue
        ((${level[$header]:-99} <= ${level[$user]:-0})) ||
            echo "$file:$line: includes $header.h, of a higher folder"
    done < <(search -Hno '^ *# *include *"[^"]*"' cli/*.[ch] cli/*/*.[ch] | sed 's/# *include *"//; s/"$//; s/: */:/g')
}

# Prints USER DEFINER SYMBOL for each symbol that one object takes from another.
uses() {
    local source object
    for source in "${sources[@]}"; do
        object=$BUILD/${source%.c}.o
        nm "$object" | sed "s|^|$(name_of "$source") |"
    done | awk '
        $(NF - 1) ~ /^[TDBRCVW]$/ { definer[$NF] = $1 }
        $(NF - 1) == "U" { user[++count] = $1; symbol[count] = $NF }
        END {
            for (i = 1; i <= count; i++)
                if (symbol[i] in definer) print user[i], definer[symbol[i]], symbol[i]
        }'
}

uses_up() {
    local user definer symbol count=0
    while read -r user definer symbol; do
        count=$((count + 1))
        ((${rank[$definer]:-99} < ${rank[$user]:-0})) ||
            echo "cli/$user.c: uses $symbol of cli/$definer.c, which is not of lower rank"
    done < <(uses)
    ((count > 300)) || echo "only $count uses of symbols found in $BUILD/cli"
}

law cli-every-file-has-a-rank unranked
law cli-includes-go-down includes_up
need nm cli-symbols-go-down
law cli-symbols-go-down uses_up
exit $failed
