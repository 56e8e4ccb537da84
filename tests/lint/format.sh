#!/bin/bash
# C files are as `make fmt` leaves them. Other versions of clang-format break lines elsewhere, so
# only the one that .clang-format was written for counts.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"
need clang-format-14 format

findings() {
    { clang-format-14 --dry-run -Werror lib/*.h lib/*/*.[ch] cli/*.[ch] cli/*/*.[ch] tests/*.[ch] tests/*/*.[ch] 2>&1 || true; } |
        sed -n 's/^\([^:]*\):.*error: .*/\1: make fmt would change it/p' | sort -u
}

law formatted findings
exit $failed
