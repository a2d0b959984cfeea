/* exit.h - the exit statuses of the command: the one list, for the code, `patron help status` and
 * docs/command.md.
 *
 * Append-only: schedulers branch on these numbers. X(NAME, number, meaning) */
#pragma once

#define EXIT_MAP(X)                                                                                          \
    X(OK, 0, "all was done")                                                                                 \
    X(FAILED, 1, "a statement, definition or load failed; nothing of it was kept")                           \
    X(BAD_USAGE, 2, "the command line is wrong")                                                             \
    X(REJECTS, 3, "the load was published, but rows were rejected (SHOW REJECTS)")                           \
    X(CORRUPT, 4, "stored data fails its checksum or invariants")                                            \
    X(BUSY, 5, "another process is writing; try again later")                                                \
    X(CANCELLED, 6, "stopped by Ctrl-C or a signal")                                                         \
    X(LIMIT, 7, "a limit on time, memory or cells was hit")                                                  \
    X(IO, 8, "a file or directory could not be read or written")

typedef enum exit_status {
#define X(name, number, meaning) EXIT_##name = number,
    EXIT_MAP(X)
#undef X
} exit_status;

/* The status for an error's code (PATRON_... of include/patron.h, which are the numbers of base/err.h too).
 */
exit_status exit_of_error(int code);
