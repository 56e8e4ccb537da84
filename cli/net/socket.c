#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/report.h"
#include "net/route.h"

#define SOCKET_BUFFER (4 << 20)

/* ---- local addresses ------------------------------------------------------------------------ */

const char *net_local_name(char *text, const struct net *net)
{
    session_t own = address_of_socket(net->fd);

    return net_name(text, &own);
}

uint16_t net_local(const struct net *net, char *host, size_t size)
{
    session_t own = address_of_socket(net->fd);

    if (!net->wildcard || gethostname(host, size) != 0)
        address_show(host, size, &own);
    return address_port(&own);
}

static size_t mtu_of_socket(int fd, const session_t *to)
{
    bool v6 = to->addr.sa.sa_family == AF_INET6;
    bool mapped = v6 && IN6_IS_ADDR_V4MAPPED(&to->addr.sin6.sin6_addr);
    int headers = v6 && !mapped ? 40 + 8 : 20 + 8, mtu = 0;
    socklen_t size = sizeof mtu;
    int got = v6 ? getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &size)
                 : getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &size);

    return got == 0 && mtu > headers ? (size_t)(mtu - headers) : 0;
}

size_t net_mtu(const struct net *net, const session_t *to)
{
    if (net->connected)
        return mtu_of_socket(net->fd, to);
    int fd = route_to(to);
    return fd >= 0 ? mtu_of_socket(fd, to) : 0;
}

/* Resolves a host name. A numeric address is tried first, since it needs no resolver. */
static int resolve(struct addrinfo **found, const char *host, uint16_t port, int family,
                   bool numeric)
{
    struct addrinfo hints = {
        .ai_family = family,
        .ai_socktype = SOCK_DGRAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
    };
    char service[8], bare[NI_MAXHOST];
    size_t length = strlen(host);
    bool brackets = length > 2 && length < sizeof bare && host[0] == '[' && host[length - 1] == ']';

    snprintf(service, sizeof service, "%u", port);
    if (brackets) {
        snprintf(bare, sizeof bare, "%.*s", (int)length - 2, host + 1);
        host = bare;
    }
    int error = getaddrinfo(host, service, &hints, found);
    if (error == EAI_NONAME && !numeric && !brackets) {
        hints.ai_flags = AI_NUMERICSERV;
        error = getaddrinfo(host, service, &hints, found);
    }
    if (error == 0)
        return EXIT_DONE;
    if (error == EAI_NONAME && (numeric || brackets))
        report("invalid address \"%.200s\": expected a numeric address %s", host,
               brackets ? "in brackets" : "with -n");
    else
        report("cannot resolve \"%.200s\": %s; check the name, or give an address", host,
               error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
    return EXIT_RESOLVE;
}

/* ---- sockets -------------------------------------------------------------------------------- */

static void grow_buffers(struct net *net)
{
    int fd = net->fd, size = SOCKET_BUFFER;
    socklen_t length = sizeof net->receive_buffer;

    /* The FORCE options can exceed the limit of the system, but need CAP_NET_ADMIN. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    net->receive_buffer = 0;
    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &net->receive_buffer, &length);
}

static bool open_socket(struct net *net, int family)
{
    net->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (net->fd < 0)
        return false;
    grow_buffers(net);
    net->unfragmented = false;
    net->batches = batch_enable(net->fd);
    return true;
}

static void close_socket(struct net *net)
{
    int error = errno;

    if (net->fd >= 0) {
        net_flush(net);
        close(net->fd);
    }
    net_discard(net);
    net->fd = -1;
    net->received = net->taken = 0;
    errno = error;
}

/* ---- client --------------------------------------------------------------------------------- */

int net_resolve(struct net *net, const struct net_config *config)
{
    int family = config->family, code = EXIT_DONE;

    net->fd = -1;
    net->connected = true;
    if (config->source != NULL) {
        code = resolve(&net->own, config->source, config->source_port, family, config->numeric);
        if (code == EXIT_DONE) /* the peer's address must have the family of -s */
            family = net->own->ai_family;
    }
    if (code == EXIT_DONE)
        code = resolve(&net->found, config->host, config->port, family, config->numeric);
    net->next = net->found;
    return code;
}

/* Binds the socket to the address of -s and the port of -p. */
static bool bind_source(const struct net *net, uint16_t port, int family)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in sin;
        struct sockaddr_in6 sin6;
    } any = {0};

    if (net->own != NULL)
        return bind(net->fd, net->own->ai_addr, net->own->ai_addrlen) == 0;
    if (port == 0)
        return true;
    if (family == AF_INET6)
        any.sin6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    else
        any.sin = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    return bind(net->fd, &any.sa, family == AF_INET6 ? sizeof any.sin6 : sizeof any.sin) == 0;
}

/* Returns what to do after an error of bind(2), as the end of an error line. */
static const char *step_after_bind(int error)
{
    switch (error) {
    case EADDRINUSE: return "; choose another port, or find the program that uses it: ss -ulp";
    case EACCES: return "; ports below 1024 need a privilege";
    case EADDRNOTAVAIL: return "; no interface of this machine has that address (see ip address)";
    default: return "";
    }
}

/* Reports that bind_source() has failed, with errno. */
static void report_source(const struct net *net, uint16_t port)
{
    char name[NET_NAME_MAX];
    const char *why = strerror(errno), *step = step_after_bind(errno);
    session_t own;

    if (net->own == NULL) {
        report("cannot bind the local port %u (-p): %s%s", port, why, step);
        return;
    }
    dtls_session_init(&own);
    memcpy(&own.addr, net->own->ai_addr, net->own->ai_addrlen);
    own.size = net->own->ai_addrlen;
    report("cannot bind the local address %s (-s%s): %s%s", net_name(name, &own),
           port != 0 ? ", -p" : "", why, step);
}

enum step { CONNECTED, OPENING, BINDING, CONNECTING };

/* Opens a socket, binds it and connects it. Returns the step that failed, with errno, or
 * CONNECTED. */
static enum step connect_to(struct net *net, const struct addrinfo *to, uint16_t source_port)
{
    close_socket(net);
    net->refused = 0;
    net->binding++;
    dtls_session_init(&net->peer);
    memcpy(&net->peer.addr, to->ai_addr, to->ai_addrlen);
    net->peer.size = to->ai_addrlen;
    if (!open_socket(net, to->ai_family))
        return OPENING;
    if (!bind_source(net, source_port, to->ai_family))
        return BINDING;
    return connect(net->fd, to->ai_addr, to->ai_addrlen) == 0 ? CONNECTED : CONNECTING;
}

/* ---- another local address ------------------------------------------------------------------ */

/* Finds the local address that the kernel would now select for a new socket to the peer. */
static bool find_source(const struct net *net, session_t *own)
{
    int fd = route_to(&net->peer);

    if (fd >= 0)
        *own = address_of_socket(fd);
    return fd >= 0;
}

/* Connects the socket again. The kernel selects what -s and -p leave open of the local address and
 * port. */
static bool reconnect(struct net *net)
{
    const struct sockaddr unspecified = {.sa_family = AF_UNSPEC};

    net->binding++;
    /* Disconnect the socket first. Otherwise the kernel keeps its local address. */
    return connect(net->fd, &unspecified, sizeof unspecified) == 0 &&
           connect(net->fd, &net->peer.addr.sa, net->peer.size) == 0;
}

bool net_follow(struct net *net)
{
    session_t old = address_of_socket(net->fd), new;

    return net->connected && net->own == NULL && find_source(net, &new) &&
           !address_is_same_host(&old, &new) && reconnect(net);
}

bool net_change_port(struct net *net)
{
    session_t new;

    return find_source(net, &new) && reconnect(net);
}

bool net_has_others(const struct net *net)
{
    return net->found->ai_next != NULL;
}

int net_connect_next(struct net *net, const struct net_config *config)
{
    char name[NET_NAME_MAX];
    enum step failed;

    do {
        failed = connect_to(net, net->next, config->source_port);
        net->next = net->next->ai_next;
    } while (failed != CONNECTED && net->next != NULL);
    if (failed == CONNECTED)
        return EXIT_DONE;
    if (failed == BINDING)
        report_source(net, config->source_port);
    else
        report("%s %s: %s", failed == OPENING ? "cannot open a socket for" : "cannot reach",
               net_name(name, &net->peer), strerror(errno));
    return EXIT_IO;
}

/* ---- listener ------------------------------------------------------------------------------- */

/* Makes recvmsg(2) report the local address to which a datagram was sent. */
static void ask_for_local_address(int fd, int family)
{
    int on = 1;

    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    else
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

static bool is_wildcard(const struct addrinfo *own)
{
    session_t address;

    memcpy(&address.addr, own->ai_addr, own->ai_addrlen);
    return own->ai_family == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED(&address.addr.sin6.sin6_addr)
                                      : address.addr.sin.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool bind_listener(struct net *net, const struct addrinfo *own, bool ipv6_only)
{
    int only = ipv6_only;

    if (!open_socket(net, own->ai_family))
        return false;
    if (own->ai_family == AF_INET6)
        setsockopt(net->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    net->wildcard = is_wildcard(own);
    if (net->wildcard)
        ask_for_local_address(net->fd, own->ai_family);
    if (bind(net->fd, own->ai_addr, own->ai_addrlen) == 0)
        return true;
    close_socket(net);
    return false;
}

static int listen_at(struct net *net, const struct net_config *config, const char *host)
{
    struct addrinfo *own;
    int code = resolve(&own, host, config->port, config->family, config->numeric);

    if (code != EXIT_DONE)
        return code;
    if (!bind_listener(net, own, config->family == AF_INET6))
        code = EXIT_IO;
    freeaddrinfo(own);
    return code;
}

int net_listen(struct net *net, const struct net_config *config)
{
    const char *host = config->host;
    int code;

    net->fd = -1;
    if (host == NULL)
        host = config->family == AF_INET ? "0.0.0.0" : "::";
    code = listen_at(net, config, host);
    bool no_ipv6 = code == EXIT_IO && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
    if (no_ipv6 && config->host == NULL && config->family == AF_UNSPEC) {
        host = "0.0.0.0";
        code = listen_at(net, config, host);
    }
    if (code == EXIT_IO)
        report(strchr(host, ':') != NULL && host[0] != '[' ? "cannot listen on [%.200s]:%u: %s%s"
                                                           : "cannot listen on %.200s:%u: %s%s",
               host, config->port, strerror(errno), step_after_bind(errno));
    return code;
}

/* Sets SO_REUSEPORT on the first socket only here, after its bind(2). If the option were set
 * before, that bind(2) would succeed even if another dtlscat with workers has the port. */
int net_listen_again(struct net *net)
{
    session_t own = address_of_socket(net->fd);
    int first = net->fd, fd = -1, only = 0, on = 1, family = own.addr.sa.sa_family;
    socklen_t size = sizeof only;

    if (setsockopt(first, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        return -1;
    if (open_socket(net, family)) {
        fd = net->fd;
        if (family == AF_INET6 && getsockopt(first, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) == 0)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        if (net->wildcard)
            ask_for_local_address(fd, family);
        if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
            bind(fd, &own.addr.sa, own.size) != 0) {
            close_socket(net);
            fd = -1;
        }
    }
    net->fd = first;
    return fd;
}

void net_close(struct net *net)
{
    close_socket(net);
    if (net->found != NULL)
        freeaddrinfo(net->found);
    if (net->own != NULL)
        freeaddrinfo(net->own);
}
