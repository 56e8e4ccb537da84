#include "common_listener.h"
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 32, READY = 3 };

const unsigned char listener_key[LISTENER_KEY + 1] = "0123456789abcdef";

static void run(const char *const more[], const int input[2], const int output[2],
                const int ready[2])
{
    const char *program = getenv("DTLSCAT");
    const char *arguments[MAX_ARGUMENTS] = {
        program ? program : "build/dtlscat", "-lk", "127.0.0.1", "0", "--ready-fd", "3"};
    size_t count = 6;
    while (more && *more && count < MAX_ARGUMENTS - 1)
        arguments[count++] = *more++;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("DTLSCAT_PSK", "text:0123456789abcdef", 1);
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* it also reports its port there */
    dup2(ready[1], READY);
    closefrom(READY + 1);
    execv(arguments[0], (char *const *)(size_t)arguments);
    perror(arguments[0]);
    _exit(127);
}

void listener_start(listener_t *listener, const char *const more[])
{
    int input[2], output[2], ready[2];
    char port[16] = {0};
    CHECK(pipe(input) == 0 && pipe(output) == 0 && pipe(ready) == 0);
    listener->pid = fork();
    if (listener->pid == 0)
        run(more, input, output, ready);
    CHECK(listener->pid > 0);
    close(input[0]);
    close(output[1]);
    close(ready[1]);
    listener->input = input[1];
    listener->output = output[0];
    CHECK(read(ready[0], port, sizeof port - 1) > 0);
    close(ready[0]);
    listener->address = (struct sockaddr_in){.sin_family = AF_INET,
                                             .sin_port = htons((uint16_t)atoi(port)),
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void listener_read(const listener_t *listener, size_t length)
{
    char data[4096];
    while (length > 0) {
        ssize_t got = read(listener->output, data, length < sizeof data ? length : sizeof data);
        CHECK(got > 0);
        length -= (size_t)got;
    }
}

/* Returns the sum of a number over all threads of the listener: the number after prefix in the file
 * /proc/PID/task/TID/NAME. */
static double sum(const listener_t *listener, const char *name, const char *prefix)
{
    char pattern[64], line[256];
    glob_t files;
    double total = 0;
    snprintf(pattern, sizeof pattern, "/proc/%d/task/*/%s", (int)listener->pid, name);
    CHECK_EQ(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        FILE *in = fopen(files.gl_pathv[i], "r");
        while (in && fgets(line, sizeof line, in))
            if (strncmp(line, prefix, strlen(prefix)) == 0) {
                total += strtod(line + strlen(prefix), NULL);
                break;
            }
        if (in)
            fclose(in);
    }
    globfree(&files);
    return total;
}

double listener_cpu_us(const listener_t *listener)
{
    usleep(2000); /* the kernel adds the time of a process when the process waits */
    return sum(listener, "schedstat", "") / 1e3;
}

unsigned long listener_wakeups(const listener_t *listener)
{
    return (unsigned long)sum(listener, "status", "voluntary_ctxt_switches:");
}

unsigned long listener_resident_kb(const listener_t *listener)
{
    char path[64], line[256];
    unsigned long kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)listener->pid);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtoul(line + 6, NULL, 10);
    if (in)
        fclose(in);
    return kb;
}

void listener_end(listener_t *listener)
{
    kill(listener->pid, SIGKILL);
    while (!listener_ended(listener))
        usleep(1000);
}

void listener_stop(const listener_t *listener)
{
    kill(listener->pid, SIGTERM);
}

bool listener_ended(listener_t *listener)
{
    if (waitpid(listener->pid, NULL, WNOHANG) == 0)
        return false;
    close(listener->input);
    close(listener->output);
    return true;
}
