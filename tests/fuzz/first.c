/* first.c - one datagram, the first that a server gets. It has no state afterwards unless the input
 * is a ClientHello that needs no cookie. */
#include "fuzz/common_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const roles_t roles = {.accept = {true, false}};
    static world_t world;
    input_t input = {data, data + size};

    if (world_start(&world, &roles, &input)) {
        world_deliver(&world.ends[0], 2, input.at, input_left(&input));
        FUZZ_CHECK(world.ends[0].config.cookie != DTLS_COOKIE_ON || !world.ends[0].ledger[2].open);
        world_check(&world);
    }
    world_end(&world);
    return 0;
}
