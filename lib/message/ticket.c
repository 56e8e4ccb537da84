#include "message/ticket.h"

#include "base/wipe.h"

#include <string.h>

#define SERIAL 8
#define WORD_BITS 64
#define LIFETIME_MS ((dtls_tick_t)TICKET_LIFETIME_S * DTLS_TICKS_PER_SECOND)
#define SKEW_MS ((dtls_tick_t)TICKET_SKEW_S * DTLS_TICKS_PER_SECOND)
#define TICKET_AEAD AEAD_AES_256_GCM

/* Each ticket may be used once in each of these ways. */
typedef enum { REDEEMED, PROOF, USES } use_t;
#define USED_WORDS (TICKETS_REDEEMABLE / WORD_BITS)
#define USED_SIZE (USES * USED_WORDS * sizeof(uint64_t))

/* ---- keys ---- */

static void end_key(ticket_key_t *key)
{
    aead_free(key->seal);
    aead_free(key->open);
    *key = (ticket_key_t){.seal = NULL};
}

static void end_keys(tickets_t *tickets)
{
    end_key(&tickets->keys[0]);
    end_key(&tickets->keys[1]);
}

static bool has_name(const secrets_t *secrets, size_t index, const uint8_t *name)
{
    return memcmp(secrets->names[index], name, SECRET_NAME) == 0;
}

static bool has_secret(const secrets_t *secrets, const ticket_key_t *key)
{
    for (size_t i = 0; i < secrets->count; i++)
        if (has_name(secrets, i, key->name))
            return true;
    return false;
}

void tickets_share(tickets_t *tickets, const secrets_t *secrets)
{
    /* The tickets so far have times of config.clock. With shared secrets the times in tickets are
     * of the wall clock. */
    if (!tickets->shared)
        end_keys(tickets);
    tickets->shared = secrets;
    for (size_t i = 0; i < 2; i++)
        if (tickets->keys[i].seal && !has_secret(secrets, &tickets->keys[i]))
            end_key(&tickets->keys[i]);
    if (!has_name(secrets, 0, tickets->keys[0].name))
        tickets->rotate_at = 0;
}

void tickets_end(tickets_t *tickets, const alloc_t *alloc)
{
    end_keys(tickets);
    alloc_wipe(alloc, tickets->used, USED_SIZE);
}

/* Makes a key from 32 random bytes, or from the current shared secret. */
static bool make_key(const tickets_t *tickets, crypto_t *crypto, const dtls_config_t *config,
                     ticket_key_t *key)
{
    const secrets_t *shared = tickets->shared;
    uint8_t bytes[AEAD_MAX_KEY];
    *key = (ticket_key_t){.seal = NULL};
    bool ok = config->random(config->hook, key->name, sizeof key->name) == 0;
    if (ok && shared) {
        memcpy(key->name, shared->names[0], SECRET_NAME);
        ok = secrets_ticket_key(shared, 0, key->name, sizeof key->name, bytes);
    } else if (ok) {
        ok = config->random(config->hook, bytes, sizeof bytes) == 0;
    }
    if (ok) {
        key->seal = aead_new(crypto, TICKET_AEAD, bytes, true);
        key->open = aead_new(crypto, TICKET_AEAD, bytes, false);
    }
    wipe(bytes, sizeof bytes);
    ok = key->seal && key->open;
    if (!ok)
        end_key(key);
    return ok;
}

static bool rotate_key(tickets_t *tickets, crypto_t *crypto, const dtls_config_t *config)
{
    dtls_tick_t now = config->clock(config->hook);
    if (tickets->keys[0].seal && now < tickets->rotate_at)
        return true;
    ticket_key_t key;
    if (!make_key(tickets, crypto, config, &key))
        return false;
    end_key(&tickets->keys[1]);
    tickets->keys[1] = tickets->keys[0];
    tickets->keys[0] = key;
    tickets->rotate_at = now + LIFETIME_MS;
    return true;
}

/* Returns the key of a ticket that this context has issued. NULL: another context has issued it, or
 * the key was deleted. */
static const ticket_key_t *key_of(const tickets_t *tickets, const uint8_t *name)
{
    for (size_t i = 0; i < 2; i++)
        if (tickets->keys[i].open && memcmp(tickets->keys[i].name, name, TICKET_KEY_NAME) == 0)
            return &tickets->keys[i];
    return NULL;
}

bool ticket_is_own(const tickets_t *tickets, reader_t bytes)
{
    return reader_left(&bytes) >= TICKET_KEY_NAME && key_of(tickets, bytes.at);
}

/* Returns a new aead_t with the key of a ticket that another context has issued. NULL: this name of
 * the key begins with the name of none of the shared secrets, or libcrypto fails. */
static aead_t *foreign_key(const tickets_t *tickets, const uint8_t *name)
{
    const secrets_t *shared = tickets->shared;
    uint8_t bytes[AEAD_MAX_KEY];
    aead_t *open = NULL;
    for (size_t i = 0; shared && i < shared->count && !open; i++)
        if (has_name(shared, i, name) &&
            secrets_ticket_key(shared, i, name, TICKET_KEY_NAME, bytes))
            open = aead_new(shared->crypto, TICKET_AEAD, bytes, false);
    wipe(bytes, sizeof bytes);
    return open;
}

/* Makes the nonce of a ticket from its serial number, which no other ticket has. */
static void make_ticket_nonce(uint8_t nonce[AEAD_NONCE], uint64_t serial)
{
    writer_t w = writer(nonce, AEAD_NONCE);
    put_uint(&w, 0, AEAD_NONCE - SERIAL);
    put_uint(&w, serial, SERIAL);
}

uint32_t ticket_lifetime_left(dtls_tick_t now, dtls_tick_t established)
{
    dtls_tick_t age_s = now > established ? (now - established) / DTLS_TICKS_PER_SECOND : 0;
    return age_s < TICKET_LIFETIME_S ? TICKET_LIFETIME_S - (uint32_t)age_s : 0;
}

/* ---- single use ---- */

static uint64_t *ticket_word(const tickets_t *tickets, uint64_t serial, use_t use)
{
    return &tickets->used[use * USED_WORDS + serial % TICKETS_REDEEMABLE / WORD_BITS];
}

static uint64_t ticket_bit(uint64_t serial)
{
    return (uint64_t)1 << (serial % WORD_BITS);
}

/* Returns true if the ticket was used so, or if TICKETS_REDEEMABLE newer tickets exist: then its bits
 * belong to a newer ticket. */
static bool is_used(const tickets_t *tickets, uint64_t serial, use_t use)
{
    bool recorded = serial < tickets->next && tickets->next - serial <= TICKETS_REDEEMABLE;
    return !recorded || (*ticket_word(tickets, serial, use) & ticket_bit(serial)) != 0;
}

static bool use_once(tickets_t *tickets, uint64_t serial, use_t use)
{
    if (is_used(tickets, serial, use))
        return false;
    *ticket_word(tickets, serial, use) |= ticket_bit(serial);
    return true;
}

bool ticket_redeem(tickets_t *tickets, uint64_t serial)
{
    return use_once(tickets, serial, REDEEMED);
}

bool ticket_prove(tickets_t *tickets, uint64_t serial)
{
    return use_once(tickets, serial, PROOF);
}

/* ---- the wire format: the name of the key, the serial number, then the sealed contents ---- */

#define HEADER (TICKET_KEY_NAME + SERIAL)

static void put_counted(writer_t *w, reader_t bytes)
{
    size_t length = reader_left(&bytes);
    put_u8(w, (unsigned)length);
    put_bytes(w, take_bytes(&bytes, length), length);
}

dtls_error_t ticket_seal(tickets_t *tickets, crypto_t *crypto, const alloc_t *alloc,
                         const dtls_config_t *config, ticket_t *ticket, uint8_t out[TICKET_MAX],
                         size_t *length)
{
    size_t tag = aead_tag_length(TICKET_AEAD);
    reader_t identity = ticket->identity;
    uint8_t nonce[AEAD_NONCE];
    *length = 0;
    if (reader_left(&identity) > TICKET_IDENTITY_MAX)
        return DTLS_ERR_NONE;
    if (!rotate_key(tickets, crypto, config))
        return DTLS_ERR_CRYPTO;
    if (!tickets->used)
        tickets->used = alloc_zeroed(alloc, USED_SIZE);
    if (!tickets->used)
        return DTLS_ERR_NONE;
    ticket->serial = tickets->next++;
    for (use_t use = 0; use < USES; use++)
        *ticket_word(tickets, ticket->serial, use) &= ~ticket_bit(ticket->serial);
    writer_t w = writer(out, TICKET_MAX);
    put_bytes(&w, tickets->keys[0].name, TICKET_KEY_NAME);
    put_uint(&w, ticket->serial, SERIAL);
    put_u16(&w, ticket->suite->id);
    put_uint(&w, ticket->issued, 8);
    put_uint(&w, ticket->established, 8);
    put_uint(&w, ticket->age_add, 4);
    put_keytag(&w, &ticket->key);
    put_counted(&w, ticket->host);
    put_counted(&w, ticket->psk);
    put_bytes(&w, identity.at, reader_left(&identity));
    size_t sealed = writer_length(&w) - HEADER;
    put_space(&w, tag);
    make_ticket_nonce(nonce, ticket->serial);
    if (w.failed || !aead_seal(tickets->keys[0].seal, nonce, out, HEADER, out + HEADER, sealed))
        return DTLS_ERR_CRYPTO;
    *length = writer_length(&w);
    return DTLS_ERR_NONE;
}

static bool decrypt(const tickets_t *tickets, uint8_t *room, size_t length, ticket_t *ticket)
{
    const ticket_key_t *own = key_of(tickets, room);
    aead_t *foreign = own ? NULL : foreign_key(tickets, room);
    aead_t *key = own ? own->open : foreign;
    uint8_t nonce[AEAD_NONCE];
    make_ticket_nonce(nonce, ticket->serial);
    bool ok = key && aead_open(key, nonce, room, HEADER, room + HEADER, length - HEADER);
    aead_free(foreign);
    ticket->foreign = !own;
    return ok;
}

bool ticket_reopen(const tickets_t *tickets, dtls_tick_t now, uint16_t version, reader_t bytes,
                   uint8_t room[TICKET_MAX], ticket_t *ticket)
{
    size_t length = reader_left(&bytes), tag = aead_tag_length(TICKET_AEAD);
    if (length <= HEADER + tag || length > TICKET_MAX)
        return false;
    memcpy(room, take_bytes(&bytes, length), length);
    reader_t r = reader(room, length - tag);
    take_bytes(&r, TICKET_KEY_NAME);
    ticket->serial = take_uint(&r, SERIAL);
    if (!decrypt(tickets, room, length, ticket))
        return false;
    ticket->suite = suite_by_id(take_u16(&r));
    ticket->issued = take_uint(&r, 8);
    ticket->established = take_uint(&r, 8);
    ticket->age_add = (uint32_t)take_uint(&r, 4);
    ticket->key = take_keytag(&r);
    ticket->host = take_block(&r, 1);
    ticket->psk = take_block(&r, 1);
    ticket->identity = take_rest(&r);
    /* Another server may have issued the ticket, for a suite that we do not support. */
    return ticket->suite && ticket->suite->version == version &&
           now < ticket->established + LIFETIME_MS && ticket->issued <= now + SKEW_MS;
}

bool ticket_open(const tickets_t *tickets, dtls_tick_t now, uint16_t version, reader_t bytes,
                 uint8_t room[TICKET_MAX], ticket_t *ticket)
{
    return ticket_reopen(tickets, now, version, bytes, room, ticket) &&
           (ticket->foreign || !is_used(tickets, ticket->serial, REDEEMED));
}
