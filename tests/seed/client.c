/*
 * client.c - the client of the tinydtls usage page: like the server, and dtls_connect().
 *
 *     client PORT
 *
 * Sends each line of standard input as one message and prints what comes back. At the end of the
 * input it waits for as many bytes as it sent, closes, and exits 0. The page would send after
 * DTLS_EVENT_CONNECT; data can flow after DTLS_EVENT_CONNECTED.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "dtls.h"

static dtls_context_t *the_context = NULL;
static session_t dst;
static int connected, ended;
static size_t sent, received;

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

static int read_from_peer(struct dtls_context_t *ctx UNUSED_PARAM, session_t *session UNUSED_PARAM,
                          uint8 *data, size_t len)
{
    received += len;
    return fwrite(data, 1, len, stdout) == len && fflush(stdout) == 0 ? 0 : -1;
}

static int send_to_peer(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len)
{
    int fd = *(int *)dtls_get_app_data(ctx);

    return sendto(fd, data, len, MSG_DONTWAIT, &session->addr.sa, session->size);
}

static int handle_event(struct dtls_context_t *ctx UNUSED_PARAM, session_t *session UNUSED_PARAM,
                        dtls_alert_level_t level, unsigned short code)
{
    if (level == 0 && code == DTLS_EVENT_CONNECTED)
        connected = 1;
    if (level == 0 && code >= DTLS_EVENT_CLOSED)
        ended = code;
    return 0;
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
    default:
        dtls_warn("unsupported request type: %d\n", type);
        return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    }
}

/* False at the end of the input. */
static int send_line(void)
{
    static uint8 line[1024];

    if (!fgets((char *)line, sizeof(line), stdin))
        return 0;
    sent += strlen((char *)line);
    return dtls_write(the_context, &dst, line, strlen((char *)line)) > 0;
}

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

static void loop(int fd)
{
    int more = 1, closing = 0;

    while (!ended) {
        struct timeval timeout, *left = time_left(the_context, &timeout);
        fd_set rfds;

        if (!more && !closing && received >= sent) {
            dtls_close(the_context, &dst);
            closing = 1;
            continue;
        }
        FD_ZERO(&rfds);
        FD_SET(fd, &rfds);
        if (connected && more)
            FD_SET(STDIN_FILENO, &rfds);
        if (ended || select(fd + 1, &rfds, NULL, 0, left) < 0)
            break;
        if (FD_ISSET(fd, &rfds))
            dtls_handle_read(the_context);
        if (connected && more && FD_ISSET(STDIN_FILENO, &rfds))
            more = send_line();
    }
}

int main(int argc, char **argv)
{
    int fd;
    static dtls_handler_t cb = {.write = send_to_peer,
                                .read = read_from_peer,
                                .event = handle_event,
                                .get_psk_key = get_psk_info};

    if (argc != 2)
        return 2;
    dtls_init();
    setvbuf(stdin, NULL, _IONBF, 0); /* select() knows nothing of buffered lines */
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    the_context = dtls_new_context(&fd);
    if (fd < 0 || !the_context)
        exit(-1);
    dtls_set_handler(the_context, &cb);
    dtls_session_init(&dst);
    dst.size = sizeof(dst.addr.sin);
    dst.addr.sin.sin_family = AF_INET;
    dst.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    dst.addr.sin.sin_port = htons(atoi(argv[1]));
    if (dtls_connect(the_context, &dst) < 0)
        exit(-1);
    loop(fd);
    dtls_free_context(the_context);
    return ended == DTLS_EVENT_CLOSED ? 0 : 1;
}
