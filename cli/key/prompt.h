/*
 * prompt.h - reads a secret from the terminal, never from stdin.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stddef.h>

/* Prints the question on /dev/tty and reads one line of at most size bytes with the echo off.
 * Returns the length without the newline, PROMPT_NO_TERMINAL, or PROMPT_FAILED at the end of file
 * and for a line that is too long. A signal first restores the terminal, and then has its usual
 * effect. After a stop the question is printed again. */
#define PROMPT_NO_TERMINAL (-1)
#define PROMPT_FAILED (-2)
int prompt_secret(const char *question, char *line, size_t size);

#endif
