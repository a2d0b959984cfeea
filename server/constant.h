/* constant.h - SELECT without FROM: what drivers, pools and people send to see whether the server lives.
 *
 *     SELECT 1    SELECT version()    SELECT current_setting('server_version_num')::int/100 AS version
 *
 * Items are numbers, texts, TRUE, FALSE, NULL, $n and a few functions, with casts, an integer operator behind
 * and an alias. Anything else is refused with the place. */
#pragma once

#include "server/answer.h"
#include "server/setting.h"

typedef struct constant_env {
    const char *user, *database;
    int32_t pid;
    const settings_of_client *settings;
    const patron_params *params; /* NULL: none, $n is null */
    const uint32_t *param_types; /* of params; may be NULL */
} constant_env;

/* The whole SELECT; places in the error count from the start of `statement`. */
bool constant_select(const constant_env *env, pt_str statement, answer *out, sql_error *e);
/* The highest n of $n in a statement that the engine does not parse. */
int constant_count_params(pt_str statement);
