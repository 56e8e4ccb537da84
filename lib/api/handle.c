/*
 * The calls of dtls.h that pass in received datagrams.
 */
#include "api/enter.h"
#include "api/input.h"

static int defer_batch(dtls_context_t *ctx, const session_t *session, const uint8_t *datagrams,
                       size_t length, size_t segment)
{
    size_t at = 0;
    do {
        size_t left = length - at;
        enter_deferred(ctx, session, datagrams + at, left < segment ? left : segment);
        at += segment;
    } while (at < length);
    return 0;
}

int dtls_handle_batch(dtls_context_t *ctx, session_t *session, uint8 *datagrams, size_t length,
                      size_t segment)
{
    if (!ctx || !session || !datagrams || (segment == 0 && length > 0))
        return -DTLS_ERR_ARGUMENT;
    if (ctx->writing > 0)
        return defer_batch(ctx, session, datagrams, length, segment);
    const session_t *outer = ctx->handling;
    int outer_result = ctx->result;
    enter(ctx);
    ctx->handling = session;
    ctx->result = 0;
    input_datagrams(ctx, session, datagrams, length, segment);
    leave(ctx);
    int result = ctx->result;
    ctx->handling = outer;
    ctx->result = outer_result;
    return result;
}

int dtls_handle_message(dtls_context_t *ctx, session_t *session, uint8 *message, int length)
{
    if (!ctx || !session || !message)
        return -DTLS_ERR_ARGUMENT;
    return length < 0 ? 0
                      : dtls_handle_batch(ctx, session, message, (size_t)length, (size_t)length);
}
