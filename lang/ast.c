/* ast.c - nodes of expressions.
 *
 * Invariant: depth of a node == 1 + the greatest depth among its arguments, and never more than
 * PARSE_MAX_DEPTH, so whoever walks a tree by recursion is bounded. */
#include "base/decimal.h"
#include "base/num.h"
#include "lang/parse_int.h"

enum { KEY_PARTS_MAX = 32 };

/* ---- memory ------------------------------------------------------------ */

void *parse_alloc(parse *p, size_t n, size_t size_bytes)
{
    void *m = arena_calloc(p->a, n, size_bytes);
    if (!m) arena_fail(p->a, &p->err);
    return m;
}

list *list_add(parse *p, list *l, const void *item, size_t size_bytes)
{
    if (!l && !(l = PARSE_MAKE(p, list))) return NULL;
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 4;
        char *items = parse_alloc(p, cap, size_bytes);
        if (!items) return NULL;
        if (l->n) memcpy(items, l->items, l->n * size_bytes);
        l->items = items;
        l->cap = cap;
    }
    memcpy((char *)l->items + l->n++ * size_bytes, item, size_bytes);
    return l;
}

/* ---- names ------------------------------------------------------------- */

bool text_unquote(parse *p, pt_str quoted, pt_str *out)
{
    char closer = quoted.ptr[quoted.len - 1];
    pt_str in = {quoted.ptr + 1, quoted.len - 2};
    const char *first = memchr(in.ptr, closer, in.len);
    if (!first) {
        *out = in;
        return true;
    }
    char *text = parse_alloc(p, in.len, 1);
    if (!text) return false;
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        text[n++] = in.ptr[i];
        if (in.ptr[i] == closer) i++; /* the scanner saw a second one */
    }
    *out = (pt_str){text, n};
    return true;
}

ast_segment *segment_new(parse *p, pt_span at, pt_str name, segment_form form)
{
    ast_segment *s = PARSE_MAKE(p, ast_segment);
    if (!s) return NULL;
    *s = (ast_segment){
        .name = name, .is_quoted = form == SEGMENT_QUOTED, .is_key = form == SEGMENT_KEY, .at = at};
    return s;
}

ast_segment *segment_more(parse *p, pt_span at, ast_segment *key, pt_str part)
{
    if (key->n_keys + 2 > KEY_PARTS_MAX) {
        PARSE_FAIL(p, PT_LIMIT, at, "a key of more than %d parts", KEY_PARTS_MAX);
        return NULL;
    }
    pt_str *keys = parse_alloc(p, key->n_keys + 1, sizeof *keys);
    if (!keys) return NULL;
    if (key->n_keys) memcpy(keys, key->keys, key->n_keys * sizeof *keys);
    keys[key->n_keys++] = part;
    key->keys = keys;
    key->at = at;
    return key;
}

/* ---- leaves ------------------------------------------------------------ */

ast *node_text(parse *p, ast_kind kind, pt_span at, pt_str text)
{
    ast *e = PARSE_MAKE(p, ast);
    if (!e) return NULL;
    e->kind = kind;
    e->at = at;
    e->text = text;
    e->depth = 1;
    return e;
}

ast *node_number(parse *p, pt_span at, pt_str digits)
{
    pt_value *v = value_number(p, at, digits, false);
    ast *e = v ? node_text(p, AST_NUMBER, at, digits) : NULL;
    if (e) e->number = *v;
    return e;
}

ast *node_id(parse *p, pt_span at, const list *segs)
{
    ast *e = node_text(p, AST_ID, at, (pt_str){0});
    if (!e) return NULL;
    e->n = segs->n;
    e->segs = segs->items;
    return e;
}

/* ---- calls ------------------------------------------------------------- */

static bool set_args(parse *p, ast *e, ast **args, uint32_t n)
{
    e->args = args;
    e->n = n;
    uint16_t deepest = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (args[i]->depth > deepest) deepest = args[i]->depth;
    }
    if (deepest >= PARSE_MAX_DEPTH) {
        PARSE_FAIL(p, PT_LIMIT, e->at, "the expression is nested more than %d deep", PARSE_MAX_DEPTH);
        pt_hint(&p->err, "name parts of it with WITH MEMBER or WITH SET; long lists go into braces");
        return false;
    }
    e->depth = (uint16_t)(deepest + 1);
    return true;
}

ast *node_call(parse *p, ast_syntax syntax, pt_span at, pt_str name, pt_span name_at, const list *args)
{
    ast *e = node_text(p, AST_CALL, at, name);
    if (!e) return NULL;
    e->syntax = syntax;
    e->name_at = name_at;
    return set_args(p, e, LIST_ITEMS(ast *, args), LIST_COUNT(args)) ? e : NULL;
}

/* f() has no arguments, though the grammar sees one that is left out. */
static bool is_no_args(const list *args)
{
    return args->n == 1 && LIST_ITEMS(ast *, args)[0]->kind == AST_EMPTY;
}

ast *node_function(parse *p, pt_span at, pt_str name, pt_span name_at, const list *args)
{
    return node_call(p, SYN_FUNCTION, at, name, name_at, is_no_args(args) ? NULL : args);
}

ast *node_method(parse *p, pt_span at, ast *object, pt_str name, pt_span name_at, const list *args)
{
    list *all = list_add(p, NULL, &object, sizeof object);
    for (uint32_t i = 0; all && !is_no_args(args) && i < args->n; i++) {
        all = list_add(p, all, &LIST_ITEMS(ast *, args)[i], sizeof(ast *));
    }
    return all ? node_call(p, SYN_METHOD, at, name, name_at, all) : NULL;
}

ast *node_id_method(parse *p, pt_span at, const list *segs, pt_span segs_at, pt_str name, pt_span name_at,
                    const list *args)
{
    ast *object = node_id(p, segs_at, segs);
    return object ? node_method(p, at, object, name, name_at, args) : NULL;
}

static ast *unary(parse *p, ast_syntax syntax, pt_span at, pt_str name, pt_span name_at, ast *arg)
{
    list *args = list_add(p, NULL, &arg, sizeof arg);
    return args ? node_call(p, syntax, at, name, name_at, args) : NULL;
}

ast *node_property(parse *p, pt_span at, ast *object, pt_str name, pt_span name_at)
{
    return unary(p, SYN_PROPERTY, at, name, name_at, object);
}

ast *node_prefix(parse *p, pt_span at, const char *op, pt_span op_at, ast *arg)
{
    return unary(p, SYN_PREFIX, at, str_of(op), op_at, arg);
}

ast *node_postfix(parse *p, pt_span at, const char *op, pt_span op_at, ast *arg)
{
    return unary(p, SYN_POSTFIX, at, str_of(op), op_at, arg);
}

ast *node_infix(parse *p, pt_span at, const char *op, pt_span op_at, ast *left, ast *right)
{
    list *args = list_add(p, NULL, &left, sizeof left);
    if (args) args = list_add(p, args, &right, sizeof right);
    return args ? node_call(p, SYN_INFIX, at, str_of(op), op_at, args) : NULL;
}

ast *node_between(parse *p, pt_span at, const char *op, pt_span op_at, ast *x, ast *low, ast *high)
{
    list *args = list_add(p, NULL, &x, sizeof x);
    if (args) args = list_add(p, args, &low, sizeof low);
    if (args) args = list_add(p, args, &high, sizeof high);
    return args ? node_call(p, SYN_INFIX, at, str_of(op), op_at, args) : NULL;
}

ast *node_is(parse *p, pt_span at, pt_span op_at, ast *left, ast *right)
{
    if (right->kind == AST_NULL) return node_postfix(p, at, "IS NULL", span_join(op_at, right->at), left);
    if (right->kind == AST_CALL && right->syntax == SYN_PREFIX && str_eq(right->text, STR("NOT")) &&
        right->args[0]->kind == AST_NULL) {
        ast *is_null = node_postfix(p, at, "IS NULL", span_join(op_at, right->at), left);
        return is_null ? node_prefix(p, at, "NOT", right->name_at, is_null) : NULL;
    }
    return node_infix(p, at, "IS", op_at, left, right);
}

/* x IS NOT EMPTY */
ast *node_is_not_empty(parse *p, pt_span at, pt_span op_at, ast *arg)
{
    ast *is_empty = node_postfix(p, at, "IS EMPTY", op_at, arg);
    return is_empty ? node_prefix(p, at, "NOT", op_at, is_empty) : NULL;
}

ast *node_having(parse *p, pt_span at, pt_span having_at, ast *set, ast *condition)
{
    list *args = list_add(p, NULL, &set, sizeof set);
    if (args) args = list_add(p, args, &condition, sizeof condition);
    return args ? node_call(p, SYN_FUNCTION, at, STR("Filter"), having_at, args) : NULL;
}

ast *node_alias(parse *p, pt_span at, ast *value, pt_span as_at, pt_str name, pt_span name_at)
{
    ast_segment *seg = segment_new(p, name_at, name, SEGMENT_QUOTED);
    list *segs = seg ? list_add(p, NULL, seg, sizeof *seg) : NULL;
    ast *id = segs ? node_id(p, name_at, segs) : NULL;
    return id ? node_infix(p, at, "AS", as_at, value, id) : NULL;
}

/* ---- CASE and CAST ----------------------------------------------------- */

list *branch_add(parse *p, list *branches, ast *when, ast *then)
{
    branches = list_add(p, branches, &when, sizeof when);
    return branches ? list_add(p, branches, &then, sizeof then) : NULL;
}

ast *node_case(parse *p, pt_span at, pt_span case_at, ast *subject, const list *branches, ast *otherwise)
{
    pt_span nowhere = {at.end, at.end};
    if (!subject) subject = node_text(p, AST_EMPTY, case_at, STR(""));
    if (!otherwise) otherwise = node_text(p, AST_EMPTY, nowhere, STR(""));
    list *args = subject && otherwise ? list_add(p, NULL, &subject, sizeof subject) : NULL;
    for (uint32_t i = 0; args && i < branches->n; i++) {
        args = list_add(p, args, &LIST_ITEMS(ast *, branches)[i], sizeof(ast *));
    }
    if (args) args = list_add(p, args, &otherwise, sizeof otherwise);
    return args ? node_call(p, SYN_CASE, at, STR("CASE"), case_at, args) : NULL;
}

ast *node_cast(parse *p, pt_span at, pt_span cast_at, ast *value, pt_str type)
{
    ast *e = unary(p, SYN_CAST, at, type, cast_at, value);
    return e;
}
