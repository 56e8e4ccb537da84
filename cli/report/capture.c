#include "report/capture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/exit.h"
#include "common/report.h"
#include "net/address.h"
#include "net/route.h"
#include "report/capturefile.h"
#include "report/keylog.h"
#include "report/pcapng.h"

#define COMMENTS_BYTES 1024
/* The most bytes of a block: headers and options take less than 1024 bytes. */
#define BLOCK_BYTES (DTLS_MAX_BUF + 4 * COMMENTS_BYTES + 1024)

/* The datagram to which the next events belong. */
struct datagram {
    bool open; /* it is not queued yet */
    bool outgoing;
    session_t peer;
    uint64_t time_ns;
    size_t length, comments_length;
    uint8_t payload[DTLS_MAX_BUF];
    char comments[COMMENTS_BYTES]; /* each ends with a zero */
};

struct capture {
    struct capturefile file;
    uint64_t lost;         /* datagrams that did not fit since the last one that did */
    const struct net *net; /* for local addresses */
    session_t own;         /* the local address of the socket; size 0: not known yet */
    unsigned own_binding;  /* the value of net->binding when `own` was found */
    struct datagram datagram;
};

/* ---- local addresses ------------------------------------------------------------------------ */

static void set_address(session_t *own, const struct in6_addr *address)
{
    if (own->addr.sa.sa_family == AF_INET6)
        own->addr.sin6.sin6_addr = *address;
    else
        memcpy(&own->addr.sin.sin_addr, address->s6_addr + 12, 4);
}

/* Asks the kernel from which address it sends to a peer. */
static void find_route(session_t *own, const session_t *peer)
{
    int fd = route_to(peer);
    in_port_t port = own->addr.sin.sin_port; /* at the same place in a sockaddr_in6 */
    session_t found;

    if (fd < 0)
        return;
    found = address_of_socket(fd);
    found.addr.sin.sin_port = port;
    *own = found;
}

/* Returns the local address to which a peer sends. See struct net for `ifindex`. */
static session_t own_address(struct capture *capture, const session_t *peer)
{
    const struct net *net = capture->net;
    session_t own;

    if (capture->own.size == 0 || capture->own_binding != net->binding)
        capture->own = address_of_socket(net->fd);
    capture->own_binding = net->binding;
    own = capture->own;
    if (peer->ifindex > 0 && peer->ifindex <= net->local_count)
        set_address(&own, &net->locals[peer->ifindex - 1]);
    else if (net->wildcard)
        find_route(&own, peer);
    return own;
}

/* ---- datagrams ------------------------------------------------------------------------------ */

/* Adds a comment to the current datagram, unless it has the same comment, or too many. */
__attribute__((format(printf, 2, 3))) static void comment(struct datagram *datagram,
                                                          const char *format, ...)
{
    size_t used = datagram->comments_length, room = COMMENTS_BYTES - used;
    char *text = datagram->comments + used;
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(text, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        return;
    for (const char *other = datagram->comments; other < text; other += strlen(other) + 1)
        if (strcmp(other, text) == 0)
            return;
    datagram->comments_length += (size_t)length + 1;
}

/* Queues the current datagram. */
static void finish_datagram(struct capture *capture)
{
    struct datagram *datagram = &capture->datagram;
    uint8_t *block;
    session_t own;

    if (!datagram->open)
        return;
    datagram->open = false;
    block = capturefile_space(&capture->file, BLOCK_BYTES, false);
    if (block == NULL) {
        capture->lost++;
        return;
    }
    if (capture->lost > 0)
        comment(datagram, "%" PRIu64 " datagram%s missing before this one: the reader was too slow",
                capture->lost, capture->lost == 1 ? " is" : "s are");
    capture->lost = 0;
    own = own_address(capture, &datagram->peer);
    const struct pcapng_packet packet = {.own = &own,
                                         .peer = &datagram->peer,
                                         .outgoing = datagram->outgoing,
                                         .time_ns = datagram->time_ns,
                                         .payload = datagram->payload,
                                         .length = datagram->length,
                                         .comments = datagram->comments,
                                         .comments_length = datagram->comments_length};
    capturefile_add(&capture->file, pcapng_packet(block, BLOCK_BYTES, &packet), false);
}

static void begin_datagram(struct capture *capture, const dtls_trace_t *event)
{
    struct datagram *datagram = &capture->datagram;
    struct timespec now;

    if (event->length > sizeof datagram->payload)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    datagram->open = true;
    datagram->outgoing = event->outgoing;
    datagram->peer = *event->session;
    datagram->time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    datagram->length = event->length;
    datagram->comments_length = 0;
    if (event->length > 0)
        memcpy(datagram->payload, event->data, event->length);
}

/* ---- events --------------------------------------------------------------------------------- */

static const char *name_of(const dtls_trace_t *event)
{
    return event->kind == DTLS_TRACE_CHANGE_CIPHER_SPEC ? "ChangeCipherSpec"
                                                        : dtls_message_name(event->msg_type);
}

static void comment_repeated(struct datagram *datagram, const dtls_trace_t *event)
{
    static const char *const reasons[] = {
        [DTLS_REPEAT_NONE] = "",
        [DTLS_REPEAT_PEER] = " (the peer repeated its flight)",
        [DTLS_REPEAT_SUSPECT] = " (an unauthenticated alert or error, perhaps forged)",
        [DTLS_REPEAT_ACK] = " (an ACK of some records)",
        [DTLS_REPEAT_TEST] = " (--repeat-flight)",
    };

    if (event->duplicate)
        comment(datagram, "duplicate: %s", name_of(event));
    else if (event->repeat == DTLS_REPEAT_TIMER)
        comment(datagram, "retransmission %u: %s (timer %" PRIu32 " ms)", event->retransmit,
                name_of(event), event->timer_ms);
    else if (event->retransmit > 0)
        comment(datagram, "retransmission %u: %s%s", event->retransmit, name_of(event),
                reasons[event->repeat]);
}

void capture_event(struct capture *capture, const dtls_trace_t *event)
{
    struct datagram *datagram = &capture->datagram;

    if (capture->file.fd < 0)
        return;
    if (event->kind == DTLS_TRACE_DATAGRAM) {
        finish_datagram(capture);
        begin_datagram(capture, event);
        return;
    }
    if (!datagram->open || datagram->outgoing != event->outgoing)
        return;
    switch (event->kind) {
    case DTLS_TRACE_MESSAGE:
    case DTLS_TRACE_CHANGE_CIPHER_SPEC: comment_repeated(datagram, event); break;
    case DTLS_TRACE_DROP:
        comment(datagram, "dropped: %s: %s", dtls_drop_name(event->drop),
                dtls_drop_text(event->drop));
        break;
    default: break;
    }
}

void capture_secret(struct capture *capture, const char *line, size_t length)
{
    uint8_t *block = capturefile_space(&capture->file, BLOCK_BYTES, true);

    if (block != NULL)
        capturefile_add(&capture->file, pcapng_secrets(block, BLOCK_BYTES, line, length), true);
}

/* ---- the run -------------------------------------------------------------------------------- */

int capture_open(struct capture **capture, const struct options *options, const struct net *net)
{
    char application[64];
    struct capture *own;
    int code;

    *capture = NULL;
    if (options->pcap == NULL)
        return EXIT_DONE;
    own = calloc(1, sizeof *own);
    if (own == NULL) {
        report("memory is exhausted");
        return EXIT_IO;
    }
    code = capturefile_open(&own->file, options->pcap);
    if (code != EXIT_DONE) {
        free(own);
        return code;
    }
    *capture = own;
    own->net = net;
    snprintf(application, sizeof application, "dtlscat %s", dtls_package_version());
    own->file.end = pcapng_start(own->file.bytes, sizeof own->file.bytes, application);
    return EXIT_DONE;
}

void capture_close(struct capture *capture)
{
    if (capture == NULL)
        return;
    finish_datagram(capture);
    capturefile_close(&capture->file);
    free(capture);
}

void capture_flush(struct capture *capture)
{
    if (capture == NULL)
        return;
    finish_datagram(capture);
    capturefile_write(&capture->file);
}

int capture_fd(const struct capture *capture)
{
    return capture != NULL && capture->file.blocked ? capture->file.fd : -1;
}

bool capture_has_failed(const struct capture *capture)
{
    return capture != NULL && capture->file.failed;
}
