#!/usr/bin/env bash
# make deb: what the Debian package says, holds, and does when it is unpacked.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

build=$(realpath "${BUILD:-$root/build}")
version=$("$DTLSCAT" --version | cut -d ' ' -f 2)-1
tree=$TESTDIR/tree

is_made() {
    make -s -j1 -C "$root" deb >out 2>err || fail "$(tail -n 1 err)"
    ! grep -v jobserver err || fail "$(grep -v jobserver err)"
    [[ -f $deb ]] || fail "no $deb"
    dpkg-deb -x "$deb" "$tree" 2>err || fail "$(cat err)"
}

field() { dpkg-deb -f "$deb" "$1"; }

says_what_it_is() {
    [[ $(field Package) == dtlscat ]] || fail "Package: $(field Package)"
    [[ $(field Version) == "$version" ]] || fail "Version: $(field Version)"
    [[ $(field Architecture) == "$architecture" ]] || fail "Architecture: $(field Architecture)"
    [[ $(field Maintainer) =~ ^.+' <'.+@.+'>'$ ]] || fail "Maintainer: $(field Maintainer)"
    (($(field Installed-Size) > 100)) || fail "Installed-Size: $(field Installed-Size)"
    [[ $(field Description) == 'netcat for DTLS'*$'\n '* ]] || fail "Description: $(field Description)"
}

# The package that has libcrypto is named by its version: libssl3, libssl3t64, libssl4.
libcrypto_package() {
    local file
    file=$(ldd "$DTLSCAT" | awk '$1 ~ /^libcrypto/ { print $3 }')
    dpkg-query -S "*/${file##*/}" | cut -d : -f 1 | sort -u
}

depends_on_what_it_links() {
    field Depends | tr ',' '\n' | sed 's/^ //; s/ .*//' | sort >packages
    (($(wc -l <packages) == 2)) || fail "$(field Depends)"
    grep -Eqx 'libc6(\.1)?' packages || fail 'not on libc6'
    grep -qx "$(libcrypto_package)" packages || fail "not on $(libcrypto_package): $(field Depends)"
}

holds_these_files() {
    cat >expected <<'END'
-rw-r--r-- root/root ./usr/share/bash-completion/completions/dtlscat
-rw-r--r-- root/root ./usr/share/doc/dtlscat/changelog.Debian.gz
-rw-r--r-- root/root ./usr/share/doc/dtlscat/copyright
-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/dtlscat.fish
-rw-r--r-- root/root ./usr/share/man/man1/dtlscat.1.gz
-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_dtlscat
-rwxr-xr-x root/root ./usr/bin/dtlscat
END
    dpkg-deb -c "$deb" | awk '$1 !~ /^d/ { print $1, $2, $6 }' | sort >seen
    same_file expected seen || fail "$(diff expected seen | grep '^[<>]' | tr '\n' ' ')"
    dpkg-deb -c "$deb" | awk '/^d/ { print $1, $2 }' | sort -u >seen
    [[ $(<seen) == 'drwxr-xr-x root/root' ]] || fail "directories: $(tr '\n' ' ' <seen)"
}

sums_are_right() {
    dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./md5sums >sums
    (($(wc -l <sums) == 7)) || fail "$(wc -l <sums) sums"
    (cd "$tree" && md5sum --quiet -c -) <sums >out 2>&1 || fail "$(head -n 1 out)"
}

tells_its_terms() {
    local doc=$tree/usr/share/doc/dtlscat
    gzip -dc "$doc/changelog.Debian.gz" >changelog || fail 'no changelog'
    matches changelog "^dtlscat \\($version\\) " || fail "$(head -n 1 changelog)"
    matches changelog '^ -- .+ <.+@.+>  [A-Z][a-z]{2}, [ 0-9]{2} [A-Z][a-z]{2} [0-9]{4} ' ||
        fail "$(tail -n 1 changelog)"
    # The same words as LICENSE.
    sed -n '/^Permission/,$p' "$root/LICENSE" | tr -s '\n ' '  ' >license
    sed -n '/^ Permission/,$s/^ \.$//p; /^ Permission/,$p' "$doc/copyright" | tr -s '\n ' '  ' |
        sed 's/^ //' >seen
    same_file license seen || fail 'not the words of LICENSE'
}

is_stripped() { ! readelf -SW "$tree/usr/bin/dtlscat" | grep -E '\.(symtab|debug)' || fail symbols; }

runs() {
    same_file <("$DTLSCAT" --version) <("$tree/usr/bin/dtlscat" --version) || fail 'another version'
    same_file <("$DTLSCAT" --help) <("$tree/usr/bin/dtlscat" --help) || fail 'another help'
    DTLSCAT=$tree/usr/bin/dtlscat
    listener server --psk="$keyfile"
    client client server --psk="$keyfile"
    exchange client server
}

shows_manual() {
    local page=$tree/usr/share/man/man1/dtlscat.1.gz
    gzip -dc "$page" | cmp -s - "$root/docs/dtlscat.1" || fail 'not the manual'
    if command -v mandoc >/dev/null; then
        gzip -dc "$page" | mandoc -T utf8 >shown
    elif command -v man >/dev/null; then
        man -l "$page" >shown 2>err
    else
        skip 'neither mandoc nor man'
    fi
    matches shown 'netcat for DTLS with pre-shared keys' || fail 'nothing is shown'
}

completes() {
    command -v "$1" >/dev/null || skip "no $1"
    "$1" "$2" "$tree/usr/share/$3" 2>err || fail "$(head -n 1 err)"
}

# Made again, it is the same.
is_reproducible() {
    cp "$deb" first.deb
    make -s -j1 -C "$root" deb >out 2>err || fail "$(tail -n 1 err)"
    same_file first.deb "$deb" || fail 'it differs'
}

has_no_errors() {
    lintian --allow-root --fail-on error "$deb" >complaints 2>&1 || fail "$(grep -m 1 ^E: complaints)"
}

for tool in dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null && continue
    echo "skip deb - no $tool"
    exit 0
done
architecture=$(dpkg --print-architecture)
deb=${build}/dtlscat_${version}_$architecture.deb
t 'it is made' is_made
settle
t 'it is made again the same' is_reproducible
settle
t 'control' says_what_it_is
t 'it depends on libc and libcrypto' depends_on_what_it_links
t 'files, modes and owners' holds_these_files
t 'sums' sums_are_right
t 'changelog and copyright' tells_its_terms
t 'no symbols' is_stripped
t 'unpacked, it runs' runs
t 'unpacked, the manual can be read' shows_manual
t 'bash completion' completes bash -n bash-completion/completions/dtlscat
t 'zsh completion' completes zsh -n zsh/vendor-completions/_dtlscat
t 'fish completion' completes fish --no-execute fish/vendor_completions.d/dtlscat.fish
if command -v lintian >/dev/null; then t 'lintian has no errors' has_no_errors; fi
finish
