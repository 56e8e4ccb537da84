#include "net/response.h"

#include <stdio.h>
#include <string.h>

#include "common/report.h"
#include "net/address.h"

#define SHOWN 8 /* number of bytes of the response that the error line shows */
/* Offsets of the version and the random in a datagram with a whole ClientHello. Each retransmission
 * has the same bytes there, so an echo of any of our ClientHellos is recognized by them. */
#define HELLO_FROM 25
#define HELLO_TO 59

static size_t copy_start(uint8_t copy[RESPONSE_BYTES], const uint8_t *data, size_t length)
{
    size_t some = length < RESPONSE_BYTES ? length : RESPONSE_BYTES;

    if (some > 0)
        memcpy(copy, data, some);
    return some;
}

void response_note_request(struct response *response, const uint8_t *data, size_t length)
{
    if (response->watching)
        response->sent_length = copy_start(response->sent, data, length);
}

void response_note(struct response *response, const session_t *from, const uint8_t *data,
                   size_t length)
{
    if (!response->watching || response->received)
        return;
    response->received = true;
    response->from = *from;
    response->got_length = copy_start(response->got, data, length);
}

/* ---- protocols ------------------------------------------------------------------------------ */

static bool is_echo(const struct response *a)
{
    return a->got_length >= HELLO_TO && a->sent_length >= HELLO_TO &&
           memcmp(a->got + HELLO_FROM, a->sent + HELLO_FROM, HELLO_TO - HELLO_FROM) == 0;
}

static bool is_tls(const struct response *a)
{
    return a->got_length >= 5 && a->got[0] >= 20 && a->got[0] <= 23 && a->got[1] == 3 &&
           a->got[2] <= 4;
}

static bool is_tls_alert(const struct response *a)
{
    return is_tls(a) && a->got[0] == 21;
}

static bool is_http(const struct response *a)
{
    return a->got_length >= 5 && memcmp(a->got, "HTTP/", 5) == 0;
}

static bool is_text(const struct response *a)
{
    for (size_t i = 0; i < a->got_length; i++) {
        uint8_t byte = a->got[i];
        bool space = byte == '\t' || byte == '\r' || byte == '\n';
        if (!space && (byte < 0x20 || byte > 0x7e))
            return false;
    }
    return a->got_length >= 3;
}

/* In a DNS response the QR bit is set, and the ID is that of the query (RFC 1035 section 4.1.1). A
 * DNS server takes our first two bytes as the ID. */
static bool is_dns(const struct response *a)
{
    return a->got_length >= 12 && a->sent_length >= 2 && memcmp(a->got, a->sent, 2) == 0 &&
           (a->got[2] & 0x80) != 0 && a->got[2] != 0xfe;
}

/* A CoAP message has version 1 and a token of at most 8 bytes (RFC 7252 section 3). Accept an empty
 * message or a response. */
static bool is_coap(const struct response *a)
{
    if (a->got_length < 4 || a->got[0] >> 6 != 1 || (a->got[0] & 0x0f) > 8)
        return false;
    uint8_t class = a->got[1] >> 5;
    return a->got[1] == 0 ? a->got_length == 4 : class == 2 || class == 4 || class == 5;
}

static bool is_dtls(const struct response *a)
{
    return a->got_length >= 13 && a->got[0] >= 20 && a->got[0] <= 27 && a->got[1] == 0xfe;
}

static const struct {
    bool (*is)(const struct response *response);
    const char *text;
} kinds[] = {
    {is_echo, "not in DTLS: the response repeats the request; is that port an echo service?"},
    {is_tls_alert,
     "not in DTLS: the response looks like a TLS alert; is that port for TLS over TCP?"},
    {is_tls, "not in DTLS: the response looks like TLS; is that port for TLS over TCP?"},
    {is_http, "not in DTLS: the response looks like HTTP; is that the right port?"},
    {is_text, "not in DTLS: the response is text; is that the right port?"},
    {is_dtls, "with a DTLS record of another session; try another local port (-p)"},
    {is_dns, "not in DTLS: the response looks like DNS; is that the right port?"},
    {is_coap, "not in DTLS: the response looks like CoAP; is that the port for coaps?"},
};

static const char *guess_protocol(const struct response *response)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].is(response))
            return kinds[i].text;
    return "not in DTLS; is that the right port?";
}

void response_report(const struct response *response)
{
    char name[NET_NAME_MAX], bytes[3 * SHOWN + 1] = "";
    size_t shown = response->got_length < SHOWN ? response->got_length : SHOWN;

    for (size_t i = 0; i < shown; i++)
        snprintf(bytes + 3 * i, 4, " %02x", response->got[i]);
    report("%s: the peer answers (%s%s), but %s", net_name(name, &response->from),
           shown > 0 ? bytes + 1 : "an empty datagram", response->got_length > shown ? " ..." : "",
           guess_protocol(response));
}
