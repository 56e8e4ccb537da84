/* server.c - datagrams into a server, which an honest client may use at the same time. */
#include "fuzz/common_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const roles_t roles = {.accept = {true, false}, .connect = {false, true}};

    return ops_run(&roles, OPS_NETWORK, data, size);
}
