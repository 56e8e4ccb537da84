/*
 * peerlist.h - lists of peers, from which a peer is removed in constant time.
 */
#ifndef PEERLIST_H
#define PEERLIST_H

#include <stdbool.h>
#include <stddef.h>

struct peer;

struct peer_link {
    struct peer *peer;
    struct peer_link *next;
    /* the pointer that points to this link; NULL: the link is in no list */
    struct peer_link **place;
};

static inline bool peerlist_has(const struct peer_link *link)
{
    return link->place != NULL;
}

/* Adds the link of a peer to the list. The link must not be in a list. */
static inline void peerlist_add(struct peer_link **list, struct peer_link *link, struct peer *peer)
{
    *link = (struct peer_link){.peer = peer, .next = *list, .place = list};
    if (link->next != NULL)
        link->next->place = &link->next;
    *list = link;
}

/* Removes the link from its list. Does nothing if the link is in no list. */
static inline void peerlist_remove(struct peer_link *link)
{
    if (!peerlist_has(link))
        return;
    *link->place = link->next;
    if (link->next != NULL)
        link->next->place = link->place;
    link->place = NULL;
}

#endif
