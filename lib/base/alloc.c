#include "base/alloc.h"

#include "base/wipe.h"

#include <string.h>

void *alloc_zeroed(const alloc_t *alloc, size_t size)
{
    void *memory = alloc->allocate(alloc->hook, size);
    if (memory)
        memset(memory, 0, size);
    return memory;
}

void alloc_wipe(const alloc_t *alloc, void *memory, size_t size)
{
    if (!memory)
        return;
    wipe(memory, size);
    alloc->release(alloc->hook, memory);
}
