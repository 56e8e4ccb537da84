#!/bin/bash
# The text of the project is about the project: no paths of somebody's machine, no notes to
# ourselves, and what is written can be read in any editor.
. "$(dirname "$0")/common.sh"

files=$(text_files | search -vE '^(\./)?(tests/vectors/.*\.vec|tests/lint/words\.sh)$')

# shellcheck disable=SC2086,SC2317 # names without spaces; called by law
look() { search -nIE "$@" $files; }

law no-paths-of-a-machine look '(^|[^A-Za-z0-9._])/(work|home|root|mnt|Users|data|srv)/[A-Za-z0-9_.-]+'
law nothing-outside-the-tree look '(^|[^A-Za-z0-9_.])(\.\./)*shared/'
law no-notes-to-ourselves look '\b(TODO|FIXME|XXX|HACK|WIP|REVISIT)\b'
law no-authorship look '([Gg]enerated|[Ww]ritten) (by|with) [A-Z]|[Cc]o-[Aa]uthored-[Bb]y'
law no-marketing look -wi 'blazing(ly)?|world-class|state[- ]of[- ]the[- ]art|cutting[- ]edge|seamless(ly)?|effortless(ly)?'
law no-spaces-at-line-ends look '[[:blank:]]+$'
exit $failed
