/* ast_stmt.c - single values, and statements as a whole. */
#include "base/decimal.h"
#include "base/num.h"
#include "lang/parse_int.h"

/* ---- values -------------------------------------------------------------- */

static pt_value *value_new(parse *p, pt_value v)
{
    pt_value *copy = PARSE_MAKE(p, pt_value);
    if (copy) *copy = v;
    return copy;
}

pt_value *value_string(parse *p, pt_str text)
{
    return value_new(p, value_text(text));
}

pt_value *value_none(parse *p)
{
    return value_new(p, value_null());
}

pt_value *value_word(parse *p, pt_str word)
{
    bool yes = str_eq_fold(word, STR("ON")) || str_eq_fold(word, STR("TRUE"));
    if (yes || str_eq_fold(word, STR("OFF")) || str_eq_fold(word, STR("FALSE")))
        return value_new(p, value_bool(yes));
    return value_string(p, word);
}

/* Digits behind the point that an exact value needs: those written, less the exponent. */
static int64_t scale_of(pt_str digits)
{
    int64_t scale = 0, exponent = 0;
    bool behind = false;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        if (c == 'e' || c == 'E') {
            if (!num_parse_i64((pt_str){digits.ptr + i + 1, digits.len - i - 1}, &exponent)) return INT32_MAX;
            break;
        }
        if (c == '.')
            behind = true;
        else if (behind)
            scale++;
    }
    if (exponent > INT32_MAX || exponent < -INT32_MAX) return INT32_MAX;
    return scale > exponent ? scale - exponent : 0;
}

pt_value *value_number(parse *p, pt_span at, pt_str digits, bool is_negative)
{
    int64_t i, scale = scale_of(digits);
    pt_i128 dec;
    double f;
    if (num_parse_i64(digits, &i)) return value_new(p, value_int(is_negative ? -i : i));
    if (scale <= DEC_MAX_SCALE && dec_parse(digits, (uint8_t)scale, &dec)) {
        return value_new(p, value_dec(is_negative ? -dec : dec, (uint8_t)scale));
    }
    if (num_parse_double(digits, &f)) return value_new(p, value_double(is_negative ? -f : f));
    PARSE_FAIL(p, PT_VALUE, at, "the number " STR_FMT " is out of range", STR_ARG(digits));
    return NULL;
}

bool integer_parse(parse *p, pt_span at, pt_str digits, int64_t *out)
{
    if (num_parse_i64(digits, out)) return true;
    PARSE_FAIL(p, PT_SYNTAX, at, "'" STR_FMT "', expected a whole number", STR_ARG(digits));
    return false;
}

bool name_check(parse *p, pt_span at, pt_str name)
{
    if (name.len == 0) {
        PARSE_FAIL(p, PT_SYNTAX, at, "an empty name in brackets");
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] >= 0x20 && name.ptr[i] != 0x7f) continue;
        PARSE_FAIL(p, PT_SYNTAX, at, "a name with a control character or line end in it");
        return false;
    }
    return true;
}

bool clause_once(parse *p, pt_span at, bool is_given, const char *what)
{
    if (is_given) PARSE_FAIL(p, PT_SYNTAX, at, "%s is given twice", what);
    return !is_given;
}

/* ---- statements ------------------------------------------------------------ */

ast_stmt *stmt_new(parse *p, stmt_kind kind, pt_span at)
{
    ast_stmt *s = PARSE_MAKE(p, ast_stmt);
    if (!s) return NULL;
    s->kind = kind;
    s->at = at;
    s->max_rows = s->first_row = -1;
    return s;
}

bool script_add(parse *p, ast_stmt *s)
{
    if (s->kind == STMT_EMPTY) return true;
    p->stmts = list_add(p, p->stmts, &s, sizeof s);
    return p->stmts != NULL;
}

ast_stmt *stmt_select(parse *p, stmt_kind kind, pt_span at, ast_select *select)
{
    ast_stmt *s = stmt_new(p, kind, at);
    if (s) s->select = select;
    return s;
}

ast_stmt *stmt_explain(parse *p, pt_span at, ast_select *select, bool analyze)
{
    ast_stmt *s = stmt_select(p, STMT_EXPLAIN, at, select);
    if (s) s->analyze = analyze;
    return s;
}

ast_stmt *stmt_drill(parse *p, pt_span at, int64_t max_rows, int64_t first_row, ast_select *select,
                     const list *items)
{
    ast_stmt *s = stmt_select(p, STMT_DRILLTHROUGH, at, select);
    if (!s) return NULL;
    s->max_rows = max_rows;
    s->first_row = first_row;
    s->n_items = LIST_COUNT(items);
    s->items = LIST_ITEMS(ast *, items);
    return s;
}

/* ---- definitions ----------------------------------------------------------- */

/* CREATE of an object with a name. */
static ast_stmt *create(parse *p, stmt_kind kind, pt_span at, object_kind object, pt_str name,
                        pt_span name_at)
{
    ast_stmt *s = stmt_object(p, kind, at, object, name, name_at);
    if (s) s->or_replace = p->or_replace;
    return s;
}

ast_stmt *stmt_object(parse *p, stmt_kind kind, pt_span at, object_kind object, pt_str name, pt_span name_at)
{
    ast_stmt *s = stmt_new(p, kind, at);
    if (!s) return NULL;
    s->object = object;
    s->name = name;
    s->name_at = name_at;
    return s;
}

/* In a stored definition nothing is passed over. */
static bool is_read_whole(parse *p)
{
    if (!p->ignored.end) return true;
    PARSE_FAIL(p, PT_SYNTAX, p->ignored, "unexpected text behind the formula, expected the closing '");
    return false;
}

ast_stmt *stmt_dimension(parse *p, pt_span at, bool is_alter)
{
    ast_dimension *d = dim_done(p);
    if (!d) return NULL;
    ast_stmt *s = create(p, is_alter ? STMT_ALTER_DIMENSION : STMT_CREATE_DIMENSION, at, OBJ_DIMENSION,
                         d->name, d->name_at);
    if (!s) return NULL;
    s->dimension = d;
    if (is_alter) s->or_replace = false;
    return s;
}

ast_stmt *stmt_cube(parse *p, pt_span at, bool is_alter)
{
    ast_cube *c = cube_done(p);
    if (!is_read_whole(p)) return NULL;
    ast_stmt *s = create(p, is_alter ? STMT_ALTER_CUBE : STMT_CREATE_CUBE, at, OBJ_CUBE, c->name, c->name_at);
    if (!s) return NULL;
    s->cube_def = c;
    if (is_alter) s->or_replace = false;
    return s;
}

ast_stmt *stmt_mapping(parse *p, pt_span at, const list *targets)
{
    ast_mapping *m = map_done(p, targets);
    ast_stmt *s = create(p, STMT_CREATE_MAPPING, at, OBJ_MAPPING, m->name, m->name_at);
    if (s) s->mapping = m;
    return s;
}

ast_stmt *stmt_source(parse *p, pt_span at, pt_str name, pt_span name_at, pt_str type, const list *options)
{
    ast_source *src = PARSE_MAKE(p, ast_source);
    if (!src) return NULL;
    *src = (ast_source){.name = name,
                        .type = type,
                        .n_options = LIST_COUNT(options),
                        .options = LIST_ITEMS(ast_option, options),
                        .name_at = name_at};
    ast_stmt *s = create(p, STMT_CREATE_SOURCE, at, OBJ_SOURCE, name, name_at);
    if (s) s->source = src;
    return s;
}

/* [cube].name: takes the cube off the front. */
static bool split_cube(parse *p, ast *id, ast_stmt *s)
{
    if (id->n < 2) {
        PARSE_FAIL(p, PT_SYNTAX, id->at, "[" STR_FMT "] without its cube, expected [cube].[name]",
                   STR_ARG(id->segs[0].name));
        return false;
    }
    s->name = id->segs[0].name;
    s->name_at = id->segs[0].at;
    id->segs++;
    id->n--;
    id->at.start = id->segs[0].at.start;
    return true;
}

ast_stmt *stmt_formula(parse *p, pt_span at, ast_formula *f, bool is_session)
{
    ast_stmt *s = is_read_whole(p) ? stmt_new(p, STMT_CREATE_FORMULA, at) : NULL;
    if (!s || !split_cube(p, f->name, s)) return NULL;
    s->object = f->is_set ? OBJ_SET : OBJ_MEMBER;
    s->formula = f;
    s->is_session = is_session;
    s->or_replace = p->or_replace;
    return s;
}

ast_stmt *stmt_drop(parse *p, pt_span at, object_kind object, pt_str name, pt_span name_at, bool if_exists,
                    bool cascade)
{
    ast_stmt *s = stmt_object(p, STMT_DROP, at, object, name, name_at);
    if (!s) return NULL;
    s->if_exists = if_exists;
    s->cascade = cascade;
    return s;
}

ast_stmt *stmt_drop_formula(parse *p, pt_span at, object_kind object, ast *id, bool is_session,
                            bool if_exists)
{
    ast_stmt *s = stmt_new(p, STMT_DROP, at);
    list *items = s && split_cube(p, id, s) ? list_add(p, NULL, &id, sizeof id) : NULL;
    if (!items) return NULL;
    s->object = object;
    s->is_session = is_session;
    s->if_exists = if_exists;
    s->n_items = 1;
    s->items = items->items;
    return s;
}

/* ---- loading, looking, settings --------------------------------------------- */

ast_stmt *stmt_load(parse *p, pt_span at, const list *mappings, pt_str source, ast *replace, bool force)
{
    ast_stmt *s = stmt_new(p, STMT_LOAD, at);
    if (!s) return NULL;
    s->n_mappings = mappings ? mappings->n : 0;
    s->mappings = mappings ? mappings->items : NULL;
    s->load_source = source;
    s->replace = replace;
    s->force = force;
    return s;
}

/* The words, in upper or lower case, joined. */
static bool join_words(parse *p, const list *words, char joint, bool to_upper, pt_str *out)
{
    size_t len = 0;
    for (uint32_t i = 0; i < words->n; i++) len += LIST_ITEMS(pt_str, words)[i].len + 1;
    char *text = parse_alloc(p, len, 1);
    if (!text) return false;
    size_t n = 0;
    for (uint32_t i = 0; i < words->n; i++) {
        pt_str w = LIST_ITEMS(pt_str, words)[i];
        if (i) text[n++] = joint;
        for (size_t k = 0; k < w.len; k++) {
            char c = w.ptr[k];
            bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z';
            text[n++] = (char)(to_upper && is_lower ? c - 32 : !to_upper && is_upper ? c + 32 : c);
        }
    }
    *out = (pt_str){text, n};
    return true;
}

static const struct {
    const char *word;
    object_kind object;
} shown[] = {
    {"attributes", OBJ_ATTRIBUTE},  {"cubes", OBJ_CUBE},
    {"cuboids", OBJ_CUBOID},        {"dimensions", OBJ_DIMENSION},
    {"hierarchies", OBJ_HIERARCHY}, {"levels", OBJ_LEVEL},
    {"limits", OBJ_LIMIT},          {"loads", OBJ_LOAD},
    {"mappings", OBJ_MAPPING},      {"measures", OBJ_MEASURE},
    {"members", OBJ_MEMBER},        {"rejects", OBJ_REJECT},
    {"segments", OBJ_SEGMENT},      {"sets", OBJ_SET},
    {"sources", OBJ_SOURCE},
};

ast_stmt *stmt_show(parse *p, pt_span at, const list *words)
{
    ast_stmt *s = stmt_new(p, STMT_SHOW, at);
    if (!s || !join_words(p, words, '_', false, &s->word)) return NULL;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        if (str_eq(s->word, str_of(shown[i].word))) s->object = shown[i].object;
    }
    return s;
}

ast_stmt *stmt_show_of(parse *p, pt_span at, const list *words, pt_str of, pt_span of_at)
{
    ast_stmt *s = stmt_show(p, at, words);
    if (!s) return NULL;
    s->name = of;
    s->name_at = of_at;
    return s;
}

ast_stmt *stmt_show_load(parse *p, pt_span at, const list *words, int64_t load, pt_span words_at)
{
    ast_stmt *s = stmt_show(p, at, words);
    if (!s) return NULL;
    if (s->object != OBJ_REJECT) {
        PARSE_FAIL(p, PT_SYNTAX, words_at, "'" STR_FMT "' are not of a load, expected SHOW REJECTS OF LOAD",
                   STR_ARG(s->word));
        return NULL;
    }
    s->value = value_int(load);
    return s;
}

/* Several values become one text with commas, as clients mean it: datestyle = ISO, MDY. */
static bool join_values(parse *p, const list *values, pt_value *out)
{
    *out = LIST_ITEMS(pt_value, values)[0];
    if (values->n == 1) return true;
    strbuf b = {0};
    for (uint32_t i = 0; i < values->n; i++) {
        if (i) strbuf_addz(&b, ", ");
        value_print(LIST_ITEMS(pt_value, values)[i], &b);
    }
    char *text = b.failed ? NULL : arena_dup(p->a, b.ptr, b.len);
    *out = value_text((pt_str){text, b.len});
    strbuf_free(&b);
    if (!text) arena_fail(p->a, &p->err);
    return text != NULL;
}

ast_stmt *stmt_set(parse *p, pt_span at, const list *words, const list *values)
{
    ast_stmt *s = stmt_new(p, STMT_SET, at);
    if (!s || !join_words(p, words, '_', false, &s->word) || !join_values(p, values, &s->value)) return NULL;
    return s;
}

ast_stmt *stmt_set_text(parse *p, pt_span at, const list *words, pt_str value)
{
    pt_value v = value_text(value);
    list *values = list_add(p, NULL, &v, sizeof v);
    return values ? stmt_set(p, at, words, values) : NULL;
}

ast_stmt *stmt_help(parse *p, pt_span at, const list *words)
{
    ast_stmt *s = stmt_new(p, STMT_HELP, at);
    return s && join_words(p, words, ' ', true, &s->word) ? s : NULL;
}

ast_stmt *stmt_transaction(parse *p, pt_span at, const char *word, const pt_str *savepoint,
                           pt_span savepoint_at)
{
    ast_stmt *s = stmt_new(p, STMT_TRANSACTION, at);
    if (!s) return NULL;
    s->word = str_of(word);
    if (!savepoint) return s;
    s->name = *savepoint;
    s->name_at = savepoint_at;
    return s;
}
