/*
 * socketerrors.h - handles errors of the socket: refused port, failing network, broken socket, datagram too long.
 */
#ifndef SOCKETERRORS_H
#define SOCKETERRORS_H

#include "app.h"

/* Handles the errors recorded in app->net since the last call. */
void socketerrors_check(struct app *app);

#endif
