/* bind_call.c - choosing the overload of a function and converting its arguments. */
#include <ctype.h>

#include "query/bind.h"
#include "query/eval_rows.h"
#include "query/foreign.h"
#include "query/funs.h"
#include "query/memo.h"
#include "query/suggest.h"

/* ---- matching arguments with letters ----------------------------------- */

/* Returns the cost, or -1; letters[i] receives what argument i is to become. */
typedef struct match {
    node *const *args;
    uint32_t n;
    char *letters;
} match;

static const char *after_group(const char *p, char open, char close)
{
    int depth = 0;
    for (;; p++) {
        if (*p == open) depth++;
        if (*p == close && --depth == 0) return p + 1;
    }
}

static int add_cost(int a, int b)
{
    return a < 0 || b < 0 ? -1 : a + b;
}

/* `group` is the repeating group we are in, to go round again at its end. Optional parts and repetitions are
 * tried both ways; patterns are a few letters long, so this stays cheap. */
static int match_from(match *m, const char *p, uint32_t at, const char *group)
{
    switch (*p) {
    case 0: return at == m->n ? 0 : -1;
    case ']': return match_from(m, p + 1, at, group);
    case '[': {
        int with = match_from(m, p + 1, at, group);
        return with >= 0 ? with : match_from(m, after_group(p, '[', ']'), at, group);
    }
    case '{': return match_from(m, p + 1, at, p);
    case '}': {
        if (at < m->n) {
            int again = match_from(m, group, at, NULL);
            if (again >= 0) return again;
        }
        return match_from(m, p + 4, at, NULL); /* over "}..." */
    }
    default: break;
    }
    if (strncmp(p + 1, "...", 3) == 0) {
        int cost = at < m->n ? 0 : -1;
        for (; at < m->n && cost >= 0; at++) {
            cost = add_cost(cost, convert_cost(m->args[at]->type, *p));
            m->letters[at] = *p;
        }
        return cost;
    }
    if (at >= m->n) return -1;
    int cost = convert_cost(m->args[at]->type, *p);
    if (cost < 0) return -1;
    int rest = match_from(m, p + 1, at + 1, group);
    if (rest >= 0) m->letters[at] = *p;
    return add_cost(cost, rest);
}

/* ---- choosing ---------------------------------------------------------- */

static bool name_matches(const fun *f, pt_str name, ast_syntax syntax)
{
    return f->syntax == syntax && str_eq_fold(str_of(f->name), name);
}

static bool has_word(const char *words, pt_str w)
{
    for (pt_str word; (word = fun_next_word(&words)).len;)
        if (str_eq_fold(word, w)) return true;
    return false;
}

/* A bare word that some overload of this function knows as a flag. */
static bool is_flag(pt_str name, ast_syntax syntax, const ast *e)
{
    if (e->kind != AST_ID || e->n != 1 || e->segs[0].is_quoted || e->segs[0].is_key) return false;
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if (name_matches(&(*l)->table[i], name, syntax) &&
                has_word((*l)->table[i].words, e->segs[0].name))
                return true;
    return false;
}

/* What people wrote, with the types found: "TopCount(set, string)". */
static void describe(strbuf *s, pt_str name, ast_syntax syntax, node *const *args, uint32_t n)
{
    const char *dot = syntax == SYN_PROPERTY || syntax == SYN_METHOD ? "." : "";
    if (syntax == SYN_INFIX && n == 2) {
        strbuf_printf(s, "%s " STR_FMT " %s", vtype_name(args[0]->type), STR_ARG(name),
                      vtype_name(args[1]->type));
        return;
    }
    if (*dot && n) strbuf_printf(s, "%s", vtype_name(args[0]->type));
    strbuf_printf(s, "%s" STR_FMT, dot, STR_ARG(name));
    if (syntax == SYN_PROPERTY) return;
    strbuf_addc(s, '(');
    for (uint32_t i = *dot ? 1 : 0; i < n; i++)
        strbuf_printf(s, "%s%s", i > (*dot ? 1u : 0u) ? ", " : "", vtype_name(args[i]->type));
    strbuf_addc(s, ')');
}

enum { FORMS_SHOWN = 4 };

static void list_forms(strbuf *s, pt_str name, ast_syntax syntax)
{
    uint32_t n = 0;
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            if (!str_eq_fold(str_of(f->name), name) || f->flags & FUN_HIDDEN) continue;
            if (!isalpha((unsigned char)f->name[0]) && f->syntax != syntax) continue; /* - x is not x - y */
            if (n++ < FORMS_SHOWN) {
                strbuf_addz(s, s->len ? "; " : "expected ");
                fun_signature(f, s);
            }
        }
    if (n > FORMS_SHOWN) strbuf_printf(s, "; HELP " STR_FMT " shows all", STR_ARG(name));
}

/* Wherever an argument of that place is taken, it is of this kind: 'b' a condition, 'x' a set. */
static bool is_always(pt_str name, ast_syntax syntax, uint32_t i, char letter)
{
    bool any = false;
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t k = 0; k < (*l)->n; k++) {
            const fun *f = &(*l)->table[k];
            if (!name_matches(f, name, syntax)) continue;
            if (strlen(f->args) <= i || f->args[i] != letter) return false;
            any = true;
        }
    return any;
}

/* What people mean who write this in other languages; NULL: not known. */
static const char *meant(pt_str name, ast_syntax syntax, node *const *args, uint32_t n)
{
    bool is_plus = syntax == SYN_INFIX && str_eq(name, STR("+")),
         is_minus = syntax == SYN_INFIX && str_eq(name, STR("-"));
    if (is_plus && args[0]->type == VT_STRING && args[1]->type == VT_STRING)
        return "texts are joined with ||";
    if ((is_plus || is_minus) && args[0]->type == VT_SET && args[1]->type == VT_SET)
        return is_plus ? "sets are joined with Union, or in braces"
                       : "one set is taken from another with Except";
    if (n == 2 && str_eq_fold(name, STR("||"))) return "|| joins texts; one condition or the other is x OR y";
    if (n == 2 && str_eq_fold(name, STR("OR")) && args[0]->type == VT_MEMBER && args[1]->type == VT_MEMBER)
        return "compare values, as in [Measures].[x] > 0; several members of a hierarchy are a set, {a, b}";
    if (n == 2 && syntax == SYN_INFIX && strchr("=<>", name.ptr[0]))
        for (uint32_t i = 0; i < n; i++)
            if (args[i]->type >= VT_MEMBER)
                return "members are compared with IS, their names with x.CurrentMember.Name = \"text\"";
    if (n == 1 && str_eq_fold(name, STR("Members")) && args[0]->type == VT_MEMBER)
        return "members below a member are .Children, those of its level .Level.Members";
    if (n == 1 && str_eq_fold(name, STR("Children")) && args[0]->type == VT_LEVEL)
        return "the members of a level are .Members";
    if (n == 2 && str_eq_fold(name, STR("AND")) && args[0]->type == VT_MEMBER && args[1]->type == VT_MEMBER)
        return "compare values, as in [Measures].[x] > 0; members of several hierarchies together are a "
               "tuple, (a, b)";
    for (uint32_t i = 0; i < n; i++) {
        if ((args[i]->type == VT_MEMBER || args[i]->type == VT_TUPLE) && is_always(name, syntax, i, 'b'))
            return "a condition is true or false: compare the value, as in [Measures].[x] > 0";
        if (args[i]->type == VT_LEVEL && is_always(name, syntax, i, 'x'))
            return "add .Members for the members of the level";
    }
    return NULL;
}

static pt_status no_overload(bind *b, pt_str name, ast_syntax syntax, pt_span at, node *const *args,
                             uint32_t n, bool is_ambiguous)
{
    strbuf s = {0}, forms = {0};
    describe(&s, name, syntax, args, n);
    list_forms(&forms, name, syntax);
    pt_fail_at(b->err, PT_TYPE, at, is_ambiguous ? "more than one function fits %s" : "no function fits %s",
               s.ptr ? s.ptr : "");
    const char *hint = meant(name, syntax, args, n);
    if (!hint) hint = forms.ptr;
    if (hint) pt_hint(b->err, "%s", hint);
    strbuf_free(&s);
    strbuf_free(&forms);
    return PT_TYPE;
}

static pt_status unknown_function(bind *b, pt_str name, ast_syntax syntax, pt_span at)
{
    suggestion s = suggestion_for(name);
    if (str_eq_fold(name, STR("IF"))) s.best = STR("IIf"); /* too short to be found by distance */
    if (str_eq_fold(name, STR("TOP"))) s = (suggestion){.wanted = name, .best = STR("TopCount")};
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            if (!isalpha((unsigned char)f->name[0])) continue;
            if (str_eq_fold(str_of(f->name), name)) {
                strbuf form = {0};
                fun_signature(f, &form);
                pt_fail_at(b->err, PT_NAME, at, "[" STR_FMT "] is not used like this", STR_ARG(name));
                pt_hint(b->err, "expected %s", form.ptr ? form.ptr : f->name);
                strbuf_free(&form);
                return PT_NAME;
            }
            suggestion_offer(&s, str_of(f->name));
        }
    const char *advice = foreign_advice(name);
    if (advice) s.best = (pt_str){0};
    suggestion_fail(&s, PT_NAME, at, b->err, "unknown %s [" STR_FMT "]",
                    syntax == SYN_PROPERTY ? "property" : "function", STR_ARG(name));
    return advice ? pt_hint(b->err, "%s", advice) : PT_NAME;
}

/* Two forms that fit equally well are a question to the writer, but for an operator between two NULLs: its
 * forms with the same kind of result take them alike. */
static bool differ(const fun *f, const fun *g, node *const *args, uint32_t n)
{
    bool are_nulls = n == 2 && args[0]->type == VT_NULL && args[1]->type == VT_NULL;
    if (strcmp(f->result, g->result) != 0) return true;
    return f->eval != g->eval && !(are_nulls && f->syntax == SYN_INFIX);
}

static pt_status choose(bind *b, pt_str name, ast_syntax syntax, pt_span at, node *const *args, uint32_t n,
                        const fun **best, char **letters)
{
    int best_cost = -1;
    bool any = false, is_tie = false;
    match m = {.args = args, .n = n, .letters = arena_array(b->a, char, n + 1)};
    char *kept = arena_array(b->a, char, n + 1);
    if (!m.letters || !kept) return bind_nomem(b);
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            if (!name_matches(f, name, syntax)) continue;
            any = true;
            int cost = match_from(&m, f->args, 0, NULL);
            if (cost < 0 || (best_cost >= 0 && cost > best_cost)) continue;
            is_tie = cost == best_cost && differ(f, *best, args, n);
            if (cost == best_cost) continue;
            best_cost = cost;
            *best = f;
            memcpy(kept, m.letters, n);
        }
    if (!any) return unknown_function(b, name, syntax, at);
    if (best_cost < 0 || is_tie) return no_overload(b, name, syntax, at, args, n, is_tie);
    *letters = kept;
    return PT_OK;
}

/* ---- the node ---------------------------------------------------------- */

static vtype result_type(char letter)
{
    switch (letter) {
    case 'n': return VT_NUMBER;
    case 'i': return VT_INTEGER;
    case 'S': return VT_STRING;
    case 'b': return VT_BOOLEAN;
    case 'D': return VT_DATE;
    case 'm': return VT_MEMBER;
    case 't': return VT_TUPLE;
    case 'x': return VT_SET;
    case 'l': return VT_LEVEL;
    case 'h': return VT_HIER;
    case 'd': return VT_DIM;
    default: return VT_VALUE;
    }
}

/* Calls fun->apply with evaluated arguments. */
static pt_status apply(eval *x, const node *n, xval *out)
{
    pt_value few[8], *v = n->n <= ARRAY_LEN(few) ? few : arena_array(x->work, pt_value, n->n);
    pt_status all = PT_OK;
    bool has_null = false;
    fun_call call = {x->work, x->sc->env->now_us, x->err};
    if (!v) return eval_nomem(x);
    out->v = value_null();
    for (uint32_t i = 0; i < n->n; i++) {
        v[i] = value_null();
        pt_status st = eval_scalar_as(x, n->args[i], n->text.ptr[i], &v[i]);
        if (!eval_go_on(st, &all)) return st;
        has_null |= v[i].kind == VAL_NULL;
    }
    if (all != PT_OK || (has_null && !(n->fun->flags & FUN_NULLS))) return all;
    out->v = value_null();
    return n->fun->apply(&call, n->n, v, &out->v);
}

/* Arguments of a function for many tuples: the first takes the place of the result. */
static pt_status eval_args_rows(eval *x, const node *n, const rows *r, pt_value **args)
{
    pt_status all = PT_OK;
    for (uint32_t i = 0; i < n->n; i++) {
        args[i] = i ? arena_array(x->work, pt_value, r->n) : args[0];
        if (!args[i]) return eval_nomem(x);
        if (!eval_go_on(eval_rows_as(x, n->args[i], n->text.ptr[i], r, args[i]), &all)) return all;
    }
    return all;
}

/* apply for many tuples, call by call. */
static pt_status apply_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    arena_mark before = arena_save(x->work);
    fun_call call = {x->work, x->sc->env->now_us, x->err};
    pt_value *v = arena_array(x->work, pt_value, n->n), **args = arena_array(x->work, pt_value *, n->n + 1);
    if (!v || !args) return eval_nomem(x);
    args[0] = out;
    PT_TRY(eval_args_rows(x, n, r, args));
    for (uint32_t k = 0; k < r->n; k++) {
        bool has_null = false;
        for (uint32_t i = 0; i < n->n; i++) {
            v[i] = args[i][k];
            has_null |= v[i].kind == VAL_NULL;
        }
        out[k] = value_null();
        if (has_null && !(n->fun->flags & FUN_NULLS)) continue;
        PT_TRY(n->fun->apply(&call, n->n, v, &out[k]));
    }
    if (n->type != VT_STRING && n->type != VT_VALUE) arena_restore(x->work, before);
    return PT_OK;
}

static bool has_shape(vtype t)
{
    return t >= VT_MEMBER && t <= VT_DIM;
}

/* Results live in the hierarchies of the first object unless the function says otherwise. */
static void inherit_shape(node *n)
{
    if (!has_shape(n->type)) return;
    for (uint32_t i = 0; i < n->n; i++) {
        if (!has_shape(n->args[i]->type)) continue;
        n->shape = n->args[i]->shape;
        return;
    }
}

/* Arguments behind the set are evaluated in the context of its tuples, so they no longer depend on those
 * hierarchies from outside. */
static void fix_deps(node *n)
{
    if (!(n->fun->flags & FUN_ITERATES)) return;
    for (uint32_t s = 0; s < n->n; s++) {
        if (n->args[s]->type != VT_SET) continue;
        uint64_t inner = 0;
        for (uint32_t i = s + 1; i < n->n; i++) inner |= n->args[i]->deps;
        n->deps = n->args[s]->deps | (inner & ~shape_deps(n->args[s]->shape));
        for (uint32_t i = 0; i < s; i++) n->deps |= n->args[i]->deps;
        return;
    }
}

static pt_status argument(bind *b, const fun *f, char letter, node **arg)
{
    if (f->flags & FUN_NULL_IS_ZERO && (*arg)->type == VT_NULL)
        *arg = node_const(b, VT_NUMBER, (*arg)->at, (xval){.v = value_int(0)});
    return *arg ? convert(b, *arg, letter, arg) : bind_nomem(b);
}

static pt_status make_call(bind *b, const fun *f, const char *letters, pt_span at, node **args, uint32_t n,
                           node **out)
{
    for (uint32_t i = 0; i < n; i++) PT_TRY(argument(b, f, letters[i], &args[i]));
    node *c = node_new(b, f->eval ? f->eval : apply, result_type(f->result[0]), at, args, n);
    if (!c) return bind_nomem(b);
    c->over = f->eval ? f->over : apply_rows;
    c->fun = f;
    c->text = (pt_str){letters, n};
    inherit_shape(c);
    fix_deps(c);
    if (f->flags & FUN_VOLATILE) c->deps |= DEP_OTHER;
    if (f->bind) PT_TRY(f->bind(b, c));
    if (f->flags & (FUN_BIG | FUN_ITERATES) && (b->calc || b->n_loops)) PT_TRY(memo_attach(b->sc, c, b->err));
    *out = c;
    return PT_OK;
}

static bool iterates(pt_str name, ast_syntax syntax)
{
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if (name_matches(&(*l)->table[i], name, syntax) && (*l)->table[i].flags & FUN_ITERATES)
                return true;
    return false;
}

static pt_status bind_flag(bind *b, const ast *e, node **out)
{
    node *n = node_const(b, VT_FLAG, e->at, (xval){.v = value_null()});
    char *upper = n ? arena_dup(b->a, e->segs[0].name.ptr, e->segs[0].name.len) : NULL;
    if (!upper) return bind_nomem(b);
    for (char *p = upper; *p; p++) *p = (char)toupper((unsigned char)*p);
    n->text = (pt_str){upper, e->segs[0].name.len};
    *out = n;
    return PT_OK;
}

pt_status bind_call(bind *b, pt_str name, ast_syntax syntax, pt_span at, pt_span name_at, node **bound,
                    uint32_t n_bound, ast *const *args, uint32_t n, node **out)
{
    const fun *f = NULL;
    char *letters = NULL;
    uint32_t aliases = b->n_aliases;
    bool is_loop = iterates(name, syntax);
    node **nodes = arena_array(b->a, node *, n_bound + n);
    if (!nodes) return bind_nomem(b);
    for (uint32_t i = 0; i < n_bound; i++) nodes[i] = bound[i];
    for (uint32_t i = 0; i < n; i++) {
        bool is_inner = is_loop && i > 0;
        if (is_flag(name, syntax, args[i])) {
            PT_TRY(bind_flag(b, args[i], &nodes[n_bound + i]));
            continue;
        }
        bool is_set = is_product_expr(args[i]) && is_always(name, syntax, n_bound + i, 'x');
        b->n_loops += is_inner;
        pt_status st = is_set ? bind_set_expr(b, args[i], &nodes[n_bound + i])
                              : bind_expr(b, args[i], &nodes[n_bound + i]);
        b->n_loops -= is_inner;
        if (st != PT_OK) return st;
    }
    b->n_aliases = aliases;
    PT_TRY(choose(b, name, syntax, name_at.end ? name_at : at, nodes, n_bound + n, &f, &letters));
    return make_call(b, f, letters, at, nodes, n_bound + n, out);
}
