#include "report/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/exit.h"
#include "common/hex.h"
#include "common/report.h"

/* The exit codes of errors on this side. All other errors are attributed to the peer. */
static const struct {
    dtls_error_t error;
    int code;
} own_codes[] = {
    {DTLS_ERR_MEMORY, EXIT_IO},
    {DTLS_ERR_CRYPTO, EXIT_IO},
    {DTLS_ERR_WRITE, EXIT_IO},
    {DTLS_ERR_PEER_LIMIT, EXIT_IO},
    {DTLS_ERR_NO_CREDENTIALS, EXIT_USAGE},
    {DTLS_ERR_IDLE, EXIT_IDLE},
};

static const struct {
    dtls_error_t error;
    const char *step;
} error_steps[] = {
    {DTLS_ERR_NO_CIPHER_SUITE, "compare --suite with the suites of the peer"},
    {DTLS_ERR_VERSION, "compare --dtls with the versions of the peer"},
    {DTLS_ERR_NO_CREDENTIALS, "check --identity and --psk"},
    {DTLS_ERR_NO_KEY_EXCHANGE, "compare --group with the groups of the peer"},
    {DTLS_ERR_NO_ENCRYPT_THEN_MAC, "remove the CBC suites from --suite"},
    {DTLS_ERR_NO_PSK, "the peer selected a suite with certificates; some servers do so for an "
                      "unknown identity: check "
                      "--identity"},
    {DTLS_ERR_NO_EXTENDED_MASTER_SECRET, "--export needs the extended master secret in DTLS 1.2: "
                                         "enable it at the peer, or use --dtls 1.3"},
};

static const struct {
    unsigned alert;
    bool connected; /* true: an alert after the handshake; false: an alert during the handshake */
    const char *step;
} alert_steps[] = {
    {DTLS_ALERT_CLOSE_NOTIFY, false,
     "the peer closed before the end of the handshake; see the log of the peer"},
    {DTLS_ALERT_HANDSHAKE_FAILURE, false,
     "no parameters in common? compare --suite, --group and --no-ems with those of the peer"},
    {DTLS_ALERT_INSUFFICIENT_SECURITY, false,
     "the peer requires stronger suites: list one with --suite"},
    {DTLS_ALERT_PROTOCOL_VERSION, false, "compare --dtls with the versions of the peer"},
    {DTLS_ALERT_INTERNAL_ERROR, false, "see the log of the peer"},
    {DTLS_ALERT_INTERNAL_ERROR, true, "see the log of the peer"},
    {DTLS_ALERT_ACCESS_DENIED, true,
     "the peer serves another client (try again later, or start a dtlscat listener with -k), or no "
     "longer accepts this key"},
};

/* Returns true for the alerts that servers send for a wrong key or an unknown identity. Servers
 * send these alerts for other reasons too. */
static bool is_key_alert(unsigned alert)
{
    static const unsigned alerts[] = {
        DTLS_ALERT_BAD_RECORD_MAC,    DTLS_ALERT_DECRYPT_ERROR,     DTLS_ALERT_HANDSHAKE_FAILURE,
        DTLS_ALERT_ILLEGAL_PARAMETER, DTLS_ALERT_MISSING_EXTENSION, DTLS_ALERT_INTERNAL_ERROR,
    };

    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
        if (alerts[i] == alert)
            return true;
    return false;
}

/* Returns true if an alert means a wrong key or an unknown identity. For a wrong key, a client
 * sends bad_record_mac or decrypt_error. The alert of a server depends on its implementation. */
static bool is_auth_alert(const dtls_info_t *info)
{
    if (info->alert == DTLS_ALERT_UNKNOWN_PSK_IDENTITY)
        return true;
    if (info->client)
        return info->proof == DTLS_PROOF_ASKED && is_key_alert(info->alert);
    return info->alert == DTLS_ALERT_BAD_RECORD_MAC || info->alert == DTLS_ALERT_DECRYPT_ERROR;
}

static bool is_auth_failure(const dtls_info_t *info)
{
    return info->error == DTLS_ERR_WRONG_PSK || info->error == DTLS_ERR_UNKNOWN_IDENTITY ||
           (info->error == DTLS_ERR_ALERT && is_auth_alert(info));
}

int outcome_code(const dtls_info_t *info, bool connected)
{
    for (size_t i = 0; i < sizeof own_codes / sizeof own_codes[0]; i++)
        if (own_codes[i].error == info->error)
            return own_codes[i].code;
    if (connected)
        return EXIT_PEER;
    if (is_auth_failure(info))
        return EXIT_AUTH;
    return info->error == DTLS_ERR_TIMEOUT && !info->received_any ? EXIT_NO_ANSWER : EXIT_HANDSHAKE;
}

/* Returns the evidence for a wrong key, as the end of a sentence that begins with the name of the
 * peer. */
static const char *evidence_of(const dtls_info_t *info)
{
    if (info->version == DTLS13)
        return "sent a binder that does not match our key";
    return info->client ? "keeps resending its last flight, since it could not decrypt our Finished"
                        : "sent a Finished that we could not decrypt";
}

/* Returns the end of an error line: how to write the key here if the peer reads the same characters
 * in another form (hex or text). Returns "" for base64, and for text that is not also valid hex. */
static const char *advice_on(const struct key *key)
{
    uint8_t bytes[DTLS_MAX_PSK];
    bool hex = hex_decode(bytes, sizeof bytes, (const char *)key->data, key->length) > 0;

    explicit_bzero(bytes, sizeof bytes);
    if (key->form == KEY_HEX)
        return "; if the peer reads the key as text, write it as text:... here";
    return key->form == KEY_TEXT && hex
               ? "; if the peer reads the key as hex, write it as hex:... here"
               : "";
}

static void report_auth(const dtls_info_t *info, const char *name, const struct psk *psk)
{
    const struct key *key = keyring_find(&psk->ring, info->identity, info->identity_length);
    char identity[SHOWN_MAX], sent[64];

    show_bytes(identity, info->identity, info->identity_length);
    snprintf(sent, sizeof sent, "sent alert %s", dtls_alert_name(info->alert));
    if (key == NULL && psk->chosen) {
        report("authentication failed: %s sent the unknown identity %s: only the identity of "
               "--identity is accepted; use the same identity on both sides",
               name, identity);
        return;
    }
    if (key == NULL) {
        report("authentication failed: %s sent the unknown identity %s: %s has no key for it; add "
               "one, or change the identity at the peer",
               name, identity, psk->source);
        return;
    }
    if (info->alert_received && info->alert == DTLS_ALERT_UNKNOWN_PSK_IDENTITY) {
        report("authentication failed: %s does not know the identity %s (alert %s); compare "
               "--identity with the identities of the peer",
               name, identity, dtls_alert_name(info->alert));
        return;
    }
    report("authentication failed: %s %s; compare key and identity %s on both sides; the key "
           "here has %zu byte%s, read as %s%s",
           name, info->alert_received ? sent : evidence_of(info), identity, key->length,
           key->length == 1 ? "" : "s", key_form_name(key->form), advice_on(key));
}

/* Returns true if the alert may be about the key: the ClientHello had a binder, which a wrong key
 * makes invalid. */
static bool may_be_auth(const dtls_info_t *info)
{
    return info->error == DTLS_ERR_ALERT && info->proof == DTLS_PROOF_OFFERED &&
           is_key_alert(info->alert);
}

static const char *next_step(const dtls_info_t *info, bool connected)
{
    if (!connected && may_be_auth(info))
        return "the cause may be a wrong key, an unknown identity, or --import-psk on one side "
               "only; "
               "if not, compare --suite and --group with those of the peer";
    if (info->error == DTLS_ERR_NO_PSK && !info->client)
        return "configure a PSK at the client, and a suite with PSK";
    for (size_t i = 0; i < sizeof error_steps / sizeof error_steps[0]; i++)
        if (error_steps[i].error == info->error)
            return error_steps[i].step;
    for (size_t i = 0; i < sizeof alert_steps / sizeof alert_steps[0]; i++)
        if (info->error == DTLS_ERR_ALERT && alert_steps[i].alert == info->alert &&
            alert_steps[i].connected == connected)
            return alert_steps[i].step;
    return NULL;
}

/* Silence after our Finished is no evidence for a wrong key: a server that has dropped the handshake
 * ignores the Finished too. */
static void report_timeout(const dtls_info_t *info, const char *name, uint32_t limit_ms)
{
    if (info->error == DTLS_ERR_FINISHED_UNANSWERED)
        report(
            "%s: no answer to our last handshake message (Finished) within %g s; the server has "
            "dropped the handshake (if it is busy or was restarted), or has another key for this "
            "identity: try again, and look at the log of the server",
            name, limit_ms / 1000.0);
    else if (info->received_any)
        report("%s: the peer answers, but the handshake was not complete within %g s; if the path "
               "loses datagrams, use a longer -w TIME",
               name, limit_ms / 1000.0);
    else
        report("%s: no answer within %g s; check that a DTLS server listens there, and that "
               "firewalls pass UDP",
               name, limit_ms / 1000.0);
}

static void report_key_limit(const dtls_info_t *info, const char *name)
{
    dtls_suite_info_t suite;

    if (dtls_suite_info(info->suite, &suite) == 0)
        report("%s: connection lost: the limit of a key of %s is reached (%" PRIu64
               " records sent, or %" PRIu64 " received that do not decrypt); connect again%s",
               name, suite.name, suite.max_records, suite.max_failures,
               suite.max_failures < 1 << 20 ? ", with another --suite" : "");
}

void outcome_report(const dtls_info_t *info, bool connected, const char *name,
                    const struct psk *psk, uint32_t limit_ms, const char *mismatch)
{
    const char *step = next_step(info, connected);
    char alert[64] = "";

    if (info->error == DTLS_ERR_TIMEOUT && connected) {
        report("%s: connection lost: no ACK and no data from the peer for %g s; check that the "
               "peer still runs",
               name, limit_ms / 1000.0);
        return;
    }
    if (info->error == DTLS_ERR_TIMEOUT || info->error == DTLS_ERR_FINISHED_UNANSWERED) {
        report_timeout(info, name, limit_ms);
        return;
    }
    if (connected && info->error == DTLS_ERR_KEY_LIMIT) {
        report_key_limit(info, name);
        return;
    }
    if (!connected && is_auth_failure(info)) {
        report_auth(info, name, psk);
        return;
    }
    if (info->error == DTLS_ERR_ALERT)
        snprintf(alert, sizeof alert, ", %s", dtls_alert_name(info->alert));
    report("%s: %s: %s%s%s%s%s", name, connected ? "connection lost" : "handshake failed",
           dtls_error_text(info->error), alert, mismatch, step != NULL ? "; " : "",
           step != NULL ? step : "");
}
