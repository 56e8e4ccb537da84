/*
 * loss.c - how long a handshake takes on a path that loses datagrams, on the virtual clock.
 */
#include "lossy.h"

#include <stdio.h>

static const uint64_t round_trips[] = {1, 10, 50, 100, 500, 1000};
static const unsigned losses[] = {0, 5, 10, 20, 30, 50};

static void table(uint16_t version, dtls_cookie_t cookie)
{
    printf("DTLS %s, %s: seconds until both ends are connected\n",
           version == DTLS13 ? "1.3" : "1.2",
           cookie == DTLS_COOKIE_ON ? "cookie exchange" : "no cookie exchange");
    printf("%7s %5s %8s %8s %8s %7s %10s\n", "RTT ms", "loss", "median", "95 %", "longest",
           "failed", "datagrams");
    for (size_t r = 0; r < sizeof round_trips / sizeof *round_trips; r++)
        for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
            const lossy_t path = {.version = version,
                                  .cookie = cookie,
                                  .round_trip = round_trips[r],
                                  .loss = losses[l],
                                  .count = LOSSY_MAX};
            lossy_result_t got = lossy_run(&path);
            printf("%7u %4u%% %8.3f %8.3f %8.3f %7u %10u\n", (unsigned)path.round_trip, path.loss,
                   (double)got.median / 1000, (double)got.p95 / 1000, (double)got.longest / 1000,
                   got.failed, (unsigned)got.datagrams);
        }
}

TEST(handshakes_on_a_lossy_path)
{
    table(DTLS12, DTLS_COOKIE_ON);
    table(DTLS12, DTLS_COOKIE_OFF);
    table(DTLS13, DTLS_COOKIE_ON);
    table(DTLS13, DTLS_COOKIE_OFF);
}
