/*
 * prompt.h - reads a secret from the terminal, never from stdin.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stddef.h>

/* Prints the question on /dev/tty, and reads one line with the echo off. Returns the length of the
 * line without its newline. Returns PROMPT_NO_TERMINAL if there is no terminal. Returns
 * PROMPT_FAILED at the end of file, or if the line is longer than size. If a signal arrives, the
 * terminal is restored before the signal takes effect. After a stop and a continue the question is
 * printed again. */
#define PROMPT_NO_TERMINAL (-1)
#define PROMPT_FAILED (-2)
int prompt_secret(const char *question, char *line, size_t size);

#endif
