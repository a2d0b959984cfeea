/* interrupt.h - Ctrl-C and termination: stop what runs now instead of dying in the middle.
 *
 * Signals belong to the process, so this is the one place of the command with state of its own. While a guard
 * is open, the first SIGINT or SIGTERM sets *flag and (from a thread of its own, since little may be done
 * within a signal) calls `stop`. A second one before interrupt_reset() ends the process at once, as the user
 * would expect. */
#pragma once

#include <stdbool.h>

/* Begin to guard; stop may be NULL. One guard at a time. False if the system refuses (then signals end the
 * process as usual). */
bool interrupt_open(void (*stop)(void *ctx), void *ctx);
void interrupt_close(void);
/* Never end the process: for a shell, whose user leaves it in other ways. */
void interrupt_patient(void);
/* Non-zero once a signal has come. */
const volatile int *interrupt_flag(void);
/* Readable once a signal has come, for poll(), until interrupt_reset(); belongs to the guard. */
int interrupt_wait_fd(void);
/* Forget the signal: the next statement starts afresh, `stop` is not called for it any more. */
void interrupt_reset(void);
