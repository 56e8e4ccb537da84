#include "crypto/kdf12.h"

#include "base/bytes.h"
#include "base/wipe.h"

#include <string.h>

static bool add_parts(mac_t *mac, const bytes_t parts[3])
{
    for (size_t i = 0; i < 3; i++)
        if (!mac_add(mac, parts[i].bytes, parts[i].length))
            return false;
    return true;
}

bool prf12(const crypto_t *crypto, hash_alg_t alg, const uint8_t *secret, size_t secret_length,
           const char *label, const uint8_t *seed, size_t seed_length, const uint8_t *more,
           size_t more_length, uint8_t *out, size_t length)
{
    const bytes_t parts[3] = {
        {(const uint8_t *)label, strlen(label)}, {seed, seed_length}, {more, more_length}};
    mac_t *mac = crypto_mac(crypto, alg);
    size_t step = hash_length(alg);
    uint8_t a[HASH_MAX], block[HASH_MAX];

    bool ok = mac_key(mac, secret, secret_length) && add_parts(mac, parts) && mac_finish(mac, a);
    for (size_t done = 0; ok && done < length; done += step) {
        ok = mac_restart(mac) && mac_add(mac, a, step) && add_parts(mac, parts) &&
             mac_finish(mac, block);
        size_t some = length - done < step ? length - done : step;
        memcpy(out + done, block, some);
        if (ok && done + step < length)
            ok = mac_restart(mac) && mac_add(mac, a, step) && mac_finish(mac, a);
    }
    wipe(a, sizeof a);
    wipe(block, sizeof block);
    return ok;
}

/* Writes the premaster secret (RFC 4279 sections 2 and 3). Its first part is the secret of ECDHE or
 * DHE; for plain PSK, psk_length zeros. Its second part is the PSK. Each part is preceded by its
 * length. Returns the number of bytes written, or 0 if they do not fit. */
static size_t premaster(uint8_t *out, size_t capacity, bytes_t shared, const uint8_t *psk,
                        size_t psk_length)
{
    writer_t w = writer(out, capacity);
    size_t other = shared.length > 0 ? shared.length : psk_length;
    put_u16(&w, (unsigned)other);
    uint8_t *space = put_space(&w, other);
    if (space && shared.length > 0)
        memcpy(space, shared.bytes, other);
    else if (space)
        memset(space, 0, other);
    put_u16(&w, (unsigned)psk_length);
    put_bytes(&w, psk, psk_length);
    return w.failed ? 0 : writer_length(&w);
}

bool kdf12_master(const crypto_t *crypto, hash_alg_t alg, bytes_t shared, const uint8_t *psk,
                  size_t psk_length, const randoms_t *randoms, const uint8_t *session_hash,
                  uint8_t master[MASTER_LENGTH])
{
    uint8_t secret[2 + DH_MAX_PUBLIC + 2 + DTLS_MAX_PSK];
    size_t length = premaster(secret, sizeof secret, shared, psk, psk_length);
    bool ok = length > 0 && psk_length <= DTLS_MAX_PSK;
    if (ok && session_hash)
        ok = prf12(crypto, alg, secret, length, "extended master secret", session_hash,
                   hash_length(alg), NULL, 0, master, MASTER_LENGTH);
    else if (ok)
        ok = prf12(crypto, alg, secret, length, "master secret", randoms->client, RANDOM_LENGTH,
                   randoms->server, RANDOM_LENGTH, master, MASTER_LENGTH);
    wipe(secret, sizeof secret);
    return ok;
}

bool kdf12_keys(const crypto_t *crypto, const suite_t *suite, const uint8_t *master,
                const randoms_t *randoms, key_block_t *keys)
{
    size_t mac = suite_mac_key(suite), key = suite_key(suite), iv = suite->fixed_iv;
    size_t length = 2 * (mac + key + iv);
    reader_t r = reader(keys->block, length);
    /* Here the server random comes before the client random. In the seed of the master secret the
     * order is the opposite (RFC 5246 section 6.3). */
    bool ok = prf12(crypto, suite->hash, master, MASTER_LENGTH, "key expansion", randoms->server,
                    RANDOM_LENGTH, randoms->client, RANDOM_LENGTH, keys->block, length);
    keys->client.mac = take_bytes(&r, mac);
    keys->server.mac = take_bytes(&r, mac);
    keys->client.key = take_bytes(&r, key);
    keys->server.key = take_bytes(&r, key);
    keys->client.iv = take_bytes(&r, iv);
    keys->server.iv = take_bytes(&r, iv);
    return ok;
}

bool kdf12_verify_data(const crypto_t *crypto, hash_alg_t alg, const uint8_t *master, bool client,
                       const uint8_t *transcript_hash, uint8_t out[VERIFY_LENGTH])
{
    const char *label = client ? "client finished" : "server finished";
    return prf12(crypto, alg, master, MASTER_LENGTH, label, transcript_hash, hash_length(alg), NULL,
                 0, out, VERIFY_LENGTH);
}

bool kdf12_export(const crypto_t *crypto, hash_alg_t alg, const uint8_t *master,
                  const randoms_t *randoms, const char *label, const uint8_t *context,
                  size_t context_length, uint8_t *out, size_t length)
{
    uint8_t more[RANDOM_LENGTH + 2 + EXPORT_CONTEXT_MAX];
    writer_t w = writer(more, sizeof more);
    put_bytes(&w, randoms->server, RANDOM_LENGTH);
    if (context) {
        put_u16(&w, (unsigned)context_length);
        put_bytes(&w, context, context_length);
    }
    return !w.failed && prf12(crypto, alg, master, MASTER_LENGTH, label, randoms->client,
                              RANDOM_LENGTH, more, writer_length(&w), out, length);
}
