/*
 * available.h - SANDBOX_AVAILABLE is 1 where the sandbox is built in: on Linux for x86-64 and
 * aarch64, without a sanitizer. Sanitizers open files and start programs at any time.
 */
#ifndef AVAILABLE_H
#define AVAILABLE_H

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define SANDBOX_AVAILABLE 0
#endif
#endif

#ifndef SANDBOX_AVAILABLE
#if defined __linux__ && (defined __x86_64__ || defined __aarch64__) && defined __LP64__ &&        \
    !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define SANDBOX_AVAILABLE 1
#else
#define SANDBOX_AVAILABLE 0
#endif
#endif

#endif
