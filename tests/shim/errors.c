#include "errors.h"

#include <ctype.h>
#include <stdio.h>

/* The runner has several errors where the library has one. config.json maps the other names of the
 * runner to these. */
static const struct {
    dtls_error_t error;
    const char *name;
} names[] = {
    {DTLS_ERR_TIMEOUT, "READ_TIMEOUT_EXPIRED"},
    {DTLS_ERR_FINISHED_UNANSWERED, "READ_TIMEOUT_EXPIRED"},
    {DTLS_ERR_WRONG_PSK, "DIGEST_CHECK_FAILED"},
    {DTLS_ERR_UNKNOWN_IDENTITY, "PSK_IDENTITY_NOT_FOUND"},
    {DTLS_ERR_DECODE, "DECODE_ERROR"},
    {DTLS_ERR_UNEXPECTED_MESSAGE, "UNEXPECTED_MESSAGE"},
    {DTLS_ERR_RECORD_OVERFLOW, "DATA_LENGTH_TOO_LONG"},
    {DTLS_ERR_BAD_FINISHED, "DIGEST_CHECK_FAILED"},
    {DTLS_ERR_VERSION, "UNSUPPORTED_PROTOCOL"},
    {DTLS_ERR_FALLBACK, "INAPPROPRIATE_FALLBACK"},
    {DTLS_ERR_NO_CIPHER_SUITE, "NO_SHARED_CIPHER"},
    {DTLS_ERR_UNSUPPORTED_EXTENSION, "UNEXPECTED_EXTENSION"},
    {DTLS_ERR_RENEGOTIATION_INFO, "RENEGOTIATION_MISMATCH"},
    {DTLS_ERR_MISSING_EXTENSION, "MISSING_EXTENSION"},
    {DTLS_ERR_NO_KEY_EXCHANGE, "NO_SHARED_GROUP"},
};

/* Returns true for an alert of SSL 3.0. The runner prints "SSLV3" in its name. */
static bool of_ssl3(unsigned alert)
{
    return alert == 10 || alert == 20 || alert == 30 || (alert >= 40 && alert <= 47);
}

static void print_alert_received(unsigned alert)
{
    fprintf(stderr, ":%s_ALERT_", of_ssl3(alert) ? "SSLV3" : "TLSV1");
    for (const char *c = dtls_alert_name(alert); *c; c++)
        fputc(toupper((unsigned char)*c), stderr);
    fprintf(stderr, ": ");
}

static void print_name(dtls_error_t error)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].error == error)
            fprintf(stderr, ":%s: ", names[i].name);
}

void errors_print(const dtls_info_t *info)
{
    if (info->error == DTLS_ERR_ALERT)
        print_alert_received(info->alert);
    else
        print_name(info->error);
    fprintf(stderr, "dtls:%s (%s)\n", dtls_error_name(info->error), dtls_error_text(info->error));
}

void errors_print_refused(const dtls_trace_t *trace)
{
    if (trace->kind == DTLS_TRACE_DROP)
        fprintf(stderr, "dtls:%s (a ClientHello that cannot start anything)\n",
                dtls_drop_name(trace->drop));
    else
        fprintf(stderr, "dtls:refused:%s (a ClientHello)\n", dtls_alert_name(trace->alert));
}
