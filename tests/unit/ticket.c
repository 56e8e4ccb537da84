/*
 * ticket.c - the tag of a key, and what a ticket keeps.
 */
#include "message/ticket.h"
#include "common.h"

#include <string.h>

static const uint8_t key[] = "0123456789abcdef", salt[KEYTAG_SALT] = {7};

static reader_t text(const char *identity)
{
    return reader((const uint8_t *)identity, strlen(identity));
}

/* ---- the tag of a key ---- */

TEST(tag_fits_only_its_key)
{
    static const struct {
        const char *identity;
        const char *key;
        size_t length;
        bool fits;
    } rows[] = {
        {"alice", "0123456789abcdef", 16, true},  {"alice", "0123456789abcdeF", 16, false},
        {"alice", "0123456789abcdef", 15, false}, {"bob", "0123456789abcdef", 16, false},
        {"alic", "e0123456789abcdef", 17, false}, {"", "0123456789abcdef", 16, false},
    };
    crypto_t *crypto = crypto_new();
    keytag_t tag, other;

    CHECK(keytag_make(crypto, salt, text("alice"), key, 16, &tag));
    for (size_t i = 0; i < COUNT(rows); i++) {
        NOTE("row %zu", i);
        CHECK_EQ(keytag_fits(crypto, &tag, text(rows[i].identity), (const uint8_t *)rows[i].key,
                             rows[i].length),
                 rows[i].fits);
    }
    other = tag;
    other.salt[0] ^= 1;
    CHECK(!keytag_fits(crypto, &other, text("alice"), key, 16));
    other = tag;
    other.mac[KEYTAG_MAC - 1] ^= 1;
    CHECK(!keytag_fits(crypto, &other, text("alice"), key, 16));
    other = (keytag_t){.known = false};
    CHECK(!keytag_fits(crypto, &other, text("alice"), key, 16));
    crypto_free(crypto);
}

/* The tag of RFC 2104 HMAC-SHA256, which another implementation computes too. */
TEST(tag_is_an_hmac)
{
    crypto_t *crypto = crypto_new();
    mac_t *mac = crypto_mac(crypto, HASH_SHA256);
    uint8_t expected[HASH_MAX];
    keytag_t tag;

    CHECK(keytag_make(crypto, salt, text("alice"), key, 16, &tag));
    CHECK(mac_key(mac, key, 16) && mac_add(mac, (const uint8_t *)"dtlscat key tag", 16) &&
          mac_add(mac, salt, sizeof(salt)) && mac_add(mac, (const uint8_t *)"alice", 5) &&
          mac_finish(mac, expected));
    CHECK_MEM(tag.mac, expected, KEYTAG_MAC);
    CHECK_MEM(tag.salt, salt, KEYTAG_SALT);
    crypto_free(crypto);
}

/* ---- a ticket ---- */

typedef struct {
    crypto_t *crypto;
    memory_t memory;
    alloc_t alloc;
    dtls_config_t config;
    tickets_t tickets;
    dtls_tick_t now;
} issuer_t;

static dtls_tick_t clock_of(void *hook)
{
    return ((issuer_t *)hook)->now;
}

static void issuer_start(issuer_t *issuer)
{
    *issuer = (issuer_t){.crypto = crypto_new(), .now = 1000};
    issuer->alloc = memory_alloc(&issuer->memory);
    dtls_config_init(&issuer->config);
    issuer->config.hook = issuer;
    issuer->config.clock = clock_of;
}

static void issuer_end(issuer_t *issuer)
{
    tickets_end(&issuer->tickets, &issuer->alloc);
    crypto_free(issuer->crypto);
    memory_check(&issuer->memory);
}

static reader_t seal(issuer_t *issuer, ticket_t *ticket, uint8_t out[TICKET_MAX])
{
    size_t length;

    ticket->suite = suite_by_id(0x1301);
    ticket->identity = text("alice");
    ticket->psk = reader(key, 16);
    ticket->host = text("host");
    CHECK_EQ(ticket_seal(&issuer->tickets, issuer->crypto, &issuer->alloc, &issuer->config, ticket,
                         out, &length),
             DTLS_ERR_NONE);
    CHECK(length > 0);
    return reader(out, length);
}

TEST(ticket_keeps_its_fields)
{
    issuer_t issuer;
    uint8_t bytes[TICKET_MAX], room[TICKET_MAX];
    ticket_t ticket = {.issued = 3000, .established = 2000, .age_add = 5}, opened;

    issuer_start(&issuer);
    CHECK(keytag_make(issuer.crypto, salt, text("alice"), key, 16, &ticket.key));
    reader_t sealed = seal(&issuer, &ticket, bytes);
    CHECK(ticket_open(&issuer.tickets, 3000, ticket.suite->version, sealed, room, &opened));
    CHECK_EQ(opened.issued, 3000);
    CHECK_EQ(opened.established, 2000);
    CHECK_EQ(opened.age_add, 5);
    CHECK_EQ(reader_left(&opened.identity), 5);
    CHECK_MEM(opened.identity.at, "alice", 5);
    CHECK(keytag_fits(issuer.crypto, &opened.key, opened.identity, key, 16));
    CHECK_EQ(reader_left(&opened.psk), 16);
    issuer_end(&issuer);
}

/* The lifetime counts from `established`, not from `issued`. */
TEST(ticket_expires_by_its_first_handshake)
{
    enum { LIFETIME_MS = 1000 * TICKET_LIFETIME_S, ISSUED = 5000000, ESTABLISHED = 2000 };
    issuer_t issuer;
    uint8_t bytes[TICKET_MAX], room[TICKET_MAX];
    ticket_t ticket = {.issued = ISSUED, .established = ESTABLISHED}, opened;

    issuer_start(&issuer);
    reader_t sealed = seal(&issuer, &ticket, bytes);
    uint16_t version = ticket.suite->version;
    CHECK(ticket_open(&issuer.tickets, ESTABLISHED + LIFETIME_MS - 1, version, sealed, room,
                      &opened));
    CHECK(!ticket_open(&issuer.tickets, ESTABLISHED + LIFETIME_MS, version, sealed, room, &opened));
    issuer_end(&issuer);
}

TEST(lifetime_left)
{
    CHECK_EQ(ticket_lifetime_left(5000, 5000), TICKET_LIFETIME_S);
    CHECK_EQ(ticket_lifetime_left(4000, 5000), TICKET_LIFETIME_S);
    CHECK_EQ(ticket_lifetime_left(1000 * 100, 0), TICKET_LIFETIME_S - 100);
    CHECK_EQ(ticket_lifetime_left(1000 * (TICKET_LIFETIME_S - 1), 0), 1);
    CHECK_EQ(ticket_lifetime_left(1000 * (dtls_tick_t)TICKET_LIFETIME_S, 0), 0);
    CHECK_EQ(ticket_lifetime_left(1000 * (dtls_tick_t)TICKET_LIFETIME_S * 9, 0), 0);
}
