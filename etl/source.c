/* source.c - the kinds of sources, their options, and the calls passed on to them. */
#include "etl/source_int.h"

#include <time.h>

#include "base/nearest.h"

static const source_type *const types[] = {&source_csv, &source_sqlite};

/* ---- options ------------------------------------------------------- */

static const source_type *type_of(const ast_source *def)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq_fold(def->type, str_of(types[i]->name))) return types[i];
    return NULL;
}

static const ast_option *find_given(const ast_source *def, const char *name)
{
    for (uint32_t i = 0; i < def->n_options; i++)
        if (str_eq_fold(def->options[i].name, str_of(name))) return &def->options[i];
    return NULL;
}

const pt_value *source_option_of(const ast_source *def, const char *name)
{
    const ast_option *o = find_given(def, name);
    return o ? &o->value : NULL;
}

pt_str source_option_text(const ast_source *def, const char *name, pt_str otherwise)
{
    const pt_value *v = source_option_of(def, name);
    return v && v->kind == VAL_TEXT ? v->s : otherwise;
}

bool source_option_bool(const ast_source *def, const char *name, bool otherwise)
{
    const pt_value *v = source_option_of(def, name);
    return v && v->kind == VAL_BOOL ? v->i != 0 : otherwise;
}

static bool parse_char(pt_str text, char *out)
{
    if (str_eq_fold(text, STR("tab")) || str_eq(text, STR("\\t"))) {
        *out = '\t';
        return true;
    }
    *out = text.len ? text.ptr[0] : 0;
    return text.len <= 1 && (unsigned char)*out < 0x80 && *out != '\n' && *out != '\r';
}

char source_option_char(const ast_source *def, const char *name, char otherwise)
{
    const pt_value *v = source_option_of(def, name);
    char c;
    return v && v->kind == VAL_TEXT && parse_char(v->s, &c) ? c : otherwise;
}

/* Is text one of the words? Offers each to `near`. */
static bool is_word(pt_str text, const char *words, nearest *near)
{
    for (const char *w = words; *w;) {
        size_t n = strcspn(w, " ");
        pt_str word = {w, n};
        if (str_eq_fold(text, word)) return true;
        nearest_offer(near, word);
        w += n + (w[n] == ' ');
    }
    return false;
}

static pt_status check_value(const source_option *o, const ast_option *given, pt_err *err)
{
    const pt_value *v = &given->value;
    char c;
    if (o->kind == OPTION_BOOL) {
        if (v->kind == VAL_BOOL) return PT_OK;
        return pt_fail_at(err, PT_USAGE, given->at, "expected ON or OFF for option %s", o->name);
    }
    if (v->kind != VAL_TEXT)
        return pt_fail_at(err, PT_USAGE, given->at, "expected a text in quotes for option %s", o->name);
    if (o->kind == OPTION_CHAR && !parse_char(v->s, &c))
        return pt_fail_at(err, PT_USAGE, given->at,
                          "expected one ASCII character for option %s, found '" STR_FMT "'", o->name,
                          STR_ARG(v->s));
    if (o->kind == OPTION_PATH && !v->s.len)
        return pt_fail_at(err, PT_USAGE, given->at, "expected a path for option %s", o->name);
    if (o->kind == OPTION_WORD) {
        nearest near = nearest_to(v->s);
        if (is_word(v->s, o->words, &near)) return PT_OK;
        pt_fail_at(err, PT_USAGE, given->at, "expected one of '%s' for option %s, found '" STR_FMT "'",
                   o->words, o->name, STR_ARG(v->s));
        nearest_hint(&near, err);
        return PT_USAGE;
    }
    if (!o->check) return PT_OK;
    pt_status st = o->check(v->s, err);
    if (st != PT_OK && err && !err->has_place) {
        err->at = given->at;
        err->has_place = true;
    }
    return st;
}

static pt_status check_option(const source_type *t, const ast_option *given, pt_err *err)
{
    nearest near = nearest_to(given->name);
    for (uint32_t i = 0; i < t->n_options; i++) {
        if (str_eq_fold(given->name, str_of(t->options[i].name)))
            return check_value(&t->options[i], given, err);
        nearest_offer(&near, str_of(t->options[i].name));
    }
    pt_fail_at(err, PT_NAME, given->at, "a source of type %s has no option '" STR_FMT "'", t->name,
               STR_ARG(given->name));
    nearest_hint(&near, err);
    return PT_NAME;
}

pt_status source_check(const ast_source *def, pt_err *err)
{
    const source_type *t = type_of(def);
    if (!t) {
        nearest near = nearest_to(def->type);
        for (size_t i = 0; i < ARRAY_LEN(types); i++) nearest_offer(&near, str_of(types[i]->name));
        pt_fail_at(err, PT_NAME, def->name_at, "unknown source type '" STR_FMT "'", STR_ARG(def->type));
        nearest_hint(&near, err);
        return pt_hint(err, "known are csv and sqlite");
    }
    for (uint32_t i = 0; i < def->n_options; i++) {
        PT_TRY(check_option(t, &def->options[i], err));
        for (uint32_t j = 0; j < i; j++)
            if (str_eq_fold(def->options[i].name, def->options[j].name))
                return pt_fail_at(err, PT_USAGE, def->options[i].at, "option " STR_FMT " is given twice",
                                  STR_ARG(def->options[i].name));
    }
    for (uint32_t i = 0; i < t->n_options; i++)
        if (t->options[i].is_required && !find_given(def, t->options[i].name))
            return pt_fail_at(err, PT_USAGE, def->name_at, "a source of type %s needs the option %s '...'",
                              t->name, t->options[i].name);
    return PT_OK;
}

pt_status source_resolve(ast_source *def, pt_str base_dir, arena *a, pt_err *err)
{
    const source_type *t = type_of(def);
    if (NEVER(!t)) return pt_fail(err, PT_INTERNAL, "a source type that was not checked");
    for (uint32_t i = 0; i < t->n_options; i++) {
        const pt_value *v = source_option_of(def, t->options[i].name);
        if (t->options[i].kind != OPTION_PATH || !v || v->s.ptr[0] == '/' || !base_dir.len) continue;
        bool is_dot = str_eq(v->s, STR("."));
        pt_str path = is_dot ? str_copy(a, base_dir)
                             : str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(base_dir), STR_ARG(v->s));
        if (!path.ptr) return arena_fail(a, err);
        ((ast_option *)find_given(def, t->options[i].name))->value = value_text(path);
    }
    return PT_OK;
}

/* ---- the calls of source.h ----------------------------------------- */

pt_status source_open(const ast_source *def, source **out, pt_err *err)
{
    *out = NULL;
    PT_TRY(source_check(def, err));
    const source_type *t = type_of(def);
    PT_TRY(t->open(def, out, err));
    (*out)->type = t;
    (*out)->name = def->name;
    (*out)->appends = str_eq_fold(source_option_text(def, "changed", STR("replace")), STR("append"));
    return PT_OK;
}

void source_close(source *s)
{
    if (s) s->type->close(s);
}

pt_status source_parts(source *s, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err)
{
    *parts = NULL;
    *n = 0;
    return s->type->parts(s, table, a, parts, n, err);
}

pt_status source_fail_missing(source *s, pt_str table, pt_err *err)
{
    return s->type->fail_missing(s, table, err);
}

pt_status source_digest(source *s, const source_part *part, uint8_t out[32], pt_err *err)
{
    return s->type->digest(s, part, out, err);
}

bool source_appends(const source *s)
{
    return s->appends;
}

bool source_is_tracked(const source *s)
{
    return s->is_tracked;
}

bool source_is_transactional(const source *s)
{
    return s->is_transactional;
}

bool source_part_is_settled(const source_part *part, int64_t settle_ns)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - part->stamp.changed_ns;
    /* A time far ahead comes from another clock and tells nothing. */
    return age >= settle_ns || age < -settle_ns;
}

pt_status source_read(source *s, const source_part *part, pt_str after, source_reader **out, pt_err *err)
{
    *out = NULL;
    return s->type->read(s, part, after, out, err);
}

void source_reader_close(source_reader *r)
{
    if (r) r->source->type->reader_close(r);
}

uint32_t source_n_columns(const source_reader *r)
{
    return r->n_columns;
}

pt_str source_column(const source_reader *r, uint32_t i)
{
    return r->columns[i];
}

uint64_t source_position(const source_reader *r)
{
    return r->source->type->position(r);
}

pt_status source_finish(source_reader *r, pt_err *err)
{
    return r->source->type->finish(r, err);
}

pt_str source_mark(const source_reader *r, bool *is_new)
{
    *is_new = r->has_new;
    return r->mark;
}

source_chunk *source_chunk_new(const source_reader *r)
{
    source_chunk *c = r->source->type->chunk_new(r);
    if (c) c->type = r->source->type;
    return c;
}

void source_chunk_free(source_chunk *c)
{
    if (c) c->type->chunk_free(c);
}

pt_status source_fill(source_reader *r, source_chunk *c, bool *done, pt_err *err)
{
    return r->source->type->fill(r, c, done, err);
}

pt_status source_next(source_chunk *c, source_row *row, bool *done, pt_err *err)
{
    return c->type->next(c, row, done, err);
}

bool source_next_block(source_chunk *c, source_block *out)
{
    return c->type->next_block && c->type->next_block(c, out);
}

pt_status source_block_row(source_chunk *c, const source_block *b, uint32_t row, source_row *out, pt_err *err)
{
    return c->type->block_row(c, b, row, out, err);
}
