/*
 * events.h - the library's callbacks, and how sessions begin and end.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "cat.h"

/* Each returns 0, or an exit code after having said why. The first makes cat->dtls. */
int events_start(struct cat *cat);
int events_call(struct cat *cat);

/* Nothing listens at the peer's port, by ICMP: cat->net.refused. */
void events_refused(struct cat *cat);
/* The network does not take datagrams: cat->net.failing, or for ever cat->net.broken. */
void events_failing(struct cat *cat);
void events_broken(struct cat *cat);

#endif
