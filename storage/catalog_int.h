/* catalog_int.h - the open catalog, for catalog_open.c and catalog.c. */
#pragma once

#include "storage/catalog.h"

struct catalog {
    MDB_env *env;
    MDB_dbi tables[CAT_TABLES];
    bool is_writable, has_locks;
    char *path;
    /* the shared entry (catalog_open.c) */
    catalog *next;
    unsigned refs;
    pid_t pid;
    dev_t dev;
    ino_t ino;
};

/* An LMDB return code as a failure. */
PT_MUST_USE pt_status catalog_fail(const char *path, int rc, const char *what, pt_err *err);
