/* setting.h - PostgreSQL's run-time parameters, as far as clients set or ask for them.
 *
 * Most have no effect here: dates are written by ISO, numbers with all their digits, text is UTF-8. Those
 * that ask for something else are refused rather than ignored. statement_timeout is passed on to the engine's
 * LIMIT TIME by whoever sets it (client.c). */
#pragma once

#include "server/sql_error.h"
#include "server/token.h"

enum { SETTING_MAX = 48 };

typedef struct settings_of_client {
    char *values[SETTING_MAX]; /* owned; NULL: the default */
} settings_of_client;

void setting_free(settings_of_client *s);

/* Number of the parameter, -1 if it is not known. Names ignore case. */
int setting_find(pt_str name);
int setting_count(void);
const char *setting_name(int i);
const char *setting_description(int i);
/* The client is told of its value, at the start and when it changes. */
bool setting_is_reported(int i);
const char *setting_get(const settings_of_client *s, int i);
/* value.ptr NULL: back to the default. */
bool setting_set(settings_of_client *s, int i, pt_str value, sql_error *e);
/* Those that only the server decides (server_version, is_superuser): not for SET. */
bool setting_fix(settings_of_client *s, const char *name, const char *value);

/* Milliseconds of a time such as "5s", "2min" or "1500"; false if it is not one. */
bool setting_parse_ms(pt_str text, int64_t *ms);

/* Of SET or SHOW, the words behind: is a parameter of PostgreSQL meant (and not the engine's SET LIMIT ...)?
 */
bool setting_is_meant(tokens words);
