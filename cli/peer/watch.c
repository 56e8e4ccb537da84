#include "peer/watch.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/report.h"
#include "peer/childio.h"
#include "peer/peer.h"

/* A descriptor without wanted events is removed from the set, which would otherwise report a
 * hang-up again and again. */
static void watch(struct child *child, int fd, uint32_t *watched, uint32_t wanted)
{
    struct epoll_event event = {.events = wanted, .data.ptr = child};
    int operation = *watched == 0 ? EPOLL_CTL_ADD : wanted == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

    if (wanted == *watched)
        return;
    if (epoll_ctl(child->app->programs.set, operation, fd, &event) != 0)
        report("%s: cannot wait for the program of this peer: %s", child->name, strerror(errno));
    *watched = wanted;
}

void watch_program(struct child *child, bool sending)
{
    uint32_t in = child->fd >= 0 && !queue_is_empty(&child->in) ? EPOLLOUT : 0;
    uint32_t out = child->out.in.fd >= 0 && (sending || child->peer == NULL) ? EPOLLIN : 0;

    if (child->packets && child->fd == child->out.in.fd) {
        watch(child, child->fd, &child->watched_out, in | out);
        return;
    }
    watch(child, child->fd, &child->watched_in, in);
    watch(child, child->out.in.fd, &child->watched_out, out);
}

void watch_forget(struct child *child, int fd)
{
    watch(child, fd, fd == child->out.in.fd ? &child->watched_out : &child->watched_in, 0);
}
