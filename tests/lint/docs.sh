#!/bin/bash
# What the program offers is what its manual explains, and the other way round; the completions know
# every option.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"
page=docs/dtlscat.1
if [[ ! -f $page ]]; then
    echo "skip docs - no $page"
    exit 0
fi

# -vv is -v.
offered() {
    "${DTLSCAT:-$BUILD/dtlscat}" --help 2>&1 |
        search -oE -- '(^|[^A-Za-z0-9_-])--?[A-Za-z0-9][A-Za-z0-9-]*' |
        sed -E 's/^[^-]//; s/^(-[a-z])[a-z]+$/\1/' | sort -u
}

# mdoc marks a flag with Fl, without its first dash.
explained() {
    search -oE '\bFl -?[A-Za-z0-9][A-Za-z0-9-]*' "$page" | sed 's/^Fl /-/' | sort -u
}

undocumented() { comm -23 <(offered) <(explained) | sed 's/$/: not in the manual/'; }
unoffered() { comm -13 <(offered) <(explained) | sed 's/$/: not offered by --help/'; }

uncompleted() {
    local file option words
    for file in completions/*; do
        words=$(<"$file")
        # fish writes --name as -l name, and -x as -s x.
        [[ $file != *.fish ]] || words=$(sed 's/ -l / --/g; s/ -s / -/g' "$file")
        for option in $(offered); do
            grep -qE -- "(^|[^A-Za-z0-9-])$option([^A-Za-z0-9-]|$)" <<<"$words" ||
                echo "$file: lacks $option"
        done
    done
}

silent_help() { [[ $(offered) ]] || echo "--help shows no option"; }

law help-shows-options silent_help
law options-are-documented undocumented
law documented-options-exist unoffered
law options-are-completed uncompleted
exit $failed
