/*
 * socketerrors.h - handles errors of the socket: a refused port, a temporary failure of the
 * network, a permanent failure, a datagram that was too long.
 */
#ifndef SOCKETERRORS_H
#define SOCKETERRORS_H

#include "app.h"

/* Handles the errors that were recorded in app->net since the last call. */
void socketerrors_check(struct app *app);

#endif
