#include "sandbox/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "common/exit.h"
#include "common/report.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"

static struct rlimit core_limit; /* before sandbox_hide_memory() */
static bool hidden;
static unsigned entered; /* the sets of system calls that are still permitted; 0: no sandbox */

bool sandbox_is_on(const struct options *options)
{
    return !options->no_sandbox && seccomp_is_available();
}

void sandbox_hide_memory(const struct options *options)
{
    struct rlimit none;

    if (!sandbox_is_on(options))
        return;
    hidden = hidden || getrlimit(RLIMIT_CORE, &core_limit) == 0;
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = core_limit.rlim_max};
    if (hidden) /* the hard limit stays, so that the limit can be restored for programs */
        setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

void sandbox_restore_limits(void)
{
    if (hidden)
        setrlimit(RLIMIT_CORE, &core_limit);
}

static int fail(const char *what)
{
    report("cannot enter the sandbox: %s: %s; to run without it, use --no-sandbox", what,
           strerror(errno));
    return EXIT_IO;
}

int sandbox_enter(const struct options *options, const struct sandbox_needs *needs)
{
    unsigned sets = SECCOMP_BASE | (needs->sockets ? SECCOMP_SOCKETS : 0) |
                    (needs->programs ? SECCOMP_PROGRAMS : 0) |
                    (needs->packets ? SECCOMP_PACKETS : 0);

    if (!sandbox_is_on(options))
        return EXIT_DONE;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail("no_new_privs");
    if (!landlock_restrict(needs->programs))
        return fail("Landlock");
    if (!seccomp_install(sets))
        return fail("seccomp");
    entered = sets;
    return EXIT_DONE;
}

void sandbox_connected(void)
{
    if ((entered & SECCOMP_SOCKETS) == 0)
        return;
    entered &= ~(unsigned)SECCOMP_SOCKETS;
    if (!seccomp_install(entered))
        report_note("cannot give up making sockets: %s; the session continues", strerror(errno));
}
