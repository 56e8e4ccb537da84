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
    } else if (cat->options->close_at_eof) {
        peer_close(cat, EXIT_DONE, "closed at the end of stdin");
    }
}

static void send_record(struct cat *cat, uint8_t *data, size_t length)
{
    int sent = dtls_write(cat->dtls, &cat->peer, data, length);

    pace_spend(&cat->pace, (int64_t)length);
    cat->moved_us = clock_us();
    if (sent >= 0 || cat->state != OPEN)
        return;
    say("cannot send: %s", dtls_error_text((dtls_error_t)-sent));
    peer_close(cat, EXIT_IO, "closed, as sending failed");
}

bool outgoing_wanted(const struct cat *cat)
{
    return cat->state == OPEN && !cat->in.ended;
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
    } while (cat->in.file && outgoing_wanted(cat) && pace_wait(&cat->pace, clock_us()) == 0);
}
