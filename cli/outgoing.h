/*
 * outgoing.h - stdin to the peer.
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "cat.h"

/* Whether stdin is to be read now, but for the pace. */
bool outgoing_wanted(const struct cat *cat);

/* Stdin can be read: sends what it has. */
void outgoing_pump(struct cat *cat);

#endif
