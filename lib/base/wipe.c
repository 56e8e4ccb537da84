#include "base/wipe.h"

#include <string.h>

void wipe(void *memory, size_t length)
{
    explicit_bzero(memory, length);
}
