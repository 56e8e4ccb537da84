#include "sandbox/seccomp.h"

#include <errno.h>
#include <stddef.h>

#include "sandbox/available.h"

#if SANDBOX_AVAILABLE

#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define EMPTY_PATH 0x1000 /* AT_EMPTY_PATH: the call is about a descriptor */
#define UDP (SOCK_DGRAM | SOCK_CLOEXEC)
/* TCGETS2, by which isatty(3) asks since glibc 2.42. Its definition in the headers needs another one
 * of struct termios than <termios.h> has. */
#define GET_TERMINAL 0x802c542a

enum test { ANY, IS, HAS_NONE_OF, HAS };

/* A system call that is permitted if all its tests hold. */
struct rule {
    unsigned set;
    uint32_t number;
    struct {
        enum test test;
        uint32_t argument; /* number of the argument, from 0 */
        uint32_t value;
    } tests[2];
};

#define BASE(name)                                                                                 \
    {                                                                                              \
        .set = SECCOMP_BASE, .number = __NR_##name                                                 \
    }
#define BASE_IF(name, test, argument, value)                                                       \
    {                                                                                              \
        .set = SECCOMP_BASE, .number = __NR_##name, .tests = { {test, argument, value} }           \
    }
#define SET(what, name)                                                                            \
    {                                                                                              \
        .set = SECCOMP_##what, .number = __NR_##name                                               \
    }
#define SET_IF(what, name, test, argument, value)                                                  \
    {                                                                                              \
        .set = SECCOMP_##what, .number = __NR_##name, .tests = { {test, argument, value} }         \
    }

/* C libraries differ in which of several calls a function uses, so each family is complete. Calls
 * that exist on one architecture only have an #ifdef. */
static const struct rule rules[] = {
    /* data */
    BASE(recvmsg),
    BASE(sendmsg),
    BASE(recvmmsg),
    BASE(sendmmsg),
    BASE(recvfrom),
    BASE(sendto),
    BASE(read),
    BASE(write),
    BASE(readv),
    BASE(writev),
    BASE(pread64),
    BASE(pwrite64),
    BASE(preadv2),
    BASE(pwritev2),
    BASE(lseek),
    BASE(fsync),
    BASE(pipe2), /* for a program, and to count the lines of stdin that are not read yet */
    BASE(tee),
    /* waiting */
    BASE(ppoll),
    BASE(pselect6),
    BASE(epoll_pwait),
    BASE(epoll_ctl),
#ifdef __NR_epoll_pwait2
    BASE(epoll_pwait2),
#endif
#ifdef __NR_poll
    BASE(poll),
    BASE(select),
    BASE(epoll_wait),
    BASE(time),
#endif
    BASE(clock_gettime),
    BASE(clock_getres),
    BASE(gettimeofday),
    BASE(nanosleep),
    BASE(clock_nanosleep),
    BASE(futex),
    BASE(sched_yield),
    BASE(restart_syscall),
    /* descriptors */
    BASE(close),
    BASE(fcntl),
    BASE(fstat),
    BASE_IF(newfstatat, HAS, 3, EMPTY_PATH),
#ifdef __NR_statx
    BASE_IF(statx, HAS, 2, EMPTY_PATH),
#endif
    BASE_IF(ioctl, IS, 1, TCGETS),
    BASE_IF(ioctl, IS, 1, GET_TERMINAL),
    BASE_IF(ioctl, IS, 1, TIOCGWINSZ),
    BASE_IF(ioctl, IS, 1, FIONREAD),
    BASE_IF(ioctl, IS, 1, SIOCGIFNAME),
    BASE_IF(ioctl, IS, 1, SIOCGIFINDEX),
    /* sockets that exist */
    BASE(connect),
    BASE(getsockname),
    BASE(getpeername),
    BASE(getsockopt),
    BASE(setsockopt),
    BASE(shutdown),
    /* memory, which is never executable */
    BASE(brk),
    BASE_IF(mmap, HAS_NONE_OF, 2, PROT_EXEC),
    BASE_IF(mprotect, HAS_NONE_OF, 2, PROT_EXEC),
    BASE(munmap),
    BASE(mremap),
    BASE(madvise),
    BASE(sysinfo), /* qsort(3) */
    BASE(getrandom),
    /* this process, its children and its end */
    BASE(rt_sigaction),
    BASE(rt_sigprocmask),
    BASE(rt_sigreturn),
    BASE(getpid),
    BASE(gettid),
    BASE(tgkill), /* abort(3) */
    BASE(getuid),
    BASE(geteuid),
    BASE(getgid),
    BASE(getegid),
    BASE(wait4),
    BASE(waitid),
    BASE(exit),
    BASE(exit_group),
    {SECCOMP_SOCKETS, __NR_socket, {{IS, 0, AF_INET}, {IS, 1, UDP}}},
    {SECCOMP_SOCKETS, __NR_socket, {{IS, 0, AF_INET6}, {IS, 1, UDP}}},
    SET(SOCKETS, bind),
    SET(SOCKETS, seccomp),
    SET(PROGRAMS, kill),
    SET_IF(PACKETS, socketpair, IS, 0, AF_UNIX),
};

#define RULES (sizeof rules / sizeof rules[0])
#define MOST_STATEMENTS (5 + 8 * RULES)

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
/* `then` and `otherwise` are numbers of statements to skip. */
#define JUMP(how, value, then, otherwise)                                                          \
    BPF_JUMP(BPF_JMP | (how) | BPF_K, (value), (then), (otherwise))

struct program {
    struct sock_filter statements[MOST_STATEMENTS];
    unsigned short length;
};

static void add(struct program *program, struct sock_filter statement)
{
    program->statements[program->length++] = statement;
}

/* Adds a test. If it fails, the next `skip` statements after it are skipped. Only the lower half of
 * an argument is compared: the kernel uses no more of these arguments. */
static void add_test(struct program *program, enum test test, uint32_t argument, uint32_t value,
                     uint8_t skip)
{
    add(program, (struct sock_filter)LOAD(args[0]));
    program->statements[program->length - 1].k += argument * (uint32_t)sizeof(uint64_t);
    if (test == IS)
        add(program, (struct sock_filter)JUMP(BPF_JEQ, value, 0, skip));
    else if (test == HAS)
        add(program, (struct sock_filter)JUMP(BPF_JSET, value, 0, skip));
    else
        add(program, (struct sock_filter)JUMP(BPF_JSET, value, skip, 0));
}

/* Adds a rule: at its begin and at its end, the accumulator has the number of the call. */
static void add_rule(struct program *program, const struct rule *rule)
{
    size_t tests = 0;

    while (tests < 2 && rule->tests[tests].test != ANY)
        tests++;
    uint8_t body = (uint8_t)(2 * tests + 1 + (tests > 0));
    add(program, (struct sock_filter)JUMP(BPF_JEQ, rule->number, 0, body));
    for (size_t i = 0; i < tests; i++)
        add_test(program, rule->tests[i].test, rule->tests[i].argument, rule->tests[i].value,
                 (uint8_t)(2 * (tests - i - 1) + 1));
    add(program, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    if (tests > 0)
        add(program, (struct sock_filter)LOAD(nr));
}

bool seccomp_is_available(void)
{
    uint32_t action = SECCOMP_RET_ERRNO;

    return syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool seccomp_install(unsigned sets)
{
    struct program program = {.length = 0};

    add(&program, (struct sock_filter)LOAD(arch));
    add(&program, (struct sock_filter)JUMP(BPF_JEQ, ARCH, 1, 0));
    add(&program, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM));
    add(&program, (struct sock_filter)LOAD(nr));
    for (size_t i = 0; i < RULES; i++)
        if ((rules[i].set & sets) != 0)
            add_rule(&program, &rules[i]);
    add(&program, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM));
    struct sock_fprog filter = {.len = program.length, .filter = program.statements};
    return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

#else

bool seccomp_is_available(void)
{
    return false;
}

bool seccomp_install(unsigned sets)
{
    (void)sets;
    errno = ENOSYS;
    return false;
}

#endif
