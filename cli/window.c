#include "window.h"

static bool reaches(const struct window *window, const struct amount *from, unsigned part)
{
    const struct amount *to = &window->sent;

    return to->bytes - from->bytes >= window->size / part ||
           to->records - from->records >= WINDOW_RECORDS / part;
}

void window_start(struct window *window, uint64_t size)
{
    *window = (struct window){.size = size};
}

void window_spend(struct window *window, size_t bytes)
{
    window->sent.bytes += bytes;
    window->sent.records++;
}

bool window_is_open(const struct window *window)
{
    return window->size == 0 || !reaches(window, &window->answered, 1);
}

bool window_wants_heartbeat(const struct window *window)
{
    return window->size > 0 && !window->asking && reaches(window, &window->asked, 2);
}

void window_asked(struct window *window)
{
    window->asking = true;
    window->asked = window->sent;
}

void window_answered(struct window *window)
{
    window->asking = false;
    window->answered = window->asked;
}
