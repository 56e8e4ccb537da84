/*
 * record.c - the cost of a record that one end seals and the other end opens, through the whole library.
 * It is compared with direct calls of libcrypto, and with other stacks. A second figure is the cost of a
 * record of one of many peers.
 */
#include "common_bench.h"
#include "common_evp.h"
#include "common_series.h"
#include "common_stack.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = {16, 64, 256, 1200, 16000};
/* others: the suite of the other stacks, which have no DTLS 1.3. */
static const struct {
    uint16_t suite, others;
    const char *name;
} suites[] = {{0x00a8, 0x00a8, "AES-128-GCM"},
              {0x1301, 0x00a8, "AES-128-GCM, DTLS 1.3 (the others: 1.2)"},
              {0xc0a8, 0xc0a8, "AES-128-CCM-8"},
              {0xccab, 0xccab, "ChaCha20-Poly1305"}};

enum { BATCH = 40, BENCHES = 4 };

static line_t line;
static evp_aead_t aead;
static size_t size;

/* ---- allocations of libcrypto ---- */

static size_t crypto_allocations;

static void *counted_malloc(size_t length, const char *file, int number)
{
    (void)file, (void)number;
    crypto_allocations++;
    return malloc(length);
}

static void *counted_realloc(void *block, size_t length, const char *file, int number)
{
    (void)file, (void)number;
    crypto_allocations++;
    return realloc(block, length);
}

static void counted_free(void *block, const char *file, int number)
{
    (void)file, (void)number;
    free(block);
}

__attribute__((constructor)) static void count_allocations(void)
{
    CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free);
}

static size_t allocations(void)
{
    return crypto_allocations + line.sides[CLIENT].allocations + line.sides[SERVER].allocations;
}

/* ---- seal and open ---- */

static void jumbo(dtls_config_t *config)
{
    config->mtu = DATAGRAM;
}

static void records(size_t times)
{
    static uint8_t data[EVP_ROOM];
    session_t peer = line_address(0);
    for (size_t i = 0; i < times; i++) {
        packet_t *packet = &line.queue[line.first];
        if (dtls_write(line.sides[CLIENT].ctx, &peer, data, size) < 0)
            FAIL("not sent");
        line.count = 0; /* packet stays valid: it is read in the queue */
        dtls_handle_message(line.sides[SERVER].ctx, &peer, packet->data, (int)packet->length);
    }
}

/* Sends and receives in batches, as the tool does with bulk data. */
static void batches(size_t times)
{
    static uint8_t data[BATCH * EVP_ROOM];
    session_t name = line_address(0);
    dtls_peer_t *peer = dtls_get_peer(line.sides[CLIENT].ctx, &name);
    for (size_t i = 0; i < times; i += BATCH) {
        size_t length = BATCH * size;
        if (dtls_peer_write_batch(peer, data, length, size, NULL, 0) != (int)length)
            FAIL("not sent");
        dtls_handle_batch(line.sides[SERVER].ctx, &name, line.batch, line.batch_length,
                          line.batch_segment);
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

/* Makes the calls that a record of DTLS 1.3 needs: the text has one more byte for the content type, and
 * each side encrypts a block of AES to mask the sequence number. */
static void bare_masked_records(size_t times)
{
    static uint8_t data[EVP_ROOM];
    for (size_t i = 0; i < times; i++) {
        aead.nonce[11]++;
        if (!evp_aead_seal(&aead, data, size + 1) || !evp_aead_mask(&aead, data) ||
            !evp_aead_mask(&aead, data) || !evp_aead_open(&aead, data, size + 1))
            FAIL("libcrypto failed");
    }
}

/* Measures libcrypto and the library side by side, then each stack. */
static void compare(const char *figure, uint16_t others, bool masked)
{
    const size_t times = size > 4000 ? 2000 : 10000;
    const bench_t benches[] = {
        {"libcrypto", bare_records, times},
        {"dtlscat", records, times},
        {"dtlscat, in batches of 40", batches, BATCH * (size + 64) < sizeof line.batch ? times : 0},
        {"libcrypto with mask", bare_masked_records, masked ? times : 0}};
    double ns[BENCHES];
    for (unsigned run = 0; run < bench_runs(); run++) {
        size_t delivered = line.sides[SERVER].delivered, before = allocations();
        bench_measure(benches, BENCHES, ns);
        CHECK(line.sides[SERVER].delivered >= delivered + times);
        CHECK_EQ(allocations(), before);
        for (size_t i = 0; i < BENCHES; i++)
            if (benches[i].times > 0)
                sample(figure, "ns", benches[i].name, ns[i]);
        for (size_t i = 0; i < STACKS; i++) {
            double other = stack_ns(i, "record %x %zu %zu", others, size, times);
            if (other > 0)
                sample(figure, "ns", stack_names[i], other);
        }
    }
    ratio(figure, "dtlscat", "libcrypto");
    ratio(figure, "dtlscat", "libcrypto with mask");
    ratio(figure, "dtlscat, in batches of 40", "libcrypto");
    for (size_t i = 0; i < STACKS; i++)
        ratio(figure, "dtlscat", stack_names[i]);
}

/* Runs the loop that instructions.sh counts, if it is one of this suite. Returns true if it was. */
static bool counted(uint16_t suite)
{
    static const bench_t in_12[] = {{"record", records, 0}}, in_13[] = {{"record-1.3", records, 0}};
    size = 1200;
    if (suite == 0x1301)
        return bench_counted(in_13, 1);
    return bench_counted(in_12, suite == 0x00a8);
}

TEST(seal_and_open)
{
    char figure[80];
    bench_pin();
    for (size_t n = 0; n < sizeof suites / sizeof *suites; n++) {
        line_start_as(&line, suites[n].suite, jumbo);
        line_connect(&line, 0);
        line_deliver(&line);
        evp_aead_start(&aead, suite_by_id(suites[n].suite));
        evp_aead_key(&aead);
        evp_aead_start_mask(&aead);
        bool only_counted = counted(suites[n].suite);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !only_counted; i++) {
            size = sizes[i];
            snprintf(figure, sizeof figure, "record of %zu bytes, %s", size, suites[n].name);
            compare(figure, suites[n].others, suites[n].suite == 0x1301);
        }
        evp_aead_end_key(&aead);
        evp_aead_end(&aead);
        line_end(&line);
    }
    if (!getenv("BENCH_LOOP"))
        printf("allocations for a record, of the library and of libcrypto: 0\n");
}

/* ---- one of many peers ---- */

enum { PEERS = 10000, RECORDS = 2000, SMALL = 64 };

static struct {
    session_t address;
    dtls_peer_t *peer; /* of the client */
    size_t length;
    uint8_t data[SMALL + 64];
} sealed[RECORDS];

static dtls_peer_t *client_peers[PEERS];

/* Chooses the peer of each record: in a random order, or always the same. */
static void choose_peers(bool random)
{
    static unsigned stride;
    stride += 2;
    for (size_t i = 0; i < RECORDS; i++) {
        unsigned n = random ? (unsigned)((i * 7919 + stride) % PEERS) : 1;
        sealed[i].address = line_address(n);
        sealed[i].peer = client_peers[n];
    }
}

static size_t batch_at(size_t i)
{
    return RECORDS - i < DTLS_PREFETCH_MAX ? RECORDS - i : DTLS_PREFETCH_MAX;
}

static void prefetch_clients(size_t from)
{
    dtls_peer_t *peers[DTLS_PREFETCH_MAX];
    for (size_t i = 0; i < batch_at(from); i++)
        peers[i] = sealed[from + i].peer;
    dtls_prefetch_peers(peers, batch_at(from));
}

static void prefetch_servers(size_t from)
{
    const session_t *addresses[DTLS_PREFETCH_MAX];
    for (size_t i = 0; i < batch_at(from); i++)
        addresses[i] = &sealed[from + i].address;
    dtls_prefetch(line.sides[SERVER].ctx, addresses, batch_at(from));
}

/* Seals RECORDS messages. */
static double seal_all(bool prefetch)
{
    static uint8_t data[SMALL];
    double start = bench_cpu_ns();
    for (size_t i = 0; i < RECORDS; i++) {
        packet_t *packet = &line.queue[line.first];
        if (prefetch && i % DTLS_PREFETCH_MAX == 0)
            prefetch_clients(i);
        if (dtls_peer_write(sealed[i].peer, data, sizeof data) < 0)
            FAIL("not sent");
        line.count = 0;
        memcpy(sealed[i].data, packet->data, packet->length);
        sealed[i].length = packet->length;
    }
    return (bench_cpu_ns() - start) / (double)RECORDS;
}

static double open_all(bool prefetch)
{
    size_t delivered = line.sides[SERVER].delivered;
    double start = bench_cpu_ns();
    for (size_t i = 0; i < RECORDS; i++) {
        if (prefetch && i % DTLS_PREFETCH_MAX == 0)
            prefetch_servers(i);
        dtls_handle_message(line.sides[SERVER].ctx, &sealed[i].address, sealed[i].data,
                            (int)sealed[i].length);
    }
    double ns = (bench_cpu_ns() - start) / (double)RECORDS;
    CHECK_EQ(line.sides[SERVER].delivered, delivered + RECORDS);
    return ns;
}

static void crowd(dtls_config_t *config)
{
    config->max_peers = config->max_half_open = PEERS + 1;
}

static void connect_crowd(uint16_t suite)
{
    line_start_as(&line, suite, crowd);
    for (unsigned n = 0; n < PEERS; n++) {
        session_t address = line_address(n);
        line_connect(&line, n);
        line_deliver(&line);
        client_peers[n] = dtls_get_peer(line.sides[CLIENT].ctx, &address);
    }
}

/* Sends one record of each peer. The first record of a peer costs more: it ends what is left of the handshake. */
static void use_each_peer(void)
{
    for (unsigned first = 0; first < PEERS; first += RECORDS) {
        for (unsigned i = 0; i < RECORDS; i++) {
            sealed[i].address = line_address(first + i);
            sealed[i].peer = client_peers[first + i];
        }
        seal_all(false);
        open_all(false);
    }
}

static void measure_crowd(uint16_t suite, const char *name)
{
    static const struct {
        const char *name;
        bool random, prefetch;
    } series[] = {{"the same", false, false},
                  {"a random one", true, false},
                  {"a random one, 16 at a time", true, true}};
    char figure[2][80];
    snprintf(figure[0], sizeof figure[0], "seal 64 bytes for one of 10,000 peers, %s", name);
    snprintf(figure[1], sizeof figure[1], "open 64 bytes of one of 10,000 peers, %s", name);
    if (bench_apart()) {
        connect_crowd(suite);
        use_each_peer();
        for (unsigned run = 0; run < bench_runs(); run++) {
            for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
                choose_peers(series[i].random);
                sample(figure[0], "ns", series[i].name, seal_all(series[i].prefetch));
                sample(figure[1], "ns", series[i].name, open_all(series[i].prefetch));
            }
        }
        line_end(&line);
        bench_apart_end();
    }
    for (size_t i = 0; i < 2; i++) {
        ratio(figure[i], "a random one", "the same");
        ratio(figure[i], "a random one, 16 at a time", "the same");
    }
}

TEST(one_of_many_peers)
{
    if (getenv("BENCH_LOOP"))
        return;
    bench_pin();
    measure_crowd(0x00a8, "AES-128-GCM");
    measure_crowd(0xc0a8, "AES-128-CCM-8");
    measure_crowd(0x1301, "DTLS 1.3");
}
