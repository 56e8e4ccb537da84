#!/usr/bin/env bash
# Sources of a key, its accepted spellings, and keys that are rejected.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317,SC2088 # cases are run by name
. "$(dirname "$0")/../lib.sh"

text=a-Key-of.text
text_hex=$(printf %s "$text" | od -An -v -tx1 | tr -d ' \n')
base64=AAECAwQFBgcICQoLDA0ODw==

# OPTION...: a listener has the key from an unambiguous file, and a client with OPTION... connects.
opens() {
    local hex=$1
    shift
    (umask 077 && echo "hex:$hex" >right)
    listener server --psk=file:right
    client client server -v "$@"
    exchange client server
    hangup client
    expect_exit client 0
    expect_exit server 0
}

# CONTENT: the same with a key file of this content.
opens_with_file() {
    (umask 077 && printf '%s' "$2" >mine)
    opens "$1" --psk=file:mine
}

opens_with_variable() {
    export MINE=$2
    opens "$1" --psk=env:MINE
}

# ~ in SPEC and in a variable, which the shell does not expand.
opens_from_home() {
    mkdir home
    (umask 077 && echo "hex:$key" >home/key)
    export HOME=$PWD/home DTLSCAT_PSK_FILE='~/key'
    opens "$key" "$@"
}

# The same for other files: bash does not expand ~ after =.
files_at_home() {
    mkdir home
    export HOME=$PWD/home
    stdin=/dev/null listener server -k --psk="$keyfile" "--keylog=~/log" '-o~/raw' '-x~/hex'
    stdin=/dev/null client client server --psk="$keyfile" "--resume=~/ticket"
    expect_exit client 0
    for name in log raw hex ticket; do [[ -e home/$name ]] || fail "no $name"; done
}

# MODE: a file with MODE is rejected. A client with the option that the error line suggests connects.
opens_as_told() {
    local told
    (umask 077 && echo "hex:$key" >right)
    cp right "${2:-mine}"
    chmod "$1" "${2:-mine}"
    refused 'chmod 600' "--psk=file:${2:-mine}"
    told=$(grep -o -- '--psk=fd:3 3<.*' err) || fail "$(cat err)"
    listener server --psk=file:right
    eval "client client server ${told#* } ${told%% *}"
    exchange client server
}

# Other users can see in the command line a SPEC that names a source, but no part of a SPEC that is a key.
shows_in_ps() {
    export MINE=hex:$key
    opens_nothing "$1" "${@:3}"
    tr '\0' ' ' <"/proc/$(process client)/cmdline" >shown
    if [[ ${2:-} ]]; then
        contains shown "--psk=$1" || fail "$(cat shown)"
    else
        ! contains shown "${1#*:}" || fail "$(cat shown)"
    fi
}

opens_nothing() {
    (umask 077 && echo "hex:$key" >mine)
    listener server --psk="$keyfile"
    client client server -v "--psk=$1" "${@:2}" 7<mine
    wait_line client.err connected 10
}

opens_with_default_variable() {
    export DTLSCAT_PSK=hex:$key
    opens "$key" --psk
}

opens_with_default_file() {
    export DTLSCAT_PSK_FILE=$TESTDIR/key
    opens "$key" --psk
}

opens_without_option() {
    export DTLSCAT_PSK=hex:$key
    opens "$key"
}

opens_with_descriptor() {
    opens "$key" --psk=fd:7 7<"$TESTDIR/key"
}

opens_with_pipe() {
    opens "$key" --psk=fd:7 7< <(printf 'hex:%s' "$key")
}

opens_inline() {
    opens "$1" "--psk=$2"
    matches client.err 'shell history show other users a key on the command line' || fail 'no warning'
}

says_how() {
    opens "$1" "--psk=env:MINE"
    matches client.err "$2" || fail "$(cat client.err)"
}

# The new key that a listener shows is the key that it accepts.
fresh_key() {
    listener server --psk=new
    MINE=$(shown_key server) client client server --psk=env:MINE
    exchange client server
    hangup client
    expect_exit server 0
    matches server.err "dtlscat 127\.0\.0\.1 ${port[server]} --psk" || fail 'no command is shown'
    same_file server.out <(echo 'from client') || fail "$(cat server.out)"
}

shown_key() {
    await 5 matches "$1.err" '[0-9a-f]{32}' || fail "no key of 128 bits: $(cat "$1.err")"
    grep -Eo '[0-9a-f]{32}' "$1.err"
}

fresh_keys_differ() {
    listener one --psk=new
    listener two --psk=new
    [[ $(shown_key one) != "$(shown_key two)" ]] || fail 'the same key twice'
}

# ---- identity files ------------------------------------------------------------------------------

identities() {
    (umask 077 && cat >identities) <<-END
	alice:000102030405060708090a0b0c0d0e0f
	bob:hex:101112131415161718191a1b1c1d1e1f
	carol with a space:text:the key of carol
	END
}

# IDENTITY KEY: a client with these connects to a listener that knows three identities.
one_of_three() {
    identities
    listener server --psk=file:identities
    MINE=$2 client client server --identity "$1" --psk=env:MINE
    exchange client server
    matches server.err "\"$1\" connected" || fail "$(tail -n 1 server.err)"
}

key_of_another() {
    identities
    listener server --psk=file:identities
    export MINE=hex:101112131415161718191a1b1c1d1e1f
    client client server --identity alice --psk=env:MINE
    expect_exit client 6
}

prefix_of_an_identity() {
    identities
    listener server --psk=file:identities
    export MINE=hex:$shown
    client client server --identity "$1" --psk=env:MINE
    expect_exit client 6
}

# A listener with one key and one identity.
only_one_identity() {
    listener server --psk="$keyfile" --identity alice
    client wrong server --psk="$keyfile" --identity bob
    expect_exit wrong 6
    wait_line server.err 'unknown identity "bob": only the identity of --identity is accepted' 5
    client right server --psk="$keyfile" --identity alice
    exchange right server
}

# NAME FILE: the identity that the listener reports if the client has no --identity. FILE is the client's key file.
goes_by() {
    (umask 077 && printf '%b' "$2" >mine)
    listener server --psk="$keyfile"
    client client server --psk=file:mine
    exchange client server
    matches server.err " \"$1\" connected" || fail "$(tail -n 1 server.err)"
}

which_of_three() {
    identities
    refused 'file identities.*--identity' --psk=file:identities
}

none_of_three() {
    identities
    refused 'file identities.*mallory' --psk=file:identities --identity mallory
}

# Both sides use the same file, and the client selects its line with --identity.
line_of_the_file() {
    identities
    listener server --psk=file:identities
    client client server --identity bob --psk=file:identities
    exchange client server
    matches server.err '"bob" connected' || fail "$(tail -n 1 server.err)"
}

psktool_file() {
    need psktool
    (umask 077 && psktool -u alice -p psks.txt && psktool -u bob -s 32 -p psks.txt) >/dev/null 2>&1
    chmod 600 psks.txt
    listener server --psk=file:psks.txt
    client client server --identity bob --psk=file:psks.txt
    exchange client server
}

# ---- refusals ------------------------------------------------------------------------------------

# PATTERN OPTION...: exit status 2, and one line that matches PATTERN.
refused() {
    local pattern=$1 status
    shift
    timeout "$limit" "$DTLSCAT" 127.0.0.1 9 "$@" </dev/null >out 2>err
    status=$?
    ((status == 2)) || fail "exit $status: $(cat err)"
    (($(wc -l <err) == 1)) || fail "not one line: $(cat err)"
    matches err "$pattern" || fail "$(cat err)"
    ((! $(stat -c %s out))) || fail 'something on stdout'
}

refused_file() {
    (umask 077 && printf '%s' "$2" >mine)
    refused "$1" --psk=file:mine
}

refused_variable() {
    export MINE=$2
    refused "$1" --psk=env:MINE
}

readable_by_others() {
    printf 'hex:%s\n' "$key" >mine
    chmod "$1" mine
    refused 'mine' --psk=file:mine
}

# SERVER CLIENT EXIT: the values of --import-psk, or none.
imports() {
    local options=("--import-psk$2")
    [[ $2 != none ]] || options=()
    listener server -k --psk="$keyfile" "--import-psk$1" --dtls 1.3
    client client server --psk="$keyfile" "${options[@]}" --dtls 1.3
    if (($3 == 0)); then
        exchange client server
        hangup client
    fi
    expect_exit client "$3"
}

shown=000102030405060708090a0b0c0d0e0f
t 'imported key, no context' imports '' '' 0
t 'imported key, context' imports =sensors =sensors 0
t 'imported key, another context' imports =sensors =actors 6
t 'imported key, at one side' imports =sensors none 6
t 'file, hex:' opens_with_file $shown "hex:$shown"
t 'file, hex: in capitals' opens_with_file $shown "hex:${shown^^}"
t 'file, untagged hex' opens_with_file $shown $shown$'\n'
t 'file, untagged text' opens_with_file "$text_hex" "$text"$'\n'
t 'file, text:' opens_with_file "$text_hex" "text:$text"$'\n'
t 'file, text: that looks like hex' opens_with_file 61626364 'text:abcd'
t 'file, text: with a tag in it' opens_with_file 6865783a6162 'text:hex:ab'
t 'file, b64:' opens_with_file $shown b64:$base64$'\n'
t 'file, CR LF at the end' opens_with_file $shown hex:$shown$'\r\n'
t 'file, 1 byte' opens_with_file ff hex:ff
t 'file, 64 bytes' opens_with_file $shown$shown$shown$shown hex:$shown$shown$shown$shown
t 'file, zeros' opens_with_file 0000 hex:0000
t 'env:, hex' opens_with_variable $shown hex:$shown
t 'env:, text' opens_with_variable "$text_hex" "$text"
t 'env:, b64' opens_with_variable $shown b64:$base64
t 'env:, hex with a newline' opens_with_variable $shown $shown$'\n'
t 'env:, hex with CR LF and blanks' opens_with_variable $shown $' \t'$shown$' \r\n'
t 'env:, text with a newline' opens_with_variable "$text_hex" "$text"$'\n'
t 'env:, text: with a blank' opens_with_variable 6120 'text:a '
t 'file, a byte order mark' opens_with_file $shown $'\xef\xbb\xbf'$shown$'\n'
t 'file, blanks around it' opens_with_file $shown $'\n  '$shown$' \t\r\n \n'
t 'file:~/' opens_from_home --psk=file:~/key
t 'DTLSCAT_PSK_FILE=~/' opens_from_home --psk
t '~/ of other files' files_at_home
for mode in 440 444 644; do t "file of mode $mode, as told" opens_as_told $mode; done
t 'file with a blank in its name, as told' opens_as_told 444 'my key'
t 'ps: file:' shows_in_ps file:mine whole
t 'ps: env:' shows_in_ps env:MINE whole
t 'ps: fd:' shows_in_ps fd:7 whole
t 'ps: hex:' shows_in_ps hex:$key
t 'ps: b64:' shows_in_ps b64:$base64
t 'ps: the first of two keys' shows_in_ps hex:$key '' --psk=hex:$shown
t 'DTLSCAT_PSK' opens_with_default_variable
t 'DTLSCAT_PSK_FILE' opens_with_default_file
t 'DTLSCAT_PSK without --psk' opens_without_option
t 'fd: of a file' opens_with_descriptor
t 'fd: of a pipe' opens_with_pipe
t 'inline hex:' opens_inline $shown hex:$shown
t 'inline text:' opens_inline "$text_hex" "text:$text"
t 'inline b64:' opens_inline $shown b64:$base64
t 'new' fresh_key
t 'new is new' fresh_keys_differ
MINE=$shown t 'says: read as hex' says_how $shown 'key: 16 bytes, read as hex'
MINE=$text t 'says: read as text' says_how "$text_hex" 'key: 13 bytes, read as text'
MINE=b64:$base64 t 'says: read as base64' says_how $shown 'key: 16 bytes, read as base64'

t 'identities, untagged key' one_of_three alice hex:000102030405060708090a0b0c0d0e0f
t 'identities, hex: key' one_of_three bob hex:101112131415161718191a1b1c1d1e1f
t 'identities, text: key' one_of_three 'carol with a space' 'text:the key of carol'
t 'identities, the key of another' key_of_another
t 'identities, less than one' prefix_of_an_identity ali
t 'identities, more than one' prefix_of_an_identity alice2
t 'identities, both ends' line_of_the_file
t 'identities, the one that is named' only_one_identity
t 'identities, none named' goes_by dtlscat "hex:$shown\n"
t 'identities, the only line' goes_by 'somebody' "somebody:$shown\n"
t 'identities, in hex' goes_by 'a:b' "#613a62:$shown\n"
t 'identities, in quotes' goes_by 'urn:imei:35' "\"urn:imei:35\":$shown\n"
t 'identities, white space after the key' goes_by 'somebody' "somebody:$shown \t\r\n"
t 'identities, comments and empty lines' goes_by 'somebody' "# one\n\n#\nsomebody:$shown\r\n"
t 'identities, none chosen' which_of_three
t 'two identities, none chosen' refused_file 'file mine has 2 identities: choose one' $'a:text:a\nb:text:b\n'
t 'identities, none of them' none_of_three
t 'identities, made by psktool' psktool_file

t 'no such file' refused 'nowhere.*No such file' --psk=file:nowhere
t 'a directory' refused '/tmp' --psk=file:/tmp
t 'empty file name' refused 'path of the key file is empty' --psk=file:
t 'empty file' refused_file 'has no key' ''
t 'empty hex' refused_file 'empty' hex:
t 'empty text' refused_file 'empty' text:
t 'empty base64' refused_file 'empty' b64:
t 'only a newline' refused_file 'has no key' $'\n'
t 'odd hex' refused_file 'odd' hex:123
t 'odd hex, untagged and long' refused_variable 'hex:.*text:' 000102030405060708090a0b0c0d0e0f0
t 'not hex' refused_file 'hex' hex:zz
t 'not base64' refused_file 'base64|b64' 'b64:!!!!'
t 'base64 of no length' refused_file 'base64|b64' b64:AAECA
t 'ambiguous' refused_variable 'hex:.*text:|text:.*hex:' abcd1234
t '0x and digits' refused_variable 'hex:.*text:|text:.*hex:' 0x000102030405060708090a0b0c0d0e0f
t 'digits with colons' refused_variable 'hex:.*text:|text:.*hex:' 00:01:02:03:04:05:06:07
tags='expected "hex:", "text:" or "b64:", in lower case'
for tag in HEX base64; do
    t "$tag:" refused_variable "^dtlscat: \\\$MINE: the key could begin with a misspelt prefix: $tags; if the prefix belongs to the key, put text: before the key\$" $tag:$shown
done
t 'HEX: in a file' refused_file 'line 1: .*"b64:", in lower case.*"IDENTITY":KEY' HEX:$shown
t 'the line of an error' refused_file 'mine, line 4: the key ' $'# one\n\nalice:text:a\nbob:hex:zz\n'
t 'neither identity nor comment' refused_file 'mine, line 2: a line that begins with # is neither' $'alice:text:a\n#comment\n'
t 'no closing quote' refused_file 'mine, line 2: no closing quote' $'alice:text:a\n"bob\n'
t 'no identity' refused_file 'mine, line 1: no identity' $'text:a\nbob:text:b\n'
t 'digits with blanks' refused_variable 'hex:... with the digits alone' '00 01 02 03 04 05 06 07'
t 'digits with dashes' refused_file 'hex:... with the digits alone' 00-01-02-03
t 'text in quotes' refused_variable 'quotes.*text:' '"secret"'
t 'identity and key in a variable' refused_variable 'IDENTITY:KEY.*text:.*--identity' alice:$shown
t 'identity: key' refused_file 'white space after the colon.*IDENTITY:KEY' "alice: $shown"
t 'identity key' refused_file 'IDENTITY:KEY.*text:' "alice $shown"
t 'three comma fields' refused_file 'text:.*IDENTITY:KEY' "hint,alice,$shown"
t 'base64 without a tag' refused_file 'b64:.*text:' $base64
t 'bytes' refused_file 'hex:.*b64:' $'\x80\x81\x82'
t 'an identity with colons' refused_file '"IDENTITY":KEY or #HEX:KEY' "urn:imei:350000000000001:$shown"
t 'a key with a colon' refused_file 'IDENTITY:text:KEY' 'alice:a:b'
t 'an identity twice' refused_file 'two keys for the identity "alice"' "alice:$shown"$'\nalice:text:a\n'
t 'UTF-16' refused_file 'UTF-16.*UTF-8' $'\xff\xfe0\x01'
t 'too long' refused_variable 'long|256' "hex:$(printf 'ab%.0s' {1..257})"
t 'variable not set' refused 'NO_SUCH_VARIABLE' --psk=env:NO_SUCH_VARIABLE
t 'variable empty' refused_variable 'MINE.*empty|empty.*MINE' ''
t 'descriptor not open' refused '99' --psk=fd:99
t 'descriptor not a number' refused 'fd' --psk=fd:x
t 'standard input is for data' refused 'fd:0|stdin|standard input' --psk=fd:0
t 'unknown tag' refused 'file:PATH, env:VAR' --psk=foo:bar
t 'new, for a client' refused 'listener' --psk=new
t 'no tag' refused 'file:|hex:' --psk=secret
t 'empty' refused 'psk' --psk=
for mode in 644 640 604; do t "file of mode $mode" readable_by_others $mode; done
finish
