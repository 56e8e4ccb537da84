#include "crypto/suite.h"
#include "common.h"
#include "dtls.h"

#include <strings.h>

/* Nonces and PRFs: RFC 5487, 6655, 7905, 8442. Limits: RFC 8446 section 5.5, RFC 9147 section
 * 4.5.3. */
static const struct {
    uint16_t id;
    size_t key, tag, fixed_iv, explicit_nonce;
    hash_alg_t hash;
    double seals, opens; /* powers of two, at most */
} facts[] = {
    {0xd001, 16, 16, 4, 8, HASH_SHA256, 24.5, 36},  {0xccac, 32, 16, 12, 0, HASH_SHA256, 48, 36},
    {0xd002, 32, 16, 4, 8, HASH_SHA384, 24.5, 36},  {0xd005, 16, 16, 4, 8, HASH_SHA256, 23, 23.5},
    {0xd003, 16, 8, 4, 8, HASH_SHA256, 23, 23.5},   {0x00a8, 16, 16, 4, 8, HASH_SHA256, 24.5, 36},
    {0x00a9, 32, 16, 4, 8, HASH_SHA384, 24.5, 36},  {0xc0a4, 16, 16, 4, 8, HASH_SHA256, 23, 23.5},
    {0xc0a5, 32, 16, 4, 8, HASH_SHA256, 23, 23.5},  {0xc0a8, 16, 8, 4, 8, HASH_SHA256, 23, 23.5},
    {0xc0a9, 32, 8, 4, 8, HASH_SHA256, 23, 23.5},   {0xccab, 32, 16, 12, 0, HASH_SHA256, 48, 36},
    {0x1301, 16, 16, 12, 0, HASH_SHA256, 24.5, 36}, {0x1302, 32, 16, 12, 0, HASH_SHA384, 24.5, 36},
    {0x1303, 32, 16, 12, 0, HASH_SHA256, 48, 36},   {0x1304, 16, 16, 12, 0, HASH_SHA256, 23, 23.5},
    {0x1305, 16, 8, 12, 0, HASH_SHA256, 23, 7},     {0x00aa, 16, 16, 4, 8, HASH_SHA256, 24.5, 36},
    {0x00ab, 32, 16, 4, 8, HASH_SHA384, 24.5, 36},  {0xc0a6, 16, 16, 4, 8, HASH_SHA256, 23, 23.5},
    {0xc0aa, 16, 8, 4, 8, HASH_SHA256, 23, 23.5},   {0xccad, 32, 16, 12, 0, HASH_SHA256, 48, 36},
    {0xc037, 16, 32, 0, 16, HASH_SHA256, 24.5, 36}, {0xc035, 16, 20, 0, 16, HASH_SHA256, 24.5, 36},
    {0x00ae, 16, 32, 0, 16, HASH_SHA256, 24.5, 36}, {0x008c, 16, 20, 0, 16, HASH_SHA256, 24.5, 36},
};

static double power(double exponent)
{
    double half = exponent - (double)(int)exponent > 0 ? 1.4142135623730951 : 1;
    return (double)((uint64_t)1 << (int)exponent) * half;
}

TEST(facts_of_each_suite)
{
    for (size_t i = 0; i < COUNT(facts); i++) {
        const suite_t *suite = suite_by_id(facts[i].id);
        NOTE("%04x", facts[i].id);
        CHECK(suite != NULL);
        CHECK_EQ(suite->id, facts[i].id);
        CHECK_EQ(suite_key(suite), facts[i].key);
        CHECK_EQ(suite_tag(suite), facts[i].tag);
        CHECK_EQ(suite->fixed_iv, facts[i].fixed_iv);
        CHECK_EQ(suite->explicit_nonce, facts[i].explicit_nonce);
        CHECK_EQ(suite->hash, facts[i].hash);
        bool cbc = suite->explicit_nonce == CBC_BLOCK;
        CHECK_EQ(suite->fixed_iv + suite->explicit_nonce, cbc ? CBC_BLOCK : AEAD_NONCE);
        CHECK_EQ(suite_mac_key(suite), cbc ? suite_tag(suite) : 0);
        CHECK(suite->seal_limit > 1 << 20);
        CHECK((double)suite->seal_limit <= power(facts[i].seals));
        CHECK(suite->open_limit > 1 << 20 || facts[i].opens < 20);
        CHECK((double)suite->open_limit <= power(facts[i].opens));
    }
}

TEST(the_table_has_these_and_no_other)
{
    size_t known = 0;
    for (unsigned id = 0; id <= 0xffff; id++)
        known += suite_by_id((uint16_t)id) != NULL;
    CHECK_EQ(known, COUNT(facts));
    for (size_t n = 0; n < COUNT(facts); n++) {
        CHECK(suite_at(n) != NULL);
        CHECK(suite_by_id(suite_at(n)->id) == suite_at(n));
        for (size_t other = 0; other < n; other++) {
            CHECK(suite_at(other)->aead != suite_at(n)->aead ||
                  suite_at(other)->kx != suite_at(n)->kx);
            CHECK(strcasecmp(suite_at(other)->name, suite_at(n)->name) != 0);
            CHECK(strcasecmp(suite_at(other)->iana_name, suite_at(n)->iana_name) != 0);
        }
    }
    CHECK(suite_at(COUNT(facts)) == NULL);
    CHECK(suite_at(SIZE_MAX) == NULL);
}
