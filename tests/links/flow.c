/*
 * flow.c - the data of the link tests: a stream in which the content of each piece identifies its offset.
 *
 *     flow source bytes=N | seconds=N       writes to standard output
 *     flow sink [bytes=N] [series=FILE] [pause=SECONDS at=BYTES] [rate=BYTES] [listen=PORT]
 *
 * The 64-bit word at index i of the stream is i * FACTOR, so three words are enough to find the offset of a piece
 * after a gap. The sink reads standard input, or one TCP connection to PORT, and prints one line at the end:
 *
 *     arrived=N missing=N foreign=N jumps=N first=T last=T stall=SECONDS stall_at=T
 *
 * arrived counts the bytes whose offset is known, and foreign all others; missing is bytes=N less those that arrived;
 * jumps counts the gaps. Times are seconds of the real-time clock. stall is the longest time without data, and
 * stall_at its beginning. series gets a line "TIME BYTES" at most every 20 ms. With pause the sink stops reading once,
 * after the first at=BYTES; rate is the limit of its reading in bytes per second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FACTOR 0x9e3779b97f4a7c15U
#define INVERSE 0xf1de83e19937733dU /* FACTOR * INVERSE == 1 modulo 2^64 */

enum { WORD = 8, PROOF = 3 * WORD, BUFFER = 1 << 16, SERIES_MS = 20, SLOW_READ = 4096 };

typedef struct {
    double bytes, seconds, pause, at, rate, listen;
    const char *series;
} arguments_t;

typedef struct {
    uint64_t offset; /* of the next byte, if the stream continues */
    uint64_t arrived, foreign, jumps;
    double first, last, stall, stall_at;
} account_t;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_for(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    while (nanosleep(&time, &time) < 0 && errno == EINTR)
        ;
}

/* The eight bytes of the stream at any offset, in the order of memory. */
static uint64_t bytes_at(uint64_t offset)
{
    const uint64_t words[2] = {offset / WORD * FACTOR, (offset / WORD + 1) * FACTOR};
    uint64_t value;

    memcpy(&value, (const char *)words + offset % WORD, WORD);
    return value;
}

/* ---- source -------------------------------------------------------------- */

static bool write_all(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, data, length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            data += written;
            length -= (size_t)written;
        }
    }
    return true;
}

static int source(const arguments_t *arguments)
{
    static uint64_t words[BUFFER / WORD];
    const double end = now() + arguments->seconds;
    uint64_t left = (uint64_t)arguments->bytes, index = 0;

    while (arguments->seconds > 0 ? now() < end : left > 0) {
        size_t length = sizeof words;

        if (arguments->seconds <= 0 && left < length)
            length = (size_t)left;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            words[i] = index++ * FACTOR;
        if (!write_all((const char *)words, length))
            die("cannot write");
        left -= length;
    }
    return 0;
}

/* ---- sink ---------------------------------------------------------------- */

/* Returns the length of the part of DATA that equals the stream at OFFSET. */
static size_t match(const char *data, size_t length, uint64_t offset)
{
    size_t matched = 0;
    uint64_t expected, found;

    for (; matched + WORD <= length; matched += WORD) {
        expected = bytes_at(offset + matched);
        memcpy(&found, data + matched, WORD);
        if (expected != found)
            break;
    }
    expected = bytes_at(offset + matched);
    for (size_t i = 0; i < WORD && matched < length; i++, matched++)
        if (data[matched] != ((const char *)&expected)[i])
            break;
    return matched;
}

/* Finds the offset of PROOF bytes in the stream: they contain two whole words. */
static bool locate(const char *data, uint64_t *offset)
{
    for (size_t before = 0; before < WORD; before++) {
        uint64_t words[2];

        memcpy(words, data + before, sizeof words);
        uint64_t index = words[0] * INVERSE, start = index * WORD - before;
        if (words[1] == (index + 1) * FACTOR && index * WORD >= before && index < UINT32_MAX &&
            match(data, before + sizeof words, start) == before + sizeof words) {
            *offset = start;
            return true;
        }
    }
    return false;
}

/* Accounts for DATA, and returns the length of that part. A rest that is too short to be located has to wait for
 * more data, unless it is the LAST. */
static size_t judge(account_t *account, const char *data, size_t length, bool last)
{
    size_t at = 0;

    while (at < length) {
        size_t matched = match(data + at, length - at, account->offset);

        account->offset += matched;
        account->arrived += matched;
        at += matched;
        if (at == length || (!last && length - at < PROOF))
            break;
        if (length - at >= PROOF && locate(data + at, &account->offset)) {
            account->jumps++;
        } else {
            account->foreign++;
            at++;
        }
    }
    return at;
}

static void note_time(account_t *account, FILE *series, uint64_t read_so_far)
{
    static double noted;
    const double time = now();

    if (account->first == 0)
        account->first = account->last = time;
    if (time - account->last > account->stall) {
        account->stall = time - account->last;
        account->stall_at = account->last;
    }
    account->last = time;
    if (series && (time - noted) * 1000 >= (double)SERIES_MS) {
        fprintf(series, "%.3f %llu\n", time, (unsigned long long)read_so_far);
        noted = time;
    }
}

static void slow_down(const arguments_t *arguments, account_t *account, uint64_t read_so_far)
{
    static bool paused;
    double early;

    if (arguments->pause > 0 && !paused && (double)read_so_far >= arguments->at) {
        paused = true;
        wait_for(arguments->pause);
        account->last = now();
    }
    if (arguments->rate <= 0)
        return;
    early = (double)read_so_far / arguments->rate - (now() - account->first);
    if (early > 0)
        wait_for(early);
}

static int accept_one(unsigned port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 1) < 0 || (fd = accept(listener, NULL, NULL)) < 0)
        die("no connection");
    close(listener);
    return fd;
}

static int sink(const arguments_t *arguments)
{
    static char buffer[BUFFER + PROOF];
    FILE *series = arguments->series ? fopen(arguments->series, "w") : NULL;
    int fd = arguments->listen > 0 ? accept_one((unsigned)arguments->listen) : STDIN_FILENO;
    const size_t most = arguments->rate > 0 ? SLOW_READ : BUFFER;
    account_t account = {0};
    uint64_t read_so_far = 0;
    size_t held = 0; /* bytes that judge() left */
    ssize_t length;

    if (series)
        setvbuf(series, NULL, _IOLBF, 0); /* it is read while the sink runs */
    while ((length = read(fd, buffer + held, most)) > 0) {
        held += (size_t)length;
        read_so_far += (uint64_t)length;
        note_time(&account, series, read_so_far);
        size_t judged = judge(&account, buffer, held, false);
        held -= judged;
        memmove(buffer, buffer + judged, held);
        slow_down(arguments, &account, read_so_far);
    }
    judge(&account, buffer, held, true);
    if (series)
        fclose(series);
    printf("arrived=%llu missing=%lld foreign=%llu jumps=%llu first=%.3f last=%.3f stall=%.3f "
           "stall_at=%.3f\n",
           (unsigned long long)account.arrived,
           arguments->bytes > 0 ? (long long)arguments->bytes - (long long)account.arrived : 0,
           (unsigned long long)account.foreign, (unsigned long long)account.jumps, account.first,
           account.last, account.stall, account.stall_at);
    return 0;
}

/* ---- arguments ----------------------------------------------------------- */

static bool take(arguments_t *arguments, const char *argument)
{
    const struct {
        const char *name;
        double *number;
    } numbers[] = {{"bytes=", &arguments->bytes}, {"seconds=", &arguments->seconds},
                   {"pause=", &arguments->pause}, {"at=", &arguments->at},
                   {"rate=", &arguments->rate},   {"listen=", &arguments->listen}};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        size_t length = strlen(numbers[i].name);

        if (strncmp(argument, numbers[i].name, length) == 0) {
            *numbers[i].number = strtod(argument + length, NULL);
            return true;
        }
    }
    if (strncmp(argument, "series=", 7) != 0)
        return false;
    arguments->series = argument + 7;
    return true;
}

int main(int argc, char **argv)
{
    arguments_t arguments = {0};
    bool valid = argc > 1;

    for (int i = 2; i < argc; i++)
        valid = valid && take(&arguments, argv[i]);
    if (valid && strcmp(argv[1], "source") == 0)
        return source(&arguments);
    if (valid && strcmp(argv[1], "sink") == 0)
        return sink(&arguments);
    fputs("usage: flow source|sink [NAME=VALUE]...\n", stderr);
    return 2;
}
