/*
 * answer.c - a UDP service that is not DTLS, or a DTLS server that sends one fixed datagram.
 *
 *     answer REPLY
 *
 * It listens on a free port of 127.0.0.1, prints it ("port 40001"), and answers each datagram until
 * it is killed. REPLY is
 *
 *     none        no answer
 *     echo        the datagram itself
 *     HEX         these bytes
 *     id:HEX      the first two bytes of the datagram, then these bytes
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DATAGRAM = 65536 };

static int listen_somewhere(void)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(own);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&own, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&own, &size) != 0) {
        perror("answer");
        exit(1);
    }
    printf("port %u\n", ntohs(own.sin_port));
    fflush(stdout);
    return fd;
}

static size_t put_hex(uint8_t *out, const char *hex)
{
    size_t length = 0;
    unsigned byte;

    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        out[length++] = (uint8_t)byte;
    return length;
}

/* Replaces the datagram by the reply. Returns the length of the reply. */
static size_t reply(uint8_t *datagram, size_t length, const char *how)
{
    if (strcmp(how, "echo") == 0)
        return length;
    if (strncmp(how, "id:", 3) == 0)
        return 2 + put_hex(datagram + 2, how + 3);
    return put_hex(datagram, how);
}

int main(int argc, char **argv)
{
    static uint8_t datagram[DATAGRAM];
    struct sockaddr_in from;
    int fd;

    if (argc != 2) {
        fprintf(stderr, "usage: answer none|echo|HEX|id:HEX\n");
        return 2;
    }
    fd = listen_somewhere();
    for (;;) {
        socklen_t size = sizeof(from);
        ssize_t length =
            recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&from, &size);

        if (length < 0 || strcmp(argv[1], "none") == 0)
            continue;
        sendto(fd, datagram, reply(datagram, (size_t)length, argv[1]), 0, (struct sockaddr *)&from,
               size);
    }
}
