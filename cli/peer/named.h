/*
 * named.h - finds a peer by the text of its address.
 */
#ifndef NAMED_H
#define NAMED_H

struct app;
struct peer;

/* Returns the peer whose address net_name() writes as this text, or NULL. The time that this takes
 * does not depend on the number of peers. */
struct peer *peer_named(struct app *app, const char *name);

#endif
