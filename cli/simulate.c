#include "simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "common/report.h"

#define SEEDS 1000000000 /* a seed has at most nine digits, so that it is easy to type */

static void on_impaired(void *hook, enum impair_direction direction, uint64_t number, size_t length,
                        const struct impair_decision *decision)
{
    trace_impaired(&((struct app *)hook)->trace, direction, number, length, decision);
}

static int draw_seed(struct impair_config *config)
{
    uint32_t random;

    if (getrandom(&random, sizeof random, 0) != sizeof random) {
        report("cannot choose a seed for --sim: %s", strerror(errno));
        return EXIT_IO;
    }
    config->seed = random % SEEDS;
    report_note("--sim: seed=%" PRIu64, config->seed);
    return EXIT_DONE;
}

int simulate_start(struct app *app)
{
    struct impair_config config = app->options->sim;
    int code = EXIT_DONE;

    if (!config.given)
        return code;
    if (!config.seeded)
        code = draw_seed(&config);
    sim_start(&app->sim, &config);
    if (trace_wants_messages(&app->trace)) {
        app->sim.note = on_impaired;
        app->sim.hook = app;
    }
    app->net.sim = &app->sim;
    return code;
}

static void report_way(const struct app *app, const char *name, enum impair_direction direction)
{
    const struct sim_counts *counts = &app->sim.ways[direction].counts;

    report_note("sim: %s=%" PRIu64 " drop=%" PRIu64 " loss=%" PRIu64 " mtu=%" PRIu64
                " queue=%" PRIu64 " dup=%" PRIu64 " reorder=%" PRIu64 " corrupt=%" PRIu64,
                name, counts->datagrams, counts->dropped[IMPAIR_DROP_EVENT],
                counts->dropped[IMPAIR_DROP_LOSS], counts->dropped[IMPAIR_DROP_MTU],
                counts->dropped[IMPAIR_DROP_QUEUE], counts->duplicated, counts->reordered,
                counts->corrupted);
}

void simulate_report(const struct app *app)
{
    if (app->net.sim == NULL || !app->options->stats)
        return;
    report_way(app, "out", IMPAIR_OUT);
    report_way(app, "in", IMPAIR_IN);
}
