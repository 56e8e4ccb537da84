#include "common_tracing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static net_t *network;

bool tracing_is_on(void)
{
    return getenv("TRACE") != NULL;
}

void tracing_start(net_t *net)
{
    network = net;
}

void tracing(const char *format, ...)
{
    va_list arguments;

    if (!tracing_is_on())
        return;
    fprintf(stderr, "%8llu ", (unsigned long long)network->now);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
}

void tracing_packet(const net_packet_t *packet)
{
    tracing("%s to %u: datagram %zu, %zu bytes, %zu copies", packet->from->name, packet->port,
            packet->index, packet->length, packet->to ? packet->copies : 0);
}

static void on_trace(void *hook, const dtls_trace_t *trace)
{
    const node_t *node = hook;
    const char *way = trace->outgoing ? "sends" : "receives";
    unsigned long long epoch = trace->epoch, sequence = trace->sequence;

    switch (trace->kind) {
    case DTLS_TRACE_DATAGRAM: break;
    case DTLS_TRACE_RECORD:
        tracing("  %s %s %s, epoch %llu, number %llu", node->name, way,
                dtls_content_type_name(trace->content_type), epoch, sequence);
        break;
    case DTLS_TRACE_MESSAGE:
        tracing("    %s, message_seq %u, %u to %u of %u", dtls_message_name(trace->msg_type),
                trace->msg_seq, trace->frag_offset, trace->frag_offset + trace->frag_length,
                trace->msg_length);
        break;
    case DTLS_TRACE_REASSEMBLED:
    case DTLS_TRACE_KEYS:
    case DTLS_TRACE_CHANGE_CIPHER_SPEC: break;
    case DTLS_TRACE_ALERT: tracing("    %s", dtls_alert_name(trace->alert)); break;
    case DTLS_TRACE_ACK: tracing("    ACK of %zu records", trace->length / 16); break;
    case DTLS_TRACE_DROP:
        tracing("  %s drops epoch %llu, number %llu: %s", node->name, epoch, sequence,
                dtls_drop_name(trace->drop));
        break;
    }
}

void tracing_use(node_t *node)
{
    if (tracing_is_on())
        node->config.trace = on_trace;
}
