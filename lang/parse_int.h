/* parse_int.h - what scanner, grammar and node constructors of this folder share; not for other folders.
 *
 * One `parse` is the whole state of one run; there is nothing global. The grammar's actions each call one of
 * the constructors below. A constructor that fails (arena spent, tree too deep, a wrong word) has recorded
 * why in p->err and returns NULL or false; the grammar then stops. `at` is always the place of what was read.
 */
#pragma once

#include <setjmp.h>

#include "lang/parse.h"

/* An array that grows while the grammar collects. */
typedef struct list {
    uint32_t n, cap;
    void *items; /* array of the items themselves */
} list;

/* The definition under construction (they do not nest); each is owned by its ast_*.c. */
typedef struct dim_build dim_build;
typedef struct cube_build cube_build;
typedef struct map_build map_build;
typedef struct cuboid_build cuboid_build;

typedef struct parse {
    arena *a;
    pt_str text;      /* being scanned, in the arena; tokens are slices of it */
    pt_err err;       /* the first failure */
    int start;        /* token that says what the text is; 0 once the scanner has handed it out */
    uint32_t pos;     /* bytes scanned */
    uint32_t token;   /* where in `text` the token in hand starts */
    uint32_t nesting; /* open ( and { */
    bool end_fits;    /* at the syntax error the text could have ended as well */
    pt_span runaway;  /* of the first name in brackets that has a [ in it; empty: none */
    jmp_buf fatal;    /* way out of flex when memory is short */

    /* Places count in the statement text. A quoted formula was unquoted before it came to `text`:
     * place = base + position + number of doubled quotes before that position. */
    uint32_t base;
    const uint32_t *doubled; /* positions in `text` of quotes that were doubled, ascending */
    uint32_t n_doubled, next_doubled;

    bool or_replace; /* of the CREATE in hand */
    pt_span ignored; /* text behind a complete quoted formula */
    dim_build *dim;
    cube_build *cube;
    map_build *map;
    cuboid_build *cuboid;

    /* results, by what the text is */
    ast *expr;
    ast_stmt *stmt;
    list *stmts; /* ast_stmt * */
} parse;

typedef void *yyscan_t;

/* Runs scanner and grammar over p->text; p->err says how it went. */
void parse_run(parse *p, int start);
/* Scanner: step over n bytes. */
void parse_advance(parse *p, pt_span *at, uint32_t n);
/* Grammar: words the message for a token that does not fit. `expected`: token names, best first. */
void parse_unexpected(parse *p, pt_span at, bool at_end, const char *const *expected, int n);
/* "expected A, B or C" and perhaps "did you mean B" for a word that should be one of a few. Returns false. */
bool parse_wrong_word(parse *p, pt_span at, const char *what, pt_str word, const char *const *choices,
                      size_t n);

#define PARSE_FAIL(p, code, at, ...) pt_fail_at(&(p)->err, (code), (at), __VA_ARGS__)

static inline pt_span span_join(pt_span a, pt_span b)
{
    return (pt_span){a.start, b.end};
}

/* Zeroed memory of the statement; NULL (and p->err) when the arena is spent. */
void *parse_alloc(parse *p, size_t n, size_t size_bytes);
#define PARSE_MAKE(p, T) ((T *)parse_alloc((p), 1, sizeof(T)))
/* Adds a copy of the item; `l` NULL starts a list. */
list *list_add(parse *p, list *l, const void *item, size_t size_bytes);
#define LIST_ITEMS(T, l) ((T *)((l) ? (l)->items : NULL))
#define LIST_COUNT(l)    ((l) ? (l)->n : 0u)

/* ---- expressions: ast.c -------------------------------------------------- */

/* Contents of 'text', "text" or [name], doubled closers made single. */
bool text_unquote(parse *p, pt_str quoted, pt_str *out);

typedef enum segment_form { SEGMENT_BARE, SEGMENT_QUOTED, SEGMENT_KEY } segment_form;
ast_segment *segment_new(parse *p, pt_span at, pt_str name, segment_form form);
ast_segment *segment_more(parse *p, pt_span at, ast_segment *key, pt_str part); /* one more &[part] */

ast *node_text(parse *p, ast_kind kind, pt_span at, pt_str text); /* every leaf but numbers and names */
ast *node_number(parse *p, pt_span at, pt_str digits);
ast *node_id(parse *p, pt_span at, const list *segs);
ast *node_call(parse *p, ast_syntax syntax, pt_span at, pt_str name, pt_span name_at, const list *args);
ast *node_function(parse *p, pt_span at, pt_str name, pt_span name_at, const list *args);
ast *node_method(parse *p, pt_span at, ast *object, pt_str name, pt_span name_at, const list *args);
ast *node_id_method(parse *p, pt_span at, const list *segs, pt_span segs_at, pt_str name, pt_span name_at,
                    const list *args);
ast *node_property(parse *p, pt_span at, ast *object, pt_str name, pt_span name_at);
ast *node_infix(parse *p, pt_span at, const char *op, pt_span op_at, ast *left, ast *right);
ast *node_between(parse *p, pt_span at, const char *op, pt_span op_at, ast *x, ast *low, ast *high);
ast *node_is(parse *p, pt_span at, pt_span op_at, ast *left, ast *right); /* IS NULL and IS NOT NULL too */
ast *node_alias(parse *p, pt_span at, ast *value, pt_span as_at, pt_str name, pt_span name_at);
ast *node_prefix(parse *p, pt_span at, const char *op, pt_span op_at, ast *arg);
ast *node_is_not_empty(parse *p, pt_span at, pt_span op_at, ast *arg);
ast *node_having(parse *p, pt_span at, pt_span having_at, ast *set,
                 ast *condition); /* Filter(set, condition) */
ast *node_postfix(parse *p, pt_span at, const char *op, pt_span op_at, ast *arg);
ast *node_case(parse *p, pt_span at, pt_span case_at, ast *subject, const list *branches, ast *otherwise);
ast *node_cast(parse *p, pt_span at, pt_span cast_at, ast *value, pt_str type);
list *branch_add(parse *p, list *branches, ast *when, ast *then);

/* ---- queries: ast_select.c ----------------------------------------------- */

/* A body in single quotes is parsed here. Text behind a complete quoted expression is passed over, as clients
 * written for other servers expect, and noted in p->ignored for those who do not want that. */
ast_formula *formula_new(parse *p, pt_span at, bool is_set, ast *name, ast *body, const list *props);
/* WITH MEASURE. */
ast_formula *formula_measure(parse *p, pt_span at, ast *name, ast_measure *m, ast *where, const list *props);
ast_axis *axis_new(parse *p, pt_span at, bool non_empty, ast *set, const list *props, int64_t number,
                   pt_span number_at);
ast_select *select_from(parse *p, pt_span at, pt_str cube, ast_select *subselect);
ast_select *select_done(ast_select *s, pt_span at, const list *axes, ast *slicer, const list *cell_props);
ast_select *select_with(ast_select *s, pt_span at, const list *formulas);

/* ---- dimensions: ast_dim.c ------------------------------------------------ */

bool type_of(parse *p, pt_span at, pt_str word, int64_t precision, int64_t scale,
             ast_type *out); /* -1: none */

bool dim_new(parse *p, pt_span name_at, pt_str name, bool is_time);
bool dim_caption(parse *p, pt_span at, pt_str text);
bool dim_calendar(parse *p, pt_span at, pt_str from, pt_span from_at, pt_str to, pt_span to_at);
bool dim_week(parse *p, pt_span at, pt_str word);
bool dim_fiscal(parse *p, pt_span at, pt_str month);
bool dim_key(parse *p, pt_span at, pt_str column, ast_type type);
/* is_first: behind the word ATTRIBUTE; else one more of its list. */
bool dim_attribute(parse *p, pt_span at, bool is_first, pt_str column, ast_type type, bool history);
bool dim_hierarchy(parse *p, pt_span at); /* adds the hierarchy under construction */
ast_dimension *dim_done(parse *p);

bool hier_new(parse *p, pt_span at, pt_str name);
bool hier_all(parse *p, pt_span at, pt_str all_name);
bool hier_caption(parse *p, pt_span at, pt_str text);
bool hier_default(parse *p, pt_span at, ast *member);
bool hier_level(parse *p, pt_span at, const ast_level *l);
/* A word alone: one more property of the level before it, or a level of a calendar. */
bool hier_word(parse *p, pt_span at, pt_str word, pt_str name);

ast_level *level_new(parse *p, pt_span at, pt_str name, pt_str key);
bool level_set_name(parse *p, pt_span at, ast_level *l, pt_str column);
bool level_order(parse *p, pt_span at, ast_level *l, pt_str column);
bool level_set_caption(parse *p, pt_span at, ast_level *l, pt_str text);
bool level_type(parse *p, pt_span at, ast_level *l, pt_str word);
bool level_set_hide(parse *p, pt_span at, ast_level *l, level_hide hide);
bool level_parent(parse *p, pt_span at, ast_level *l, pt_str column);
bool level_root(parse *p, pt_span at, ast_level *l, const pt_value *root);
bool level_property(parse *p, pt_span at, ast_level *l, ast_named prop); /* more may follow: hier_word */
bool level_properties(parse *p, pt_span at, ast_level *l, const list *props);

/* ---- cubes: ast_cube.c ----------------------------------------------------- */

bool cube_new(parse *p, pt_span name_at, pt_str name, bool is_virtual);
bool cube_caption(parse *p, pt_span at, pt_str text);
bool cube_bases(parse *p, pt_span at, const list *names);
/* ref: column = dimension (or base cube), name = hierarchy (or dimension). is_first as in dim_attribute. */
bool cube_dim(parse *p, pt_span at, bool is_first, ast_named ref, pt_str alias, pt_str role);
bool cube_column(parse *p, pt_span at, bool is_first, pt_str name, ast_type type);
bool cube_measure(parse *p, pt_span at, const ast_measure *m);
bool cube_formula(parse *p, pt_span at, bool is_set, ast *name, ast *body);
bool cube_property(parse *p, pt_span at, ast_property prop);
bool cube_default(parse *p, pt_span at, pt_str measure);
ast_cube *cube_done(parse *p);

/* Aggregates, still without a name. arg: a column or an expression; NULL: a star. */
ast_measure *measure_new(parse *p, pt_str agg, pt_span agg_at, ast *arg);
ast_measure *measure_distinct(parse *p, pt_str count, pt_span count_at, pt_str dimension);
ast_measure *measure_import(parse *p, pt_str base, pt_str name);
bool measure_where(parse *p, pt_span at, ast_measure *m, ast *where);
bool measure_type(parse *p, pt_span at, ast_measure *m, ast_type type);
bool measure_format(parse *p, pt_span at, ast_measure *m, pt_str text);
bool measure_caption(parse *p, pt_span at, ast_measure *m, pt_str text);
bool measure_ordinal(parse *p, pt_span at, ast_measure *m, int64_t n);

/* ---- cuboids: ast_cuboid.c -------------------------------------------------- */

bool cuboid_new(parse *p, pt_str name, pt_span name_at, pt_str cube, pt_span cube_at);
bool cuboid_level(parse *p, ast *id);
bool cuboid_measure(parse *p, ast *id);
bool cuboid_more(parse *p, ast *id); /* one more of what came before */
ast_stmt *stmt_cuboid(parse *p, pt_span at);
ast_stmt *stmt_advise(parse *p, pt_span at, pt_str cube, pt_span cube_at, const pt_value *budget,
                      bool is_percent);

/* ---- mappings: ast_map.c --------------------------------------------------- */

bool map_new(parse *p, pt_span name_at, pt_str name, bool into_cube, pt_str target, pt_str source,
             ast_table table);
bool map_join(parse *p, pt_span at, bool is_left, ast_table table, const list *columns);
bool map_where(parse *p, pt_span at, ast *cond);
bool map_on_error(parse *p, pt_span at, pt_str word);
bool map_slice(parse *p, pt_span at, ast *id);
ast_mapping *map_done(parse *p, const list *targets);

ast *node_column(parse *p, pt_span at, const pt_str *table, pt_str column, pt_span column_at);
list *pair_add(parse *p, list *columns, ast *left, ast *right);

ast_target *target_new(parse *p, pt_span at, pt_str name, ast *expr);
bool target_format(parse *p, pt_span at, ast_target *t, pt_str text);
bool target_codes(parse *p, pt_span at, ast_target *t, const list *codes, const pt_value *otherwise);
bool target_unknown(parse *p, pt_span at, ast_target *t, pt_str word);

/* ---- values and statements: ast_stmt.c ------------------------------------- */

pt_value *value_string(parse *p, pt_str text);
pt_value *value_number(parse *p, pt_span at, pt_str digits, bool is_negative);
pt_value *value_word(parse *p, pt_str word); /* ON, OFF, TRUE, FALSE are truth values; others text */
pt_value *value_none(parse *p);
bool integer_parse(parse *p, pt_span at, pt_str digits, int64_t *out);
bool name_check(parse *p, pt_span at, pt_str name); /* not empty, no control characters */
/* false: "CAPTION is given twice". */
bool clause_once(parse *p, pt_span at, bool is_given, const char *what);

bool script_add(parse *p, ast_stmt *s);
ast_stmt *stmt_new(parse *p, stmt_kind kind, pt_span at);
ast_stmt *stmt_select(parse *p, stmt_kind kind, pt_span at, ast_select *s);
ast_stmt *stmt_explain(parse *p, pt_span at, ast_select *s, bool analyze);
ast_stmt *stmt_drill(parse *p, pt_span at, int64_t max_rows, int64_t first_row, ast_select *s,
                     const list *items);
/* CREATE or ALTER, from the definition under construction. */
ast_stmt *stmt_dimension(parse *p, pt_span at, bool is_alter);
ast_stmt *stmt_cube(parse *p, pt_span at, bool is_alter);
ast_stmt *stmt_mapping(parse *p, pt_span at, const list *targets);
ast_stmt *stmt_source(parse *p, pt_span at, pt_str name, pt_span name_at, pt_str type, const list *options);
ast_stmt *stmt_formula(parse *p, pt_span at, ast_formula *f, bool is_session);
ast_stmt *stmt_object(parse *p, stmt_kind kind, pt_span at, object_kind object, pt_str name, pt_span name_at);
ast_stmt *stmt_drop(parse *p, pt_span at, object_kind object, pt_str name, pt_span name_at, bool if_exists,
                    bool cascade);
ast_stmt *stmt_drop_formula(parse *p, pt_span at, object_kind object, ast *id, bool is_session,
                            bool if_exists);
ast_stmt *stmt_load(parse *p, pt_span at, const list *mappings, pt_str source, ast *replace, bool force);
ast_stmt *stmt_show(parse *p, pt_span at, const list *words);
ast_stmt *stmt_show_of(parse *p, pt_span at, const list *words, pt_str of, pt_span of_at);
ast_stmt *stmt_show_load(parse *p, pt_span at, const list *words, int64_t load, pt_span words_at);
ast_stmt *stmt_set(parse *p, pt_span at, const list *words, const list *values);
ast_stmt *stmt_set_text(parse *p, pt_span at, const list *words, pt_str value);
ast_stmt *stmt_help(parse *p, pt_span at, const list *words);
/* Exactly the savepoint, or NULL. */
ast_stmt *stmt_transaction(parse *p, pt_span at, const char *word, const pt_str *savepoint,
                           pt_span savepoint_at);
