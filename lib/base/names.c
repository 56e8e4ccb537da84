#include "base/names.h"

#include "base/iana.h"

typedef struct {
    const char *name, *text;
    dtls_alert_t alert;
} error_t;

/* The name, the text and the alert of each error. The alert is sent only where conn_fail() or
 * accept.c reports the error. For TIMEOUT, FINISHED_UNANSWERED, REPLACED and ALERT no alert is
 * sent, so the alert in these rows is unused. For IDLE and PEER_LIMIT we send close_notify if
 * the peer is connected. */
static const error_t errors[DTLS_ERR_COUNT] = {
    [DTLS_ERR_NONE] = {"none", "no error", DTLS_ALERT_CLOSE_NOTIFY},
    [DTLS_ERR_ARGUMENT] = {"argument", "an argument is NULL or out of range",
                           DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_STATE] = {"state", "the peer is not connected", DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_TOO_LONG] = {"too-long", "too long for one datagram", DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_MEMORY] = {"memory", "out of memory", DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_CRYPTO] = {"crypto", "libcrypto or the random generator failed",
                         DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_WRITE] = {"write", "the datagram could not be sent", DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_PEER_LIMIT] = {"peer-limit", "the limit of peers is reached",
                             DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_NO_CREDENTIALS] = {"no-credentials", "we have no identity or key for this peer",
                                 DTLS_ALERT_HANDSHAKE_FAILURE},
    [DTLS_ERR_TIMEOUT] = {"timeout", "the peer did not respond in time", DTLS_ALERT_USER_CANCELED},
    [DTLS_ERR_FINISHED_UNANSWERED] = {"finished-unanswered",
                                      "the server does not answer our Finished",
                                      DTLS_ALERT_USER_CANCELED},
    [DTLS_ERR_IDLE] = {"idle", "the peer was silent for too long", DTLS_ALERT_CLOSE_NOTIFY},
    [DTLS_ERR_REPLACED] = {"replaced", "the peer started a new handshake", DTLS_ALERT_CLOSE_NOTIFY},
    [DTLS_ERR_ALERT] = {"alert", "the peer sent an alert", DTLS_ALERT_CLOSE_NOTIFY},
    [DTLS_ERR_WRONG_PSK] = {"wrong-psk", "wrong pre-shared key", DTLS_ALERT_BAD_RECORD_MAC},
    /* This alert is also the alert for a wrong key, so that an attacker cannot learn which
     * identities exist (RFC 4279 section 2). */
    [DTLS_ERR_UNKNOWN_IDENTITY] = {"unknown-identity", "the PSK identity of the client is unknown",
                                   DTLS_ALERT_BAD_RECORD_MAC},
    [DTLS_ERR_DECODE] = {"decode", "the peer sent a malformed handshake message",
                         DTLS_ALERT_DECODE_ERROR},
    [DTLS_ERR_ILLEGAL_PARAMETER] = {"illegal-parameter",
                                    "the peer sent an illegal value in a handshake message",
                                    DTLS_ALERT_ILLEGAL_PARAMETER},
    [DTLS_ERR_UNEXPECTED_MESSAGE] = {"unexpected-message", "the peer sent an unexpected message",
                                     DTLS_ALERT_UNEXPECTED_MESSAGE},
    [DTLS_ERR_RECORD_OVERFLOW] = {"record-overflow", "the peer sent a record that is too long",
                                  DTLS_ALERT_RECORD_OVERFLOW},
    [DTLS_ERR_BAD_FINISHED] = {"bad-finished", "wrong verify_data in the peer's Finished",
                               DTLS_ALERT_DECRYPT_ERROR},
    [DTLS_ERR_VERSION] = {"version", "no protocol version in common", DTLS_ALERT_PROTOCOL_VERSION},
    [DTLS_ERR_FALLBACK] = {"fallback", "the client fell back to a lower version than both support",
                           DTLS_ALERT_INAPPROPRIATE_FALLBACK},
    [DTLS_ERR_NO_CIPHER_SUITE] = {"no-cipher-suite", "no cipher suite in common",
                                  DTLS_ALERT_HANDSHAKE_FAILURE},
    [DTLS_ERR_UNSUPPORTED_EXTENSION] = {"unsupported-extension",
                                        "the peer sent an extension that was not offered",
                                        DTLS_ALERT_UNSUPPORTED_EXTENSION},
    [DTLS_ERR_RENEGOTIATION_INFO] =
        {"renegotiation-info", "the peer's renegotiation_info is wrong, or is required and missing",
         DTLS_ALERT_HANDSHAKE_FAILURE},
    [DTLS_ERR_MISSING_EXTENSION] = {"missing-extension",
                                    "the peer did not send a required extension",
                                    DTLS_ALERT_MISSING_EXTENSION},
    [DTLS_ERR_NO_PSK] = {"no-psk", "the peer does not use a pre-shared key",
                         DTLS_ALERT_HANDSHAKE_FAILURE},
    [DTLS_ERR_NO_KEY_EXCHANGE] = {"no-key-exchange", "no PSK mode or group in common",
                                  DTLS_ALERT_HANDSHAKE_FAILURE},
    [DTLS_ERR_INSUFFICIENT_SECURITY] = {"insufficient-security",
                                        "the server chose an unsafe Diffie-Hellman prime",
                                        DTLS_ALERT_INSUFFICIENT_SECURITY},
    [DTLS_ERR_NO_ENCRYPT_THEN_MAC] = {"no-encrypt-then-mac",
                                      "the server chose CBC without encrypt_then_mac",
                                      DTLS_ALERT_INSUFFICIENT_SECURITY},
    [DTLS_ERR_NO_EXTENDED_MASTER_SECRET] = {"no-extended-master-secret",
                                            "the peer did not negotiate extended_master_secret",
                                            DTLS_ALERT_HANDSHAKE_FAILURE},
    [DTLS_ERR_KEY_LIMIT] = {"key-limit", "the limit of records per key is reached",
                            DTLS_ALERT_INTERNAL_ERROR},
    [DTLS_ERR_KEY_CHANGED] = {"key-changed", "the key of the PSK identity was changed or removed",
                              DTLS_ALERT_ACCESS_DENIED},
};

static const struct {
    const char *name, *text;
} drops[DTLS_DROP_COUNT] = {
    [DTLS_DROP_NOT_A_RECORD] = {"not-a-record", "it is not a record of DTLS"},
    [DTLS_DROP_TRUNCATED] = {"truncated", "the record is longer than the rest of the datagram"},
    [DTLS_DROP_VERSION] = {"version", "the version in the record header is not one of DTLS"},
    [DTLS_DROP_NO_PEER] = {"no-peer", "it belongs to no association"},
    [DTLS_DROP_BAD_HELLO] = {"bad-hello", "the ClientHello is malformed"},
    [DTLS_DROP_CID] = {"cid", "the connection ID is unknown or missing"},
    [DTLS_DROP_EPOCH] = {"epoch", "there are no keys of this epoch any more, or there never were"},
    [DTLS_DROP_TOO_EARLY] = {"too-early", "the keys of this epoch do not exist yet"},
    [DTLS_DROP_REPLAYED] = {"replayed",
                            "a record with this number was received before, or it is too old"},
    [DTLS_DROP_BAD_MAC] = {"bad-mac", "the record was changed on its way, or the keys differ"},
    [DTLS_DROP_LENGTH] = {"length", "the record is too short, too long or empty"},
    [DTLS_DROP_UNEXPECTED_TYPE] = {"unexpected-type", "this content type is not allowed now"},
    [DTLS_DROP_UNAUTHENTICATED] = {"unauthenticated", "it is not protected, but must be"},
    [DTLS_DROP_BAD_FRAGMENT] = {"bad-fragment",
                                "the fragment contradicts itself or others, or is not expected"},
    [DTLS_DROP_OLD_MESSAGE] = {"old-message",
                               "the message was processed before, or is not expected"},
    [DTLS_DROP_FAR_MESSAGE] = {"far-message", "too many messages before it are missing"},
    [DTLS_DROP_AFTER_CLOSE] = {"after-close", "the peer has sent close_notify before"},
    [DTLS_DROP_LIMIT] = {"limit", "a limit on this side is reached"},
};

static const char *const alerts[] = {
    [DTLS_ALERT_CLOSE_NOTIFY] = "close_notify",
    [DTLS_ALERT_UNEXPECTED_MESSAGE] = "unexpected_message",
    [DTLS_ALERT_BAD_RECORD_MAC] = "bad_record_mac",
    [DTLS_ALERT_RECORD_OVERFLOW] = "record_overflow",
    [DTLS_ALERT_DECOMPRESSION_FAILURE] = "decompression_failure",
    [DTLS_ALERT_HANDSHAKE_FAILURE] = "handshake_failure",
    [DTLS_ALERT_BAD_CERTIFICATE] = "bad_certificate",
    [DTLS_ALERT_UNSUPPORTED_CERTIFICATE] = "unsupported_certificate",
    [DTLS_ALERT_CERTIFICATE_REVOKED] = "certificate_revoked",
    [DTLS_ALERT_CERTIFICATE_EXPIRED] = "certificate_expired",
    [DTLS_ALERT_CERTIFICATE_UNKNOWN] = "certificate_unknown",
    [DTLS_ALERT_ILLEGAL_PARAMETER] = "illegal_parameter",
    [DTLS_ALERT_UNKNOWN_CA] = "unknown_ca",
    [DTLS_ALERT_ACCESS_DENIED] = "access_denied",
    [DTLS_ALERT_DECODE_ERROR] = "decode_error",
    [DTLS_ALERT_DECRYPT_ERROR] = "decrypt_error",
    [DTLS_ALERT_PROTOCOL_VERSION] = "protocol_version",
    [DTLS_ALERT_INSUFFICIENT_SECURITY] = "insufficient_security",
    [DTLS_ALERT_INTERNAL_ERROR] = "internal_error",
    [DTLS_ALERT_INAPPROPRIATE_FALLBACK] = "inappropriate_fallback",
    [DTLS_ALERT_USER_CANCELED] = "user_canceled",
    [DTLS_ALERT_NO_RENEGOTIATION] = "no_renegotiation",
    [DTLS_ALERT_MISSING_EXTENSION] = "missing_extension",
    [DTLS_ALERT_UNSUPPORTED_EXTENSION] = "unsupported_extension",
    [DTLS_ALERT_UNRECOGNIZED_NAME] = "unrecognized_name",
    [DTLS_ALERT_UNKNOWN_PSK_IDENTITY] = "unknown_psk_identity",
    [DTLS_ALERT_NO_APPLICATION_PROTOCOL] = "no_application_protocol",
};

#define TEXT_BY_NUMBER(number, name, text) [number] = text,
static const char *const content_types[] = {CONTENT_TYPES(TEXT_BY_NUMBER)};
static const char *const messages[] = {HANDSHAKE_TYPES(TEXT_BY_NUMBER)};

static const char *text_at(const char *const *table, size_t count, unsigned number)
{
    return number < count && table[number] ? table[number] : "unknown";
}

#define LOOK_UP(table, number) text_at(table, sizeof table / sizeof *table, number)

const char *dtls_alert_name(unsigned alert)
{
    return LOOK_UP(alerts, alert);
}

const char *dtls_drop_name(dtls_drop_t drop)
{
    return drop < DTLS_DROP_COUNT ? drops[drop].name : "unknown";
}

const char *dtls_drop_text(dtls_drop_t drop)
{
    return drop < DTLS_DROP_COUNT ? drops[drop].text : "unknown";
}

const char *dtls_content_type_name(unsigned content_type)
{
    return LOOK_UP(content_types, content_type);
}

const char *dtls_message_name(unsigned msg_type)
{
    return LOOK_UP(messages, msg_type);
}

static const error_t *error_row(dtls_error_t error)
{
    return &errors[error < DTLS_ERR_COUNT ? error : DTLS_ERR_NONE];
}

const char *dtls_error_name(dtls_error_t error)
{
    return error_row(error)->name;
}

const char *dtls_error_text(dtls_error_t error)
{
    return error_row(error)->text;
}

dtls_alert_t error_alert(dtls_error_t error, uint16_t version)
{
    dtls_alert_t alert = error_row(error)->alert;
    /* The table has bad_record_mac for a wrong key: in DTLS 1.2 a wrong key makes the decryption of
     * a record fail. In DTLS 1.3 a wrong key makes the verification of a binder fail, for which the
     * alert is decrypt_error (RFC 8446 section 6.2). */
    if (version == VERSION_DTLS13 && alert == DTLS_ALERT_BAD_RECORD_MAC)
        return DTLS_ALERT_DECRYPT_ERROR;
    return alert;
}
