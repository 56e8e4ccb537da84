#include "fuzz/common_calls.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    end_t *end;
    dtls_context_t *ctx;
    unsigned number; /* of the address */
    session_t session;
    dtls_peer_t *peer; /* NULL: no association */
    input_t *input;
} call_t;

/* Returns a length that is often at a limit. */
static size_t some_length(input_t *input)
{
    static const size_t lengths[] = {0, 1, 16, 64, 200, 1024, 1195, 1232, 16384, 17000};
    unsigned pick = input_byte(input);

    return pick < 128 ? pick : lengths[pick % (sizeof(lengths) / sizeof(*lengths))];
}

static const uint8_t *some_bytes(void)
{
    static const uint8_t bytes[PACKET_MAX] = {0xda};
    return bytes;
}

static void closed(call_t *call)
{
    call->end->ledger[call->number].open = call->end->ledger[call->number].connected = false;
}

/* ---- the calls ---- */

static void call_connect(call_t *call)
{
    dtls_connect(call->ctx, &call->session);
}

static void call_resume(call_t *call)
{
    bool own = input_byte(call->input) & 1;
    size_t length = own ? 0 : input_word(call->input) % 1024;
    input_t bytes = input_take(call->input, length);
    uint8_t *copy = input_copy(&bytes);
    uint64_t age = (uint64_t)input_word(call->input) << 8;

    if (own) {
        dtls_resume(call->ctx, &call->session, call->end->state, call->end->state_length, age);
    } else {
        dtls_resume(call->ctx, &call->session, copy, input_left(&bytes), age);
    }
    free(copy);
}

static void call_write(call_t *call)
{
    size_t length = some_length(call->input);

    FUZZ_CHECK(world_write(call->end, call->number, length) <= 17000);
}

static void call_peer_write(call_t *call)
{
    size_t piece = 1 + some_length(call->input), length = some_length(call->input);

    if (call->peer && call->end->world->forgeable) {
        dtls_peer_write(call->peer, some_bytes(), length);
        dtls_peer_write_batch(call->peer, some_bytes(), length, piece, some_bytes(), 16);
    }
}

static void call_write_early(call_t *call)
{
    uint8_t data[100] = {0};

    if (call->end->world->forgeable) {
        dtls_write_early(call->ctx, &call->session, data, some_length(call->input) % 100);
    }
}

static void call_close(call_t *call)
{
    dtls_close(call->ctx, &call->session);
}

static void call_abort(call_t *call)
{
    if (dtls_abort(call->ctx, &call->session, (dtls_alert_t)input_byte(call->input)) == 0) {
        closed(call);
    }
}

static void call_reset(call_t *call)
{
    if (call->peer) {
        closed(call);
        dtls_reset_peer(call->ctx, call->peer);
    }
}

static void call_mtu(call_t *call)
{
    dtls_set_mtu(call->ctx, &call->session, input_word(call->input));
}

static void call_timer(call_t *call)
{
    dtls_set_timer(call->ctx, input_word(call->input));
}

static void call_limits(call_t *call)
{
    uint32_t silent = input_word(call->input), total = input_word(call->input);

    dtls_set_limits(call->ctx, &call->session, silent, total);
}

static void call_keys(call_t *call)
{
    dtls_update_keys(call->ctx, &call->session, input_byte(call->input) & 1);
}

static void call_new_cid(call_t *call)
{
    dtls_new_cid(call->ctx, &call->session);
}

static void call_request_cids(call_t *call)
{
    dtls_request_cids(call->ctx, &call->session, input_byte(call->input));
}

static void call_heartbeat(call_t *call)
{
    dtls_heartbeat(call->ctx, &call->session, some_bytes(), some_length(call->input));
}

static void call_ping(call_t *call)
{
    dtls_ping(call->ctx, &call->session, some_bytes(), some_length(call->input));
}

static void call_probe(call_t *call)
{
    dtls_probe_mtu(call->ctx, &call->session, input_word(call->input));
}

static void call_hold(call_t *call)
{
    dtls_hold_heartbeats(call->ctx, &call->session, input_byte(call->input) & 1);
}

static void call_export(call_t *call)
{
    uint8_t out[64];
    size_t context = some_length(call->input);

    dtls_export(call->ctx, &call->session, "EXPERIMENTAL label", some_bytes(), context, out,
                sizeof(out));
}

static void call_timers(call_t *call)
{
    dtls_tick_t next;

    dtls_check_retransmit(call->ctx, &next);
}

static void call_look(call_t *call)
{
    dtls_info_t info;
    dtls_stats_t stats;
    bool known = call->peer != NULL;

    FUZZ_CHECK((dtls_get_info(call->ctx, &call->session, &info) == 0) >= known);
    FUZZ_CHECK((dtls_get_stats(call->ctx, &call->session, &stats) == 0) >= known);
    FUZZ_CHECK(dtls_max_payload(call->ctx, &call->session) <= 16384);
    if (known) {
        dtls_set_peer_data(call->peer, call->end);
        FUZZ_CHECK(dtls_get_peer_data(call->peer) == call->end);
        FUZZ_CHECK(dtls_session_equals(dtls_peer_session(call->peer), &call->session));
    }
}

static void call_secrets(call_t *call)
{
    uint8_t secrets[DTLS_MAX_SECRETS * DTLS_SECRET];

    memset(secrets, input_byte(call->input), sizeof(secrets));
    dtls_set_secrets(call->ctx, secrets, input_byte(call->input) % (DTLS_MAX_SECRETS + 2));
}

static void call_batch(call_t *call)
{
    size_t segment = input_word(call->input) % 1500;
    input_t bytes = input_take(call->input, input_word(call->input) % 4096);
    uint8_t *copy = input_copy(&bytes);

    call->end->ledger[call->number].bytes_in += input_left(&bytes);
    dtls_handle_batch(call->ctx, &call->session, copy, input_left(&bytes), segment);
    free(copy);
}

static void call_replay(call_t *call)
{
    const packet_t *packet = world_packet(call->end->world, input_byte(call->input));
    uint8_t *copy;

    if (!packet) {
        return;
    }
    copy = malloc(packet->length);
    memcpy(copy, packet->data, packet->length);
    call->end->ledger[call->number].bytes_in += packet->length;
    dtls_handle_message(call->ctx, &call->session, copy, (int)packet->length);
    free(copy);
}

static void call_refuse(call_t *call)
{
    call->end->refuse_writes = input_byte(call->input) & 1;
}

static void call_fail(call_t *call)
{
    call->end->fail_at = call->end->allocations + 1 + input_byte(call->input);
}

static void (*const calls[])(call_t *call) = {
    call_connect, call_resume,       call_write,     call_peer_write, call_write_early, call_close,
    call_abort,   call_reset,        call_mtu,       call_timer,      call_limits,      call_keys,
    call_new_cid, call_request_cids, call_heartbeat, call_ping,       call_probe,       call_hold,
    call_export,  call_timers,       call_look,      call_secrets,    call_batch,       call_replay,
    call_refuse,  call_fail};

void calls_make(end_t *end, input_t *input)
{
    unsigned which = input_byte(input), number = input_byte(input) % ADDRESSES;
    call_t call = {.end = end, .ctx = end->ctx, .number = number, .input = input};

    call.session = world_address(number);
    call.peer = dtls_get_peer(end->ctx, &call.session);
    end->uncounted = true;
    calls[which % (sizeof(calls) / sizeof(*calls))](&call);
}
