#include "report/progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/numbers.h"
#include "common/report.h"

#define INTERVAL_US 500000

void progress_start(struct progress *progress, bool wanted)
{
    int64_t now = clock_us();

    *progress = (struct progress){.on = wanted && isatty(STDERR_FILENO),
                                  .shares_terminal = isatty(STDOUT_FILENO),
                                  .next_us = now + INTERVAL_US,
                                  .start_us = now,
                                  .last_us = now};
}

int64_t progress_wait(const struct progress *progress, int64_t now_us)
{
    if (!progress->on)
        return -1;
    return progress->next_us > now_us ? progress->next_us - now_us : 0;
}

void progress_show(struct progress *progress, const dtls_stats_t *sum)
{
    int64_t now = clock_us();
    char in[AMOUNT_MAX], out[AMOUNT_MAX], rate[AMOUNT_MAX];
    uint64_t bytes = sum->bytes_in + sum->bytes_out;
    double seconds = (double)(now - progress->last_us) / 1e6;

    report_over("%s in, %s out, %s/s, %" PRIu64 " lost", show_amount(in, sum->bytes_in),
                show_amount(out, sum->bytes_out),
                show_amount(rate, (uint64_t)((double)(bytes - progress->last_bytes) / seconds)),
                sum->lost);
    progress->last_bytes = bytes;
    progress->last_us = now;
    progress->next_us = now + INTERVAL_US;
}

void progress_clear(struct progress *progress)
{
    if (progress->on && progress->shares_terminal)
        report_clear();
}

void progress_add(dtls_stats_t *sum, const dtls_stats_t *stats)
{
    sum->bytes_in += stats->bytes_in;
    sum->bytes_out += stats->bytes_out;
    sum->lost += stats->lost;
}

void progress_end(struct progress *progress, const dtls_stats_t *sum)
{
    if (!progress->on)
        return;
    progress->last_bytes = 0;
    progress->last_us = progress->start_us;
    progress_show(progress, sum);
    report_keep();
}
