/*
 * socketerrors.h - what errors of the socket mean: nothing listens there, the network or the socket has failed,
 * a datagram was too long.
 */
#ifndef SOCKETERRORS_H
#define SOCKETERRORS_H

#include "app.h"

/* Does what the errors noted in app->net since the last call ask for. */
void socketerrors_check(struct app *app);

#endif
