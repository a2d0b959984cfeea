/* params.h - values for @name and $1 in statements, from the command line or from JSON. */
#pragma once

#include <jansson.h>

#include "include/patron.h"
#include "tools/command.h"

enum { PARAMS_MAX = 1000 };

typedef struct params {
    arena *a; /* owned; the texts */
    size_t n;
    patron_param items[PARAMS_MAX];
    patron_params view; /* what the API takes */
} params;

/* False without memory. */
bool params_open(params *p);
void params_close(params *p);
void params_clear(params *p);
/* "name=value": a number if the value reads as one, else text. PT_USAGE, PT_LIMIT, PT_NOMEM. */
PT_MUST_USE pt_status params_add_text(params *p, const char *assignment, bool is_text, pt_err *err);
/* The members of a JSON object: numbers, texts, booleans (as text true and false) and null. PT_DATA for
 * others. */
PT_MUST_USE pt_status params_add_json(params *p, const json_t *object, pt_err *err);
