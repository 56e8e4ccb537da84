# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what the matrix uses, and gives
# The peers of the matrix, what is known of them, and how each is made: as $made/NAME, a program that peer.h
# describes, or in its own programs. The functions get the name and the package; what they print is a log,
# but for descriptor 3.

# name, how it is made, its package and what tells the version, the title of its column
peers='openssl made_openssl libssl3 openssl
gnutls made_in_c libgnutls28-dev gnutls
mbedtls made_in_c libmbedtls-dev mbedtls
wolfssl made_in_c libwolfssl-dev wolfssl
nss made_in_c libnss3-dev nss
botan made_in_c++ libbotan-2-dev botan
bouncycastle made_in_java libbctls-java bouncy
erlang made_in_erlang erlang-ssl erlang
pion made_in_go golang-github-pion-dtls.v2-dev pion
coap-openssl made_libcoap libcoap3-bin coap-ssl
coap-gnutls made_libcoap libcoap3-bin coap-gnu
node-dtls-client made_in_node node-dtls-client@2.0.3 node-dc
nodertc made_in_node @nodertc/dtls@0.6.0 nodertc'

clients_only='node-dtls-client nodertc'
resumers='gnutls mbedtls wolfssl' # openssl does in openssl.sh
no_close_notify='nodertc'

# note, peer, role, suites; the last two are patterns
faults='1 erlang calls|serves 00ae|008c|c037|c035
1 pion calls|serves 00ae|c037
1 node-dtls-client calls 00ae|008c
2 nodertc calls ccac|d001|d002'
notes=(
    [1]='it has no encrypt-then-MAC, without which there is no CBC here'
    [2]='it has no curves but P-384 and P-521'
)

made_openssl() { command -v openssl; }
made_libcoap() { command -v "coap-client-${1#*-}" && command -v "coap-server-${1#*-}"; }

made_in_c() {
    local libraries=-l$1
    [[ $1 != mbedtls ]] || libraries='-lmbedtls -lmbedcrypto'
    [[ $1 != nss ]] || libraries='-I/usr/include/nss -I/usr/include/nspr -lssl3 -lnss3 -lnspr4'
    # shellcheck disable=SC2086 # several words
    ${CC:-cc} -O1 -Wall -Wextra -o "$made/$1" "$here/$1.c" $libraries
}

made_in_c++() { c++ -O1 -Wall -Wextra -I/usr/include/botan-2 -o "$made/$1" "$here/$1.cpp" -lbotan-2; }

# Makes the program of a peer: NAME COMMAND...
wrap() {
    local name=$1
    shift
    printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$made/$name"
    chmod +x "$made/$name"
}

made_in_java() {
    local jars=/usr/share/java
    jars=$jars/bctls.jar:$jars/bcprov.jar:$jars/bcutil.jar
    javac -d "$made" -cp "$jars" "$here/BouncyCastle.java" &&
        wrap "$1" java -XX:TieredStopAtLevel=1 -cp "'$made:$jars'" BouncyCastle
}

made_in_erlang() {
    command -v escript && erl -noshell -eval '{ok, _} = application:ensure_all_started(ssl), halt().' &&
        wrap "$1" escript "'$here/erlang.escript'"
}

made_in_go() { GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$made/$1" "$here/$1.go"; }

# The modules come from npm, as they have no packages; they are looked for next to the program.
made_in_node() {
    cp "$here/$1.js" "$made/$1" && chmod +x "$made/$1" && node --version &&
        { [[ -d $made/node_modules/${2%@*} ]] || fetch_node_modules; } && [[ -d $made/node_modules/${2%@*} ]]
}

fetch_node_modules() {
    local modules
    mapfile -t modules < <(awk '$2 == "made_in_node" { print $3 }' <<<"$peers")
    echo "dtlscat: fetching with npm: ${modules[*]}" >&3
    (cd "$made" && npm install --no-audit --no-fund --no-save --no-package-lock --ignore-scripts "${modules[@]}")
}

version_of() {
    case $1 in
    *@*) echo "${1##*@}" ;;
    *) dpkg-query -W -f '${Version}' "$1" 2>/dev/null ;;
    esac
}
