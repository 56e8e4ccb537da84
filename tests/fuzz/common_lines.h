/* common_lines.h - error lines of the tool, checked and discarded (--wrap, see the Makefile). */
#ifndef FUZZ_LINES_H
#define FUZZ_LINES_H

#include "common/lines.h"

void __wrap_lines_put(const char *line, size_t length, enum lines_kind kind);

#endif
