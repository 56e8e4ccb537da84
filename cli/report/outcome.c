#include "report/outcome.h"

#include <stdio.h>
#include <string.h>

#include "common/exit.h"
#include "common/hex.h"
#include "common/report.h"

/* An error that is not in this table is attributed to the peer. */
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
    {DTLS_ERR_VERSION, "compare --dtls with what the peer speaks"},
    {DTLS_ERR_NO_CREDENTIALS, "check --identity and --psk"},
    {DTLS_ERR_NO_KEY_EXCHANGE, "compare --group with the groups of the peer"},
    {DTLS_ERR_NO_ENCRYPT_THEN_MAC, "remove the CBC suites from --suite"},
    {DTLS_ERR_NO_PSK, "it uses certificates; a server may do so for an unknown identity"},
    {DTLS_ERR_NO_EXTENDED_MASTER_SECRET, "--export needs it; DTLS 1.3 always has it"},
};

static const struct {
    unsigned alert;
    bool connected; /* the step is for an alert after the handshake; else during it */
    const char *step;
} alert_steps[] = {
    {DTLS_ALERT_CLOSE_NOTIFY, false, "the peer closed too early; see its log"},
    {DTLS_ALERT_HANDSHAKE_FAILURE, false,
     "no parameters in common? compare --suite, --group and --no-ems with those of the peer"},
    {DTLS_ALERT_INSUFFICIENT_SECURITY, false, "the peer requires stronger suites; see --suite"},
    {DTLS_ALERT_PROTOCOL_VERSION, false, "compare --dtls with what the peer speaks"},
    {DTLS_ALERT_INTERNAL_ERROR, false, "see the log of the peer"},
    {DTLS_ALERT_ACCESS_DENIED, true,
     "the peer may be busy with another client; it has delivered no data"},
};

/* Servers send these alerts for a wrong key or an unknown identity, but for other errors too. */
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

/* For a wrong key a client sends bad_record_mac or decrypt_error. The alert of a server depends on
 * its implementation. */
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
           info->error == DTLS_ERR_FINISHED_UNANSWERED ||
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

/* What the peer did that shows that the keys differ. */
static const char *sign_of(const dtls_info_t *info)
{
    if (info->error == DTLS_ERR_FINISHED_UNANSWERED)
        return "does not answer our Finished";
    if (info->version == DTLS13)
        return "sent a binder that does not match our key";
    return info->client ? "keeps resending its last flight: it could not decrypt our Finished"
                        : "sent a Finished that we could not decrypt";
}

/* Suggests the other form of the same text, if there is one. */
static const char *advice_on(const struct key *key)
{
    uint8_t bytes[DTLS_MAX_PSK];
    bool hex = hex_decode(bytes, sizeof bytes, (const char *)key->data, key->length) > 0;

    explicit_bzero(bytes, sizeof bytes);
    if (key->form == KEY_HEX)
        return "if the peer reads it as text, use text:";
    if (key->form == KEY_TEXT && hex)
        return "if the peer reads it as hex, use hex:";
    return "the peer must hold the same bytes";
}

static void report_auth(const dtls_info_t *info, const char *name, const struct psk *psk)
{
    const struct key *key = keyring_find(&psk->ring, info->identity, info->identity_length);
    char identity[SHOWN_MAX], sent[64];

    show_bytes(identity, info->identity, info->identity_length);
    snprintf(sent, sizeof sent, "sent alert %s", dtls_alert_name(info->alert));
    if (key == NULL && psk->chosen) {
        report("%s: unknown identity %s: only the identity of --identity is accepted", name,
               identity);
        return;
    }
    if (key == NULL) {
        report("%s: unknown identity %s: %s has no key for it", name, identity, psk->source);
        return;
    }
    bool unknown = info->alert_received && info->alert == DTLS_ALERT_UNKNOWN_PSK_IDENTITY;
    report("%s? %s %s. identity %s%s, key %zu byte%s read as %s: %s",
           unknown ? "unknown identity" : "wrong PSK", name,
           info->alert_received ? sent : sign_of(info), identity,
           info->client && !unknown ? " (does the peer know it?)" : "", key->length,
           key->length == 1 ? "" : "s", key_form_name(key->form), advice_on(key));
}

/* The ClientHello had a binder, so this alert can be about the key or about something else. */
static bool may_be_auth(const dtls_info_t *info)
{
    return info->error == DTLS_ERR_ALERT && info->proof == DTLS_PROOF_OFFERED &&
           is_key_alert(info->alert);
}

static const char *next_step(const dtls_info_t *info, bool connected)
{
    if (!connected && may_be_auth(info))
        return "a wrong key, an identity that the peer does not know, or --import-psk on one side "
               "only? Otherwise compare --suite and --group with those of the peer";
    for (size_t i = 0; i < sizeof error_steps / sizeof error_steps[0]; i++)
        if (error_steps[i].error == info->error)
            return error_steps[i].step;
    for (size_t i = 0; i < sizeof alert_steps / sizeof alert_steps[0]; i++)
        if (info->error == DTLS_ERR_ALERT && alert_steps[i].alert == info->alert &&
            alert_steps[i].connected == connected)
            return alert_steps[i].step;
    return NULL;
}

static void report_timeout(const dtls_info_t *info, const char *name, uint32_t limit_ms)
{
    if (info->received_any)
        report("%s: it answers, but the handshake was not complete within %g s: a lossy path? A "
               "longer -w TIME waits longer",
               name, limit_ms / 1000.0);
    else
        report("%s: no answer within %g s: is a DTLS server listening there, and does a firewall "
               "pass UDP?",
               name, limit_ms / 1000.0);
}

void outcome_say(const dtls_info_t *info, bool connected, const char *name, const struct psk *psk,
                 uint32_t limit_ms)
{
    const char *step = next_step(info, connected);
    char alert[64] = "";

    if (info->error == DTLS_ERR_TIMEOUT && connected) {
        report("%s: connection lost: no acknowledgement, and nothing was received for %g s", name,
               limit_ms / 1000.0);
        return;
    }
    if (info->error == DTLS_ERR_TIMEOUT) {
        report_timeout(info, name, limit_ms);
        return;
    }
    if (!connected && is_auth_failure(info)) {
        report_auth(info, name, psk);
        return;
    }
    if (info->error == DTLS_ERR_ALERT)
        snprintf(alert, sizeof alert, ", %s", dtls_alert_name(info->alert));
    report("%s: %s: %s%s%s%s", name, connected ? "connection lost" : "handshake failed",
           dtls_error_text(info->error), alert, step != NULL ? "; " : "", step != NULL ? step : "");
}
