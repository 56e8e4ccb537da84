/* Exit codes: what an alert means depends on what the server has received that proves or disproves
 * the key. */
#include "report/outcome.h"

#include "common/exit.h"
#include "test.h"

static int code_of(bool client, dtls_proof_t proof, unsigned alert)
{
    const dtls_info_t info = {.client = client,
                              .received_any = true,
                              .proof = proof,
                              .alert_received = true,
                              .error = DTLS_ERR_ALERT,
                              .alert = alert};

    return outcome_code(&info, false);
}

TEST(an_alert_is_about_the_key_only_if_it_can_be)
{
    static const struct {
        unsigned alert;
        int none, offered, asked, from_client;
    } rows[] = {
        {DTLS_ALERT_ILLEGAL_PARAMETER, 7, 7, 6, 7}, /* wolfSSL, tinydtls */
        {DTLS_ALERT_MISSING_EXTENSION, 7, 7, 6, 7}, /* wolfSSL */
        {DTLS_ALERT_HANDSHAKE_FAILURE, 7, 7, 6, 7}, /* CycloneSSL */
        {DTLS_ALERT_INTERNAL_ERROR, 7, 7, 6, 7},    /* CycloneSSL, pion */
        {DTLS_ALERT_BAD_RECORD_MAC, 7, 7, 6, 6},    /* by itself: DTLS_ERR_WRONG_PSK */
        {DTLS_ALERT_DECRYPT_ERROR, 7, 7, 6, 6},      {DTLS_ALERT_UNKNOWN_PSK_IDENTITY, 6, 6, 6, 6},
        {DTLS_ALERT_PROTOCOL_VERSION, 7, 7, 7, 7},   {DTLS_ALERT_INSUFFICIENT_SECURITY, 7, 7, 7, 7},
        {DTLS_ALERT_UNEXPECTED_MESSAGE, 7, 7, 7, 7}, {DTLS_ALERT_CLOSE_NOTIFY, 7, 7, 7, 7},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        unsigned alert = rows[i].alert;

        NOTE("%s", dtls_alert_name(alert));
        CHECK_EQ(code_of(true, DTLS_PROOF_NONE, alert), rows[i].none);
        CHECK_EQ(code_of(true, DTLS_PROOF_OFFERED, alert), rows[i].offered);
        CHECK_EQ(code_of(true, DTLS_PROOF_ASKED, alert), rows[i].asked);
        CHECK_EQ(code_of(false, DTLS_PROOF_NONE, alert), rows[i].from_client);
    }
}

TEST(a_session_that_was_connected_is_the_peers_failure)
{
    const dtls_info_t alert = {.client = true,
                               .proof = DTLS_PROOF_NONE,
                               .error = DTLS_ERR_ALERT,
                               .alert = DTLS_ALERT_INTERNAL_ERROR};
    const dtls_info_t key_limit = {.client = true, .error = DTLS_ERR_KEY_LIMIT, .suite = 0x1305};
    const dtls_info_t silence = {.client = true, .error = DTLS_ERR_TIMEOUT};

    CHECK_EQ(outcome_code(&alert, true), EXIT_PEER);
    CHECK_EQ(outcome_code(&key_limit, true), EXIT_PEER);
    CHECK_EQ(outcome_code(&silence, true), EXIT_PEER);
    CHECK_EQ(outcome_code(&silence, false), EXIT_NO_ANSWER);
}

/* A server that has dropped the handshake ignores our Finished, whatever the key is. */
TEST(an_unanswered_finished_is_not_about_the_key)
{
    const dtls_info_t info = {.client = true,
                              .received_any = true,
                              .proof = DTLS_PROOF_ASKED,
                              .error = DTLS_ERR_FINISHED_UNANSWERED};

    CHECK_EQ(outcome_code(&info, false), EXIT_HANDSHAKE);
}
