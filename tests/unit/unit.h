/* unit.h - what cmocka needs included before it, and the checks that the unit tests share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

/* The call succeeds; shows the recorded message if it does not. Needs a `pt_err err` in scope. */
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        pt_status unit_status_ = (call);                                                                     \
        if (unit_status_ != PT_OK) fail_msg("%s: %s: %s", #call, pt_status_name(unit_status_), err.msg);     \
    } while (0)

/* The call fails with this status and a message that holds `part`. Clears err. */
#define assert_fails(call, status, part)                                                                     \
    do {                                                                                                     \
        pt_err_clear(&err);                                                                                  \
        assert_int_equal((call), (status));                                                                  \
        assert_int_equal(err.code, (status));                                                                \
        if (!strstr(err.msg, (part))) fail_msg("message '%s' does not hold '%s'", err.msg, (part));          \
        pt_err_clear(&err);                                                                                  \
    } while (0)

#define assert_str(s, literal)                                                                               \
    do {                                                                                                     \
        pt_str unit_str_ = (s);                                                                              \
        if (!str_eq(unit_str_, str_of(literal)))                                                             \
            fail_msg("'" STR_FMT "' is not '%s'", STR_ARG(unit_str_), (literal));                            \
    } while (0)

/* How many of n random rounds a test makes of which each run finds much the same: under sanitizers, which
 * slow them down many times and look for races and stray reads rather than for wrong values, only a part.
 * That each case was met often enough is then not to be expected. */
#if defined __SANITIZE_THREAD__
#define UNIT_ROUNDS(n)  (((n) + 5) / 6)
#define UNIT_ALL_ROUNDS false
#elif defined __SANITIZE_ADDRESS__
#define UNIT_ROUNDS(n)  (((n) + 1) / 2)
#define UNIT_ALL_ROUNDS false
#else
#define UNIT_ROUNDS(n)  (n)
#define UNIT_ALL_ROUNDS true
#endif

/* A small generator for property tests: the same numbers everywhere (splitmix64). */
static inline uint64_t unit_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
