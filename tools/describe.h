/* describe.h - what a name stands for in the warehouse. */
#pragma once

#include "tools/connection.h"
#include "tools/output.h"

/* Print what DESCRIBE tells about the cube, dimension, source or mapping of that name (with or without
 * brackets). A message is printed if there is none. Returns an exit status. */
int describe_name(connection *c, const output *o, const char *name);
/* Run one statement of our own and print its answer. */
int describe_statement(connection *c, const output *o, const char *statement);
