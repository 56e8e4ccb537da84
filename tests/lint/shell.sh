#!/bin/bash
# Every shell script passes shellcheck.
# shellcheck disable=SC2016,SC2317 # writes shell; law calls the functions
. "$(dirname "$0")/common.sh"
need shellcheck shell

scripts() {
    text_files | while read -r file; do
        [[ -f $file ]] || continue
        { IFS= read -r first <"$file"; } 2>/dev/null
        case $first in
        '#!'*sh | '# shellcheck shell='*) echo "$file" ;;
        esac
    done
}

check() { xargs shellcheck -x -P SCRIPTDIR -f gcc -S warning 2>&1 || (($? == 123)); }

# Prints the variables of FILE, assigned and used, and none of its commands.
outline() {
    local arrays name
    arrays=$(grep -oE '(declare|local) -[aA] [^;]*|^[a-z_]+=\(\)' "$1")
    printf '%s\n' '# shellcheck shell=bash' "$arrays"
    grep -oE '\$\{?[A-Za-z_]+|\b[A-Za-z_]+=' "$1" | tr -d '${=' | search -v '^BASH' | sort -u |
        while read -r name; do
            if [[ " ${arrays//$'\n'/ }" == *" $name=("* ]]; then
                printf ': "${%s[@]}"\n' "$name"
            else
                printf '%s=\n: "$%s"\n' "$name" "$name"
            fi
        done
}

# A sourced file is read again for each script, and for most of them that takes longer than the script itself.
# So they are checked in a copy of the tree where tests/lib.sh has variables only.
findings() {
    local tree files
    tree=$(mktemp -d) && files=$(scripts) || return
    check <<<tests/lib.sh && xargs cp --parents -t "$tree" <<<"$files" &&
        outline tests/lib.sh >"$tree/tests/lib.sh" &&
        (cd "$tree" && search -vxF tests/lib.sh <<<"$files" | check)
    local status=$?
    rm -rf "$tree"
    return $status
}

law shellcheck findings
exit $failed
