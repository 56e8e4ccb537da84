#!/usr/bin/env bash
# The library as a part of a shared object, which a program loads that knows nothing of DTLS.
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2317 # cases are run by name
. "$(dirname "$0")/../lib.sh"

library=$(realpath "${BUILD:-$root/build}")/libdtlscat.a
# As the library was made: with -m32, -fsanitize=... .
read -ra compile <<<"${COMPILE:-${CC:-cc}}"

# Its one function writes the first datagram of a handshake to a buffer.
plugin() {
    cat <<'END_OF_C'
#include "dtls.h"

#include <string.h>

static uint8_t *out;
static size_t written;

static int write_datagram(struct dtls_context_t *ctx, session_t *session, uint8_t *data, size_t length)
{
    (void)ctx;
    (void)session;
    memcpy(out, data, length);
    written = length;
    return (int)length;
}

static int give_key(struct dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                    const unsigned char *hint, size_t hint_length, unsigned char *result, size_t size)
{
    (void)ctx;
    (void)session;
    (void)hint;
    (void)hint_length;
    (void)size;
    memset(result, type == DTLS_PSK_KEY ? 1 : 'i', 16);
    return 16;
}

size_t first_datagram(uint8_t *to);

size_t first_datagram(uint8_t *to)
{
    static dtls_handler_t handler = {.write = write_datagram, .get_psk_info = give_key};
    static struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 1};
    dtls_context_t *ctx = dtls_new_context(NULL);
    session_t session;

    out = to;
    memset(&session, 0, sizeof(session));
    session.size = sizeof(address);
    memcpy(&session.addr.sin, &address, sizeof(address));
    dtls_set_handler(ctx, &handler);
    if (dtls_connect(ctx, &session) <= 0)
        return 0;
    dtls_free_context(ctx);
    return written;
}
END_OF_C
}

loader() {
    cat <<'END_OF_C'
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    static uint8_t datagram[65536];
    union {
        void *object;
        size_t (*call)(uint8_t *);
    } function;
    void *plugin = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);

    if (!plugin) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    function.object = dlsym(plugin, "first_datagram");
    size_t length = function.object ? function.call(datagram) : 0;
    /* The header of a record of DTLS 1.0 or 1.2, and of a handshake message: a ClientHello. */
    if (length < 14 || datagram[0] != 22 || datagram[1] != 0xfe || datagram[13] != 1) {
        fprintf(stderr, "%zu bytes, no ClientHello\n", length);
        return 1;
    }
    return dlclose(plugin);
}
END_OF_C
}

is_loaded() {
    plugin >plugin.c
    loader >loader.c
    (cd "$root" && "${compile[@]}" -fPIC -shared -Wl,-z,defs -Wl,-z,text -Ilib -o "$OLDPWD/plugin.so" "$OLDPWD/plugin.c" \
        "$library" -lcrypto) 2>err || fail "$(grep -m 1 -E 'error|undefined|relocation' err || head -n 1 err)"
    "${compile[@]}" -fPIE -pie -o loader loader.c -ldl 2>err || fail "$(head -n 1 err)"
    ./loader ./plugin.so 2>err || fail "$(head -n 1 err)"
}

t 'a plugin is linked, loaded and begins a handshake' is_loaded
finish
