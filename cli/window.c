#include "window.h"

static bool reaches(const struct amount *from, const struct amount *to, unsigned part)
{
    return to->bytes - from->bytes >= WINDOW_BYTES / part ||
           to->records - from->records >= WINDOW_RECORDS / part;
}

void window_start(struct window *window, bool on)
{
    *window = (struct window){.on = on};
}

void window_spend(struct window *window, size_t bytes)
{
    window->sent.bytes += bytes;
    window->sent.records++;
}

bool window_is_open(const struct window *window)
{
    return !reaches(&window->answered, &window->sent, 1);
}

bool window_wants_heartbeat(const struct window *window)
{
    return window->on && !window->asking && reaches(&window->asked, &window->sent, 2);
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
