#!/bin/bash
# Law 2: the library does no I/O, asks for no time, environment or randomness but in defaults.c, has
# no mutable globals, no feature switches and no names but those of its header. The program links
# libcrypto and libc, nothing else.
# shellcheck disable=SC2317 # law calls the functions
. "$(dirname "$0")/common.sh"
need nm purity
library=$BUILD/internals.a
public=$BUILD/libdtlscat.a
program=${DTLSCAT:-$BUILD/dtlscat}
if [[ ! -f $library || ! -f $public || ! -f $program ]]; then
    echo "not ok purity - no $library, no $public or no $program"
    exit 1
fi

# What any object may take from the C library, also by the names that newer headers give it: __isoc23_strtoul. Anything that is not here, not of libcrypto and not
# our own is a finding, so that a new dependency is a decision. The last four divide on 32 bits.
allowed='memcpy memmove memset memcmp memchr strlen strcmp strncmp strchr strcasecmp strncasecmp
explicit_bzero qsort bsearch vsnprintf snprintf strtoul __stack_chk_fail __stack_chk_fail_local _GLOBAL_OFFSET_TABLE_
__divdi3 __moddi3 __udivdi3 __umoddi3'

# Prints "OBJECT SYMBOL" for what the objects need from outside of the library.
outside() {
    nm -A -g "$library" | awk '
        { object = $1; sub(/:[0-9a-f]*$/, "", object); sub(/.*:/, "", object) }
        $(NF - 1) == "U" { need[object " " $NF] = 1; next }
        { have[$NF] = 1 }
        END { for (n in need) { split(n, a, " "); if (!(a[2] in have)) print n } }' | sort
}

impure() {
    outside | awk -v list="$allowed" '
        BEGIN { n = split(list, words, /[ \n]+/); for (i = 1; i <= n; i++) fine[words[i]] = 1 }
        $1 == "defaults.o" { next }
        $2 ~ /^__(asan|ubsan|sanitizer)_/ { next }
        $1 ~ /^crypto_openssl(_aead|_dh|_mask)?[.]o$/ && $2 ~ /^(BN|EC|EVP|ERR|OSSL|CRYPTO|OPENSSL|RAND)_/ { next }
        { name = $2; sub(/^__(isoc[0-9]+_)?/, "", name); sub(/_chk$/, "", name) }
        !($2 in fine) && !(name in fine) { print $1 ": uses " $2 }'
}

# const tables with pointers live in .data.rel.ro, which is read-only when the program runs.
mutable() {
    nm -A --format=sysv "$library" | awk -F '|' '
        { gsub(/ /, ""); object = $1; sub(/:.*/, "", object) }
        $7 ~ /^(\.t?bss|\.t?data|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ {
            n = split($1, path, ":"); print path[n - 1] ": " path[n] " can be written" }' |
        search -v '^defaults.o:' | search -v __odr_asan
}

# Include guards, the C++ brackets of the public header and its attribute fallback are all there is.
switches() {
    search -nE '^ *# *(if|ifdef|ifndef|elif)\b' lib/*.h lib/*/*.[ch] |
        search -vE ':#ifndef [A-Z0-9_]+_H$|^lib/dtls.h:[0-9]+:#(ifdef __cplusplus|ifndef UNUSED_PARAM)$'
}

# What libcrypto links is its own matter.
foreign_libraries() {
    readelf -dW "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        search -vE '^(libcrypto|libc|ld-linux.*|lib(asan|ubsan|m|dl|rt|pthread|gcc_s))\.so'
}

tls_library() { search -n -- '-lssl' Makefile; }

# Its names leave all others to the program that links it.
foreign_names() {
    nm -g --defined-only "$public" | awk 'NF == 3 { print $3 }' | while read -r name; do
        grep -Eq "\\b$name\(" lib/dtls.h || echo "$public: $name is not in lib/dtls.h"
    done
}

law library-is-pure impure
law names-are-of-the-header foreign_names
law no-mutable-globals mutable
law no-feature-switches switches
law links-libcrypto-and-libc foreign_libraries
law never-libssl tls_library
exit $failed
