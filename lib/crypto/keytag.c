#include "crypto/keytag.h"

#include "base/wipe.h"

#include <string.h>

/* No other HMAC under a PSK begins with this text. */
static const uint8_t label[] = "dtlscat key tag";

bool keytag_make(const crypto_t *crypto, const uint8_t salt[KEYTAG_SALT], reader_t identity,
                 const uint8_t *key, size_t length, keytag_t *tag)
{
    uint8_t whole[HASH_MAX];
    mac_t *mac = crypto_mac(crypto, HASH_SHA256);
    *tag = (keytag_t){.known = false};
    memcpy(tag->salt, salt, KEYTAG_SALT);
    tag->known = mac_key(mac, key, length) && mac_add(mac, label, sizeof label) &&
                 mac_add(mac, tag->salt, KEYTAG_SALT) &&
                 mac_add(mac, identity.at, reader_left(&identity)) && mac_finish(mac, whole);
    if (tag->known)
        memcpy(tag->mac, whole, KEYTAG_MAC);
    wipe(whole, sizeof whole);
    return tag->known;
}

bool keytag_fits(const crypto_t *crypto, const keytag_t *tag, reader_t identity, const uint8_t *key,
                 size_t length)
{
    keytag_t expected;
    bool made = keytag_make(crypto, tag->salt, identity, key, length, &expected);
    return made && tag->known && crypto_equal(expected.mac, tag->mac, KEYTAG_MAC);
}

void put_keytag(writer_t *w, const keytag_t *tag)
{
    put_bytes(w, tag->salt, KEYTAG_SALT);
    put_bytes(w, tag->mac, KEYTAG_MAC);
}

keytag_t take_keytag(reader_t *r)
{
    keytag_t tag = {.known = false};
    const uint8_t *bytes = take_bytes(r, KEYTAG_LENGTH);
    tag.known = !r->failed;
    if (tag.known) {
        memcpy(tag.salt, bytes, KEYTAG_SALT);
        memcpy(tag.mac, bytes + KEYTAG_SALT, KEYTAG_MAC);
    }
    return tag;
}
