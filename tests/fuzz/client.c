/* client.c - datagrams into a client, at each stage of a handshake with an honest server. */
#include "fuzz/common_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const roles_t roles = {.accept = {false, true}, .connect = {true, false}};

    return ops_run(&roles, OPS_NETWORK, data, size);
}
