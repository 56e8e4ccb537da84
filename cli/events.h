/*
 * events.h - the library's callbacks, and how sessions begin and end.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "cat.h"

/* Each returns 0, or an exit code after having said why. The first makes cat->dtls. */
int events_start(struct cat *cat);
int events_call(struct cat *cat);

/* An ICMP error has come, cat->net.refused. */
void events_refused(struct cat *cat);

#endif
