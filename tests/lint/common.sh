# shellcheck shell=bash
# shellcheck disable=SC2034 # failed is for the script that sources this
# Common to the checks of the source; sourced, never run.
set -u -o pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
shopt -s nullglob
BUILD=${BUILD:-build}
failed=0

# One case: COMMAND prints what is wrong, a line each; nothing is good.
law() {
    local name=$1 found
    shift
    if ! found=$("$@"); then
        echo "not ok $name - the check itself failed: $*"
    elif [[ $found ]]; then
        echo "not ok $name - $(head -n 1 <<<"$found")"
    else
        echo "ok $name"
        return
    fi
    printf '%s\n' "$found" >&2
    failed=1
}

# Ends the script if it cannot run here.
need() {
    command -v "$1" >/dev/null && return
    echo "skip $2 - no $1"
    exit 0
}

# grep that does not take "nothing found" for a failure.
search() { grep "$@" || (($? == 1)); }

text_files() {
    git ls-files -co --exclude-standard 2>/dev/null ||
        find . -type f -not -path './.git/*' -not -path './build/*'
}
