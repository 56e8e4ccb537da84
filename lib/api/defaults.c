#include "api/defaults.h"

#include "crypto/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

dtls_tick_t default_clock(void *hook)
{
    (void)hook;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (dtls_tick_t)now.tv_sec * DTLS_TICKS_PER_SECOND + (dtls_tick_t)now.tv_nsec / 1000000 + 1;
}

dtls_tick_t default_wall_clock(void *hook)
{
    (void)hook;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (dtls_tick_t)now.tv_sec * DTLS_TICKS_PER_SECOND + (dtls_tick_t)now.tv_nsec / 1000000;
}

int default_random(void *hook, uint8_t *out, size_t length)
{
    (void)hook;
    return crypto_random(out, length) ? 0 : -1;
}

void *default_allocate(void *hook, size_t size)
{
    (void)hook;
    return malloc(size);
}

void default_release(void *hook, void *memory)
{
    (void)hook;
    free(memory);
}

void dtls_ticks(dtls_tick_t *now)
{
    if (now)
        *now = default_clock(NULL);
}

/* ---- the log calls of tinydtls ---- */

static dtls_log_t log_level = DTLS_LOG_WARN;
static dtls_log_handler_t log_handler;

dtls_log_t dtls_get_log_level(void)
{
    return log_level;
}

void dtls_set_log_level(dtls_log_t level)
{
    log_level = level;
}

void dtls_set_log_handler(dtls_log_handler_t handler)
{
    log_handler = handler;
}

void default_log(void *hook, dtls_log_t level, const char *message)
{
    (void)hook;
    if (level > log_level)
        return;
    if (log_handler)
        log_handler(level, message);
    else
        fprintf(stderr, "%s\n", message);
}

void dtls_log(dtls_log_t level, const char *format, ...)
{
    char line[256];
    if (!format)
        return;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    /* Remove the newline with which programs written for tinydtls end their messages: default_log()
     * adds one. */
    if (length > 0 && (size_t)length < sizeof line && line[length - 1] == '\n')
        line[length - 1] = '\0';
    default_log(NULL, level, line);
}
