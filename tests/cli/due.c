/* The loop looks only at the peers that have something to do: due.h and loop_turn(). */
#include "peer/due.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "peer/deliver.h"
#include "peer/liveness.h"
#include "peer/peer.h"
#include "peer/summary.h"
#include "test.h"

enum { PEERS = 200, PAGE = 4096 };

static struct app app;
static struct options options;
static struct psk psk;
static struct peer *peers[PEERS];

static size_t whole_pages(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* Replaces the function of the C library: gives each peer pages of its own, so that they can be
 * protected. */
void *calloc(size_t count, size_t size)
{
    bool is_peer = count == 1 && size == sizeof(struct peer);
    void *memory = NULL;

    if (is_peer)
        memory = aligned_alloc(PAGE, whole_pages(size));
    else if (count == 0 || size <= SIZE_MAX / count)
        memory = malloc(count * size);
    if (memory != NULL)
        explicit_bzero(memory, count * size);
    return memory;
}

static void start(void)
{
    static const dtls_handler_t handler = {.write = NULL};

    memset(&app, 0, sizeof app);
    options = (struct options){.listen = true, .keep = true};
    app.options = &options;
    app.psk = &psk;
    app.net.fd = -1;
    app.dtls = dtls_new_context(&app);
    CHECK(app.dtls != NULL);
    dtls_set_handler(app.dtls, &handler);
    due_init(&app.due);
    programs_init(&app.programs);
    feed_init(&app.feed, &options.framing, open("/dev/null", O_RDONLY), "stdin");
    app.feed.done = true;
    sink_init(&app.out, open("/dev/null", O_WRONLY));
    for (size_t i = 0; i < PEERS; i++) {
        peers[i] = peer_new(&app);
        CHECK(peers[i] != NULL);
        peers[i]->state = PEER_OPEN;
        peers[i]->moved_us = peers[i]->received_any_us = clock_us();
        app.serving++;
    }
}

static void end(void)
{
    peers_clear(&app);
    due_clear(&app.due);
    dtls_free_context(app.dtls);
    close(app.feed.in.fd);
    close(app.out.fd);
}

/* ---- the list and the heap ---- */

TEST(a_peer_is_taken_once)
{
    start();
    while (due_take(&app.due) != NULL)
        continue;
    due_touch(peers[3]);
    due_touch(peers[1]);
    due_touch(peers[3]);
    CHECK(due_take(&app.due) == peers[3]);
    due_touch(peers[3]);
    CHECK(due_take(&app.due) == peers[1]);
    CHECK(due_take(&app.due) == peers[3]);
    CHECK(due_take(&app.due) == NULL);
    end();
}

static int64_t earliest(const int64_t at[PEERS])
{
    int64_t least = CLOCK_NEVER;

    for (size_t i = 0; i < PEERS; i++)
        least = clock_sooner(least, at[i]);
    return least;
}

/* Compares the heap with an array. */
TEST(deadlines_are_those_that_were_set_last)
{
    static int64_t at[PEERS];
    int64_t now = 0;

    start();
    while (due_take(&app.due) != NULL)
        continue;
    for (size_t i = 0; i < PEERS; i++)
        at[i] = CLOCK_NEVER;
    srand(1);
    for (int step = 0; step < 50000; step++) {
        size_t i = (size_t)rand() % PEERS;
        at[i] = rand() % 8 == 0 ? CLOCK_NEVER : now + 1 + rand() % 1000;
        due_at(peers[i], at[i]);
        CHECK_EQ(due_next_us(&app.due), earliest(at));
        now += rand() % 10;
        due_expire(&app.due, now);
        struct peer *peer;
        while ((peer = due_take(&app.due)) != NULL)
            for (size_t k = 0; k < PEERS; k++)
                if (peers[k] == peer) {
                    CHECK(at[k] <= now);
                    at[k] = CLOCK_NEVER;
                }
        CHECK(earliest(at) > now);
    }
    end();
}

TEST(a_peer_that_is_freed_has_no_deadline)
{
    start();
    for (size_t i = 0; i < PEERS; i++)
        due_at(peers[i], (int64_t)i + 1);
    while (due_take(&app.due) != NULL)
        continue;
    for (size_t i = 0; i < PEERS; i += 2)
        peer_free(peers[i]);
    CHECK_EQ(due_next_us(&app.due), 2);
    CHECK_EQ(app.due.count, PEERS / 2);
    end();
}

/* ---- turns of the loop ---- */

/* Protects the memory of all peers but the first, and its neighbour in the lists. */
static void guard(int protection)
{
    for (size_t i = 2; i < PEERS; i++)
        CHECK_EQ(mprotect(peers[i], whole_pages(sizeof *peers[i]), protection), 0);
}

static void start_guarded(void)
{
    struct turn turn = {.until = 0};

    start();
    if ((uintptr_t)peers[2] % PAGE != 0) {
        end();
        SKIP("another calloc(), as that of valgrind, has replaced the one here");
    }
    loop_turn(&app, &turn);
    CHECK(app.due.first == NULL);
    guard(PROT_NONE);
}

static void end_guarded(void)
{
    guard(PROT_READ | PROT_WRITE);
    end();
}

static void run_turns(int count)
{
    struct turn turn = {.until = CLOCK_NEVER};

    for (int i = 0; i < count; i++) {
        turn.until = 0; /* do not wait */
        loop_turn(&app, &turn);
        CHECK(app.due.first == NULL);
    }
}

TEST(a_turn_does_not_look_at_idle_peers)
{
    uint8_t message[] = "message";

    start_guarded();
    run_turns(2);
    deliver_message(peers[0], message, sizeof message);
    due_touch(peers[0]);
    CHECK(app.held != NULL);
    run_turns(2);
    CHECK(app.held == NULL);
    liveness_refused(peers[0]);
    run_turns(2);
    due_at(peers[0], clock_us());
    run_turns(2);
    end_guarded();
}

/* A walk over all peers ends the process. */
TEST(a_look_at_an_idle_peer_is_noticed)
{
    int status;

    start_guarded();
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        summary_of_all(&app);
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status));
    end_guarded();
}
