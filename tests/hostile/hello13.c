/*
 * hello13.c - handwritten hellos of DTLS 1.3: how a server responds to unusual ClientHellos, how a
 * client reacts to unusual ServerHellos and HelloRetryRequests, and which version they negotiate.
 */
#include "common_hello.h"

#include "crypto/kdf13.h"
#include "message/transcript.h"

#include <stdio.h>
#include <string.h>

#define X32 "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
#define VERSIONS "002b 0003 02 fefc"
#define GROUPS "000a 0004 0002 001d"
#define SHARE "0033 0026 0024 001d 0020" X32
#define MODES "002d 0002 01 01"
#define MODES_KE "002d 0002 01 00"
#define IDENTITY "000f 436c69656e745f6964656e74697479 00000000"
#define BINDER "20" X32
#define PSK "0029 003a 0015" IDENTITY "0021" BINDER
#define USUAL VERSIONS GROUPS SHARE MODES PSK

typedef struct {
    const char *name;
    const char *extensions;                                  /* NULL: the default */
    const char *suites, *compressions, *session_id, *cookie; /* NULL: the default */
    int alert;
    dtls_error_t error;
    uint16_t version; /* 0: 0xfefd */
} form_t;

/* ---- to a server ---- */

/* The binders are wrong, so a hello without another fault fails with decrypt_error. */
static const form_t client_hellos[] = {
    {.name = "bad binder", .alert = 51},
    {.name = "bad binder, GREASE everywhere",
     .suites = "0a0a 1301 fafa",
     .extensions =
         "3a3a 0000 002b 0007 06 0a0a fefc 1a1a 000a 0006 0004 0a0a 001d"
         "0033 002b 0029 0a0a 0001 00 001d 0020" X32 "002d 0003 02 0b 01 4a4a 0001 00" PSK,
     .alert = 51},
    {.name = "signature_algorithms too", .extensions = "000d 0004 0002 0804" USUAL, .alert = 51},
    {.name = "an unknown identity",
     .extensions = VERSIONS GROUPS SHARE MODES "0029 002f 000a 0004 6e6f626f 00000000 0021" BINDER,
     .alert = 51},
    {.name = "the known identity second",
     .extensions = VERSIONS GROUPS SHARE MODES "0029 0065 001f 0004 6e6f626f 00000000" IDENTITY
                                               "0042" BINDER BINDER,
     .alert = 51},
    {.name = "more binders than identities",
     .extensions = VERSIONS GROUPS SHARE MODES "0029 005b 0015" IDENTITY "0042" BINDER BINDER,
     .alert = 47},
    {.name = "fewer binders than identities",
     .extensions =
         VERSIONS GROUPS SHARE MODES "0029 0044 001f 0004 6e6f626f 00000000" IDENTITY "0021" BINDER,
     .alert = 47},
    {.name = "a binder of 31 bytes",
     .extensions = VERSIONS GROUPS SHARE MODES "0029 0039 0015" IDENTITY "0020 1f" X32,
     .alert = 50},
    {.name = "an empty identity",
     .extensions = VERSIONS GROUPS SHARE MODES "0029 002b 0006 0000 00000000 0021" BINDER,
     .alert = 50},
    {.name = "no identities",
     .extensions = VERSIONS GROUPS SHARE MODES "0029 0025 0000 0021" BINDER,
     .alert = 50},
    {.name = "pre_shared_key not last", .extensions = VERSIONS GROUPS SHARE PSK MODES, .alert = 47},
    {.name = "an unknown one behind pre_shared_key", .extensions = USUAL "3a3a 0000", .alert = 47},
    {.name = "pre_shared_key twice", .extensions = USUAL PSK, .alert = 47},
    {.name = "key_share twice", .extensions = VERSIONS GROUPS SHARE SHARE MODES PSK, .alert = 47},
    {.name = "the same group twice",
     .extensions = VERSIONS GROUPS "0033 004a 0048 001d 0020" X32 "001d 0020" X32 MODES PSK,
     .alert = 47},
    {.name = "no psk_key_exchange_modes", .extensions = VERSIONS GROUPS SHARE PSK, .alert = 109},
    {.name = "no supported_groups", .extensions = VERSIONS SHARE MODES PSK, .alert = 109},
    {.name = "no key_share", .extensions = VERSIONS GROUPS MODES PSK, .alert = 109},
    {.name = "no pre_shared_key", .extensions = VERSIONS GROUPS SHARE MODES, .alert = 40},
    {.name = "no mode that we know",
     .extensions = VERSIONS GROUPS SHARE "002d 0002 01 07" PSK,
     .alert = 51},
    {.name = "no modes at all",
     .extensions = VERSIONS GROUPS SHARE "002d 0001 00" PSK,
     .alert = 50},
    {.name = "psk_dhe_ke, and no group in common",
     .extensions = VERSIONS "000a 0004 0002 0018"
                            "0033 0002 0000" MODES PSK,
     .alert = 51},
    {.name = "a share of the wrong length",
     .extensions = VERSIONS GROUPS "0033 0007 0005 001d 0001 40" MODES PSK,
     .alert = 51},
    {.name = "a share of zero bytes",
     .extensions = VERSIONS GROUPS "0033 0006 0004 001d 0000" MODES PSK,
     .alert = 50},
    {.name = "legacy_cookie", .cookie = "0102030405060708090a", .alert = 47},
    {.name = "compression offered too", .compressions = "0100", .alert = 47},
    {.name = "compression only", .compressions = "01", .alert = 47},
    {.name = "suites of 1.2 only", .suites = "c0a8 00a8", .alert = 40},
    {.name = "versions of odd length",
     .extensions = "002b 0004 03 fefcfe" GROUPS SHARE MODES PSK,
     .alert = 50},
    {.name = "record_size_limit 63",
     .extensions = VERSIONS GROUPS SHARE MODES "001c 0002 003f" PSK,
     .alert = 47},
    {.name = "record_size_limit 64",
     .extensions = VERSIONS GROUPS SHARE MODES "001c 0002 0040" PSK,
     .alert = 51},
    {.name = "max_fragment_length 5",
     .extensions = VERSIONS GROUPS SHARE MODES "0001 0001 05" PSK,
     .alert = 47},
    {.name = "no version", .extensions = "002b 0001 00" GROUPS SHARE MODES PSK, .alert = 50},
    {.name = "only unknown versions",
     .extensions = "002b 0003 02 0a0a" GROUPS SHARE MODES PSK,
     .alert = 70},
    {.name = "a cookie that is not ours",
     .extensions = VERSIONS "002c 0006 0004 01020304" GROUPS SHARE MODES PSK,
     .alert = 47},
    {.name = "an empty cookie",
     .extensions = VERSIONS "002c 0002 0000" GROUPS SHARE MODES PSK,
     .alert = 50},
};

static void put_client_hello(wire_t *wire, const form_t *form)
{
    static const uint8_t random[32] = "the random bytes of the client";
    wire_t body = {.length = 0};

    wire_put_number(&body, form->version ? form->version : 0xfefd, 2);
    wire_put(&body, random, sizeof(random));
    put_hex(&body, or_usual(form->session_id, ""), 1);
    put_hex(&body, or_usual(form->cookie, ""), 1);
    put_hex(&body, or_usual(form->suites, "1301"), 2);
    put_hex(&body, or_usual(form->compressions, "00"), 1);
    put_hex(&body, or_usual(form->extensions, USUAL), 2);
    put_message(wire, CLIENT_HELLO, 0, 0, &body);
}

static void check_answer(const form_t *form, uint16_t version)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_t hello = {.length = 0};
    session_t from;
    int alert;

    server->config.only_version = version;
    server->config.cookie = DTLS_COOKIE_OFF;
    net_start(net);
    net_address(&from, 7000);
    put_client_hello(&hello, form);
    net_inject(server, &from, hello.data, hello.length);
    net_run(net, server->config.alert_grace_ms);
    alert = alert_since(server, 0);
    NOTE("%s, server of %04x: alert %d", form->name, version, alert);
    /* The server may also drop a hello that it cannot parse. */
    CHECK(alert == form->alert || (alert == 0 && form->alert == 50));
    CHECK(dtls_get_peer(server->ctx, &from) == NULL);
    CHECK(node_ends(server) <= 1 && node_events(server, DTLS_EVENT_CONNECTED) == 0);
    net_end(net);
}

TEST(server_rejects_every_bad_client_hello)
{
    for (size_t i = 0; i < sizeof(client_hellos) / sizeof(*client_hellos); i++) {
        check_answer(&client_hellos[i], DTLS13);
        check_answer(&client_hellos[i], BOTH_VERSIONS);
    }
}

enum { OFFERED = 40 };

/* Counts the look-ups of keys. All identities but "known" have no key. */
static int count_look_ups(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                          const uint8_t *identity, size_t length, uint8_t *result, size_t room)
{
    bool known = length == 5 && memcmp(identity, "known", 5) == 0;

    (void)peer, (void)room;
    if (type != DTLS_PSK_KEY) {
        return 0;
    }
    ++*(size_t *)node->user;
    memset(result, 7, 16);
    return known ? 16 : -1;
}

/* Sends a hello with these extensions, whose binders are wrong. Returns the error of the server. */
static dtls_error_t offer_psks(const char *extensions,
                               int (*find)(node_t *node, const session_t *peer,
                                           dtls_credentials_type_t type, const uint8_t *identity,
                                           size_t length, uint8_t *result, size_t room),
                               void *user)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    const form_t form = {.extensions = extensions};
    wire_t hello = {.length = 0};
    session_t from;
    dtls_error_t error;

    server->config.only_version = DTLS13;
    server->config.cookie = DTLS_COOKIE_OFF;
    server->on_psk = find;
    server->user = user;
    net_start(net);
    net_address(&from, 7000);
    put_client_hello(&hello, &form);
    net_inject(server, &from, hello.data, hello.length);
    net_run(net, server->config.alert_grace_ms);
    CHECK_EQ(alert_since(server, 0), 51);
    error = node_last_end(server)->info.error;
    net_end(net);
    return error;
}

/* Sends a hello with OFFERED identities, all unknown except the one at place `known`. Returns how many keys the server
 * looked up. */
static size_t look_ups_of_many(size_t known, dtls_error_t error)
{
    static char psk[OFFERED * 160];
    size_t look_ups = 0, used;

    used = (size_t)sprintf(psk, VERSIONS GROUPS SHARE MODES "0029 %04x %04x", OFFERED * 44 + 4,
                           OFFERED * 11);
    for (size_t i = 0; i < OFFERED; i++) {
        used += (size_t)sprintf(psk + used, "0005 %s 00000000",
                                i == known ? "6b6e6f776e" : "6e6f626f64");
    }
    used += (size_t)sprintf(psk + used, "%04x", OFFERED * 33);
    for (size_t i = 0; i < OFFERED; i++) {
        used += (size_t)sprintf(psk + used, BINDER);
    }
    CHECK_EQ(offer_psks(psk, count_look_ups, &look_ups), error);
    return look_ups;
}

TEST(server_looks_up_few_of_many_identities)
{
    CHECK_EQ(look_ups_of_many(0, DTLS_ERR_WRONG_PSK), 1);
    CHECK_EQ(look_ups_of_many(DTLS_MAX_OFFERED_PSKS - 1, DTLS_ERR_WRONG_PSK),
             DTLS_MAX_OFFERED_PSKS);
    CHECK_EQ(look_ups_of_many(DTLS_MAX_OFFERED_PSKS, DTLS_ERR_UNKNOWN_IDENTITY),
             DTLS_MAX_OFFERED_PSKS);
    CHECK_EQ(look_ups_of_many(OFFERED, DTLS_ERR_UNKNOWN_IDENTITY), DTLS_MAX_OFFERED_PSKS);
}

/* Notes the identities, of one byte each, whose keys are looked up. Only k and K have a key. */
static int note_look_up(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                        const uint8_t *identity, size_t length, uint8_t *result, size_t room)
{
    (void)peer, (void)room;
    if (type != DTLS_PSK_KEY) {
        return 0;
    }
    CHECK_EQ(length, 1);
    strncat(node->user, (const char *)identity, 1);
    memset(result, 7, 16);
    return *identity == 'k' || *identity == 'K' ? 16 : -1;
}

/* An identity with an obfuscated_ticket_age, here a capital letter, is probably a ticket, so others are looked up
 * first. */
TEST(identities_with_an_age_are_looked_up_last)
{
    static const struct {
        const char *offered, *looked_up;
    } rows[] = {{"k", "k"},    {"K", "K"},     {"ab", "ab"},     {"aB", "aB"}, {"Ab", "bA"},
                {"AkB", "k"},  {"AbK", "bAK"}, {"AKb", "bAK"},   {"aK", "aK"}, {"KA", "K"},
                {"aKk", "ak"}, {"AB", "AB"},   {"AbCd", "bdAC"}, {"Kka", "k"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        unsigned count = (unsigned)strlen(rows[i].offered);
        bool known = strpbrk(rows[i].offered, "kK") != NULL;
        char psk[1000], looked_up[8] = "";
        size_t used = (size_t)sprintf(psk, VERSIONS GROUPS SHARE MODES "0029 %04x %04x",
                                      count * 40 + 4, count * 7);

        NOTE("%s", rows[i].offered);
        for (const char *p = rows[i].offered; *p; p++) {
            used += (size_t)sprintf(psk + used, "0001 %02x %08x", (unsigned)*p, *p < 'a');
        }
        used += (size_t)sprintf(psk + used, "%04x", count * 33);
        for (unsigned n = 0; n < count; n++) {
            used += (size_t)sprintf(psk + used, BINDER);
        }
        CHECK_EQ(offer_psks(psk, note_look_up, looked_up),
                 known ? DTLS_ERR_WRONG_PSK : DTLS_ERR_UNKNOWN_IDENTITY);
        CHECK_STR(looked_up, rows[i].looked_up);
    }
}

static void check_first_answer(const form_t *form, uint16_t version, dtls_cookie_t cookie)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_t hello = {.length = 0};
    session_t from;

    NOTE("%s, server of %04x, cookie %d", form->name, version, (int)cookie);
    server->config.only_version = version;
    server->config.cookie = cookie;
    net_start(net);
    net_address(&from, 7000);
    put_client_hello(&hello, form);
    net_inject(server, &from, hello.data, hello.length);
    CHECK_EQ(net->packet_count, 1);
    CHECK_EQ(alert_since(server, 0), form->alert);
    CHECK(dtls_get_peer(server->ctx, &from) == NULL);
    net_end(net);
}

static void check_refused_at_once(const form_t *form, uint16_t version)
{
    check_first_answer(form, version, DTLS_COOKIE_ON);
    check_first_answer(form, version, DTLS_COOKIE_OFF);
    check_first_answer(form, version, DTLS_COOKIE_AUTO);
}

/* RFC 9147 section 5.1: a hello that offers DTLS 1.3 gets no HelloVerifyRequest, wherever
 * supported_versions is in the hello. */
TEST(illegal_hello_of_dtls13_gets_its_alert)
{
    static const form_t forms[] = {
        {.name = "an extension twice, then the versions",
         .extensions = "0017 0000 0017 0000" USUAL,
         .alert = 47},
        {.name = "the versions, then an extension twice",
         .extensions = VERSIONS "0017 0000 0017 0000" GROUPS SHARE MODES PSK,
         .alert = 47},
        {.name = "pre_shared_key before the versions",
         .extensions = GROUPS SHARE MODES PSK VERSIONS,
         .alert = 47},
        {.name = "pre_shared_key first", .extensions = PSK USUAL, .alert = 47},
        {.name = "a group twice, then the versions",
         .extensions = GROUPS "0033 004a 0048 001d 0020" X32 "001d 0020" X32 VERSIONS MODES PSK,
         .alert = 47},
        {.name = "fewer binders than identities, then the versions",
         .extensions = GROUPS SHARE MODES "0029 0044 001f 0004 6e6f626f 00000000" IDENTITY
                                          "0021" BINDER VERSIONS,
         .alert = 47},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        check_refused_at_once(&forms[i], DTLS13);
        check_refused_at_once(&forms[i], BOTH_VERSIONS);
    }
}

TEST(hello_of_another_version_gets_its_alert)
{
    static const char ems[] = "00170000";
    static const uint16_t versions[] = {0xfefd, 0xfefc, 0xfe00, 0xfdff, 0xfc00};

    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
        check_refused_at_once(&(form_t){.name = "no supported_versions",
                                        .version = versions[i],
                                        .suites = "c0a8",
                                        .extensions = ems,
                                        .alert = 70},
                              DTLS13);
    }
    check_refused_at_once(&(form_t){.name = "1.3 alone", .alert = 70}, DTLS12);
    check_refused_at_once(
        &(form_t){.name = "DTLS 1.0", .version = 0xfeff, .extensions = ems, .alert = 70},
        BOTH_VERSIONS);
}

/* RFC 7507 section 3: a client must not fall back to DTLS 1.2 if the server supports 1.3. */
TEST(server_rejects_a_needless_fallback)
{
    static const char ems[] = "00170000";

    check_answer(
        &(form_t){.name = "fallback", .suites = "c0a8 5600", .extensions = ems, .alert = 86},
        BOTH_VERSIONS);
    check_answer(
        &(form_t){.name = "fallback", .suites = "c0a8 5600", .extensions = ems, .alert = 70},
        DTLS13);
    check_answer(&(form_t){.name = "1.3 has nothing to fall back from",
                           .suites = "1301 5600",
                           .extensions = USUAL,
                           .alert = 51},
                 BOTH_VERSIONS);
}

/* RFC 9147 section 5.1: a server with cookies sends a HelloRetryRequest. It is smaller than the
 * hello, and the server stores no state for it. */
TEST(server_asks_by_hello_retry_request)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_t hello = {.length = 0};
    wire_record_t record;
    wire_message_t message;
    session_t from;

    server->config.only_version = BOTH_VERSIONS;
    net_start(net);
    net_address(&from, 7000);
    put_client_hello(&hello, &(form_t){.name = "usual"});
    for (size_t i = 0; i < 3; i++) {
        net_inject(server, &from, hello.data, hello.length);
        CHECK_EQ(net->packet_count, i + 1);
        CHECK(net->packets[i].length < hello.length);
        CHECK(wire_find(&net->packets[i], SERVER_HELLO, &record));
        CHECK(wire_message(&record, &message));
        CHECK_EQ(message.msg_seq, 0);
        CHECK_EQ(message.body[2], 0xcf);
        CHECK(dtls_get_peer(server->ctx, &from) == NULL);
    }
    net_end(net);
}

/* ---- a valid binder: the key exchange ---- */

#define MODES_BOTH "002d 0003 02 0100"
#define OTHER_GROUPS "000a 0004 0002 0018"
#define NO_SHARE "0033 0002 0000"
#define KEYED(groups, share, modes) VERSIONS groups share modes PSK

/* Writes the binder of the hello in the buffer, with the key of the nodes. before: the transcript of
 * the messages before the hello; NULL: there are none. */
static void put_binder_after(wire_t *wire, const uint8_t *key, size_t key_length,
                             const transcript_t *before)
{
    enum { LENGTHS = 3, BINDER_LENGTH = 32 };
    uint8_t *message = wire->data + WIRE_RECORD_HEADER;
    size_t length = wire->length - WIRE_RECORD_HEADER;
    transcript_t transcript = {.hash = NULL};
    uint8_t secret[HASH_MAX], hash[HASH_MAX];
    schedule_t schedule;
    crypto_t *crypto = crypto_new();

    CHECK(schedule_start(&schedule, crypto, HASH_SHA256, key, key_length));
    CHECK(schedule_secret(&schedule, SECRET_EXT_BINDER, NULL, secret));
    CHECK(transcript_start(&transcript, crypto, HASH_SHA256, true));
    CHECK(transcript_hash_with(before ? before : &transcript, message,
                               length - LENGTHS - BINDER_LENGTH, hash));
    CHECK(kdf13_verify_data(crypto, HASH_SHA256, secret, hash, message + length - BINDER_LENGTH));
    transcript_end(&transcript);
    crypto_free(crypto);
}

static void put_binder(wire_t *wire, const uint8_t *key, size_t key_length)
{
    put_binder_after(wire, key, key_length, NULL);
}

/* Returns the alert of a server that supports only x25519, or 0 if it sends a ServerHello. */
static int answer_to(const char *extensions, dtls_ke_t key_exchange)
{
    static const uint16_t groups[] = {29};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_t hello = {.length = 0};
    session_t from;
    int alert;

    server->config.only_version = DTLS13;
    server->config.cookie = DTLS_COOKIE_OFF;
    server->config.key_exchange = key_exchange;
    server->config.groups = groups;
    server->config.group_count = 1;
    net_start(net);
    net_address(&from, 7000);
    put_client_hello(&hello, &(form_t){.extensions = extensions});
    put_binder(&hello, server->key, server->key_length);
    net_inject(server, &from, hello.data, hello.length);
    alert = alert_since(server, 0);
    CHECK_EQ(wire_sent_message(server, SERVER_HELLO, 0) != NULL, alert == 0);
    net_end(net);
    return alert;
}

/* RFC 8446 section 4.2.9: psk_ke gives no forward secrecy. A server that requires forward
 * secrecy rejects every hello that offers only psk_ke. */
TEST(server_insists_on_forward_secrecy)
{
    static const struct {
        const char *name, *extensions;
        bool dhe; /* the hello offers psk_dhe_ke */
    } rows[] = {
        {"both modes, a share that fits", KEYED(GROUPS, SHARE, MODES_BOTH), true},
        {"psk_dhe_ke alone", KEYED(GROUPS, SHARE, MODES), true},
        {"psk_ke alone", KEYED("", "", MODES_KE), false},
        {"psk_ke alone, with a share", KEYED(GROUPS, SHARE, MODES_KE), false},
        {"both modes, no group in common", KEYED(OTHER_GROUPS, NO_SHARE, MODES_BOTH), false},
        {"both modes, no groups at all", KEYED("", "", MODES_BOTH), false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *hello = rows[i].extensions;

        NOTE("%s", rows[i].name);
        CHECK_EQ(answer_to(hello, DTLS_KE_DEFAULT), 0);
        CHECK_EQ(answer_to(hello, DTLS_KE_DHE13), rows[i].dhe ? 0 : DTLS_ALERT_HANDSHAKE_FAILURE);
        CHECK_EQ(answer_to(hello, DTLS_KE_DHE_ONLY),
                 rows[i].dhe ? 0 : DTLS_ALERT_HANDSHAKE_FAILURE);
    }
}

/* ---- the second ClientHello ---- */

#define GROUP_29 "001d"
#define GROUP_23 "0017"
#define BOTH_GROUPS "000a 0006 0004" GROUP_29 GROUP_23
#define SHARE_23                                                                                   \
    "0033 0047 0045 0017 0041 04" /* the generator of secp256r1 */                                 \
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"                             \
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define TWO_SHARES "0033 004a 0048 001d 0020" X32 "0a0a 0020" X32

/* Writes the extension cookie of a HelloRetryRequest in hex. It is the last extension. */
static void put_cookie_of(char *hex, size_t size, const wire_record_t *retry)
{
    static const uint8_t type[] = {0, 44};
    const uint8_t *end = retry->body + retry->length, *cookie = retry->body;

    while (memcmp(cookie, type, sizeof(type)) != 0 ||
           cookie + 4 + (cookie[2] << 8 | cookie[3]) != end) {
        cookie++;
        CHECK(cookie + 6 < end);
    }
    for (; cookie < end; cookie++, hex += 2, size -= 2)
        snprintf(hex, size, "%02x", *cookie);
}

/* Sends a ClientHello without a key share, and then one with the cookie of the HelloRetryRequest, in
 * which the server asks for x25519. Returns the alert, or 0 if the server sends a ServerHello. */
static int answer_to_second(const char *suites, const char *rest, bool other_random)
{
    static const uint16_t groups[] = {29, 23};
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_t first = {.length = 0}, second = {.length = 0};
    transcript_t transcript = {.hash = NULL};
    crypto_t *crypto = crypto_new();
    uint8_t hash[HASH_MAX];
    wire_record_t retry;
    char extensions[1024] = "";
    session_t from;
    int alert;

    server->config.only_version = DTLS13;
    server->config.groups = groups;
    server->config.group_count = 2;
    net_start(net);
    net_address(&from, 7000);
    put_client_hello(&first, &(form_t){.suites = "1301 1303",
                                       .extensions = VERSIONS BOTH_GROUPS NO_SHARE MODES PSK});
    net_inject(server, &from, first.data, first.length);
    CHECK_EQ(net->packet_count, 1);
    CHECK(wire_find(&net->packets[0], SERVER_HELLO, &retry));
    put_cookie_of(extensions, sizeof(extensions), &retry);
    strcat(strcat(extensions, VERSIONS), rest);
    put_client_hello(&second, &(form_t){.suites = suites, .extensions = extensions});
    second.data[WIRE_RECORD_HEADER + 5] = 1; /* message_seq */
    second.data[WIRE_RECORD_HEADER + WIRE_MESSAGE_HEADER + 2] ^= other_random;
    CHECK(transcript_start(&transcript, crypto, HASH_SHA256, true));
    CHECK(transcript_add(&transcript, first.data + WIRE_RECORD_HEADER,
                         first.length - WIRE_RECORD_HEADER));
    CHECK(transcript_hash(&transcript, hash));
    CHECK(transcript_restart(&transcript, crypto, hash));
    CHECK(transcript_add(&transcript, retry.body, retry.length));
    put_binder_after(&second, server->key, server->key_length, &transcript);
    transcript_end(&transcript);
    crypto_free(crypto);
    net_inject(server, &from, second.data, second.length);
    alert = alert_since(server, 1);
    CHECK_EQ(wire_sent_message(server, SERVER_HELLO, 1) != NULL, alert == 0);
    net_end(net);
    return alert;
}

/* RFC 8446 section 4.1.2: the second ClientHello has the share that was requested, and no other. The
 * server checks what it can. */
TEST(second_client_hello_follows_the_retry)
{
    static const struct {
        const char *name, *suites, *extensions;
        bool other_random;
        int alert;
    } rows[] = {
        {"the share", "1301 1303", BOTH_GROUPS SHARE MODES PSK, false, 0},
        {"another share", "1301 1303", BOTH_GROUPS SHARE_23 MODES PSK, false, 47},
        {"two shares", "1301 1303", BOTH_GROUPS TWO_SHARES MODES PSK, false, 47},
        {"no share", "1301 1303", BOTH_GROUPS NO_SHARE MODES PSK, false, 47},
        {"another suite", "1303", BOTH_GROUPS SHARE MODES PSK, false, 47},
        {"another random", "1301 1303", BOTH_GROUPS SHARE MODES PSK, true, 47},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        NOTE("%s", rows[i].name);
        CHECK_EQ(answer_to_second(rows[i].suites, rows[i].extensions, rows[i].other_random),
                 rows[i].alert);
    }
}

/* ---- to a client ---- */

#define CHOSEN "002b 0002 fefc"
#define SELECTED "0029 0002 0000"
#define SHARE_OF_SERVER "0033 0024 001d 0020" X32
#define COOKIE "002c 0006 0004 01020304"

static const form_t server_hellos[] = {
    {.name = "suite not offered",
     .suites = "1305",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "suite of the other hash",
     .suites = "1302",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "suite of 1.2", .suites = "00a8", .alert = 47, .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a session ID",
     .session_id = "0102",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "compression", .compressions = "01", .alert = 47, .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "another version",
     .extensions = "002b 0002 fefb" SELECTED SHARE_OF_SERVER,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "1.2 by supported_versions",
     .extensions = "002b 0002 fefd" SELECTED SHARE_OF_SERVER,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "no pre_shared_key",
     .extensions = CHOSEN SHARE_OF_SERVER,
     .alert = 40,
     .error = DTLS_ERR_NO_PSK},
    {.name = "another identity",
     .extensions = CHOSEN "0029 0002 0001" SHARE_OF_SERVER,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "no key_share",
     .extensions = CHOSEN SELECTED,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a share of a group without ours",
     .extensions = CHOSEN SELECTED "0033 0045 0017 0041 04" X32 X32,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a share that is too short",
     .extensions = CHOSEN SELECTED "0033 0005 001d 0001 40",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a share of zeros",
     .extensions =
         CHOSEN SELECTED "0033 0024 001d 0020"
                         "0000000000000000000000000000000000000000000000000000000000000000",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "cookie",
     .extensions = CHOSEN SELECTED SHARE_OF_SERVER COOKIE,
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "an extension not offered",
     .extensions = CHOSEN SELECTED SHARE_OF_SERVER "0010 0000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "supported_versions twice",
     .extensions = CHOSEN CHOSEN SELECTED SHARE_OF_SERVER,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "half a share",
     .extensions = CHOSEN SELECTED "0033 0003 001d 00",
     .alert = 50,
     .error = DTLS_ERR_DECODE},
    {.name = "extensions that overrun",
     .extensions = CHOSEN "0029 0004 0000",
     .alert = 50,
     .error = DTLS_ERR_DECODE},
};

static const form_t retries[] = {
    {.name = "a retry that changes nothing",
     .extensions = CHOSEN,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry for the group of our share",
     .extensions = CHOSEN "0033 0002 001d",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry for a group not offered",
     .extensions = CHOSEN "0033 0002 0018",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry with a suite not offered",
     .suites = "1305",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry with a session ID",
     .session_id = "01",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry to another version",
     .extensions = "002b 0002 fefd" COOKIE,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry without a version",
     .extensions = COOKIE,
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "a retry with an extension not offered",
     .extensions = CHOSEN COOKIE "0010 0000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "a retry with an empty cookie",
     .extensions = CHOSEN "002c 0002 0000",
     .alert = 50,
     .error = DTLS_ERR_DECODE},
};

static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
static const uint8_t server_random[32] = "the random bytes of the server";

static void inject_server_hello(node_t *client, const node_t *server, const form_t *form,
                                bool retry, unsigned msg_seq)
{
    wire_t wire = {.length = 0}, body = {.length = 0};
    const char *usual = retry ? CHOSEN COOKIE : CHOSEN SELECTED SHARE_OF_SERVER;

    wire_put_number(&body, 0xfefd, 2);
    wire_put(&body, retry ? retry_random : server_random, 32);
    put_hex(&body, or_usual(form->session_id, ""), 1);
    put_hex(&body, or_usual(form->suites, "1301"), 0);
    put_hex(&body, or_usual(form->compressions, "00"), 0);
    put_hex(&body, or_usual(form->extensions, usual), 2);
    put_message(&wire, SERVER_HELLO, msg_seq, msg_seq, &body);
    net_inject(client, &server->address, wire.data, wire.length);
}

static void check_refusal(node_t *client, const form_t *form)
{
    /* No round trip is measured, so this is the grace period. */
    net_run(client->net, 2 * client->config.timer_ms);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_FAILED);
    CHECK_EQ(node_last_end(client)->info.error, form->error);
    CHECK_EQ(node_last_end(client)->info.alert, form->alert);
    CHECK_EQ(alert_since(client, 0), form->alert);
}

static void each_refused(const form_t *forms, size_t count, bool retry, bool retried)
{
    for (size_t i = 0; i < count; i++) {
        node_t *client, *server;
        net_t *net = lonely_client(DTLS13, &client, &server);

        NOTE("%s%s", forms[i].name, retried ? ", after a good one" : "");
        if (retried) {
            inject_server_hello(client, server, &(form_t){.name = "good"}, true, 0);
            CHECK_EQ(net->packet_count, 2);
        }
        inject_server_hello(client, server, &forms[i], retry, retried);
        check_refusal(client, &forms[i]);
        net_end(net);
    }
}

TEST(client_rejects_every_bad_server_hello)
{
    size_t count = sizeof(server_hellos) / sizeof(*server_hellos);

    each_refused(server_hellos, count, false, false);
    each_refused(server_hellos, count, false, true);
}

TEST(client_rejects_every_bad_retry)
{
    each_refused(retries, sizeof(retries) / sizeof(*retries), true, false);
}

TEST(client_rejects_a_second_retry)
{
    const form_t forms[] = {
        {.name = "the same", .alert = 10, .error = DTLS_ERR_UNEXPECTED_MESSAGE},
        {.name = "for a group",
         .extensions = CHOSEN "0033 0002 0017",
         .alert = 10,
         .error = DTLS_ERR_UNEXPECTED_MESSAGE},
    };

    each_refused(forms, sizeof(forms) / sizeof(*forms), true, true);
}

/* The client ignores a duplicate of the first HelloRetryRequest. It is not a second one, which
 * would be an error. */
TEST(client_ignores_the_first_retry_again)
{
    node_t *client, *server;
    net_t *net = lonely_client(DTLS13, &client, &server);

    for (size_t i = 0; i < 5; i++) {
        inject_server_hello(client, server, &(form_t){.name = "good"}, true, 0);
        CHECK_EQ(net->packet_count, 2);
    }
    net_run(net, 350);
    CHECK_EQ(node_ends(client), 0);
    net_end(net);
}

/* RFC 8446 section 4.1.4: the ServerHello must have the suite and the group of the
 * HelloRetryRequest. */
TEST(client_rejects_a_server_hello_that_contradicts_the_retry)
{
    const form_t suite = {.name = "another suite",
                          .suites = "1303",
                          .alert = 47,
                          .error = DTLS_ERR_ILLEGAL_PARAMETER};
    const form_t group = {.name = "another group", /* the group of our first share */
                          .alert = 47,
                          .error = DTLS_ERR_ILLEGAL_PARAMETER};
    const form_t retry = {.name = "for P-256", .extensions = CHOSEN "0033 0002 0017"};
    node_t *client, *server;
    net_t *net = lonely_client(DTLS13, &client, &server);

    NOTE("%s", suite.name);
    inject_server_hello(client, server, &(form_t){.name = "good"}, true, 0);
    inject_server_hello(client, server, &suite, false, 1);
    check_refusal(client, &suite);
    net_end(net);

    NOTE("%s", group.name);
    net = lonely_client(DTLS13, &client, &server);
    inject_server_hello(client, server, &retry, true, 0);
    CHECK_EQ(net->packet_count, 2);
    inject_server_hello(client, server, &group, false, 1);
    check_refusal(client, &group);
    net_end(net);
}

static const uint8_t *find_hex(const net_packet_t *packet, const char *hex)
{
    uint8_t bytes[200];
    size_t length = UNHEX(hex, bytes);

    return memmem(packet->data, packet->length, bytes, length);
}

/* RFC 8446 sections 4.1.2 and 4.2.2: the cookie is copied, and the share is of the requested
 * group. */
TEST(client_follows_the_retry)
{
    static const char extensions[] = CHOSEN "0033 0002 0017" COOKIE;
    node_t *client, *server;
    net_t *net = lonely_client(DTLS13, &client, &server);
    wire_record_t first, second;

    inject_server_hello(client, server, &(form_t){.name = "both", .extensions = extensions}, true,
                        0);
    CHECK_EQ(net->packet_count, 2);
    CHECK(wire_find(&net->packets[0], CLIENT_HELLO, &first));
    CHECK(wire_find(&net->packets[1], CLIENT_HELLO, &second));
    CHECK_EQ(second.sequence, 1);
    CHECK_EQ(second.body[5], 1); /* message_seq */
    CHECK_MEM(second.body + 12, first.body + 12, 35);
    CHECK(!find_hex(&net->packets[0], "002c"));
    CHECK(find_hex(&net->packets[1], COOKIE));
    CHECK(find_hex(&net->packets[0], "0033 0026 0024 001d 0020"));
    CHECK(find_hex(&net->packets[1], "0033 0047 0045 0017 0041 04"));
    net_end(net);
}

/* ---- versions ---- */

TEST(every_pairing_of_versions)
{
    static const uint16_t versions[] = {DTLS12, DTLS13, BOTH_VERSIONS};

    for (size_t i = 0; i < 9; i++) {
        for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
            uint16_t ours = versions[i / 3], theirs = versions[i % 3];
            bool good = !ours || !theirs || ours == theirs;
            uint16_t expected = !ours && !theirs ? DTLS13 : ours ? ours : theirs;
            node_t *client, *server;
            net_t *net = net_pair(i, &client, &server);
            dtls_info_t info;

            NOTE("client %04x, server %04x, cookie %d", ours, theirs, (int)cookie);
            client->config.only_version = ours;
            server->config.only_version = theirs;
            server->config.cookie = cookie;
            net_start(net);
            CHECK_EQ(net_connect(client, server, 5000), good);
            if (good) {
                CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
                CHECK_EQ(info.version, expected);
                CHECK_EQ(dtls_get_info(server->ctx, &client->address, &info), 0);
                CHECK_EQ(info.version, expected);
                CHECK(net_echo(client, server));
            } else {
                net_run(net, 1000);
                CHECK_EQ(node_ends(client), 1);
                CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_PROTOCOL_VERSION);
            }
            net_end(net);
        }
    }
}

/* Sets the suites of each side. Those of DTLS 1.3 come first. */
static void pair_suites(const uint16_t client_suites[2], const uint16_t server_suites[2],
                        dtls_cookie_t cookie, uint16_t expected)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    dtls_info_t info;

    NOTE("client %04x, server %04x, cookie %d", client_suites[0], server_suites[0], (int)cookie);
    client->config.only_version = server->config.only_version = BOTH_VERSIONS;
    client->config.suites = client_suites;
    server->config.suites = server_suites;
    client->config.suite_count = server->config.suite_count = 2;
    server->config.cookie = cookie;
    net_start(net);
    CHECK_EQ(net_connect(client, server, 1000), expected != 0);
    if (expected) {
        CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
        CHECK_EQ(info.version, expected);
        CHECK(net_echo(client, server));
    } else {
        net_run(net, 1000);
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_ALERT);
        CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_HANDSHAKE_FAILURE);
    }
    net_end(net);
}

/* RFC 8446 section 4.2.1: both sides negotiate the highest common version, even if the handshake
 * then fails. */
TEST(no_common_suite_does_not_lower_the_version)
{
    static const uint16_t aes[] = {0x1301, 0x00a8}, chacha[] = {0x1303, 0x00a8},
                          old[] = {0xc0a8, 0x00a8};

    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_AUTO; cookie++) {
        pair_suites(aes, aes, cookie, DTLS13);
        pair_suites(aes, chacha, cookie, 0);
        pair_suites(aes, old, cookie, DTLS12);
        pair_suites(old, aes, cookie, DTLS12);
    }
}

/* RFC 8446 section 4.1.3: an attacker removes supported_versions from the hello, so the server
 * marks its random, and the client refuses. The client refuses a DTLS 1.2 server that sends the
 * mark, too. */
static void strip_versions(net_t *net, net_packet_t *packet)
{
    uint8_t *at = (uint8_t *)(uintptr_t)find_hex(packet, "002b 0005 04 fefc fefd");

    (void)net;
    if (at) {
        at[0] = at[1] = 0x3a; /* an unknown extension */
    }
}

TEST(downgrade_is_noticed)
{
    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_OFF; cookie++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);

        client->config.only_version = server->config.only_version = BOTH_VERSIONS;
        server->config.cookie = cookie;
        net_start(net);
        net->tap = strip_versions;
        CHECK(!net_connect(client, server, 5000));
        net_run(net, 1000);
        CHECK_EQ(node_ends(client), 1);
        CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_ILLEGAL_PARAMETER);
        CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_ILLEGAL_PARAMETER);
        net_end(net);
    }
}

/* A client that did not offer DTLS 1.3 ignores the mark. */
TEST(mark_means_nothing_to_a_client_of_1_2)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    const net_packet_t *hello;

    server->config.only_version = BOTH_VERSIONS;
    net_start(net);
    CHECK(net_connect(client, server, 1000));
    hello = wire_sent_message(server, SERVER_HELLO, 0);
    CHECK(hello && find_hex(hello, "444f574e47524401"));
    net_end(net);
}

/* An attacker forges a HelloVerifyRequest. The client must not send its cookie in DTLS 1.3 hellos
 * for ever. */
static unsigned forge_at;
static const node_t *loses_first; /* the node that loses its first datagram; NULL: none */

static void forge_verify_request(net_t *net, net_packet_t *packet)
{
    static const uint8_t bytes[] = {0xfe, 0xff, 4, 'f', 'o', 'r', 'g'};
    node_t *client = net->nodes[0], *server = net->nodes[1];
    wire_t wire = {.length = 0}, body = {.length = 0};

    if (packet->from == loses_first && packet->from->sent == 1) {
        packet->copies = 0;
    }
    if (packet->from != client || packet->index != forge_at) {
        return;
    }
    wire_put(&body, bytes, sizeof(bytes));
    put_message(&wire, HELLO_VERIFY_REQUEST, 0, 77, &body);
    net_carry(server, client, wire.data, wire.length, 0);
}

TEST(forged_hello_verify_request_does_not_prevent_1_3)
{
    static const uint16_t versions[] = {DTLS13, BOTH_VERSIONS};

    for (size_t i = 0; i < 2; i++) {
        for (forge_at = 0; forge_at <= 2; forge_at += 2) {
            node_t *client, *server;
            net_t *net = net_pair(1, &client, &server);
            dtls_info_t info;

            NOTE("server of %04x, before the answer to datagram %u", versions[i], forge_at);
            client->config.only_version = BOTH_VERSIONS;
            server->config.only_version = versions[i];
            client->delay = server->delay = 20;
            net_start(net);
            net->tap = forge_verify_request;
            CHECK(net_connect(client, server, 1000));
            CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
            CHECK_EQ(info.version, DTLS13);
            CHECK(net_echo(client, server));
            net_end(net);
        }
    }
}

/* A server that requires no cookie has responded to the first hello. A second hello with a DTLS
 * 1.2 cookie gets only an alert, and a copy of that hello gets nothing. */
TEST(forged_hello_verify_request_does_not_stop_a_client_without_cookie)
{
    static const char *const lost[] = {"nothing", "the first hello", "the first answer"};

    for (size_t i = 0; i < 12; i++) {
        const uint16_t version = i % 2 ? BOTH_VERSIONS : DTLS13;
        const dtls_cookie_t cookie = i / 2 % 2 ? DTLS_COOKIE_AUTO : DTLS_COOKIE_OFF;
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        dtls_info_t info;

        NOTE("server of %04x, cookies %d, %s lost", version, (int)cookie, lost[i / 4]);
        client->config.only_version = BOTH_VERSIONS;
        server->config.only_version = version;
        server->config.cookie = cookie;
        client->delay = server->delay = 20;
        net_start(net);
        forge_at = 0;
        loses_first = i / 4 == 0 ? NULL : i / 4 == 1 ? client : server;
        net->tap = forge_verify_request;
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        net_run(net, 2000);
        CHECK(node_connected(client, server) && node_connected(server, client));
        CHECK_EQ(dtls_get_info(client->ctx, &server->address, &info), 0);
        CHECK_EQ(info.version, DTLS13);
        CHECK(!info.cookie);
        CHECK_EQ(node_ends(client), 0);
        CHECK(net_echo(client, server));
        loses_first = NULL;
        net_end(net);
    }
}

/* ---- alerts ---- */

TEST(wrong_key_is_reported_at_both_ends)
{
    static const uint8_t other[16] = "another key";

    for (dtls_cookie_t cookie = DTLS_COOKIE_ON; cookie <= DTLS_COOKIE_OFF; cookie++) {
        for (int unknown = 0; unknown < 2; unknown++) {
            node_t *client, *server;
            net_t *net = net_pair(1, &client, &server);

            NOTE("cookie %d, %s", (int)cookie, unknown ? "identity" : "key");
            client->config.only_version = server->config.only_version = DTLS13;
            server->config.cookie = cookie;
            if (unknown) {
                client->identity = (const uint8_t *)"nobody";
                client->identity_length = 6;
            } else {
                client->key = other;
            }
            net_start(net);
            CHECK(!net_connect(client, server, 5000));
            net_run(net, 1000);
            CHECK_EQ(node_ends(client), 1);
            CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_WRONG_PSK);
            CHECK_EQ(node_last_end(client)->info.alert, DTLS_ALERT_DECRYPT_ERROR);
            CHECK_EQ(node_ends(server), 1);
            CHECK_EQ(node_last_end(server)->info.error,
                     unknown ? DTLS_ERR_UNKNOWN_IDENTITY : DTLS_ERR_WRONG_PSK);
            net_end(net);
        }
    }
}
