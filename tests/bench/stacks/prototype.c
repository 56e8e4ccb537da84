/*
 * prototype.c - the least that a sealed pipe over UDP needs, to compare the speed of the tool with: no handshake, a
 * fixed key, AES-128-GCM by libcrypto, datagrams of 1400 bytes in batches of UDP_SEGMENT and UDP_GRO, and a window
 * of 64 KiB whose use the receiver acknowledges.
 *
 *     prototype receive >FILE       reports its port on stderr
 *     prototype send PORT <FILE
 *
 * A datagram: a number of 8 bytes, the sealed data, the tag. A datagram without data is the last
 * one. Nothing is sent again: if a datagram is lost, both ends fail.
 */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    NUMBER = 8,
    TAG = 16,
    DATAGRAM = 1400,
    DATA = DATAGRAM - NUMBER - TAG,
    WINDOW = 65536 / DATAGRAM,
    BATCH = WINDOW / 2,
    ROOM = 65536,
    PATIENCE_S = 20
};

static int sock;
static EVP_CIPHER_CTX *cipher;

static void check(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void start(bool seal)
{
    static const uint8_t key[16] = {1};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const int room = 4 << 20;
    cipher = EVP_CIPHER_CTX_new();
    check(EVP_CipherInit_ex(cipher, EVP_aes_128_gcm(), NULL, key, NULL, seal) == 1, "cipher");
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* Begins to seal or open a datagram. Its number is the nonce and the additional data. */
static void begin(const uint8_t number[NUMBER])
{
    uint8_t nonce[12] = {0};
    int length;
    memcpy(nonce + 4, number, NUMBER);
    check(EVP_CipherInit_ex(cipher, NULL, NULL, NULL, nonce, -1) == 1 &&
              EVP_CipherUpdate(cipher, NULL, &length, number, NUMBER) == 1,
          "nonce");
}

/* Writes a sealed datagram to out. Returns the length of the datagram. */
static size_t seal(uint8_t *out, uint64_t number, const uint8_t *data, size_t length)
{
    int written = 0;
    number = htobe64(number);
    memcpy(out, &number, NUMBER);
    begin(out);
    check(
        (length == 0 || EVP_CipherUpdate(cipher, out + NUMBER, &written, data, (int)length) == 1) &&
            EVP_CipherFinal_ex(cipher, out + NUMBER + length, &written) == 1 &&
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, out + NUMBER + length) == 1,
        "seal");
    return NUMBER + length + TAG;
}

/* Opens a datagram, and writes its data to out. Returns the length of the data. */
static size_t open_datagram(uint8_t *out, uint64_t *number, uint8_t *datagram, size_t length)
{
    int written = 0;
    check(length >= NUMBER + TAG, "length");
    length -= NUMBER + TAG;
    memcpy(number, datagram, NUMBER);
    *number = be64toh(*number);
    begin(datagram);
    check(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, TAG, datagram + NUMBER + length) ==
                  1 &&
              (length == 0 ||
               EVP_CipherUpdate(cipher, out, &written, datagram + NUMBER, (int)length) == 1) &&
              EVP_CipherFinal_ex(cipher, out + length, &written) == 1,
          "open");
    return length;
}

/* ---- sender ---- */

static void send_batch(const uint8_t *batch, size_t length)
{
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(uint16_t))];
    } control = {.room = {0}};
    const uint16_t segment = DATAGRAM;
    struct iovec part = {.iov_base = (void *)(size_t)batch, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (length > DATAGRAM) {
        control.header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof segment), .cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT};
        memcpy(CMSG_DATA(&control.header), &segment, sizeof segment);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
    }
    check(sendmsg(sock, &message, 0) == (ssize_t)length, "sendmsg");
}

/* Waits until at most `most` datagrams are not acknowledged. */
static void await_window(uint64_t sent, uint64_t *acknowledged, uint64_t most)
{
    while (sent - *acknowledged > most) {
        uint64_t count;
        check(recv(sock, &count, sizeof count, 0) == sizeof count, "no acknowledgement");
        if (be64toh(count) > *acknowledged)
            *acknowledged = be64toh(count);
    }
}

static void send_all(uint16_t port)
{
    static uint8_t data[BATCH * DATA], batch[BATCH * DATAGRAM];
    const struct sockaddr_in peer = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint64_t sent = 0, acknowledged = 0;
    ssize_t got;
    check(connect(sock, (const struct sockaddr *)&peer, sizeof peer) == 0, "connect");
    while ((got = read(STDIN_FILENO, data, sizeof data)) > 0) {
        size_t length = 0, count = ((size_t)got + DATA - 1) / DATA;
        await_window(sent, &acknowledged, WINDOW - count);
        for (size_t at = 0; at < (size_t)got; at += DATA)
            length += seal(batch + length, sent++, data + at,
                           (size_t)got - at < DATA ? (size_t)got - at : DATA);
        send_batch(batch, length);
    }
    await_window(sent, &acknowledged, 0);
    send_batch(batch, seal(batch, sent++, NULL, 0));
    await_window(sent, &acknowledged, 0);
}

/* ---- receiver ---- */

/* Receives datagrams of *segment bytes each; only the last may be shorter. Returns their total length. */
static size_t receive_batch(uint8_t *batch, size_t *segment, struct sockaddr_in *from)
{
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = batch, .iov_len = ROOM};
    struct msghdr message = {.msg_name = from,
                             .msg_namelen = sizeof *from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(sock, &message, 0);
    int size = (int)length;
    check(length > 0, "recvmsg");
    if (message.msg_controllen >= CMSG_LEN(sizeof size) && control.header.cmsg_type == UDP_GRO)
        memcpy(&size, CMSG_DATA(&control.header), sizeof size);
    *segment = (size_t)size;
    return (size_t)length;
}

static void write_all(const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, data, length);
        check(written > 0, "write");
        data += written;
        length -= (size_t)written;
    }
}

static void receive_all(void)
{
    static uint8_t batch[ROOM], data[ROOM];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int on = 1;
    uint64_t count = 0;
    bool last = false;
    check(bind(sock, (struct sockaddr *)&address, size) == 0, "bind");
    setsockopt(sock, SOL_UDP, UDP_GRO, &on, sizeof on);
    getsockname(sock, (struct sockaddr *)&address, &size);
    fprintf(stderr, "listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    while (!last) {
        struct sockaddr_in from;
        size_t segment, received = receive_batch(batch, &segment, &from), length = 0;
        for (size_t at = 0; at < received; at += segment) {
            uint64_t number;
            size_t more = open_datagram(data + length, &number, batch + at,
                                        received - at < segment ? received - at : segment);
            check(number == count++, "a datagram was lost");
            last = more == 0;
            length += more;
        }
        write_all(data, length);
        const uint64_t acknowledged = htobe64(count);
        sendto(sock, &acknowledged, sizeof acknowledged, 0, (struct sockaddr *)&from, sizeof from);
    }
}

int main(int argc, char **argv)
{
    bool sender = argc == 3 && strcmp(argv[1], "send") == 0;
    if (!sender && !(argc == 2 && strcmp(argv[1], "receive") == 0)) {
        fprintf(stderr, "usage: prototype receive | prototype send PORT\n");
        return 2;
    }
    start(sender);
    if (sender)
        send_all((uint16_t)atoi(argv[2]));
    else
        receive_all();
    return 0;
}
