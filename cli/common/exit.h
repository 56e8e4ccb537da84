/*
 * exit.h - the exit statuses of dtlscat. The status is the kind of failure, and an error line on
 * stderr has the details.
 */
#ifndef EXIT_H
#define EXIT_H

enum exit_code {
    EXIT_DONE = 0,      /* success */
    EXIT_IO = 1,        /* reading, writing or a system call failed */
    EXIT_USAGE = 2,     /* the command line or the key material is wrong; nothing was sent */
    EXIT_RESOLVE = 3,   /* the host name cannot be resolved */
    EXIT_REFUSED = 4,   /* ICMP reported that no program listens on the port */
    EXIT_NO_ANSWER = 5, /* the handshake timed out and the peer never answered */
    EXIT_AUTH = 6,      /* wrong key or unknown identity */
    EXIT_HANDSHAKE = 7, /* the handshake failed for another reason */
    EXIT_PEER = 8,      /* the peer failed after the handshake */
    EXIT_IDLE =
        9, /* no data within the limit of -w or --idle, or fewer messages than -W asks for */
    EXIT_LOSS = 10,    /* with --fail-on-loss: data was lost */
    EXIT_PROGRAM = 11, /* the program of -e failed */
    EXIT_SIGNAL = 128  /* a signal ended the run: 128 + the number of the signal */
};

#endif
