#include "message/cookie.h"

#include "base/address.h"
#include "base/bytes.h"
#include "base/wipe.h"

#include <string.h>

#define SECRET_LENGTH 32
#define GENERATION_BIT 0x80

bool cookies_start(cookies_t *cookies, const crypto_t *crypto)
{
    cookies->mac[0] = mac_new(crypto, HASH_SHA256);
    cookies->mac[1] = mac_new(crypto, HASH_SHA256);
    return cookies->mac[0] && cookies->mac[1];
}

void cookies_end(cookies_t *cookies)
{
    mac_free(cookies->mac[0]);
    mac_free(cookies->mac[1]);
}

bool cookies_rotate(cookies_t *cookies, const dtls_config_t *config, dtls_tick_t now)
{
    if (cookies->valid[cookies->generation] && now < cookies->rotate_at)
        return true;
    uint8_t secret[SECRET_LENGTH];
    unsigned generation = cookies->generation ^ 1;
    bool last_is_old = now >= cookies->rotate_at + config->cookie_ms;
    bool ok = config->random(config->hook, secret, sizeof secret) == 0 &&
              mac_key(cookies->mac[generation], secret, sizeof secret);
    wipe(secret, sizeof secret);
    cookies->valid[generation] = ok;
    if (!ok)
        return false;
    if (last_is_old)
        cookies->valid[cookies->generation] = false;
    cookies->generation = generation;
    cookies->rotate_at = now + config->cookie_ms;
    return true;
}

static bool add_counted(mac_t *mac, const uint8_t *bytes, size_t length)
{
    uint8_t count[2];
    writer_t w = writer(count, sizeof count);
    put_u16(&w, (unsigned)length);
    return mac_add(mac, count, sizeof count) && mac_add(mac, bytes, length);
}

static bool compute(mac_t *mac, unsigned generation, const cookie_subject_t *subject, uint8_t *out,
                    size_t length)
{
    uint8_t fixed[ADDRESS_MAX + 2 + 32], hash[HASH_MAX];
    writer_t w = writer(fixed, sizeof fixed);
    put_address(&w, subject->session);
    put_u16(&w, subject->version);
    put_bytes(&w, subject->random, 32);
    bool ok = mac_restart(mac) && mac_add(mac, fixed, writer_length(&w)) &&
              add_counted(mac, subject->session_id, subject->session_id_length) &&
              add_counted(mac, subject->suites, subject->suites_length) &&
              add_counted(mac, subject->compressions, subject->compressions_length) &&
              mac_finish(mac, hash);
    memcpy(out, hash, length);
    out[0] = (uint8_t)((out[0] & ~GENERATION_BIT) | (generation ? GENERATION_BIT : 0));
    return ok;
}

static bool make_cookie(cookies_t *cookies, unsigned generation, const cookie_subject_t *subject,
                        uint8_t *out, size_t length)
{
    return cookies->valid[generation] &&
           compute(cookies->mac[generation], generation, subject, out, length);
}

bool cookie_make(cookies_t *cookies, const cookie_subject_t *subject, uint8_t *out, size_t length)
{
    return make_cookie(cookies, cookies->generation, subject, out, length);
}

bool cookie_remake(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *offered,
                   uint8_t *out, size_t length)
{
    unsigned named = (offered[0] & GENERATION_BIT) != 0;
    unsigned generation = cookies->valid[named] ? named : cookies->generation;
    return make_cookie(cookies, generation, subject, out, length);
}

bool cookie_check(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *cookie,
                  size_t length)
{
    uint8_t expected[COOKIE13_LENGTH];
    return length > 0 && length <= sizeof expected &&
           cookie_remake(cookies, subject, cookie, expected, length) &&
           crypto_equal(cookie, expected, length);
}
