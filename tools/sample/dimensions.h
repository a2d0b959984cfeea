/* dimensions.h - the dimension files and the scripts of the sample. */
#pragma once

#include "tools/sample/world.h"

PT_MUST_USE pt_status dimensions_write_stores(const world *w, const char *dir, pt_err *err);
PT_MUST_USE pt_status dimensions_write_departments(const char *dir, pt_err *err);
PT_MUST_USE pt_status dimensions_write_products(const world *w, const char *dir, pt_err *err);
PT_MUST_USE pt_status dimensions_write_customers(const world *w, const char *dir, pt_err *err);
/* warehouse.patron and queries.mdx, with the world's dates in place. */
PT_MUST_USE pt_status dimensions_write_scripts(const world *w, const char *dir, pt_err *err);
