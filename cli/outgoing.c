#include "outgoing.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "exit.h"
#include "peer.h"
#include "say.h"

static void on_stdin_end(struct cat *cat, enum pipe_result result)
{
    cat->eof_us = clock_us();
    if (result == PIPE_FAILED) {
        say("cannot read stdin: %s", strerror(errno));
        peer_close(cat, EXIT_IO, "closed, as stdin failed");
    } else if (cat->options->close_at_eof && cat->state == OPEN) {
        peer_close(cat, EXIT_DONE, "closed at the end of stdin");
    }
}

/* Its payload says which it is, for who reads a trace. */
static void ask_heartbeat(struct cat *cat)
{
    uint64_t sent = cat->window.sent.bytes;

    if (window_wants_heartbeat(&cat->window) &&
        dtls_heartbeat(cat->dtls, &cat->peer, (const uint8_t *)&sent, sizeof sent) == 0)
        window_asked(&cat->window);
}

void outgoing_answered(struct cat *cat)
{
    window_answered(&cat->window);
    ask_heartbeat(cat);
}

static void send_record(struct cat *cat, uint8_t *data, size_t length)
{
    int sent = dtls_write(cat->dtls, &cat->peer, data, length);

    pace_spend(&cat->pace, (int64_t)length);
    window_spend(&cat->window, length);
    cat->moved_us = clock_us();
    ask_heartbeat(cat);
    if (sent >= 0 || cat->state != OPEN)
        return;
    say("cannot send: %s", dtls_error_text((dtls_error_t)-sent));
    peer_close(cat, EXIT_IO, "closed, as sending failed");
}

/* ---- early data ----------------------------------------------------------------------------- */

static size_t early_room(struct cat *cat)
{
    size_t room = dtls_max_payload(cat->dtls, &cat->peer);
    size_t left = sizeof cat->early.data - cat->early.used;

    return room < left ? room : left;
}

/* One more record for the handshake, if there is one without waiting. */
static bool read_early(struct cat *cat)
{
    struct early *early = &cat->early;
    size_t room = early_room(cat), *length = &early->lengths[early->count];

    if (room == 0 || early->count == EARLY_RECORDS || !source_is_ready(&cat->in))
        return false;
    enum pipe_result result = source_read(&cat->in, early->data + early->used, room, length);
    if (result == PIPE_DATA) {
        early->used += *length;
        early->count++;
    } else if (result != PIPE_AGAIN) {
        on_stdin_end(cat, result);
    }
    return result == PIPE_DATA;
}

/* A second address of the peer gets first what the one before did not take. */
void outgoing_early(struct cat *cat)
{
    struct early *early = &cat->early;
    size_t start = 0;

    for (early->sent = 0; early->sent < early->count || read_early(cat); early->sent++) {
        size_t length = early->lengths[early->sent];
        if (dtls_write_early(cat->dtls, &cat->peer, early->data + start, length) != (int)length)
            return;
        pace_spend(&cat->pace, (int64_t)length);
        start += length;
    }
}

/* What was one early record may be too long for one of the version and suite that were chosen. */
static void send_in_parts(struct cat *cat, uint8_t *data, size_t length)
{
    while (length > 0 && cat->state == OPEN) {
        size_t part = dtls_max_payload(cat->dtls, &cat->peer);
        if (part > length)
            part = length;
        send_record(cat, data, part);
        data += part;
        length -= part;
    }
}

void outgoing_connected(struct cat *cat)
{
    struct early *early = &cat->early;
    size_t taken = cat->info.early_data == DTLS_EARLY_ACCEPTED ? early->sent : 0, start = 0;

    window_start(&cat->window, cat->info.heartbeat);
    for (size_t i = 0; i < early->count; start += early->lengths[i++])
        if (i >= taken)
            send_in_parts(cat, early->data + start, early->lengths[i]);
    early->count = early->used = 0;
    if (cat->in.ended && cat->options->close_at_eof && cat->state == OPEN)
        peer_close(cat, EXIT_DONE, "closed at the end of stdin");
}

/* ---- data ----------------------------------------------------------------------------------- */

bool outgoing_wanted(const struct cat *cat)
{
    return cat->state == OPEN && !cat->in.ended;
}

int64_t outgoing_wait(struct cat *cat, int64_t now_us)
{
    if (!cat->window.on)
        return pace_wait(&cat->pace, now_us);
    return window_is_open(&cat->window) ? 0 : OUTGOING_STOPPED;
}

/* One read is one record. Only a file is read again without asking poll(). */
void outgoing_pump(struct cat *cat)
{
    static uint8_t data[DTLS_MAX_BUF];
    size_t length;

    do {
        size_t room = dtls_max_payload(cat->dtls, &cat->peer);
        if (room == 0)
            return;
        enum pipe_result result = source_read(&cat->in, data, room, &length);
        if (result == PIPE_DATA)
            send_record(cat, data, length);
        else if (result != PIPE_AGAIN)
            on_stdin_end(cat, result);
    } while (cat->in.file && outgoing_wanted(cat) && outgoing_wait(cat, clock_us()) == 0);
}
