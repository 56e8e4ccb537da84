/*
 * hello.c - handwritten hellos: how a server responds to unusual ClientHellos, and how a client
 * reacts to unusual ServerHellos.
 */
#include "common_hello.h"

#include <string.h>

/* ---- building ---- */

typedef struct {
    const char *name;
    uint16_t version;                                            /* 0: 0xfefd */
    const char *session_id, *suites, *compressions, *extensions; /* in hex; NULL: the default */
    const char *trailer;
    bool no_extensions;
    int alert;          /* response expected: an alert; 0: none; -1: a ServerHello */
    dtls_error_t error; /* the client's error after this ServerHello */
} form_t;

static void put_end(wire_t *body, const form_t *form, const char *extensions)
{
    if (!form->no_extensions) {
        put_hex(body, or_usual(form->extensions, extensions), 2);
    }
    if (form->trailer) {
        put_hex(body, form->trailer, 0);
    }
}

static void put_client_hello(wire_t *wire, const form_t *form, const uint8_t *cookie, size_t length)
{
    static const uint8_t random[32] = "the random bytes of the client";
    wire_t body = {.length = 0};

    wire_put_number(&body, form->version ? form->version : 0xfefd, 2);
    wire_put(&body, random, sizeof(random));
    put_hex(&body, or_usual(form->session_id, ""), 1);
    wire_put_number(&body, length, 1);
    wire_put(&body, cookie, length);
    put_hex(&body, or_usual(form->suites, "c0a8"), 2);
    put_hex(&body, or_usual(form->compressions, "00"), 1);
    put_end(&body, form, "00170000");
    put_message(wire, CLIENT_HELLO, length ? 1 : 0, length ? 1 : 0, &body);
}

/* ---- to a server ---- */

static const form_t client_hellos[] = {
    {.name = "usual", .alert = -1},
    {.name = "no extensions", .no_extensions = true, .alert = -1},
    {.name = "empty extensions", .extensions = "", .alert = -1},
    {.name = "a newer version", .version = 0xfefc, .alert = -1},
    {.name = "the next major version", .version = 0xfdff, .alert = -1},
    {.name = "a version far ahead", .version = 0xf000, .alert = -1},
    {.name = "a version before all", .version = 0xffff, .alert = 70},
    {.name = "a session ID", .session_id = "0102030405060708", .alert = -1},
    {.name = "compression offered too", .compressions = "0100", .alert = -1},
    {.name = "renegotiation_info", .extensions = "ff01000100", .alert = -1},
    {.name = "SCSV", .suites = "c0a800ff", .alert = -1},
    {.name = "FALLBACK_SCSV, which is no fallback", .suites = "c0a85600", .alert = -1},
    {.name = "GREASE", .suites = "0a0ac0a8fafa", .extensions = "3a3a00000a0a0001aa", .alert = -1},
    {.name = "what others offer",
     .suites = "c02bc02f00ffc0a8009c",
     .extensions = "000a00040002001d"
                   "000b00020100"
                   "000d00020401"
                   "0016000000230000"
                   "00170000",
     .alert = -1},
    {.name = "ECDHE", .suites = "d001", .extensions = "000a00040002001d", .alert = -1},
    {.name = "ECDHE and point formats",
     .suites = "d001",
     .extensions = "000b0003020100000a00040002001d",
     .alert = -1},
    {.name = "no group in common", .suites = "d001", .extensions = "000a000400020018", .alert = 40},
    {.name = "no group in common, but plain PSK",
     .suites = "d001c0a8",
     .extensions = "000a000400020018",
     .alert = -1},
    {.name = "no word of groups", .suites = "d001ccac", .alert = -1},
    {.name = "no word of groups, but plain PSK", .suites = "d001c0a8", .alert = -1},
    {.name = "compressed points only",
     .suites = "d001",
     .extensions = "000a000400020017000b00020101",
     .alert = 47},
    {.name = "no point format", .extensions = "000b000100", .alert = 50},
    {.name = "CBC and encrypt_then_mac", .suites = "00ae", .extensions = "00160000", .alert = -1},
    {.name = "CBC without encrypt_then_mac", .suites = "00ae", .alert = 40},
    {.name = "CBC without encrypt_then_mac, and another", .suites = "00aec0a8", .alert = -1},
    {.name = "encrypt_then_mac with a body", .extensions = "0016000100", .alert = 50},
    {.name = "record_size_limit 64", .extensions = "001c00020040", .alert = -1},
    {.name = "record_size_limit 63", .extensions = "001c0002003f", .alert = 47},
    {.name = "record_size_limit 0", .extensions = "001c00020000", .alert = 47},
    {.name = "record_size_limit of one byte", .extensions = "001c000140", .alert = 50},
    {.name = "record_size_limit of three bytes", .extensions = "001c0003004000", .alert = 50},
    {.name = "max_fragment_length 0", .extensions = "0001000100", .alert = 47},
    {.name = "max_fragment_length 5", .extensions = "0001000105", .alert = 47},
    {.name = "max_fragment_length 255", .extensions = "00010001ff", .alert = 47},
    {.name = "max_fragment_length without one", .extensions = "00010000", .alert = 50},
    {.name = "max_fragment_length of two bytes", .extensions = "000100020101", .alert = 50},
    {.name = "max_fragment_length 5, but record_size_limit too",
     .extensions = "0001000105001c00024000",
     .alert = -1},
    {.name = "no suite in common", .suites = "c02bc02f00ff", .alert = 40},
    {.name = "1.3 suites only", .suites = "13011302", .alert = 40},
    {.name = "DTLS 1.0", .version = 0xfeff, .alert = 70},
    {.name = "TLS 1.2", .version = 0x0303, .alert = 70},
    {.name = "renegotiation_info not empty", .extensions = "ff0100020155", .alert = 40},
    {.name = "compression only", .compressions = "01", .alert = 47},
    {.name = "no compression method", .compressions = "", .alert = 50},
    {.name = "no suite", .suites = "", .alert = 50},
    {.name = "half a suite", .suites = "c0a8c0", .alert = 50},
    {.name = "trailing byte", .trailer = "00", .alert = 50},
    {.name = "extension that overruns", .extensions = "00170004", .alert = 50},
    {.name = "extension without length", .extensions = "0017", .alert = 50},
    {.name = "extended_master_secret with a body", .extensions = "0017000100", .alert = 50},
    {.name = "the same extension twice", .extensions = "0017000000170000", .alert = 47},
    {.name = "session ID of 33 bytes",
     .session_id = "0102030405060708091011121314151617181920212223242526272829303132"
                   "33",
     .alert = 50},
};

/* Returns the server's response to the form after the cookie exchange: an alert, 0 or -1. */
static int answer_of(net_t *net, node_t *server, const form_t *form)
{
    wire_t hello = {.length = 0}, again = {.length = 0};
    const uint8_t *cookie;
    uint8_t length;
    session_t from;
    size_t first;
    wire_record_t record;

    net_address(&from, 7000);
    put_client_hello(&hello, form, NULL, 0);
    net_inject(server, &from, hello.data, hello.length);
    CHECK(server->sent_bytes <= hello.length);
    if (net->packet_count == 0 || !wire_cookie(&net->packets[0], &cookie, &length)) {
        return alert_since(server, 0);
    }
    put_client_hello(&again, form, cookie, length);
    first = net->packet_count;
    net_inject(server, &from, again.data, again.length);
    net_run(net, server->config.alert_grace_ms);
    if (net->packet_count > first && wire_find(&net->packets[first], SERVER_HELLO, &record)) {
        return -1;
    }
    CHECK(dtls_get_peer(server->ctx, &from) == NULL);
    return alert_since(server, first);
}

TEST(server_responds_to_every_client_hello_correctly)
{
    static const uint16_t suites[] = {0x00ae, 0xd001, 0xccac, 0xc0a8};

    for (size_t i = 0; i < sizeof(client_hellos) / sizeof(*client_hellos); i++) {
        const form_t *form = &client_hellos[i];
        net_t *net = net_new(1);
        node_t *server = net_node(net, "server");
        int answer;

        server->config.suites = suites;
        server->config.suite_count = 4;
        net_start(net);
        answer = answer_of(net, server, form);
        NOTE("%s: answer %d", form->name, answer);
        /* The server may also drop a hello that it cannot parse, since it cannot check the
         * cookie. */
        CHECK(answer == form->alert || (answer == 0 && form->alert > 0));
        CHECK(answer != 0 || form->alert == 50 || form->alert == 47 || form->alert == 70);
        net_end(net);
    }
}

/* RFC 8422 section 4: if the client names no group, the server may choose one. All clients support
 * P-256. */
TEST(server_uses_p256_if_the_client_names_no_group)
{
    static const uint16_t d001 = 0xd001, x25519 = 29;
    static const uint8_t no_hint_p256[] = {0, 0, 3, 0, 23};
    const form_t form = {.name = "no word of groups", .suites = "d001"};

    for (size_t only_x25519 = 0; only_x25519 < 2; only_x25519++) {
        net_t *net = net_new(1);
        node_t *server = net_node(net, "server");
        wire_record_t record;

        server->config.suites = &d001;
        server->config.suite_count = 1;
        server->config.groups = only_x25519 ? &x25519 : NULL;
        server->config.group_count = only_x25519;
        net_start(net);
        CHECK_EQ(answer_of(net, server, &form), only_x25519 ? 40 : -1);
        if (!only_x25519) {
            const net_packet_t *flight = wire_sent_message(server, SERVER_KEY_EXCHANGE, 0);

            CHECK(flight && wire_find(flight, SERVER_KEY_EXCHANGE, &record));
            CHECK(memcmp(record.body + 12, no_hint_p256, sizeof no_hint_p256) == 0);
        }
        net_end(net);
    }
}

/* RFC 5246 section 7.4.1.2: a malformed hello gets an alert if its address is validated, or if the
 * server requires no cookie. */
static const form_t unreadable[] = {
    {.name = "trailing byte", .trailer = "00", .alert = 50},
    {.name = "half an extension", .extensions = "00", .alert = 50},
    {.name = "extension that overruns", .extensions = "00170004", .alert = 50},
    {.name = "extended_master_secret with a body", .extensions = "0017000100", .alert = 50},
    {.name = "no compression method", .compressions = "", .alert = 50},
    {.name = "no suite", .suites = "", .alert = 50},
    {.name = "half a suite", .suites = "c0a8c0", .alert = 50},
    {.name = "session ID of 33 bytes",
     .session_id = "010203040506070809101112131415161718192021222324252627282930313233",
     .alert = 50},
};
enum { UNREADABLE = sizeof(unreadable) / sizeof(*unreadable), WITH_EXTENSIONS = 4 };

/* Sends the form as second hello, with the cookie of a valid first one. The first byte of the
 * cookie is XORed with altered. Returns the response: an alert, or 0. */
static int answer_to_second(net_t *net, node_t *server, const form_t *form, uint8_t altered)
{
    wire_t hello = {.length = 0}, again = {.length = 0};
    uint8_t cookie[255], length;
    const uint8_t *bytes;
    session_t from;

    net_address(&from, 7000);
    put_client_hello(&hello, &(form_t){.name = "usual"}, NULL, 0);
    net_inject(server, &from, hello.data, hello.length);
    CHECK(wire_cookie(&net->packets[0], &bytes, &length));
    memcpy(cookie, bytes, length);
    cookie[0] ^= altered;
    put_client_hello(&again, form, cookie, length);
    net_inject(server, &from, again.data, again.length);
    net_run(net, 1000);
    CHECK(dtls_get_peer(server->ctx, &from) == NULL);
    return alert_since(server, 1);
}

TEST(malformed_hello_with_a_valid_cookie_gets_an_alert)
{
    for (size_t i = 0; i < WITH_EXTENSIONS; i++) {
        for (unsigned altered = 0; altered < 2; altered++) {
            net_t *net = net_new(1);
            node_t *server = net_node(net, "server");

            NOTE("%s, cookie %s", unreadable[i].name, altered ? "altered" : "right");
            net_start(net);
            CHECK_EQ(answer_to_second(net, server, &unreadable[i], (uint8_t)altered),
                     altered ? 0 : 50);
            CHECK_EQ(node_ends(server), !altered);
            CHECK(altered || node_last_end(server)->info.error == DTLS_ERR_DECODE);
            CHECK_EQ(net->packet_count, altered ? 1 : 2);
            net_end(net);
        }
    }
}

TEST(malformed_hello_gets_an_alert_without_cookies)
{
    for (size_t i = 0; i < UNREADABLE; i++) {
        net_t *net = net_new(1);
        node_t *server = net_node(net, "server");

        NOTE("%s", unreadable[i].name);
        server->config.cookie = DTLS_COOKIE_OFF;
        net_start(net);
        CHECK_EQ(answer_of(net, server, &unreadable[i]), 50);
        CHECK_EQ(node_ends(server), 1);
        net_end(net);
    }
}

/* RFC 5246 section 7.4.1.4, RFC 5746 sections 3.4 and 3.6: the server answers an extension if and
 * only if the client sent it. */
static void check_answer(void (*configure)(dtls_config_t *config), const form_t *form,
                         const char *expected)
{
    net_t *net = net_new(1);
    node_t *server = net_node(net, "server");
    wire_record_t record;
    wire_message_t hello;
    uint8_t bytes[64];
    size_t length = UNHEX(expected, bytes);

    NOTE("%s", form->name);
    if (configure) {
        configure(&server->config);
    }
    net_start(net);
    CHECK_EQ(answer_of(net, server, form), -1);
    CHECK(wire_find(&net->packets[1], SERVER_HELLO, &record) && wire_message(&record, &hello));
    /* version, random, no session ID, suite, compression */
    CHECK(hello.total >= 2 + 32 + 1 + 2 + 1);
    CHECK_EQ(hello.body[0] << 8 | hello.body[1], 0xfefd);
    CHECK_EQ(hello.body[34], 0);
    CHECK_EQ(hello.body[37], 0);
    CHECK_EQ(hello.total - 38, length);
    CHECK_MEM(hello.body + 38, bytes, length);
    net_end(net);
}

static void check_extensions(const form_t *form, const char *expected)
{
    check_answer(NULL, form, expected);
}

TEST(server_hello_has_what_was_asked_for)
{
    check_extensions(&(form_t){.name = "no extensions", .no_extensions = true}, "");
    check_extensions(&(form_t){.name = "EMS"}, "0004 00170000");
    check_extensions(&(form_t){.name = "renegotiation_info", .extensions = "ff01000100"},
                     "0005 ff01000100");
    check_extensions(&(form_t){.name = "SCSV", .suites = "c0a800ff", .no_extensions = true},
                     "0005 ff01000100");
    check_extensions(&(form_t){.name = "unknown", .extensions = "3a3a0000"}, "");
    check_extensions(&(form_t){.name = "point formats with plain PSK",
                               .extensions = "000a00040002001d000b00020100"},
                     "");
    check_extensions(&(form_t){.name = "record_size_limit", .extensions = "001c0002ffff"},
                     "0006 001c00024000");
    check_extensions(&(form_t){.name = "max_fragment_length", .extensions = "0001000102"},
                     "0005 0001000102");
    check_extensions(
        &(form_t){.name = "both, of which one counts", .extensions = "0001000101001c00020040"},
        "0006 001c00024000");
    net_ecdhe = true;
    check_extensions(&(form_t){.name = "ECDHE, no point formats",
                               .suites = "d001",
                               .extensions = "000a00040002001d"},
                     "");
    check_extensions(&(form_t){.name = "ECDHE and point formats",
                               .suites = "d001",
                               .extensions = "000a00040002001d000b00020100"},
                     "0006 000b00020100");
    net_ecdhe = false;
}

static void give_ids_and_tickets(dtls_config_t *config)
{
    config->use_cid = config->tickets = true;
}

static void keep_sessions(dtls_config_t *config)
{
    config->sessions = 4;
}

/* RFC 7627 section 5.3: the ServerHello has no session ID if the session could not be resumed. */
TEST(server_hello_has_no_connection_id_check_or_ticket_unasked)
{
    check_answer(give_ids_and_tickets, &(form_t){.name = "none of them"}, "0004 00170000");
    check_answer(give_ids_and_tickets,
                 &(form_t){.name = "a connection ID", .extensions = "0036000201aa"},
                 "0005 0036000100");
    check_answer(give_ids_and_tickets,
                 &(form_t){.name = "and checks", .extensions = "0036000201aa003d0000"},
                 "0009 0036000100003d0000");
    check_answer(give_ids_and_tickets,
                 &(form_t){.name = "checks alone", .extensions = "003d000000170000"},
                 "0004 00170000");
    check_answer(give_ids_and_tickets,
                 &(form_t){.name = "a ticket", .extensions = "0017000000230000"},
                 "0008 0017000000230000");
    check_answer(give_ids_and_tickets,
                 &(form_t){.name = "a ticket without extended master secret",
                           .extensions = "00230000ff01000100"},
                 "0005 ff01000100");
    check_answer(keep_sessions,
                 &(form_t){.name = "sessions without extended master secret", .extensions = ""},
                 "");
}

/* ---- to a client ---- */

static const form_t server_hellos[] = {
    {.name = "suite not offered",
     .suites = "009c",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "suite of 1.3", .suites = "1301", .alert = 47, .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "the SCSV as suite",
     .suites = "00ff",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "DTLS 1.0", .version = 0xfeff, .alert = 70, .error = DTLS_ERR_VERSION},
    {.name = "DTLS 1.3", .version = 0xfefc, .alert = 70, .error = DTLS_ERR_VERSION},
    {.name = "compression", .compressions = "01", .alert = 47, .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "unsolicited extension",
     .extensions = "00290000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "encrypt_then_mac, not offered",
     .extensions = "00160000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "record_size_limit, not offered",
     .extensions = "001c00024000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "connection ID, not offered",
     .extensions = "0036000100",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "routability checks, not offered",
     .extensions = "003d0000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "ticket, not offered",
     .extensions = "0017000000230000",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "max_fragment_length, which we never offer",
     .extensions = "0001000101",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "point formats, not offered",
     .extensions = "000b00020100",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "groups, which no server has to name",
     .extensions = "000a00040002001d",
     .alert = 110,
     .error = DTLS_ERR_UNSUPPORTED_EXTENSION},
    {.name = "the same extension twice",
     .extensions = "0017000000170000",
     .alert = 47,
     .error = DTLS_ERR_ILLEGAL_PARAMETER},
    {.name = "renegotiation_info not empty",
     .extensions = "ff0100020155",
     .alert = 40,
     .error = DTLS_ERR_RENEGOTIATION_INFO},
    {.name = "trailing byte", .trailer = "00", .alert = 50, .error = DTLS_ERR_DECODE},
    {.name = "extension that overruns",
     .extensions = "00170004",
     .alert = 50,
     .error = DTLS_ERR_DECODE},
    {.name = "session ID of 33 bytes",
     .session_id = "010203040506070809101112131415161718192021222324252627282930313233",
     .alert = 50,
     .error = DTLS_ERR_DECODE},
};

static void put_server_hello(wire_t *wire, const form_t *form)
{
    static const uint8_t random[32] = "the random bytes of the server";
    wire_t body = {.length = 0}, done = {.length = 0};

    wire_put_number(&body, form->version ? form->version : 0xfefd, 2);
    wire_put(&body, random, sizeof(random));
    put_hex(&body, or_usual(form->session_id, ""), 1);
    put_hex(&body, or_usual(form->suites, "c0a8"), 0);
    put_hex(&body, or_usual(form->compressions, "00"), 0);
    put_end(&body, form, "00170000");
    put_message(wire, SERVER_HELLO, 0, 0, &body);
    put_message(wire, SERVER_HELLO_DONE, 1, 1, &done);
}

static void check_refusal(node_t *client, int alert, dtls_error_t error)
{
    /* No round trip is measured, so this is the grace period. */
    net_run(client->net, 2 * client->config.timer_ms);
    CHECK_EQ(node_ends(client), 1);
    CHECK_EQ(node_last_end(client)->code, DTLS_EVENT_FAILED);
    CHECK_EQ(node_last_end(client)->info.error, error);
    CHECK_EQ(alert_since(client, 1), alert);
    CHECK(!node_last_end(client)->info.alert_received);
    CHECK_EQ(node_last_end(client)->info.alert, alert);
}

TEST(client_rejects_every_bad_server_hello)
{
    for (size_t i = 0; i < sizeof(server_hellos) / sizeof(*server_hellos); i++) {
        node_t *client, *server;
        net_t *net = lonely_client(DTLS12, &client, &server);
        wire_t flight = {.length = 0};

        NOTE("%s", server_hellos[i].name);
        put_server_hello(&flight, &server_hellos[i]);
        net_inject(client, &server->address, flight.data, flight.length);
        check_refusal(client, server_hellos[i].alert, server_hellos[i].error);
        net_end(net);
    }
}

/* RFC 7366 section 3: the client accepts encrypt_then_mac with CBC suites only. */
TEST(client_accepts_encrypt_then_mac_with_cbc_only)
{
    static const uint16_t suites[] = {0x00ae, 0xc0a8};
    static const struct {
        form_t form;
        bool good;
    } rows[] = {
        {{.name = "CBC with it", .suites = "00ae", .extensions = "00160000"}, true},
        {{.name = "neither", .suites = "c0a8", .extensions = ""}, true},
        {{.name = "CBC without it",
          .suites = "00ae",
          .extensions = "",
          .alert = 71,
          .error = DTLS_ERR_NO_ENCRYPT_THEN_MAC},
         false},
        {{.name = "CCM with it",
          .suites = "c0a8",
          .extensions = "00160000",
          .alert = 47,
          .error = DTLS_ERR_ILLEGAL_PARAMETER},
         false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = net_pair(1, &client, &server);
        wire_t flight = {.length = 0};

        NOTE("%s", rows[i].form.name);
        client->loss = 100;
        client->config.suites = suites;
        client->config.suite_count = 2;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        put_server_hello(&flight, &rows[i].form);
        net_inject(client, &server->address, flight.data, flight.length);
        CHECK_EQ(wire_sent_message(client, CLIENT_KEY_EXCHANGE, 0) != NULL, rows[i].good);
        if (!rows[i].good) {
            check_refusal(client, rows[i].form.alert, rows[i].form.error);
        }
        net_end(net);
    }
}

TEST(client_accepts_every_good_server_hello)
{
    static const form_t forms[] = {
        {.name = "usual"},
        {.name = "no extensions", .no_extensions = true},
        {.name = "empty extensions", .extensions = ""},
        {.name = "renegotiation_info", .extensions = "ff0100010000170000"},
        {.name = "a session ID", .session_id = "01020304"},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        node_t *client, *server;
        net_t *net = lonely_client(DTLS12, &client, &server);
        wire_t flight = {.length = 0};

        NOTE("%s", forms[i].name);
        put_server_hello(&flight, &forms[i]);
        net_inject(client, &server->address, flight.data, flight.length);
        CHECK(wire_sent_message(client, CLIENT_KEY_EXCHANGE, 0) != NULL);
        CHECK(wire_has(&net->packets[1], CCS, 0) && wire_has(&net->packets[1], HANDSHAKE, 1));
        net_end(net);
    }
}

/* RFC 4279 section 2: some messages must not appear with pre-shared keys. The client refuses them,
 * whole or in fragments. */
static void check_message_refused(unsigned type, uint32_t total)
{
    static const uint8_t zeros[100];
    node_t *client, *server;
    net_t *net = lonely_client(DTLS12, &client, &server);
    wire_t flight = {.length = 0}, datagram = {.length = 0};
    wire_message_t message = {
        .type = (uint8_t)type, .msg_seq = 1, .total = total, .length = 3, .body = zeros};
    wire_record_t record;
    size_t at = 0;

    NOTE("message %u, of %u bytes", type, (unsigned)total);
    put_server_hello(&flight, &(form_t){.name = "usual"});
    CHECK(wire_next(flight.data, flight.length, &at, &record));
    wire_put(&datagram, record.raw, record.raw_length);
    wire_put_fragment(&datagram, 1, &message);
    net_inject(client, &server->address, datagram.data, datagram.length);
    check_refusal(client, DTLS_ALERT_UNEXPECTED_MESSAGE, DTLS_ERR_UNEXPECTED_MESSAGE);
    net_end(net);
}

TEST(client_rejects_certificate_messages)
{
    static const unsigned types[] = {11, 13, 15, 4, 22};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        check_message_refused(types[i], 3);
        check_message_refused(types[i], 600);
    }
}

/* RFC 6347 section 4.2.1: the client copies a cookie of any length, and does not change the rest of
 * the hello. It does not fragment the hello if the MTU allows that. */
TEST(client_copies_every_cookie)
{
    for (unsigned length = 0; length <= 255; length++) {
        node_t *client, *server;
        net_t *net = net_pair(length, &client, &server);
        wire_t request = {.length = 0}, body = {.length = 0};
        wire_record_t first, second;

        NOTE("cookie of %u bytes", length);
        client->loss = 100;
        net_start(net);
        CHECK(dtls_connect(client->ctx, &server->address) > 0);
        wire_put_number(&body, length % 2 ? 0xfeff : 0xfefd, 2);
        wire_put_number(&body, length, 1);
        for (unsigned i = 0; i < length; i++) {
            wire_put_number(&body, i ^ 0xa5, 1);
        }
        put_message(&request, HELLO_VERIFY_REQUEST, 0, 0, &body);
        net_inject(client, &server->address, request.data, request.length);
        CHECK_EQ(net->packet_count, 2);
        CHECK(wire_find(&net->packets[0], CLIENT_HELLO, &first));
        CHECK(wire_find(&net->packets[1], CLIENT_HELLO, &second));
        CHECK_EQ(second.length, first.length + length);
        CHECK_EQ(second.body[5], 1); /* message_seq */
        CHECK_MEM(second.body + 12, first.body + 12, 35);
        CHECK_EQ(second.body[47], length);
        CHECK_MEM(second.body + 48, body.data + 3, length);
        CHECK_MEM(second.body + 48 + length, first.body + 48, first.length - 48);
        net_end(net);
    }
}
