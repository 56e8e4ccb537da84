#!/usr/bin/env bash
# --help, the manual and the completions list the same options and facts.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

manual=$root/docs/dtlscat.1
completions=$root/completions

# ---- options: one per line, "-p" or "--psk", with a space and "ARG" behind if it takes a value ---

options_of_help() {
    "$DTLSCAT" --help |
        sed -nE 's/^  ((-[[:alnum:]]|  )(, |  )?(--[a-z-]+)?( [A-Z]+|\[=[A-Z]+\])?)( {2,}.*|$)/\1/p' |
        awk '{
            gsub(",", "")
            value = ""
            if ($NF ~ /[A-Z]+\]?$/ && $NF !~ /^-[A-Z]$/) value = " ARG"
            for (i = 1; i <= NF; i++) if ($i ~ /^-/) { sub(/\[.*/, "", $i); print $i value }
        }' | sort
}

options_of_manual() {
    sed -n '/^The options are as follows/,/^\.Ss What is sent/p' "$manual" | grep '^\.It Fl' |
        awk '{
            value = / Ar / ? " ARG" : ""
            for (i = 2; i < NF; i++) if ($i == "Fl") print "-" $(i + 1) value
        }' | sort
}

# Prints SECTION: OPTION for each option, with its first name, under the headings of --help or the manual.
sections_of_help() {
    "$DTLSCAT" --help | sed -n '1,/^TIME is/p' | awk '
        /^[A-Z].*:$/ { section = $0 }
        section && /^  / && match($0, /-[-a-zA-Z0-9]+/) { print section " " substr($0, RSTART, RLENGTH) }' | sort
}

sections_of_manual() {
    sed -n '/^The options are as follows/,/^\.Ss What is sent/p' "$manual" | awk '
        /^\.Ss/ { section = substr($0, 5) ":" }
        /^\.It Fl/ { print section " -" $3 }' | sort
}

same_sections() {
    sections_of_help >help
    sections_of_manual >seen
    (($(wc -l <help) > 50)) || fail "only $(wc -l <help) options found in --help"
    same_file help seen || fail "$(diff help seen | grep '^[<>]' | tr '\n' ' ')"
}

options_of_bash() {
    sed -nE "/compgen -W '-l/,/' --/p" "$completions/dtlscat.bash" |
        sed "s/.*compgen -W '//; s/' -- .*//" | tr -s ' ' '\n' | grep . | sort
}

options_of_fish() {
    sed -nE 's/^complete -c dtlscat -([sl]) .*/&/p' "$completions/dtlscat.fish" |
        awk '{
            value = / -x| -r/ || / -l (psk|import-psk|cid|json) / ? " ARG" : ""
            for (i = 1; i < NF; i++) {
                if ($i == "-s") print "-" $(i + 1) value
                if ($i == "-l") print "--" $(i + 1) value
            }
        }' | sort
}

options_of_zsh() {
    sed -nE "s/^ +'(\([^)]*\)|\*)?'?\{?(-[^['}]*)\}?'?\[.*/\2/p" "$completions/_dtlscat" |
        tr ',' '\n' | sed -E 's/(\+|=-?)$/ ARG/' | sort
}

names_only() { cut -d ' ' -f 1; }

agrees() {
    options_of_help >help
    (($(wc -l <help) > 20)) || fail 'no options found in --help'
    if [[ $1 == bash ]]; then
        names_only <help >expected
    else
        cp help expected
    fi
    "options_of_$1" >seen
    same_file expected seen || fail "$(diff expected seen | grep '^[<>]' | tr '\n' ' ')"
}

# ---- the rest of the facts -----------------------------------------------------------------------

# The order is that of preference.
suites_of_tool() { "$DTLSCAT" --suite '' 127.0.0.1 9 2>&1 | sed 's/.*known: //' | tr ' ' '\n'; }

lists_suites() {
    suites_of_tool | sort >tool
    (($(wc -l <tool) == 26)) || fail 'not 26 suites'
    grep -oE '(((EC)?DHE-)?PSK-)?(AES[0-9]+-(GCM|CCM8?|CBC)|CHACHA20-POLY1305)(-SHA[0-9]*)?' "$1" | sort -u >seen
    same_file tool seen || fail "$(diff tool seen | grep '^[<>]' | tr '\n' ' ')"
}

# The rows of the manual with name, IANA name and number are in the order of preference. All suites are known, and the
# numbers are those of the table in the tests.
rows_of_suites() {
    local name iana number
    sed -nE 's/^\.It Li (.*PSK-[^ ]*) Ta Li ([^ ]*) Ta Li (.*)/\1 \2 \3/p' "$manual" >rows
    cut -d ' ' -f 1 rows >order
    suites_of_tool | grep PSK- >preference
    same_file order preference || fail "$(diff order preference | grep '^[<>]' | tr '\n' ' ')"
    while read -r name iana number; do
        grep -qE "^$number $name( |$)" <<<"$all_suites" || fail "$name is not $number"
        "$DTLSCAT" --suite "$name,$iana,$number" --mtu no 127.0.0.1 9 2>&1 | grep -q -- '--mtu' ||
            fail "the tool does not know $iana"
    done <rows
}

exit_codes() {
    sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It //p' "$manual" >codes
    "$DTLSCAT" --help | sed -n '/^Exit:/,$p' | tr '\n' ' ' | grep -oE '(\b[0-9]+|128\+n)( |$)' |
        tr -d ' ' >help
    same_file codes help || fail "$(diff codes help | grep '^[<>]' | tr '\n' ' ')"
}

environment() {
    grep -ohE '"(DTLSCAT_[A-Z_]+|SSLKEYLOGFILE)["=]' "$root"/cli/*.c "$root"/cli/*/*.c | tr -d '"=' | sort -u >names
    (($(wc -l <names) == 7)) || fail "not seven names: $(tr '\n' ' ' <names)"
    while read -r name; do
        grep -q "^\.It Ev $name\$" "$manual" || fail "$name is not in the manual"
    done <names
}

key_sources() {
    local word
    for word in file env fd prompt new hex text b64; do
        grep -qE "^\.It .*Cm $word\b" "$manual" || fail "manual: no $word"
        "$DTLSCAT" --help | grep -qw "$word" || fail "--help: no $word"
        grep -q "\b$word\b" "$completions/dtlscat.bash" || fail "bash: no $word"
        grep -q "\b$word\b" "$completions/dtlscat.fish" || fail "fish: no $word"
        grep -q "\b$word\b" "$completions/_dtlscat" || fail "zsh: no $word"
    done
}

lints() {
    command -v mandoc >/dev/null || skip 'no mandoc'
    mandoc -T lint -W warning "$manual" >complaints 2>/dev/null ||
        fail "$(head -n 1 complaints)"
}

parses() {
    command -v "$1" >/dev/null || skip "no $1"
    "$@" 2>err || fail "$(head -n 1 err)"
}

# WORDS RESULT: after WORDS, bash offers RESULT.
offers() {
    # shellcheck source=/dev/null
    . "$completions/dtlscat.bash"
    compopt() { :; }
    COMP_LINE="dtlscat $1" COMP_POINT=$((8 + ${#1}))
    read -ra COMP_WORDS <<<"$COMP_LINE"
    [[ $1 != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _dtlscat
    [[ ${COMPREPLY[*]} == "$2" ]] || fail "${COMPREPLY[*]}"
}

# The help begins with what the program is, and has each default once.
defaults_of_help() {
    "$DTLSCAT" --help >help
    "$DTLSCAT" -h >brief
    [[ $(head -n 1 help) == 'Netcat for DTLS'* && $(head -n 1 brief) == 'Netcat for DTLS'* ]] || fail 'no first line'
    grep -oE -- '-[a-z-]+ .*\((default|with -k:) [^)]*\)' help | sed -E 's/ .*\((.*)\)/ \1/' >found
    printf '%s\n' '-m default 1024' '--window default 65536' '-w default 20 s' '-q default 0.5' '--idle with -k: 5m' \
        '--lost-after default 30' '--cookie default on' '--timer default 400 ms' '--sessions default 1024' '--color default auto' >expected
    same_file expected found || fail "$(diff expected found | grep '^[<>]' | tr '\n' ' ')"
}

t 'help: first line and defaults' defaults_of_help
t 'manual: options' agrees manual
t 'manual: the sections of --help' same_sections
t 'bash: options' agrees bash
t 'fish: options' agrees fish
t 'zsh: options' agrees zsh
t 'manual: suites' lists_suites "$manual"
t 'manual: order and names of suites' rows_of_suites
t 'bash: suites' lists_suites "$completions/dtlscat.bash"
t 'fish: suites' lists_suites "$completions/dtlscat.fish"
t 'zsh: suites' lists_suites "$completions/_dtlscat"
t 'manual: exit codes' exit_codes
t 'manual: environment' environment
t 'key sources everywhere' key_sources
t 'manual: mandoc lint' lints
t 'bash: syntax' parses bash -n "$completions/dtlscat.bash"
t 'fish: syntax' parses fish --no-execute "$completions/dtlscat.fish"
t 'zsh: syntax' parses zsh -n "$completions/_dtlscat"
t 'bash offers --cookie' offers --coo --cookie
t 'bash offers values' offers '--cookie o' 'on off'
t 'bash offers key sources' offers '--psk=f' 'file: fd:'
finish
