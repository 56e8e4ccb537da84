#include "sandbox/user.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/report.h"
#include "sandbox/sandbox.h"

static bool has_changed(const struct options *options)
{
    uid_t real, effective, saved;
    gid_t groups[3];

    return getresuid(&real, &effective, &saved) == 0 &&
           getresgid(&groups[0], &groups[1], &groups[2]) == 0 && real == options->uid &&
           effective == options->uid && saved == options->uid && groups[0] == options->gid &&
           groups[1] == options->gid && groups[2] == options->gid && getgroups(0, NULL) == 0 &&
           setuid(0) != 0 && setgid(0) != 0;
}

int user_change(const struct options *options)
{
    if (options->user == NULL)
        return EXIT_DONE;
    if (setgroups(0, NULL) != 0 || setresgid(options->gid, options->gid, options->gid) != 0 ||
        setresuid(options->uid, options->uid, options->uid) != 0) {
        report("cannot change to the user of --user %.100s: %s%s", options->user, strerror(errno),
               errno == EPERM ? "; start dtlscat as root, or remove --user" : "");
        return EXIT_IO;
    }
    if (!has_changed(options)) {
        report("cannot change to the user of --user %.100s: the change could be undone",
               options->user);
        return EXIT_IO;
    }
    sandbox_hide_memory(options); /* the kernel may have undone that */
    return EXIT_DONE;
}
