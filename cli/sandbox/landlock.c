#include "sandbox/landlock.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system calls have the same numbers on all architectures. Headers may be older than the kernel,
 * so the definitions are here. */
#define CREATE_RULESET 444
#define RESTRICT_SELF 446
#define ASK_VERSION 1

#define SCOPE_ABSTRACT_UNIX_SOCKET 1
#define SCOPE_SIGNAL 2

/* struct landlock_ruleset_attr of ABI 6. An older ABI accepts a shorter struct. */
struct ruleset {
    uint64_t files, network, scoped;
};

/* The rights that each version of the ABI knows, all of which are denied. */
static const struct {
    long version;
    size_t size;
    uint64_t files, network;
} versions[] = {
    {1, offsetof(struct ruleset, network), 0x1fff, 0},
    {2, offsetof(struct ruleset, network), 0x3fff, 0}, /* renaming to another directory */
    {3, offsetof(struct ruleset, network), 0x7fff, 0}, /* truncating */
    {4, offsetof(struct ruleset, scoped), 0x7fff, 3},  /* TCP: bind and connect */
    {5, offsetof(struct ruleset, scoped), 0xffff, 3},  /* ioctl on devices */
    {6, sizeof(struct ruleset), 0xffff, 3},            /* scopes */
};
#define VERSIONS (sizeof versions / sizeof versions[0])

bool landlock_restrict(bool signals)
{
    long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
    size_t row = VERSIONS;

    while (row > 0 && versions[row - 1].version > version)
        row--;
    if (row == 0)
        return true; /* not in this kernel, or not enabled */
    row--;
    struct ruleset rules = {.files = versions[row].files, .network = versions[row].network};
    if (versions[row].size == sizeof rules)
        rules.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | (signals ? 0 : SCOPE_SIGNAL);
    long fd = syscall(CREATE_RULESET, &rules, versions[row].size, 0);
    if (fd < 0)
        return false;
    bool good = syscall(RESTRICT_SELF, (int)fd, 0) == 0;
    int error = errno;
    close((int)fd);
    errno = error;
    return good;
}
