#include "crypto/suite.h"

#include "base/iana.h"
#include "dtls.h"

#include <stdlib.h>
#include <strings.h>

#define POWER(n) ((uint64_t)1 << (n))

/* The limits of a key, as two columns: how many records may be sealed, and how many may fail to
 * open.
 *
 * Sealed records: 2^24.5 for AES-GCM (RFC 8446 section 5.5), 2^23 for CCM (RFC 9147 section 4.5.3).
 * With ChaCha20-Poly1305 the sequence numbers run out before a limit is reached.
 *
 * Failures: at most the limits of RFC 9147 section 4.5.3. The CCM limit is used for the CCM_8
 * suites of DTLS 1.2 too: with an 8-byte tag, the probability that one of 2^23 forgeries succeeds
 * is 2^-41. */
#define GCM_SEALS 23726566 /* 2^24.5 */
#define GCM_LIMITS GCM_SEALS, POWER(28)
#define CCM_LIMITS POWER(23), POWER(23)
/* CBC has the block size of GCM, and so the same birthday bound. */
#define CBC_LIMITS GCM_SEALS, POWER(36)
/* The limit of sealed records leaves the last 16 sequence numbers for alerts. */
#define CHACHA_LIMITS POWER(48) - 16, POWER(36)

/* The default order:
 * - suites with forward secrecy before suites without it;
 * - 16-byte tags before 8-byte tags;
 * - AES-GCM, ChaCha20-Poly1305, CCM. AES-GCM is fastest with AES hardware. ChaCha20 is
 *   constant-time without that hardware. CCM needs two passes.
 *
 * Longer keys are not preferred: an association is as strong as its PSK, which is usually 128
 * bits. */
static const suite_t suites[] = {
    {0x1301, VERSION_DTLS13, KX_1_3, "AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256",
     AEAD_AES_128_GCM, HASH_SHA256, 12, 0, false, GCM_LIMITS},
    {0x1303, VERSION_DTLS13, KX_1_3, "CHACHA20-POLY1305-SHA256", "TLS_CHACHA20_POLY1305_SHA256",
     AEAD_CHACHA20_POLY1305, HASH_SHA256, 12, 0, false, CHACHA_LIMITS},
    {0x1302, VERSION_DTLS13, KX_1_3, "AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384",
     AEAD_AES_256_GCM, HASH_SHA384, 12, 0, false, GCM_LIMITS},
    {0x1304, VERSION_DTLS13, KX_1_3, "AES128-CCM-SHA256", "TLS_AES_128_CCM_SHA256",
     AEAD_AES_128_CCM, HASH_SHA256, 12, 0, false, CCM_LIMITS},
    {0xd001, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-AES128-GCM-SHA256",
     "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", AEAD_AES_128_GCM, HASH_SHA256, 4, 8, false,
     GCM_LIMITS},
    {0xccac, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-CHACHA20-POLY1305",
     "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", AEAD_CHACHA20_POLY1305, HASH_SHA256, 12, 0,
     false, CHACHA_LIMITS},
    {0xd002, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-AES256-GCM-SHA384",
     "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", AEAD_AES_256_GCM, HASH_SHA384, 4, 8, false,
     GCM_LIMITS},
    {0xd005, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-AES128-CCM-SHA256",
     "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", AEAD_AES_128_CCM, HASH_SHA256, 4, 8, false,
     CCM_LIMITS},
    {0xd003, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-AES128-CCM8-SHA256",
     "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", AEAD_AES_128_CCM_8, HASH_SHA256, 4, 8, false,
     CCM_LIMITS},
    {0x00a8, VERSION_DTLS12, KX_PSK, "PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256",
     AEAD_AES_128_GCM, HASH_SHA256, 4, 8, false, GCM_LIMITS},
    {0xccab, VERSION_DTLS12, KX_PSK, "PSK-CHACHA20-POLY1305",
     "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", AEAD_CHACHA20_POLY1305, HASH_SHA256, 12, 0, false,
     CHACHA_LIMITS},
    {0x00a9, VERSION_DTLS12, KX_PSK, "PSK-AES256-GCM-SHA384", "TLS_PSK_WITH_AES_256_GCM_SHA384",
     AEAD_AES_256_GCM, HASH_SHA384, 4, 8, false, GCM_LIMITS},
    {0xc0a4, VERSION_DTLS12, KX_PSK, "PSK-AES128-CCM", "TLS_PSK_WITH_AES_128_CCM", AEAD_AES_128_CCM,
     HASH_SHA256, 4, 8, false, CCM_LIMITS},
    {0xc0a5, VERSION_DTLS12, KX_PSK, "PSK-AES256-CCM", "TLS_PSK_WITH_AES_256_CCM", AEAD_AES_256_CCM,
     HASH_SHA256, 4, 8, false, CCM_LIMITS},
    {0xc0a8, VERSION_DTLS12, KX_PSK, "PSK-AES128-CCM8", "TLS_PSK_WITH_AES_128_CCM_8",
     AEAD_AES_128_CCM_8, HASH_SHA256, 4, 8, false, CCM_LIMITS},
    {0xc0a9, VERSION_DTLS12, KX_PSK, "PSK-AES256-CCM8", "TLS_PSK_WITH_AES_256_CCM_8",
     AEAD_AES_256_CCM_8, HASH_SHA256, 4, 8, false, CCM_LIMITS},
    /* RFC 9147 section 4.5.3 forbids this suite without safeguards against forgery. The safeguards
     * here: the suite is off by default, and a key is used no more after 2^7 failures (RFC 9147
     * appendix B.3). With all 2^16 epochs an association can have 2^23 failures. */
    {0x1305, VERSION_DTLS13, KX_1_3, "AES128-CCM8-SHA256", "TLS_AES_128_CCM_8_SHA256",
     AEAD_AES_128_CCM_8, HASH_SHA256, 12, 0, true, POWER(23), POWER(7)},
    /* DHE has long messages and is slow. CBC is obsolete. Both are for peers that support no better
     * suite. */
    {0x00aa, VERSION_DTLS12, KX_DHE_PSK, "DHE-PSK-AES128-GCM-SHA256",
     "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", AEAD_AES_128_GCM, HASH_SHA256, 4, 8, true, GCM_LIMITS},
    {0xccad, VERSION_DTLS12, KX_DHE_PSK, "DHE-PSK-CHACHA20-POLY1305",
     "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", AEAD_CHACHA20_POLY1305, HASH_SHA256, 12, 0, true,
     CHACHA_LIMITS},
    {0x00ab, VERSION_DTLS12, KX_DHE_PSK, "DHE-PSK-AES256-GCM-SHA384",
     "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", AEAD_AES_256_GCM, HASH_SHA384, 4, 8, true, GCM_LIMITS},
    {0xc0a6, VERSION_DTLS12, KX_DHE_PSK, "DHE-PSK-AES128-CCM", "TLS_DHE_PSK_WITH_AES_128_CCM",
     AEAD_AES_128_CCM, HASH_SHA256, 4, 8, true, CCM_LIMITS},
    {0xc0aa, VERSION_DTLS12, KX_DHE_PSK, "DHE-PSK-AES128-CCM8", "TLS_PSK_DHE_WITH_AES_128_CCM_8",
     AEAD_AES_128_CCM_8, HASH_SHA256, 4, 8, true, CCM_LIMITS},
    {0xc037, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-AES128-CBC-SHA256",
     "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", AEAD_AES_128_CBC_SHA256, HASH_SHA256, 0, CBC_BLOCK,
     true, CBC_LIMITS},
    {0xc035, VERSION_DTLS12, KX_ECDHE_PSK, "ECDHE-PSK-AES128-CBC-SHA",
     "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", AEAD_AES_128_CBC_SHA1, HASH_SHA256, 0, CBC_BLOCK, true,
     CBC_LIMITS},
    {0x00ae, VERSION_DTLS12, KX_PSK, "PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256",
     AEAD_AES_128_CBC_SHA256, HASH_SHA256, 0, CBC_BLOCK, true, CBC_LIMITS},
    {0x008c, VERSION_DTLS12, KX_PSK, "PSK-AES128-CBC-SHA", "TLS_PSK_WITH_AES_128_CBC_SHA",
     AEAD_AES_128_CBC_SHA1, HASH_SHA256, 0, CBC_BLOCK, true, CBC_LIMITS},
};

const suite_t *suite_at(size_t n)
{
    return n < sizeof suites / sizeof *suites ? &suites[n] : NULL;
}

const suite_t *suite_by_id(uint16_t id)
{
    const suite_t *suite;
    for (size_t n = 0; (suite = suite_at(n)) != NULL; n++)
        if (suite->id == id)
            return suite;
    return NULL;
}

bool suite_is_psk(uint16_t id)
{
    static const struct {
        uint16_t first, last;
    } ranges[] = {
        {0x002c, 0x002e}, /* NULL encryption: RFC 4785 */
        {0x008a, 0x0095}, /* RC4, 3DES and AES-CBC: RFC 4279 */
        {0x00a8, 0x00b9}, /* AES-GCM, and AES-CBC with SHA-2: RFC 5487 */
        {0xc033, 0xc03b}, /* ECDHE_PSK with CBC, RC4 or NULL: RFC 5489 */
        {0xc064, 0xc071}, /* ARIA, RFC 6209 */
        {0xc08e, 0xc09b}, /* Camellia, RFC 6367 */
        {0xc0a4, 0xc0ab}, /* CCM, RFC 6655 */
        {0xccab, 0xccae}, /* ChaCha20, RFC 7905 */
        {0xd001, 0xd005}, /* ECDHE_PSK with AES-GCM or AES-CCM: RFC 8442 */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (id >= ranges[i].first && id <= ranges[i].last)
            return true;
    return false;
}

bool suite_fits_psk(const suite_t *suite, hash_alg_t psk_hash)
{
    return suite->version == VERSION_DTLS12 || suite->hash == psk_hash;
}

size_t suite_tag(const suite_t *suite)
{
    return aead_tag_length(suite->aead);
}

size_t suite_key(const suite_t *suite)
{
    return aead_key_length(suite->aead);
}

size_t suite_mac_key(const suite_t *suite)
{
    return aead_mac_key_length(suite->aead);
}

uint16_t dtls_suite_at(size_t n)
{
    const suite_t *suite = suite_at(n);
    return suite ? suite->id : 0;
}

const char *dtls_suite_name(uint16_t id)
{
    const suite_t *suite = suite_by_id(id);
    return suite ? suite->name : NULL;
}

uint16_t dtls_suite_version(uint16_t id)
{
    const suite_t *suite = suite_by_id(id);
    return suite ? suite->version : 0;
}

int dtls_suite_info(uint16_t id, dtls_suite_info_t *info)
{
    const suite_t *suite = suite_by_id(id);
    if (!suite || !info)
        return -DTLS_ERR_ARGUMENT;
    *info = (dtls_suite_info_t){
        .id = id,
        .version = suite->version,
        .name = suite->name,
        .iana_name = suite->iana_name,
        .group = suite->kx == KX_ECDHE_PSK ? DTLS_SUITE_CURVE
                 : suite->kx == KX_DHE_PSK ? DTLS_SUITE_FIELD
                                           : DTLS_SUITE_NO_GROUP,
        .hash_bits = (uint16_t)(8 * hash_length(suite->hash)),
        .max_records = suite->seal_limit,
        .max_failures = suite->open_limit,
    };
    return 0;
}

uint16_t dtls_suite_find(const char *name)
{
    char *end;
    if (!name)
        return 0;
    unsigned long id = strtoul(name, &end, 16);
    if (*name && !*end)
        return id <= UINT16_MAX && suite_by_id((uint16_t)id) ? (uint16_t)id : 0;
    const suite_t *suite;
    for (size_t n = 0; (suite = suite_at(n)) != NULL; n++)
        if (strcasecmp(name, suite->name) == 0 || strcasecmp(name, suite->iana_name) == 0)
            return suite->id;
    return 0;
}
