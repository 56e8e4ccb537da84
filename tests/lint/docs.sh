#!/bin/bash
# What the program offers is what its manual explains, and the other way round; the completions know
# every option. In the other documents each link and each name of a file leads somewhere, and the map of the
# source stays short.
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

# ---- the documents in Markdown -------------------------------------------------------------------

pages=(README.md docs/*.md tests/README.md)

# Prints PAGE:LINE:TEXT for each match of the pattern.
parts() { search -noE "$1" "${pages[@]}"; }

# The headings of a page, as the fragments of links name them.
fragments() { sed -nE 's/^#+ //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'; }

dead_links() {
    local page line text file fragment
    while IFS=: read -r page line text; do
        text=${text#*](} text=${text%)}
        [[ $text != http* ]] || continue
        file=$(dirname "$page")/${text%%#*} fragment=
        [[ $text != '#'* ]] || file=$page
        [[ $text != *'#'* ]] || fragment=${text#*#}
        [[ -e $file ]] || echo "$page:$line: no file $text"
        [[ -z $fragment ]] || fragments "$file" | grep -qxF -- "$fragment" || echo "$page:$line: no heading $text"
    done < <(parts '\]\([^) ]+\)')
}

# A name without a folder is that of a file anywhere; a pattern is what it matches. Files that make writes do not
# count.
unknown_files() {
    local page line text names
    names=$(text_files | sed 's|.*/||')
    while IFS=: read -r page line text; do
        text=${text//\`/}
        case $text in
        build/*) ;;
        lib/* | cli/* | tests/* | docs/* | completions/* | ./docs/*) compgen -G "$text" >/dev/null || echo "$page:$line: no $text" ;;
        */*) compgen -G "$(dirname "$page")/$text" >/dev/null || echo "$page:$line: no $text" ;;
        *) grep -qxF -- "$text" <<<"$names" || echo "$page:$line: no file $text" ;;
        esac
    done < <(parts '`([A-Za-z0-9_.-]+/[A-Za-z0-9_./*-]*|[A-Za-z0-9_-]+\.(c|h|sh|md))`')
}

# In the map a row of a folder names the files to look at first.
unknown_in_map() {
    local line folder name row
    while IFS='|' read -r _ folder _ row _; do
        folder=${folder//[\` ]/}
        for name in ${row//[\`,]/}; do
            compgen -G "$folder$name.[ch]" >/dev/null || echo "docs/ARCHITECTURE.md: no $folder$name.c"
        done
    done < <(search -E '^\| `(lib|cli)/' docs/ARCHITECTURE.md)
    for folder in lib/*/ cli/ cli/*/; do
        grep -qF "| \`$folder\` |" docs/ARCHITECTURE.md || echo "docs/ARCHITECTURE.md: no row for $folder"
    done
}

long_map() {
    local lines
    lines=$(wc -l <docs/ARCHITECTURE.md)
    ((lines <= 120)) || echo "docs/ARCHITECTURE.md: $lines lines, at most 120"
}

# 24 lines of 80 columns.
unclear_first_screen() {
    head -n 24 README.md | awk 'length > 80 { print "README.md:" FNR ": more than 80 columns" }'
    head -n 24 README.md | grep -q 'make install' || echo "README.md: the first 24 lines do not tell how to install"
}

law help-shows-options silent_help
law options-are-documented undocumented
law documented-options-exist unoffered
law options-are-completed uncompleted
law links-lead-somewhere dead_links
law files-of-the-documents-exist unknown_files
law the-map-knows-the-folders unknown_in_map
law the-map-has-120-lines long_map
law the-first-screen-tells-how-to-install unclear_first_screen
exit $failed
