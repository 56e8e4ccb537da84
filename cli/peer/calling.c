#include "peer/calling.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "peer/ending.h"
#include "peer/peer.h"

/* A name may have addresses that nothing answers at. Each gets a share of the limit, so that the next has
 * its turn; where none has answered they all get another turn, twice as long, since the way may be slow. */
#define SHARE_MS 2000

static void limit_call(struct peer *peer)
{
    const struct cat *cat = peer->cat;
    int64_t left = (cat->call_until_us - clock_us()) / 1000;
    int64_t addresses = 1, share = (int64_t)SHARE_MS << cat->rounds;

    for (const struct addrinfo *next = cat->net.next; next != NULL; next = next->ai_next)
        addresses++;
    if (!net_has_others(&cat->net) || share > left / addresses)
        share = left / addresses;
    dtls_set_limits(cat->dtls, &peer->session, share > 0 ? (uint32_t)share : 1,
                    left > 0 ? (uint32_t)left : 1);
}

static int start(struct cat *cat, struct peer *peer)
{
    peer->session = cat->net.peer;
    ticketfile_take(&cat->ticket);
    int result = dtls_resume(cat->dtls, &peer->session, cat->ticket.state, cat->ticket.length,
                             ticketfile_age_ms(&cat->ticket));
    if (result > 0)
        limit_call(peer);
    if (result > 0 && cat->options->early_data)
        early_send(peer);
    if (result > 0 || peer->state == PEER_GONE)
        return EXIT_DONE;
    say("cannot start the handshake: %s", dtls_error_text((dtls_error_t)-result));
    return EXIT_IO;
}

bool calling_next(struct peer *peer, bool silent, const char *why)
{
    struct cat *cat = peer->cat;
    char from[NET_NAME_MAX], to[NET_NAME_MAX];

    cat->silent |= silent;
    if (cat->net.next == NULL) {
        if (!cat->silent || !net_has_others(&cat->net) || clock_us() >= cat->call_until_us)
            return false;
        cat->net.next = cat->net.found;
        cat->silent = false;
        cat->rounds++;
    }
    net_name(from, &peer->session);
    dtls_reset_peer(cat->dtls, dtls_get_peer(cat->dtls, &peer->session));
    int code = net_call_next(&cat->net, &cat->options->net);
    if (code == EXIT_DONE && cat->options->verbose > 0)
        say("%s: %s, trying %s", from, why, net_name(to, &cat->net.peer));
    if (code == EXIT_DONE)
        code = start(cat, peer);
    if (code != EXIT_DONE)
        peer_gone(peer, code, NULL);
    return true;
}

int calling_begin(struct cat *cat)
{
    struct peer *peer = peer_new(cat);

    if (peer == NULL) {
        say("out of memory");
        return EXIT_IO;
    }
    cat->serving = 1;
    cat->answer.watching = true;
    cat->call_until_us = clock_us() + (int64_t)cat->options->handshake_ms * 1000;
    return start(cat, peer);
}
