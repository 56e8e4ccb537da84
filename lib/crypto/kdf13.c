#include "crypto/kdf13.h"

#include "base/bytes.h"
#include "base/wipe.h"

#include <string.h>

#define PREFIX "dtls13"

/* Computes HKDF-Extract (RFC 5869 section 2.2). If salt or secret is NULL, uses hash_length() zeros
 * instead (RFC 8446 section 7.1). */
static bool extract(const crypto_t *crypto, hash_alg_t hash, const uint8_t *salt,
                    const uint8_t *secret, size_t length, uint8_t *out)
{
    static const uint8_t zeros[HASH_MAX] = {0};
    mac_t *mac = crypto_mac(crypto, hash);
    bool ok = mac_key(mac, salt ? salt : zeros, hash_length(hash));
    if (secret)
        ok = ok && mac_add(mac, secret, length);
    else
        ok = ok && mac_add(mac, zeros, hash_length(hash));
    return ok && mac_finish(mac, out);
}

/* Computes HKDF-Expand (RFC 5869 section 2.3). */
static bool expand(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                   const uint8_t *info, size_t info_length, uint8_t *out, size_t length)
{
    mac_t *mac = crypto_mac(crypto, hash);
    size_t step = hash_length(hash);
    uint8_t block[HASH_MAX], counter = 1;
    bool ok = mac_key(mac, secret, step);
    for (size_t done = 0; ok && done < length; done += step, counter++) {
        if (done > 0)
            ok = mac_restart(mac) && mac_add(mac, block, step);
        ok = ok && mac_add(mac, info, info_length) && mac_add(mac, &counter, 1) &&
             mac_finish(mac, block);
        if (ok)
            memcpy(out + done, block, length - done < step ? length - done : step);
    }
    wipe(block, sizeof block);
    return ok;
}

static bool expand_label(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                         const char *label, const uint8_t *context, size_t context_length,
                         uint8_t *out, size_t length)
{
    uint8_t info[2 + 1 + 255 + 1 + 255];
    writer_t w = writer(info, sizeof info);
    put_u16(&w, (unsigned)length);
    block_t name = open_block(&w, 1);
    put_bytes(&w, PREFIX, strlen(PREFIX));
    put_bytes(&w, label, strlen(label));
    close_block(&w, name);
    block_t rest = open_block(&w, 1);
    put_bytes(&w, context, context_length);
    close_block(&w, rest);
    return !w.failed && expand(crypto, hash, secret, info, writer_length(&w), out, length);
}

static bool hash_of(const crypto_t *crypto, hash_alg_t alg, const uint8_t *bytes, size_t length,
                    uint8_t *out)
{
    hash_t *hash = hash_new(crypto, alg);
    const bytes_t all = {bytes, length};
    bool ok = hash && hash_snapshot(hash, &all, 1, out);
    hash_free(hash);
    return ok;
}

/* Computes Derive-Secret (RFC 8446 section 7.1). transcript is the transcript hash; NULL means the
 * hash of no messages. */
static bool derive(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                   const char *label, const uint8_t *transcript, uint8_t *out)
{
    uint8_t nothing[HASH_MAX];
    if (!transcript && !hash_of(crypto, hash, NULL, 0, nothing))
        return false;
    return expand_label(crypto, hash, secret, label, transcript ? transcript : nothing,
                        hash_length(hash), out, hash_length(hash));
}

/* ---- the stages of the key schedule ---- */

bool schedule_start(schedule_t *schedule, const crypto_t *crypto, hash_alg_t hash,
                    const uint8_t *psk, size_t psk_length)
{
    schedule->crypto = crypto;
    schedule->hash = hash;
    return extract(crypto, hash, NULL, psk, psk_length, schedule->secret);
}

bool schedule_advance(schedule_t *schedule, const uint8_t *shared, size_t length)
{
    uint8_t salt[HASH_MAX];
    bool ok = derive(schedule->crypto, schedule->hash, schedule->secret, "derived", NULL, salt) &&
              extract(schedule->crypto, schedule->hash, salt, shared, length, schedule->secret);
    wipe(salt, sizeof salt);
    return ok;
}

bool schedule_secret(const schedule_t *schedule, secret_t which, const uint8_t *transcript,
                     uint8_t *out)
{
    static const char *const labels[] = {
        [SECRET_IMP_BINDER] = "imp binder",         [SECRET_EXT_BINDER] = "ext binder",
        [SECRET_RES_BINDER] = "res binder",         [SECRET_CLIENT_EARLY] = "c e traffic",
        [SECRET_CLIENT_HANDSHAKE] = "c hs traffic", [SECRET_SERVER_HANDSHAKE] = "s hs traffic",
        [SECRET_CLIENT_TRAFFIC] = "c ap traffic",   [SECRET_SERVER_TRAFFIC] = "s ap traffic",
        [SECRET_EXPORTER] = "exp master",           [SECRET_RESUMPTION] = "res master",
    };
    return derive(schedule->crypto, schedule->hash, schedule->secret, labels[which], transcript,
                  out);
}

/* ---- keys and values derived from a secret ---- */

bool kdf13_traffic_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *secret,
                        traffic_keys_t *keys)
{
    size_t key = suite_key(suite);
    return expand_label(crypto, suite->hash, secret, "key", NULL, 0, keys->key, key) &&
           expand_label(crypto, suite->hash, secret, "iv", NULL, 0, keys->iv, AEAD_NONCE) &&
           expand_label(crypto, suite->hash, secret, "sn", NULL, 0, keys->sn, key);
}

bool kdf13_verify_data(const crypto_t *crypto, hash_alg_t hash, const uint8_t *secret,
                       const uint8_t *transcript, uint8_t *out)
{
    uint8_t key[HASH_MAX];
    mac_t *mac = crypto_mac(crypto, hash);
    bool ok = expand_label(crypto, hash, secret, "finished", NULL, 0, key, hash_length(hash)) &&
              mac_key(mac, key, hash_length(hash)) && mac_add(mac, transcript, hash_length(hash)) &&
              mac_finish(mac, out);
    wipe(key, sizeof key);
    return ok;
}

bool kdf13_update(const crypto_t *crypto, hash_alg_t hash, uint8_t *secret)
{
    uint8_t next[HASH_MAX];
    bool ok = expand_label(crypto, hash, secret, "traffic upd", NULL, 0, next, hash_length(hash));
    if (ok)
        memcpy(secret, next, hash_length(hash));
    wipe(next, sizeof next);
    return ok;
}

bool kdf13_ticket_psk(const crypto_t *crypto, hash_alg_t hash, const uint8_t *resumption,
                      const uint8_t *nonce, size_t nonce_length, uint8_t *out)
{
    return expand_label(crypto, hash, resumption, "resumption", nonce, nonce_length, out,
                        hash_length(hash));
}

bool kdf13_import(const crypto_t *crypto, const uint8_t *imported_identity, size_t identity_length,
                  const uint8_t *psk, size_t psk_length, uint8_t *out, size_t length)
{
    uint8_t secret[HASH_MAX], hash[HASH_MAX];
    bool ok = extract(crypto, HASH_SHA256, NULL, psk, psk_length, secret) &&
              hash_of(crypto, HASH_SHA256, imported_identity, identity_length, hash) &&
              expand_label(crypto, HASH_SHA256, secret, "derived psk", hash,
                           hash_length(HASH_SHA256), out, length);
    wipe(secret, sizeof secret);
    return ok;
}

bool kdf13_export(const crypto_t *crypto, hash_alg_t hash, const uint8_t *exporter,
                  const char *label, const uint8_t *context, size_t context_length, uint8_t *out,
                  size_t length)
{
    uint8_t secret[HASH_MAX], context_hash[HASH_MAX];
    bool ok = derive(crypto, hash, exporter, label, NULL, secret) &&
              hash_of(crypto, hash, context, context_length, context_hash) &&
              expand_label(crypto, hash, secret, "exporter", context_hash, hash_length(hash), out,
                           length);
    wipe(secret, sizeof secret);
    return ok;
}

bool kdf13_own(const crypto_t *crypto, const uint8_t *secret, const char *label,
               const uint8_t *context, size_t context_length, uint8_t *out, size_t length)
{
    return expand_label(crypto, HASH_SHA256, secret, label, context, context_length, out, length);
}
