/*
 * workers.h - --workers: several processes serve one port. The first process, the supervisor, opens
 * a socket for each worker and forks the workers. It forwards signals to them, and starts a worker
 * again that has died. It keeps all sockets open, so that the kernel always distributes datagrams
 * among the same sockets: the clients of the other workers are not affected.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include "app.h"

/* The largest number of workers. The number of a worker has to fit a byte of a connection ID. */
#define WORKERS_MAX 64

struct workers {
    int fd[WORKERS_MAX];
    pid_t pid[WORKERS_MAX]; /* process ID of each worker; 0: it does not run */
    size_t count;
};

/* Opens a socket for each worker, and blocks the signals that workers_run() handles. app->net is
 * the first socket. Returns 0, or an exit code after reporting the error. */
int workers_open(struct workers *workers, struct app *app);

/* Starts the workers. In a worker, returns true: app->net is its socket, and app->worker its
 * number. In the supervisor, returns false after all workers have ended, with the exit code of the
 * run in *code. The library must not be used before this call. */
bool workers_run(struct workers *workers, struct app *app, int *code);

#endif
