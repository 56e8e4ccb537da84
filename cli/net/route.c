#include "net/route.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
    bool open;
    int v4, v6; /* -1: the system does not have this family */
} sockets;

static int open_one(int family)
{
    return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void route_open(void)
{
    if (sockets.open) {
        close(sockets.v4);
        close(sockets.v6);
    }
    sockets.v4 = open_one(AF_INET);
    sockets.v6 = open_one(AF_INET6);
    sockets.open = true;
}

static int socket_of(int family)
{
    if (!sockets.open)
        route_open();
    return family == AF_INET6 ? sockets.v6 : sockets.v4;
}

/* A socket keeps its local address when it is connected again. So it is disconnected first. */
int route_to(const session_t *to)
{
    const struct sockaddr unspecified = {.sa_family = AF_UNSPEC};
    int fd = socket_of(to->addr.sa.sa_family);

    if (fd < 0 || connect(fd, &unspecified, sizeof unspecified) != 0)
        return -1;
    return connect(fd, &to->addr.sa, to->size) == 0 ? fd : -1;
}

static bool is_same_host(const session_t *a, const session_t *b)
{
    if (a->addr.sa.sa_family == AF_INET6)
        return IN6_ARE_ADDR_EQUAL(&a->addr.sin6.sin6_addr, &b->addr.sin6.sin6_addr);
    return a->addr.sin.sin_addr.s_addr == b->addr.sin.sin_addr.s_addr;
}

/* The kernel sends datagrams for an address of this host from that address itself. */
bool route_is_lost(const session_t *own)
{
    session_t to = *own;
    int fd;

    if (own->addr.sa.sa_family == AF_INET6)
        to.addr.sin6.sin6_port = 1;
    else
        to.addr.sin.sin_port = 1;
    fd = route_to(&to);
    if (fd < 0)
        return errno == ENETUNREACH || errno == EADDRNOTAVAIL || errno == EHOSTUNREACH;
    to.size = sizeof to.addr;
    return getsockname(fd, &to.addr.sa, &to.size) == 0 && !is_same_host(&to, own);
}

bool route_interface_name(char name[ROUTE_INTERFACE_MAX], unsigned index)
{
    struct ifreq request = {.ifr_ifindex = (int)index};
    int fd = socket_of(AF_INET);

    if (fd < 0)
        fd = socket_of(AF_INET6);
    if (ioctl(fd, SIOCGIFNAME, &request) != 0)
        return false;
    snprintf(name, ROUTE_INTERFACE_MAX, "%.15s", request.ifr_name);
    return true;
}

unsigned route_interface_index(const char *name)
{
    struct ifreq request = {.ifr_ifindex = 0};
    int fd = socket_of(AF_INET);

    if (fd < 0)
        fd = socket_of(AF_INET6);
    if ((size_t)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name) >=
            sizeof request.ifr_name ||
        ioctl(fd, SIOCGIFINDEX, &request) != 0)
        return 0;
    return (unsigned)request.ifr_ifindex;
}
