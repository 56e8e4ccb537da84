#!/bin/bash
# Every shell script passes shellcheck.
# shellcheck disable=SC2317 # law calls the functions
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

findings() { scripts | xargs shellcheck -x -P SCRIPTDIR -f gcc -S warning || (($? == 123)); }

law shellcheck findings
exit $failed
