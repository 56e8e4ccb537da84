# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what the matrix uses, and gives
# The peers of the matrix, what is known of them, and how each is made: as $made/NAME, a program that peer.h
# describes, or in its own programs. The functions get the name and the package; what they print is a log,
# but for descriptor 3.

# name, how it is made, the package that has its version (the first that is installed), title of its column
peers='openssl made_openssl openssl openssl
gnutls made_in_c libgnutls28-dev gnutls
mbedtls made_in_c libmbedtls-dev mbedtls
wolfssl made_in_c libwolfssl-dev wolfssl
nss made_in_c libnss3-dev nss
botan made_in_c++ libbotan-3-dev|libbotan-2-dev botan
bouncycastle made_in_java libbctls-java bouncy
erlang made_in_erlang erlang-ssl erlang
pion made_in_go golang-github-pion-dtls-v3-dev|golang-github-pion-dtls.v2-dev pion
coap-openssl made_libcoap libcoap3-bin coap-ssl
coap-gnutls made_libcoap libcoap3-bin coap-gnu
node-dtls-client made_in_node node-dtls-client@2.0.3 node-dc
nodertc made_in_node @nodertc/dtls@0.6.0 nodertc'

clients_only='node-dtls-client nodertc'
have_features='gnutls mbedtls wolfssl nss botan bouncycastle pion' # see peer.h; openssl.sh tests openssl
no_close_notify='nodertc'
no_heartbeats='mbedtls wolfssl pion' # of those with Connection IDs in DTLS 1.2

# note, peer, role, rows (suites or features), the version since which; role and rows are patterns
faults='1 erlang calls|serves 00ae|008c|c037|c035 0
1 pion calls|serves 00ae|c037 0
1 node-dtls-client calls 00ae|008c 0
2 nodertc calls ccac|d001|d002 0
3 wolfssl serves c0a6 5.7
4 openssl serves 00aa|00ab|c0a6|c0aa|ccad 4.0
5 mbedtls serves 1.2-fragment|1.2-long 0
5 wolfssl serves 1.[23]-fragment|1.[23]-long 0
5 bouncycastle serves 1.2-fragment|1.2-long 0
6 nss serves 1.3-fragment 0'
notes=(
    [1]='no encrypt_then_mac (RFC 7366), without which dtlscat does not do CBC'
    [2]='no curves but P-384 and P-521'
    [3]='takes c0a6 for a suite with elliptic curves, and refuses a ClientHello without a curve'
    [4]='"no shared cipher" to a ClientHello with ffdhe groups'
    [5]='does not reassemble a ClientHello'
    [6]='acknowledges only the last fragment of a Finished'
)

# What makes a peer, or runs it.
tool_of() {
    case $1 in
    made_in_c) echo "${CC:-cc}" ;;
    made_in_c++) echo c++ ;;
    made_in_java) echo javac ;;
    made_in_erlang) echo escript ;;
    made_in_go) echo go ;;
    made_in_node) echo npm ;;
    esac
}

# Prints what is not installed of a peer that could not be made: HOW PACKAGE LOG.
missing_of() {
    local tool
    tool=$(tool_of "$1")
    if [[ $tool ]] && ! command -v "${tool%% *}" >/dev/null; then
        echo "no $tool"
    elif [[ $1 == made_in_node ]]; then
        is_fetched "$2" || reason_in "$3"
    elif [[ ! $(version_of "$2") ]]; then
        echo "no package ${2//|/ or }"
    fi
}

# The line of a LOG that says why; npm's last line only names another log.
reason_in() { grep -m 1 -iE 'error.*:|failed' "$1" || tail -n 1 "$1"; }

made_openssl() { command -v openssl; }
made_libcoap() { command -v "coap-client-${1#*-}" && command -v "coap-server-${1#*-}"; }

made_in_c() {
    local libraries=-l$1
    [[ $1 != mbedtls ]] || libraries='-lmbedtls -lmbedcrypto'
    [[ $1 != nss ]] || libraries='-I/usr/include/nss -I/usr/include/nspr -lssl3 -lnss3 -lnspr4'
    # shellcheck disable=SC2086 # several words
    ${CC:-cc} -O1 -Wall -Wextra -o "$made/$1" "$here/$1.c" $libraries
}

made_in_c++() {
    local version=2
    [[ ! -d /usr/include/botan-3 ]] || version=3
    c++ -std=c++20 -O1 -Wall -Wextra -I/usr/include/botan-$version -o "$made/$1" "$here/$1.cpp" \
        -lbotan-$version
}

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

# The import path of pion has its version in it.
made_in_go() {
    local version=v2
    [[ ! -d /usr/share/gocode/src/github.com/pion/dtls/v3 ]] || version=v3
    mkdir -p "$made/go" && cp "$here/$1_$version.go" "$made/go" &&
        sed "s,pion/dtls/v2,pion/dtls/$version," "$here/$1.go" >"$made/go/$1.go" &&
        GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$made/$1" "$made/go/$1"{,_$version}.go
}

# Node.js looks for modules next to the program.
made_in_node() {
    cp "$here/$1.js" "$made/$1" && chmod +x "$made/$1" && node --version &&
        { is_fetched "$2" || fetch_node_modules; } && is_fetched "$2"
}

is_fetched() { [[ -d $made/node_modules/${1%@*} ]]; }

# The modules have no packages. Node.js trusts its own list of authorities unless it is told of the system's.
fetch_node_modules() {
    local modules authorities=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
    if [[ ! ${npm_status:-} ]]; then
        mapfile -t modules < <(awk '$2 == "made_in_node" { print $3 }' <<<"$peers")
        echo "dtlscat: fetching with npm: ${modules[*]}" >&3
        (cd "$made" && NODE_EXTRA_CA_CERTS=$authorities timeout -k 5 120 npm install --no-audit --no-fund --no-save \
            --no-package-lock --ignore-scripts --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 "${modules[@]}") >"$made/npm.log" 2>&1
        npm_status=$?
    fi
    cat "$made/npm.log"
    ((npm_status < 124)) || echo 'npm failed: no end after 120 s'
    return $npm_status
}

version_of() {
    local package packages
    case $1 in
    *@*) echo "${1##*@}" ;;
    *)
        IFS='|' read -ra packages <<<"$1"
        for package in "${packages[@]}"; do
            dpkg-query -W -f '${db:Status-Abbrev}${Version}\n' "$package" 2>/dev/null
        done | sed -n 's/^ii *//p' | head -n 1
        ;;
    esac
}
