#include "net/steer.h"

#include <linux/filter.h>
#include <stdint.h>
#include <sys/socket.h>

#define LOAD_LENGTH BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0)
#define LOAD_BYTE(offset) BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (offset))
#define AND(mask) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (mask))
/* `then` and `otherwise` are numbers of instructions to skip. */
#define IF_AT_LEAST(value, then, otherwise)                                                        \
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (value), (then), (otherwise))
#define IF_EQUAL(value, then, otherwise)                                                           \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (then), (otherwise))
#define SKIP(count) BPF_STMT(BPF_JMP | BPF_JA, (count))
#define RETURN_LOADED BPF_STMT(BPF_RET | BPF_A, 0)
/* No socket has the number UINT32_MAX, so the kernel selects a socket by the hash. */
#define RETURN_NONE BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)

#define CID12_OFFSET 11 /* RFC 9146 section 4: type, version, epoch, sequence number, then the ID */
#define CID13_OFFSET 1  /* RFC 9147 section 4: the ID follows the first byte */

bool steer_by_cid(int fd, size_t count)
{
    struct sock_filter program[] = {
        LOAD_LENGTH,
        IF_AT_LEAST(CID12_OFFSET + 1, 0, 9),
        LOAD_BYTE(0),
        IF_EQUAL(25, 4, 0), /* content type tls12_cid */
        AND(0xf0),
        IF_EQUAL(0x30, 0, 5), /* 0011: a unified header with a connection ID */
        LOAD_BYTE(CID13_OFFSET),
        SKIP(1),
        LOAD_BYTE(CID12_OFFSET),
        IF_AT_LEAST((uint32_t)count, 1, 0),
        RETURN_LOADED,
        RETURN_NONE,
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter) == 0;
}
