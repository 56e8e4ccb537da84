/* api.c - random calls of the public functions at two ends that are both client and server, also
 * from inside of callbacks. */
#include "fuzz/common_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const roles_t roles = {.accept = {true, true}, .connect = {true, false}};

    return ops_run(&roles, OPS_NETWORK | OPS_CALLS, data, size);
}
