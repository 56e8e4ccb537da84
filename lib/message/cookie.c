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
    for (size_t i = 0; i < COOKIE_KEYS; i++)
        mac_free(cookies->mac[i]);
}

/* ---- shared secrets: a key for each secret and period ---- */

void cookies_share(cookies_t *cookies, const secrets_t *secrets)
{
    cookies->shared = secrets;
    memset(cookies->valid, 0, sizeof cookies->valid);
}

static bool derive_key(cookies_t *cookies, size_t key, size_t secret, uint64_t period)
{
    uint8_t bytes[DTLS_SECRET];
    if (!cookies->mac[key])
        cookies->mac[key] = mac_new(cookies->shared->crypto, HASH_SHA256);
    cookies->valid[key] = cookies->mac[key] &&
                          secrets_cookie_key(cookies->shared, secret, period, bytes) &&
                          mac_key(cookies->mac[key], bytes, sizeof bytes);
    wipe(bytes, sizeof bytes);
    return cookies->valid[key];
}

/* Derives three keys for each secret. The lowest bit of a key's index is the lowest bit of the
 * number of its period. */
static bool derive_keys(cookies_t *cookies, uint64_t period)
{
    unsigned current = period & 1, other = current ^ 1;
    bool ok = true;
    memset(cookies->valid, 0, sizeof cookies->valid);
    for (size_t i = 0; i < cookies->shared->count && ok; i++)
        ok = derive_key(cookies, current + 2 * i, i, period) &&
             derive_key(cookies, other + 4 * i, i, period - 1) &&
             derive_key(cookies, other + 4 * i + 2, i, period + 1);
    cookies->period = period;
    cookies->generation = current;
    cookies->valid[current] &= ok; /* if a key is missing, try again next time */
    return ok;
}

static bool follow_clock(cookies_t *cookies, const dtls_config_t *config)
{
    uint64_t period = config->wall_clock(config->hook) / config->cookie_ms;
    bool derived = cookies->valid[cookies->generation] && cookies->period == period;
    return derived || derive_keys(cookies, period);
}

/* ---- secrets of our own ---- */

bool cookies_rotate(cookies_t *cookies, const dtls_config_t *config, dtls_tick_t now)
{
    if (cookies->shared)
        return follow_clock(cookies, config);
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

/* ---- cookies ---- */

static bool add_counted(mac_t *mac, const uint8_t *bytes, size_t length)
{
    uint8_t count[2];
    writer_t w = writer(count, sizeof count);
    put_u16(&w, (unsigned)length);
    return mac_add(mac, count, sizeof count) && mac_add(mac, bytes, length);
}

static bool compute(mac_t *mac, unsigned key, const cookie_subject_t *subject, uint8_t *out,
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
    out[0] = (uint8_t)((out[0] & ~GENERATION_BIT) | (key & 1 ? GENERATION_BIT : 0));
    return ok;
}

static bool make_cookie(cookies_t *cookies, unsigned key, const cookie_subject_t *subject,
                        uint8_t *out, size_t length)
{
    return cookies->valid[key] && compute(cookies->mac[key], key, subject, out, length);
}

bool cookie_make(cookies_t *cookies, const cookie_subject_t *subject, uint8_t *out, size_t length)
{
    return make_cookie(cookies, cookies->generation, subject, out, length);
}

/* Computes the cookie with this key, and writes it to out if it equals the offered cookie. Returns
 * false if libcrypto fails. */
static bool try_key(cookies_t *cookies, unsigned key, const cookie_subject_t *subject,
                    const uint8_t *offered, uint8_t *out, size_t length)
{
    uint8_t other[COOKIE13_LENGTH];
    if (!make_cookie(cookies, key, subject, other, length))
        return false;
    if (crypto_equal(other, offered, length))
        memcpy(out, other, length);
    return true;
}

bool cookie_remake(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *offered,
                   uint8_t *out, size_t length)
{
    unsigned named = (offered[0] & GENERATION_BIT) != 0;
    unsigned key = cookies->valid[named] ? named : cookies->generation;
    if (!make_cookie(cookies, key, subject, out, length))
        return false;
    /* With shared secrets (dtls_set_secrets()), try the other keys that the bit names. */
    for (key = named + 2; key < COOKIE_KEYS && cookies->shared; key += 2)
        if (cookies->valid[key] && !crypto_equal(out, offered, length) &&
            !try_key(cookies, key, subject, offered, out, length))
            return false;
    return true;
}

bool cookie_check(cookies_t *cookies, const cookie_subject_t *subject, const uint8_t *cookie,
                  size_t length)
{
    uint8_t expected[COOKIE13_LENGTH];
    return length > 0 && length <= sizeof expected &&
           cookie_remake(cookies, subject, cookie, expected, length) &&
           crypto_equal(cookie, expected, length);
}
