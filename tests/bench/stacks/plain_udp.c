/* plain_udp.c - for LD_PRELOAD: makes a program find a kernel without UDP_SEGMENT and UDP_GRO. */
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    int (*next)(int, int, int, const void *, socklen_t);
    if (level == IPPROTO_UDP) {
        errno = ENOPROTOOPT;
        return -1;
    }
    *(void **)&next = dlsym(RTLD_NEXT, "setsockopt");
    return next(fd, level, name, value, length);
}
