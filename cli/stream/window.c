#include "stream/window.h"

#define RECORD_BYTES 1024 /* the kernel allocates a buffer per datagram, so records count too */
#define FIRST 16          /* the window opens at 1/16 of its size */
#define LEAST 32          /* the open part is at least 1/32 */
#define STEP 64           /* the open part grows by 1/64 */
#define LATE_US 20000     /* a response is late after this time above least_us */
#define STALLED_US 1000000
#define FORGET 32 /* least_us moves by 1/32 to a longer time, since the path can become slower */

static bool reaches(const struct window *window, const struct amount *from, unsigned part)
{
    const struct amount *to = &window->sent;
    uint64_t size = window->open / part;

    return to->bytes - from->bytes >= size || to->records - from->records > size / RECORD_BYTES;
}

void window_start(struct window *window, uint64_t size)
{
    *window = (struct window){.size = size, .open = size / FIRST, .least_us = INT64_MAX};
}

bool window_has_news(const struct window *window)
{
    return window->sent.records > window->asked.records;
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
    return window->size == 0 || !reaches(window, &window->confirmed, 1);
}

bool window_wants_heartbeat(const struct window *window)
{
    return window->size > 0 && !window->asking && reaches(window, &window->asked, 2);
}

void window_asked(struct window *window, int64_t now_us)
{
    window->asking = true;
    window->asked_us = now_us;
    window->asked = window->sent;
}

bool window_is_stalled(const struct window *window, int64_t now_us)
{
    return window->asking && now_us - window->asked_us > STALLED_US;
}

static void adapt(struct window *window, int64_t took_us)
{
    if (took_us < window->least_us)
        window->least_us = took_us;
    else
        window->least_us += (took_us - window->least_us) / FORGET;
    if (took_us - window->least_us <= LATE_US)
        window->open += window->open < window->size ? window->size / STEP : 0;
    else if (window->open >= 2 * window->size / LEAST)
        window->open /= 2;
}

void window_confirmed(struct window *window, int64_t now_us)
{
    if (!window->asking)
        return; /* the response to a keep-alive heartbeat */
    window->asking = false;
    window->ever_confirmed = true;
    window->confirmed = window->asked;
    adapt(window, now_us - window->asked_us);
}
