/*
 * exit.h - what the exit status of dtlscat says. A status tells the class of the failure; the one
 * line on stderr tells the rest.
 */
#ifndef EXIT_H
#define EXIT_H

enum exit_code {
    EXIT_DONE = 0,      /* everything asked for was done */
    EXIT_IO = 1,        /* input, output or the system failed */
    EXIT_USAGE = 2,     /* the command line or the key material is wrong; nothing was sent */
    EXIT_RESOLVE = 3,   /* the name has no address */
    EXIT_REFUSED = 4,   /* ICMP: nothing listens there */
    EXIT_NO_ANSWER = 5, /* the handshake timed out and nothing was ever heard */
    EXIT_AUTH = 6,      /* wrong key or unknown identity */
    EXIT_HANDSHAKE = 7, /* the handshake failed for another reason */
    EXIT_PEER = 8,      /* the peer failed after the handshake */
    EXIT_IDLE = 9,      /* nothing moved for the limit of -w, or -W still waits */
    EXIT_LOSS = 10,     /* with --fail-on-loss: something was lost */
    EXIT_PROGRAM = 11,  /* the program of -e failed */
    EXIT_SIGNAL = 128   /* plus the number of the signal */
};

#endif
