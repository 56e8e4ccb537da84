/*
 * server.c - the echo server of the tinydtls usage page, as a user of that page would write it.
 *
 *     server [PORT]
 *
 * The callbacks and the loop have the page's shape and names. Filled in is what it leaves out: the
 * socket, the time-out of select() with dtls_check_retransmit(), credentials, and main().
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#include "dtls.h"

static dtls_context_t *the_context = NULL;

static unsigned char psk_id[] = "Client_identity";
static size_t psk_id_length = sizeof(psk_id) - 1;
static unsigned char psk_key[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static size_t psk_key_length = sizeof(psk_key);

static int dtls_handle_read(struct dtls_context_t *ctx)
{
    int *fd;
    session_t session;
    static uint8 buf[DTLS_MAX_BUF];
    int len;

    fd = dtls_get_app_data(ctx);
    assert(fd);
    session.size = sizeof(session.addr);
    len = recvfrom(*fd, buf, sizeof(buf), 0, &session.addr.sa, &session.size);
    return len < 0 ? len : dtls_handle_message(ctx, &session, buf, len);
}

static int read_from_peer(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len)
{
    return dtls_write(ctx, session, data, len);
}

static int send_to_peer(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len)
{
    int fd = *(int *)dtls_get_app_data(ctx);

    return sendto(fd, data, len, MSG_DONTWAIT, &session->addr.sa, session->size);
}

static int get_psk_info(struct dtls_context_t *ctx UNUSED_PARAM,
                        const session_t *session UNUSED_PARAM, dtls_credentials_type_t type,
                        const unsigned char *id, size_t id_len, unsigned char *result,
                        size_t result_length)
{
    switch (type) {
    case DTLS_PSK_IDENTITY:
        if (result_length < psk_id_length) {
            dtls_warn("cannot set psk_identity -- buffer too small\n");
            return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
        }
        memcpy(result, psk_id, psk_id_length);
        return psk_id_length;
    case DTLS_PSK_KEY:
        if (id_len != psk_id_length || memcmp(psk_id, id, id_len) != 0) {
            dtls_warn("PSK for unknown id requested, exiting\n");
            return dtls_alert_fatal_create(DTLS_ALERT_ILLEGAL_PARAMETER);
        } else if (result_length < psk_key_length) {
            dtls_warn("cannot set psk -- buffer too small\n");
            return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
        }
        memcpy(result, psk_key, psk_key_length);
        return psk_key_length;
    default: /* the hint, which the page does not know of */
        dtls_warn("unsupported request type: %d\n", type);
        return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    }
}

static int open_socket(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        exit(-1);
    getsockname(fd, (struct sockaddr *)&address, &size);
    fprintf(stderr, "listening on %d\n", ntohs(address.sin_port));
    return fd;
}

/* How long select() may sleep; NULL for ever. */
static struct timeval *time_left(struct dtls_context_t *ctx, struct timeval *timeout)
{
    dtls_tick_t next = 0, now;

    dtls_check_retransmit(ctx, &next);
    dtls_ticks(&now);
    if (next == 0)
        return NULL;
    next = next > now ? next - now : 0;
    timeout->tv_sec = next / DTLS_TICKS_PER_SECOND;
    timeout->tv_usec = next % DTLS_TICKS_PER_SECOND * (1000000 / DTLS_TICKS_PER_SECOND);
    return timeout;
}

int main(int argc, char **argv)
{
    int fd, result;
    static dtls_handler_t cb = {
        .write = send_to_peer, .read = read_from_peer, .event = NULL, .get_psk_key = get_psk_info};

    dtls_init();
    fd = open_socket(argc > 1 ? atoi(argv[1]) : 0);
    the_context = dtls_new_context(&fd);
    if (!the_context)
        exit(-1);
    dtls_set_handler(the_context, &cb);
    while (1) {
        struct timeval timeout;
        fd_set rfds;

        FD_ZERO(&rfds);
        FD_SET(fd, &rfds);
        result = select(fd + 1, &rfds, NULL, 0, time_left(the_context, &timeout));
        if (result < 0)
            break;
        if (result > 0 && FD_ISSET(fd, &rfds))
            dtls_handle_read(the_context);
    }
    dtls_free_context(the_context);
    return 1;
}
