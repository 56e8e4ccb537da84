#include "progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "clock.h"
#include "peer.h"
#include "report.h"
#include "say.h"

#define INTERVAL_US 500000

void progress_start(struct progress *progress, bool wanted)
{
    int64_t now = clock_us();

    *progress = (struct progress){
        .on = wanted && isatty(STDERR_FILENO), .next_us = now + INTERVAL_US, .last_us = now};
}

int64_t progress_wait(const struct progress *progress, int64_t now_us)
{
    if (!progress->on)
        return -1;
    return progress->next_us > now_us ? progress->next_us - now_us : 0;
}

static dtls_stats_t sum_up(struct cat *cat)
{
    dtls_stats_t sum = {.lost = 0}, stats;

    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next) {
        if (peer->state == PEER_GONE || dtls_get_stats(cat->dtls, &peer->session, &stats) < 0)
            continue;
        sum.bytes_in += stats.bytes_in;
        sum.bytes_out += stats.bytes_out;
        sum.lost += stats.lost;
    }
    return sum;
}

void progress_show(struct cat *cat)
{
    struct progress *progress = &cat->progress;
    int64_t now = clock_us();
    char in[AMOUNT_MAX], out[AMOUNT_MAX], rate[AMOUNT_MAX];

    if (progress_wait(progress, now) != 0)
        return;
    dtls_stats_t sum = sum_up(cat);
    uint64_t bytes = sum.bytes_in + sum.bytes_out;
    /* Less than before, if a client has gone. */
    uint64_t moved = bytes > progress->last_bytes ? bytes - progress->last_bytes : 0;
    double seconds = (double)(now - progress->last_us) / 1e6;
    say_over("%s in, %s out, %s/s, %" PRIu64 " lost", show_amount(in, sum.bytes_in),
             show_amount(out, sum.bytes_out),
             show_amount(rate, (uint64_t)((double)moved / seconds)), sum.lost);
    progress->last_bytes = bytes;
    progress->last_us = now;
    progress->next_us = now + INTERVAL_US;
}
