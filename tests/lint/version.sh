#!/bin/bash
# The version is asked for where hellos are negotiated, in the cookie, in what resumes a session, in
# names and in the display of messages; everywhere else it is data: a pointer, a table, a row. The header of a record has a version field of its own.
. "$(dirname "$0")/common.sh"

number='(VERSION_DTLS[0-9]+|0xfe(fd|fc|ff))'
compare='(==|!=|<=|>=|<|>)'
legal='^lib/[a-z]+/((hello|client_offer|hs_client|hs_server|hs1[23]_client|hs12_server|accept|challenge|newcomer|names|resume|ticket|decode)\.c:|hello\.h:|suite\.[ch]:|config\.c:[0-9]+:.*only|record\.c:[0-9]+:.*record->version)'

# shellcheck disable=SC2317 # called by law
asks() {
    search -nE "version *$compare |$number *$compare |$compare *$number|switch .*version|case $number" \
        lib/*/*.c | search -vE "$legal"
}

# conn->v13 is a part that DTLS 1.2 lacks; what follows from that says conn/rules.h.
flag='(!conn->v13([^-]|$)|conn->v13 *(&&|\|\||\?|\)|$))'
flag_legal='^lib/(conn/(rules\.[ch]|conn\.c)|handshake/hs_client\.c|message/(hello|cookie)\.c|conn/trace\.c):'

# shellcheck disable=SC2317 # called by law
part_as_flag() { search -nE "$flag" lib/*/*.[ch] | search -vE "$flag_legal"; }

law version-is-data asks
law part-is-no-flag part_as_flag
exit $failed
