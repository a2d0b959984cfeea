/* files.c - patterns of file names and directory listings. */
#include "etl/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/utf8.h"

/* ---- patterns ------------------------------------------------------ */

bool files_is_pattern(pt_str table)
{
    return memchr(table.ptr, '*', table.len) || memchr(table.ptr, '?', table.len);
}

/* The usual walk: on a mismatch behind a '*' let that star take one more character. */
bool files_match(pt_str pattern, pt_str name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, star_n = 0;
    while (n < name.len) {
        size_t next;
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            star_n = n;
        } else if (p < pattern.len && pattern.ptr[p] == '?') {
            utf8_decode(name, n, &next);
            n = next;
            p++;
        } else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_n;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') p++;
    return p == pattern.len;
}

static bool ends_with(pt_str s, const char *end)
{
    size_t n = strlen(end);
    return s.len >= n && memcmp(s.ptr + s.len - n, end, n) == 0;
}

/* Names under which programs keep files that are not finished. */
static bool is_temporary(pt_str name)
{
    static const char *const ends[] = {".tmp",      ".temp",       ".part", ".partial",
                                       ".filepart", ".crdownload", ".swp",  "~"};
    if (name.ptr[0] == '.' || name.ptr[0] == '~') return true;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (ends_with(name, ends[i])) return true;
    return false;
}

/* ---- stamps -------------------------------------------------------- */

static int64_t nanos(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

source_stamp files_stamp(const struct stat *st)
{
    return (source_stamp){st->st_size, nanos(st->st_mtim), nanos(st->st_ctim), st->st_ino};
}

bool files_stamp_eq(const source_stamp *a, const source_stamp *b)
{
    return a->size_bytes == b->size_bytes && a->modified_ns == b->modified_ns &&
           a->changed_ns == b->changed_ns && a->inode == b->inode;
}

/* ---- listing ------------------------------------------------------- */

/* The table name cut at its last slash; both parts in the arena or in `table`. */
typedef struct place {
    pt_str prefix; /* "2024/" or "" */
    pt_str last;
    char dir[PATH_MAX];
} place;

static bool has_dots(pt_str table)
{
    for (size_t at = 0; at <= table.len;) {
        const char *slash = at < table.len ? memchr(table.ptr + at, '/', table.len - at) : NULL;
        size_t end = slash ? (size_t)(slash - table.ptr) : table.len;
        if (str_eq((pt_str){table.ptr + at, end - at}, STR(".."))) return true;
        at = end + 1;
    }
    return false;
}

static pt_status find_place(pt_str dir, pt_str table, place *out, pt_err *err)
{
    if (!table.len || table.ptr[0] == '/' || has_dots(table) || memchr(table.ptr, 0, table.len))
        return pt_fail(err, PT_USAGE, "'" STR_FMT "' must name a file inside the directory of the source",
                       STR_ARG(table));
    const char *slash = memrchr(table.ptr, '/', table.len);
    size_t n = slash ? (size_t)(slash - table.ptr) + 1 : 0;
    out->prefix = (pt_str){table.ptr, n};
    out->last = (pt_str){table.ptr + n, table.len - n};
    if (files_is_pattern(out->prefix))
        return pt_fail(err, PT_USAGE, "'" STR_FMT "': only the file name may hold * and ?, not a directory",
                       STR_ARG(table));
    int len = snprintf(out->dir, sizeof out->dir, "%.*s/%.*s", (int)dir.len, dir.ptr, (int)n, table.ptr);
    if (len < 0 || (size_t)len >= sizeof out->dir)
        return pt_fail(err, PT_LIMIT, "the path of '" STR_FMT "' is too long", STR_ARG(table));
    return PT_OK;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const source_part *)a)->name, ((const source_part *)b)->name);
}

/* One file that matches; grows the array, which is malloc's until the end. */
static pt_status add_part(const place *p, pt_str name, const struct stat *st, arena *a, source_part **parts,
                          uint32_t *n, uint32_t *cap, pt_err *err)
{
    if (*n == *cap) {
        uint32_t more = *cap ? *cap * 2 : 16;
        source_part *grown = more > *cap ? mem_grow(*parts, more, sizeof *grown) : NULL;
        if (!grown) return pt_fail(err, PT_NOMEM, "out of memory while listing files");
        *parts = grown;
        *cap = more;
    }
    pt_str full = str_printf(a, STR_FMT STR_FMT, STR_ARG(p->prefix), STR_ARG(name));
    if (!full.ptr) return arena_fail(a, err);
    (*parts)[(*n)++] = (source_part){.name = full, .stamp = files_stamp(st)};
    return PT_OK;
}

static pt_status list_matching(const place *p, DIR *d, arena *a, source_part **parts, uint32_t *n,
                               pt_err *err)
{
    uint32_t cap = 0;
    bool is_pattern = files_is_pattern(p->last);
    for (struct dirent *e; (e = readdir(d));) {
        pt_str name = str_of(e->d_name);
        struct stat st;
        if (is_pattern ? is_temporary(name) || !files_match(p->last, name) : !str_eq(p->last, name)) continue;
        /* A file that vanishes between readdir and stat is simply not there. */
        if (fstatat(dirfd(d), e->d_name, &st, 0) != 0 || !S_ISREG(st.st_mode)) continue;
        if (utf8_valid_prefix(name) < name.len)
            return pt_fail(err, PT_DATA, "the name of file '" STR_FMT "' is not UTF-8", STR_ARG(name));
        PT_TRY(add_part(p, name, &st, a, parts, n, &cap, err));
    }
    return PT_OK;
}

pt_status files_list(pt_str dir, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err)
{
    place p;
    source_part *found = NULL;
    *n = 0;
    PT_TRY(find_place(dir, table, &p, err));
    DIR *d = opendir(p.dir);
    if (!d && errno == ENOENT && p.prefix.len) return PT_OK;
    if (!d) return pt_fail_errno(err, PT_IO, "cannot open directory '%s'", p.dir);
    pt_status st = list_matching(&p, d, a, &found, n, err);
    closedir(d);
    if (st == PT_OK && *n) {
        qsort(found, *n, sizeof *found, by_name);
        *parts = arena_array(a, source_part, *n);
        if (*parts)
            memcpy(*parts, found, *n * sizeof *found);
        else
            st = arena_fail(a, err);
    }
    mem_free(found);
    return st;
}

pt_status files_fail_missing(pt_str dir, pt_str table, pt_err *err)
{
    place p;
    PT_TRY(find_place(dir, table, &p, err));
    bool is_pattern = files_is_pattern(p.last);
    pt_fail(err, PT_IO,
            is_pattern ? "no file matches '" STR_FMT "' in '" STR_FMT "'"
                       : "there is no file '" STR_FMT "' in '" STR_FMT "'",
            STR_ARG(table), STR_ARG(dir));
    DIR *d = is_pattern ? NULL : opendir(p.dir);
    if (!d) return PT_IO;
    char best[NAME_MAX + 1] = "";
    nearest near = nearest_to(p.last);
    for (struct dirent *e; (e = readdir(d));) {
        unsigned before = near.distance;
        if (str_eq(str_of(e->d_name), p.last)) continue; /* a directory of that name */
        nearest_offer(&near, str_of(e->d_name));
        if (near.distance < before) { /* d_name lives only until the next readdir */
            snprintf(best, sizeof best, "%s", e->d_name);
            near.best = str_of(best);
        }
    }
    closedir(d);
    nearest_hint(&near, err);
    return PT_IO;
}
