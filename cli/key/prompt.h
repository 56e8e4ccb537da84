/*
 * prompt.h - asking for a secret on the terminal, never on stdin.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stddef.h>

/* Shows the question on /dev/tty and reads one line with the echo off. Returns its length without
 * the newline, PROMPT_NO_TERMINAL, or PROMPT_FAILED for end of file and what does not fit. A signal
 * restores the terminal first and then acts as usual; after a stop the question is asked again. */
#define PROMPT_NO_TERMINAL (-1)
#define PROMPT_FAILED (-2)
int prompt_secret(const char *question, char *line, size_t size);

#endif
