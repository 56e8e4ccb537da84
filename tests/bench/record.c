/*
 * record.c - a record that one end seals and the other end opens, through the whole library. For
 * comparison, the direct calls of libcrypto.
 */
#include "common_bench.h"
#include "common_evp.h"

#include <stdio.h>

static const size_t sizes[] = {64, 1200};
static line_t line;
static evp_aead_t aead;
static size_t size;

static void records(size_t times)
{
    static uint8_t data[EVP_ROOM];
    session_t peer = line_address(0);
    for (size_t i = 0; i < times; i++) {
        packet_t *packet = &line.queue[line.first];
        if (dtls_write(line.sides[CLIENT].ctx, &peer, data, size) < 0)
            FAIL("not sent");
        line.count = 0; /* the datagram is read in place */
        dtls_handle_message(line.sides[SERVER].ctx, &peer, packet->data, (int)packet->length);
    }
}

static void bare_records(size_t times)
{
    static uint8_t data[EVP_ROOM];
    for (size_t i = 0; i < times; i++) {
        aead.nonce[11]++;
        if (!evp_aead_seal(&aead, data, size) || !evp_aead_open(&aead, data, size))
            FAIL("libcrypto failed");
    }
}

static const bench_t ours = {"record", records, 5000};
static const bench_t bare = {"libcrypto", bare_records, 5000};

TEST(seal_and_open)
{
    printf("seal and open, ns: through the library, bare libcrypto, ratio\n");
    for (size_t n = 0; suite_at(n); n++) {
        if (suite_mac_key(suite_at(n)) > 0)
            continue; /* CBC: there are no direct calls to compare with */
        line_start(&line, suite_at(n)->id);
        line_connect(&line, 0);
        line_deliver(&line);
        evp_aead_start(&aead, suite_at(n));
        evp_aead_key(&aead);
        printf("    %-28s", suite_at(n)->name);
        for (size_t i = 0; i < 2; i++) {
            size = sizes[i];
            size_t before = line.sides[SERVER].delivered_bytes / size;
            double ns = bench_ns(&ours), least = bench_ns(&bare);
            CHECK(line.sides[SERVER].delivered_bytes / size >= before + ours.times);
            printf("  %4zu bytes: %6.0f %6.0f %5.2f", size, ns, least, ns / least);
        }
        printf("\n");
        evp_aead_end_key(&aead);
        evp_aead_end(&aead);
        line_end(&line);
    }
}
