/* result_table.h - a result of the API as a table for the renderers. */
#pragma once

#include "include/patron.h"
#include "tools/table.h"

/* A view of r: valid as long as r is. False without memory. */
bool result_table_open(const patron_result *r, table *out);
void result_table_close(table *t);
/* The column of that name; UINT32_MAX if there is none. */
uint32_t result_column(const patron_result *r, const char *name);
