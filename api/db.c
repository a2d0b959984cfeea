/* db.c - opening and closing warehouses. */
#include "api/api_int.h"
#include "base/fs.h"

enum { DEFAULT_MEMORY_MB = 1024 };

int patron_init(const char *dir, patron_error *err)
{
    pt_err e = {0};
    if (!dir || !*dir) pt_fail(&e, PT_USAGE, "no directory given");
    if (e.code != PT_OK || store_init(dir, &e) != PT_OK) return api_error(&e, (pt_str){0}, err);
    return PATRON_OK;
}

static pt_status create_if_absent(const char *dir, pt_err *err)
{
    arena *a = arena_new(0);
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_str path = str_printf(a, "%s/catalog.mdb", dir);
    pt_status st = PT_OK;
    if (!path.ptr)
        st = arena_fail(a, err);
    else if (!fs_exists(path.ptr))
        st = store_init(dir, err);
    arena_free(a);
    return st;
}

static char *copy_text(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = mem_alloc(n, 1);
    if (copy) memcpy(copy, text, n);
    return copy;
}

static pt_status db_open(patron_db *db, const char *dir, unsigned flags, pt_err *err)
{
    if (!dir || !*dir) return pt_fail(err, PT_USAGE, "no directory given");
    bool read_only = flags & PATRON_READ_ONLY;
    if (read_only && (flags & PATRON_CREATE))
        return pt_fail(err, PT_USAGE,
                       "a warehouse cannot be made read-only: drop PATRON_READ_ONLY or PATRON_CREATE");
    const char *spill = db->options.spill_directory;
    db->options.spill_directory = NULL; /* the caller's */
    if (spill && !(db->spill_directory = copy_text(spill))) return pt_fail(err, PT_NOMEM, "out of memory");
    if (flags & PATRON_CREATE) PT_TRY(create_if_absent(dir, err));
    return warehouse_open(dir, read_only, db->options.threads, &db->wh, err);
}

patron_db *patron_open(const char *dir, unsigned flags, const patron_options *options, patron_error *err)
{
    pt_err e = {0};
    patron_db *db = mem_alloc(1, sizeof *db);
    if (!db) {
        pt_fail(&e, PT_NOMEM, "out of memory");
    } else {
        if (options) db->options = *options;
        if (!db->options.memory_bytes) db->options.memory_bytes = (size_t)DEFAULT_MEMORY_MB << 20;
        if (db_open(db, dir, flags, &e) == PT_OK) return db;
    }
    if (db) mem_free(db->spill_directory);
    mem_free(db);
    api_error(&e, (pt_str){0}, err);
    return NULL;
}

void patron_close(patron_db *db)
{
    if (!db) return;
    warehouse_close(db->wh);
    mem_free(db->spill_directory);
    mem_free(db);
}
