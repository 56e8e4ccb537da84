#include "base/names.h"
#include "base/iana.h"
#include "common.h"

#include <string.h>

static bool proper(const char *name)
{
    return name && *name && strcmp(name, "unknown") != 0;
}

/* Checks that every number below count has a name, and that all names differ. */
static void check_names(const char *(*name_of)(unsigned), unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        NOTE("number %u", n);
        CHECK(proper(name_of(n)));
        CHECK_EQ(strspn(name_of(n), "abcdefghijklmnopqrstuvwxyz-"), strlen(name_of(n)));
        for (unsigned other = 0; other < n; other++)
            CHECK(strcmp(name_of(other), name_of(n)) != 0);
    }
}

static const char *drop_name(unsigned n)
{
    return dtls_drop_name((dtls_drop_t)n);
}

static const char *error_name(unsigned n)
{
    return dtls_error_name((dtls_error_t)n);
}

TEST(every_drop_and_error_has_a_name_of_its_own)
{
    check_names(drop_name, DTLS_DROP_COUNT);
    check_names(error_name, DTLS_ERR_COUNT);
    CHECK_STR(dtls_drop_name(DTLS_DROP_COUNT), "unknown");
    CHECK_STR(drop_name(0xffffffff), "unknown");
    CHECK_STR(error_name(DTLS_ERR_COUNT), "none");
    CHECK_STR(error_name(0xffffffff), "none");
}

/* Checks that every number below count has a text, without a full stop, and that all texts differ. */
static void check_texts(const char *(*text_of)(unsigned), unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        const char *text = text_of(n);
        NOTE("number %u", n);
        CHECK(proper(text));
        CHECK(text[strlen(text) - 1] != '.' && text[strlen(text) - 1] != '\n');
        for (unsigned other = 0; other < n; other++)
            CHECK(strcmp(text_of(other), text) != 0);
    }
}

static const char *drop_text(unsigned n)
{
    return dtls_drop_text((dtls_drop_t)n);
}

static const char *error_text(unsigned n)
{
    return dtls_error_text((dtls_error_t)n);
}

TEST(every_drop_and_error_has_a_text_of_its_own)
{
    check_texts(drop_text, DTLS_DROP_COUNT);
    check_texts(error_text, DTLS_ERR_COUNT);
    CHECK_STR(drop_text(DTLS_DROP_COUNT), "unknown");
    CHECK_STR(drop_text(0xffffffff), "unknown");
    CHECK_STR(error_text(DTLS_ERR_COUNT), error_text(DTLS_ERR_NONE));
    CHECK_STR(error_text(0xffffffff), error_text(DTLS_ERR_NONE));
}

/* RFC 8446 section 6.2: the alert for each class of error. */
TEST(the_alert_of_an_error)
{
    static const struct {
        dtls_error_t error;
        dtls_alert_t alert;
    } rows[] = {
        {DTLS_ERR_DECODE, 50},
        {DTLS_ERR_ILLEGAL_PARAMETER, 47},
        {DTLS_ERR_UNEXPECTED_MESSAGE, 10},
        {DTLS_ERR_BAD_FINISHED, 51},
        {DTLS_ERR_VERSION, 70},
        {DTLS_ERR_FALLBACK, 86},
        {DTLS_ERR_NO_CIPHER_SUITE, 40},
        {DTLS_ERR_UNSUPPORTED_EXTENSION, 110},
        {DTLS_ERR_RENEGOTIATION_INFO, 40},
        {DTLS_ERR_NO_EXTENDED_MASTER_SECRET, 40},
        {DTLS_ERR_WRONG_PSK, 20},
        {DTLS_ERR_UNKNOWN_IDENTITY, 20}, /* the same alert as for a wrong key */
        {DTLS_ERR_MEMORY, 80},
        {DTLS_ERR_CRYPTO, 80},
        {DTLS_ERR_KEY_LIMIT, 80},
        {DTLS_ERR_KEY_CHANGED, 49},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        NOTE("%s", dtls_error_name(rows[i].error));
        CHECK_EQ(error_alert(rows[i].error, 0xfefd), rows[i].alert);
    }
    for (unsigned n = 0; n < DTLS_ERR_COUNT; n++)
        CHECK(proper(dtls_alert_name(error_alert((dtls_error_t)n, n % 2 ? 0xfefd : 0xfefc))));
}

typedef struct {
    unsigned number;
    const char *name;
} name_t;

/* Checks that these numbers have these names, and that all others up to 300 have none. */
static void check_registry(const char *(*name_of)(unsigned), const name_t *names, size_t count)
{
    for (unsigned n = 0; n <= 300; n++) {
        const char *expected = "unknown";
        for (size_t i = 0; i < count; i++)
            if (names[i].number == n)
                expected = names[i].name;
        NOTE("number %u", n);
        CHECK_STR(name_of(n), expected);
    }
    CHECK_STR(name_of(0xffffffff), "unknown");
}

TEST(registered_names)
{
    static const name_t alerts[] = {
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {22, "record_overflow"},
        {30, "decompression_failure"},
        {40, "handshake_failure"},
        {42, "bad_certificate"},
        {43, "unsupported_certificate"},
        {44, "certificate_revoked"},
        {45, "certificate_expired"},
        {46, "certificate_unknown"},
        {47, "illegal_parameter"},
        {48, "unknown_ca"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"},
        {90, "user_canceled"},
        {100, "no_renegotiation"},
        {109, "missing_extension"},
        {110, "unsupported_extension"},
        {112, "unrecognized_name"},
        {115, "unknown_psk_identity"},
        {120, "no_application_protocol"},
    };
    static const name_t types[] = {{20, "change_cipher_spec"},
                                   {21, "alert"},
                                   {22, "handshake"},
                                   {23, "application_data"},
                                   {24, "heartbeat"},
                                   {25, "tls12_cid"},
                                   {26, "ack"},
                                   {27, "return_routability_check"}};
    static const name_t messages[] = {
        {0, "HelloRequest"},        {1, "ClientHello"},         {2, "ServerHello"},
        {3, "HelloVerifyRequest"},  {4, "NewSessionTicket"},    {6, "HelloRetryRequest"},
        {8, "EncryptedExtensions"}, {9, "RequestConnectionId"}, {10, "NewConnectionId"},
        {11, "Certificate"},        {24, "KeyUpdate"},          {254, "message_hash"},
        {12, "ServerKeyExchange"},  {13, "CertificateRequest"}, {14, "ServerHelloDone"},
        {15, "CertificateVerify"},  {16, "ClientKeyExchange"},  {20, "Finished"},
    };
    check_registry(dtls_alert_name, alerts, COUNT(alerts));
    check_registry(dtls_content_type_name, types, COUNT(types));
    check_registry(dtls_message_name, messages, COUNT(messages));
}
