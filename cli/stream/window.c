#include "stream/window.h"

#include "common/numbers.h"

#define RECORD_BYTES 1024  /* a shorter record counts as this size: each uses a kernel buffer */
#define STALLED_US 1000000 /* a peer is stalled if a request is unanswered this long */

static const struct amount *last_asked(const struct window *window)
{
    return &window->asked[window->serial % WINDOW_REQUESTS];
}

static bool has_sent(const struct window *window, const struct amount *since, uint64_t bytes)
{
    return window->sent.bytes - since->bytes >= bytes ||
           window->sent.records - since->records > bytes / RECORD_BYTES;
}

void window_start(struct window *window, uint64_t size)
{
    *window = (struct window){.size = size};
}

bool window_has_news(const struct window *window)
{
    return window->sent.records > last_asked(window)->records;
}

struct amount window_unconfirmed(const struct window *window)
{
    return (struct amount){.bytes = window->sent.bytes - window->confirmed.bytes,
                           .records = window->sent.records - window->confirmed.records};
}

void window_consume(struct window *window, size_t bytes, int64_t now_us)
{
    if (!window_has_news(window))
        window->news_us = now_us;
    window->sent.bytes += bytes;
    window->sent.records++;
}

bool window_is_open(const struct window *window)
{
    return window->size == 0 || !has_sent(window, &window->confirmed, window->size);
}

uint64_t window_room(const struct window *window, size_t datagram)
{
    uint64_t records = window->sent.records - window->confirmed.records;
    uint64_t bytes = window->sent.bytes - window->confirmed.bytes;
    uint64_t most = window->size / RECORD_BYTES + 1;

    if (window->size == 0)
        return UINT64_MAX;
    if (records >= most || bytes >= window->size)
        return 0;
    return number_min(window->size - bytes, (most - records) * datagram);
}

bool window_wants_request(const struct window *window)
{
    return window->size > 0 && has_sent(window, last_asked(window), window->size / 2);
}

uint64_t window_asked(struct window *window, int64_t now_us)
{
    if (!window->asking)
        window->asked_us = now_us;
    window->asking = true;
    window->serial++;
    window->asked[window->serial % WINDOW_REQUESTS] = window->sent;
    window->times_us[window->serial % WINDOW_REQUESTS] = now_us;
    return window->serial;
}

bool window_is_stalled(const struct window *window, int64_t now_us)
{
    return window->asking && now_us - window->asked_us > STALLED_US;
}

void window_confirmed(struct window *window, uint64_t serial)
{
    if (serial <= window->answered || serial > window->serial ||
        window->serial - serial >= WINDOW_REQUESTS)
        return;
    window->answered = serial;
    window->confirmed = window->asked[serial % WINDOW_REQUESTS];
    window->asking = serial < window->serial;
    if (window->asking)
        window->asked_us = window->times_us[(serial + 1) % WINDOW_REQUESTS];
}
