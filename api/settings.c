/* settings.c - SET and SHOW of what a session may use. One table names every setting. */
#include "api/api_int.h"
#include "base/nearest.h"
#include "engine/cell_cache.h"

#include <math.h>

typedef struct setting {
    const char *name;    /* words joined by '_' */
    const char *written; /* as in SET */
    const char *meaning;
    pt_status (*set)(patron_session *s, pt_value v, pt_span at, pt_err *err); /* NULL: ON or OFF */
    pt_str (*show)(const patron_session *s, arena *a);
    size_t is_off; /* of ON or OFF: where the session has the bool that tells it is off */
} setting;

static bool as_count(pt_value v, double max, double *out)
{
    double f = value_as_double(v);
    if (isnan(f) || f < 0 || f > max || f != floor(f)) return false;
    *out = f;
    return true;
}

static bool is_default(pt_value v)
{
    return v.kind == VAL_TEXT && str_eq_fold(v.s, STR("default"));
}

/* "512 MB", "2GB", "none" or a number (of the smallest unit). */
static bool as_quantity(pt_value v, const char *const *units, const double *factors, size_t n_units,
                        double *out)
{
    if (v.kind != VAL_TEXT) return as_count(v, 1e15, out);
    pt_str s = str_trim(v.s);
    if (str_eq_fold(s, STR("none"))) {
        *out = 0;
        return true;
    }
    size_t digits = 0;
    while (digits < s.len && ((s.ptr[digits] >= '0' && s.ptr[digits] <= '9') || s.ptr[digits] == '.'))
        digits++;
    double number = 0, place = 0;
    for (size_t i = 0; i < digits; i++) {
        if (s.ptr[i] == '.') {
            if (place != 0) return false;
            place = 1;
        } else if (place != 0) {
            place /= 10;
            number += (s.ptr[i] - '0') * place;
        } else {
            number = number * 10 + (s.ptr[i] - '0');
        }
    }
    if (digits == 0 || number > 1e15) return false;
    pt_str unit = str_trim((pt_str){s.ptr + digits, s.len - digits});
    if (unit.len == 0) {
        *out = number;
        return true;
    }
    for (size_t i = 0; i < n_units; i++)
        if (str_eq_fold(unit, str_of(units[i]))) {
            *out = number * factors[i];
            return *out <= 1e18;
        }
    return false;
}

static bool as_size(pt_value v, double *bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "KiB", "MiB", "GiB"};
    static const double factors[] = {1, 1024, 1048576, 1073741824, 1024, 1048576, 1073741824};
    return as_quantity(v, units, factors, ARRAY_LEN(units), bytes);
}

static pt_status set_memory(patron_session *s, pt_value v, pt_span at, pt_err *err)
{
    double bytes;
    if (is_default(v)) {
        s->memory_bytes = s->db->options.memory_bytes;
        return PT_OK;
    }
    if (!as_size(v, &bytes) || (bytes > 0 && bytes < 1048576))
        return pt_fail_at(err, PT_VALUE, at, "expected a size of at least 1 MB such as '512 MB', or 'none'");
    s->memory_bytes = (size_t)bytes;
    return PT_OK;
}

static pt_str show_memory(const patron_session *s, arena *a)
{
    return s->memory_bytes ? str_printf(a, "%zu MB", s->memory_bytes >> 20) : STR("none");
}

static pt_status set_time(patron_session *s, pt_value v, pt_span at, pt_err *err)
{
    static const char *const units[] = {"ms", "s", "min", "h"};
    static const double factors[] = {1, 1000, 60000, 3600000};
    double ms;
    if (is_default(v)) {
        s->timeout_us = s->db->options.timeout_ms * 1000;
        return PT_OK;
    }
    if (!as_quantity(v, units, factors, ARRAY_LEN(units), &ms) || ms > 1e12)
        return pt_fail_at(err, PT_VALUE, at,
                          "expected a time such as '30 s' or 500 (milliseconds), or 'none'");
    s->timeout_us = (int64_t)(ms * 1000);
    return PT_OK;
}

static pt_str show_time(const patron_session *s, arena *a)
{
    return s->timeout_us ? str_printf(a, "%lld ms", (long long)(s->timeout_us / 1000)) : STR("none");
}

static pt_status set_cells(patron_session *s, pt_value v, pt_span at, pt_err *err)
{
    double n;
    bool is_none = v.kind == VAL_TEXT && str_eq_fold(v.s, STR("none"));
    if (is_none)
        n = 0;
    else if (!as_count(v, 1e15, &n))
        return pt_fail_at(err, PT_VALUE, at, "expected a number of cells, or 'none'");
    s->cells = (uint64_t)n;
    return PT_OK;
}

static pt_str show_cells(const patron_session *s, arena *a)
{
    return s->cells ? str_printf(a, "%llu", (unsigned long long)s->cells) : STR("none");
}

static pt_status set_threads(patron_session *s, pt_value v, pt_span at, pt_err *err)
{
    double n;
    if (is_default(v))
        n = 0;
    else if (!as_count(v, 1024, &n))
        return pt_fail_at(err, PT_VALUE, at, "expected a number of threads (0: all)");
    s->threads = (unsigned)n;
    return PT_OK;
}

static pt_str show_threads(const patron_session *s, arena *a)
{
    return s->threads ? str_printf(a, "%u", s->threads) : STR("all");
}

static pt_status set_cache_size(patron_session *s, pt_value v, pt_span at, pt_err *err)
{
    double bytes = CELL_CACHE_BYTES;
    cell_cache *c = warehouse_cache(s->db->wh);
    if (!is_default(v) && !as_size(v, &bytes))
        return pt_fail_at(err, PT_VALUE, at, "expected a size such as '64 MB', or 'none'");
    if (c) cell_cache_resize(c, (size_t)bytes);
    return PT_OK;
}

static pt_str show_cache_size(const patron_session *s, arena *a)
{
    cell_cache *c = warehouse_cache(s->db->wh);
    cell_cache_stats n = {0};
    if (c) n = cell_cache_stats_get(c);
    return str_printf(a, "%zu MB", n.max_bytes >> 20);
}

#define SWITCH(name, written, meaning, field)                                                                \
    {                                                                                                        \
        name, written, meaning, .is_off = offsetof(patron_session, field)                                    \
    }

static const setting settings[] = {
    SWITCH("cache", "CACHE", "answer from results of earlier statements (answers are the same without)",
           no_cache),
    {"cache_size", "CACHE SIZE", "most memory for them, of all sessions together", set_cache_size,
     show_cache_size, 0},
    SWITCH("cuboids", "CUBOIDS", "answer from cuboids (answers are the same without)", no_cuboid),
    SWITCH("indexes", "INDEXES", "use bitmap indexes (answers are the same without)", no_index),
    {"limit_cells", "LIMIT CELLS", "most cells or tuples a statement may make", set_cells, show_cells, 0},
    {"limit_memory", "LIMIT MEMORY", "most memory a statement may use", set_memory, show_memory, 0},
    {"limit_time", "LIMIT TIME", "longest time a statement may run", set_time, show_time, 0},
    SWITCH("sharing", "SHARING",
           "one pass over facts for several totals of a statement (answers are the same without)",
           no_sharing),
    SWITCH("spill", "SPILL", "write groups that do not fit into memory to disk, rather than fail", no_spill),
    {"threads", "THREADS", "worker threads a statement may use", set_threads, show_threads, 0},
};

static const setting *find_setting(pt_str word)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (str_eq_fold(word, str_of(settings[i].name))) return &settings[i];
    return NULL;
}

const char *const *session_shown(size_t *n)
{
    static const char *const shown[] = {"CUBES",   "CUBOIDS",  "DEFINITIONS", "DIMENSIONS",
                                        "LIMITS",  "LOADS",    "MAPPINGS",    "MEASURES",
                                        "REJECTS", "SEGMENTS", "SOURCES"};
    *n = ARRAY_LEN(shown);
    return shown;
}

/* What was meant may be another setting, or, behind SHOW, what else there is to show. */
static pt_status unknown_word(pt_str word, pt_span at, bool is_show, pt_err *err)
{
    size_t n;
    const char *const *shown = session_shown(&n);
    nearest near = nearest_to(word);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) nearest_offer(&near, str_of(settings[i].written));
    for (size_t i = 0; is_show && i < n; i++) nearest_offer(&near, str_of(shown[i]));
    pt_fail_at(err, PT_NAME, at, is_show ? "nothing to show is called " STR_FMT : "unknown setting " STR_FMT,
               STR_ARG(word));
    if (near.best.ptr) return pt_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
    return pt_hint(err, is_show ? "HELP SHOW; lists what there is, SHOW LIMITS; the settings"
                                : "SHOW LIMITS; lists all settings");
}

pt_status session_set(patron_session *s, const ast_stmt *stmt, pt_err *err)
{
    const setting *which = find_setting(stmt->word);
    if (!which) return unknown_word(stmt->word, stmt->at, false, err);
    if (which->set) return which->set(s, stmt->value, stmt->at, err);
    if (stmt->value.kind != VAL_BOOL) return pt_fail_at(err, PT_VALUE, stmt->at, "expected ON or OFF");
    *(bool *)((char *)s + which->is_off) = stmt->value.i == 0;
    return PT_OK;
}

static pt_str show(const patron_session *s, const setting *which, arena *a)
{
    if (which->show) return which->show(s, a);
    return *(const bool *)((const char *)s + which->is_off) ? STR("off") : STR("on");
}

pt_status session_show(patron_session *s, pt_str word, pt_span at, arena *a, rowset **out, pt_err *err)
{
    row_builder b;
    PT_TRY(rows_begin(&b, a, "setting:t value:t meaning:t", err));
    const setting *only = NULL;
    if (word.len && !(only = find_setting(word))) return unknown_word(word, at, true, err);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        if (only && only != &settings[i]) continue;
        pt_value *row;
        PT_TRY(rows_add(&b, &row, err));
        row[0] = value_text(str_of(settings[i].written));
        row[1] = value_text(show(s, &settings[i], a));
        row[2] = value_text(str_of(settings[i].meaning));
    }
    *out = b.out;
    return PT_OK;
}
