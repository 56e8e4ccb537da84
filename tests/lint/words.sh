#!/bin/bash
# The text of the project is about the project: no paths of a machine, no private notes, and what is written can be
# read in any editor. The prose in $prose is plain technical English: no habit of $habits.
. "$(dirname "$0")/common.sh"

files=$(text_files | search -vE '^(\./)?(tests/vectors/.*\.vec|tests/fuzz/corpus/.*|tests/lint/words\.sh)$')

# shellcheck disable=SC2086,SC2317 # names without spaces; called by law
look() { search -nIE "$@" $files; }

law no-paths-of-a-machine look '(^|[^A-Za-z0-9._])/(work|home|root|mnt|Users|data|srv)/[A-Za-z0-9_.-]+'
law nothing-outside-the-tree look '(^|[^A-Za-z0-9_.])(\.\./)*shared/'
law no-notes-to-ourselves look '\b(TODO|FIXME|XXX|HACK|WIP|REVISIT)\b'
law no-authorship look '([Gg]enerated|[Ww]ritten) (by|with) [A-Z]|[Cc]o-[Aa]uthored-[Bb]y'
law no-marketing look -wi 'blazing(ly)?|world-class|state[- ]of[- ]the[- ]art|cutting[- ]edge|seamless(ly)?|effortless(ly)?'
law no-spaces-at-line-ends look '[[:blank:]]+$'

# Files, and directories with all that is in them. Of C the comments count.
prose='README.md tests docs/*.md lib cli'

# A line: what to write instead, and the pattern of what not to. Case does not count. A quotation and a block of
# code are exempt: `...`, "..." and lines with an indentation of four.
habits='a role, as in client, peer or attacker|\b(whoever|somebody|someone|nobody|anybody)\b
a role before "who"|(^|[.:;,(|] |\b(and|by|for|from|not|of|only|or|that|to|with) )who\b
a number, or "at most N"|\bso (many|long|much|few)\b|\bas many as\b|\bsuch (an? )?one\b|\b(that|this) many\b
"does not"|\b(has|have|had|needs?|knows?) it not\b|\b(needs|knows?) not\b|(^| )it has not$
"continue", "give up its place"|\bgo(es)? on\b|\bgives? way\b|\bsent away\b
"next to", "for lack of", "plaintext"|\bbeside\b|\bfor want of\b|\bin the plain\b|\bgood once\b|\btakes? leave\b
"report", with the actor|\b(is|are|was|were) (said|told|had|heard|believed|doubted|asked for)\b
"perform a handshake"|\b(shak(e|es|ing)|shook|shaken) hands\b
"deliver", "forward"|\b(hand|hands|handed|handing) (it |them )?on\b
"is at", "is sent", "is stored"|\b(stands?|lies|travels?)\b
"suspect", "attacker", "duplicate"|\b(doubts?|thief|thieves|forgers?|liars?|twins?)\b'

# Prints FILE:LINE, a tab and the text of all prose.
all_prose() {
    # shellcheck disable=SC2086 # patterns of names
    find $prose -type f \( -name '*.md' -o -name '*.[ch]' \) | sort | xargs awk '
        FNR == 1 { inside = 0; code = FILENAME ~ /\.[ch]$/ }
        code {
            line = $0
            text = ""
            while (line != "") {
                at = index(line, inside ? "*/" : "/*")
                if (inside) text = text (at ? substr(line, 1, at - 1) : line)
                line = at ? substr(line, at + 2) : ""
                if (at) inside = !inside
            }
            sub(/^ \*/, "", text)
            $0 = text
        }
        /^(    |\t)/ { next }
        { gsub(/`[^`]*`|"[^"]*"/, ""); print FILENAME ":" FNR "\t" $0 }'
}

mapfile -t where < <(all_prose | cut -f 1)
prose_text=$(all_prose | cut -f 2-)

# shellcheck disable=SC2317 # called by law
habit() {
    local number text
    search -niE -- "$1" <<<"$prose_text" | while IFS=: read -r number text; do
        echo "${where[number - 1]}:$text"
    done
}

while IFS='|' read -r instead pattern; do
    law "words: $instead" habit "$pattern"
done <<<"$habits"
exit $failed
