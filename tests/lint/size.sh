#!/bin/bash
# Files of at most 400 lines, functions of at most 60.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"

# The public header is a manual, and may be as long as it takes.
long_files() {
    wc -l lib/*.h lib/*/*.[ch] cli/*.[ch] cli/*/*.[ch] | awk '
        $1 > 400 && $2 != "total" && $2 != "lib/dtls.h" { print $2 ": " $1 " lines" }'
}

# A function starts at its opening brace in column 1, with the declaration before it.
long_functions() {
    awk '
        FNR == 1 { start = 0 }
        /^[A-Za-z].*\(/ { name = $0 }
        /^\{/ { start = FNR }
        /^}/ && start {
            if (FNR - start + 1 > 60) print FILENAME ":" start ": " FNR - start + 1 " lines: " name
            start = 0
        }' lib/*/*.c cli/*.c cli/*/*.c
}

law files-of-400-lines long_files
law functions-of-60-lines long_functions
exit $failed
