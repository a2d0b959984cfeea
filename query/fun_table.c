/* fun_table.c - all lists of functions, and what the table tells people. */
#include <ctype.h>
#include <stdlib.h>

#include "query/funs.h"
#include "query/scalar.h"

#define LISTS(X)                                                                                             \
    X(fun_op)                                                                                                \
    X(fun_between)                                                                                           \
    X(fun_logic)                                                                                             \
    X(fun_member)                                                                                            \
    X(fun_level)                                                                                             \
    X(fun_desc)                                                                                              \
    X(fun_time)                                                                                              \
    X(fun_set)                                                                                               \
    X(fun_item)                                                                                              \
    X(fun_order)                                                                                             \
    X(fun_agg)                                                                                               \
    X(fun_stat)                                                                                              \
    X(fun_rank)                                                                                              \
    X(fun_drill)                                                                                             \
    X(fun_visual)                                                                                            \
    X(fun_text)                                                                                              \
    X(fun_prop)                                                                                              \
    X(fun_param)                                                                                             \
    X(fun_misc)                                                                                              \
    X(fun_vba_text)                                                                                          \
    X(fun_vba_math)                                                                                          \
    X(fun_vba_date)                                                                                          \
    X(fun_vba_finance)                                                                                       \
    X(fun_vba_format)

#define X(list) extern const fun_list list;
LISTS(X)
#undef X

#define X(list) &list,
const fun_list *const fun_lists[] = {LISTS(X) NULL};
#undef X

bool fun_exists(pt_str name, ast_syntax syntax)
{
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if ((*l)->table[i].syntax == syntax && str_eq_fold(str_of((*l)->table[i].name), name))
                return true;
    return false;
}

bool fun_gives_place(pt_str name)
{
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            if (f->syntax == SYN_PROPERTY && str_eq_fold(str_of(f->name), name))
                return strchr("mtxlhd", f->result[0]) != NULL;
        }
    return false;
}

void fun_offer_properties(suggestion *s)
{
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++)
            if ((*l)->table[i].syntax == SYN_PROPERTY) suggestion_offer(s, str_of((*l)->table[i].name));
}

/* ---- flags --------------------------------------------------------------- */

pt_str fun_next_word(const char **words)
{
    size_t n = *words ? strcspn(*words, " ") : 0;
    pt_str word = {*words, n};
    if (n) *words += n + strspn(*words + n, " ");
    return word;
}

void fun_hint_flag(pt_str word, strbuf *out)
{
    suggestion near = suggestion_for(word);
    for (const fun_list *const *l = fun_lists; *l && !out->len; l++)
        for (size_t i = 0; i < (*l)->n && !out->len; i++) {
            const char *words = (*l)->table[i].words;
            for (pt_str flag; (flag = fun_next_word(&words)).len;) {
                suggestion_offer(&near, flag);
                if (str_eq_fold(flag, word))
                    strbuf_printf(out, STR_FMT " belongs in %s, in its own place", STR_ARG(flag),
                                  (*l)->table[i].name);
            }
        }
    if (!out->len && near.best.ptr && near.distance <= near.limit)
        strbuf_printf(out, "did you mean " STR_FMT "?", STR_ARG(near.best));
}

/* ---- signatures -------------------------------------------------------- */

/* The arguments of a pattern: "set, number[, value]". `skip`: the first one stands in front of the dot. */
static void add_args(const char *p, bool skip, strbuf *out)
{
    bool any = false;
    for (; *p; p++) {
        if (strchr("[]{}", *p)) {
            strbuf_addc(out, *p);
        } else if (*p == '.') {
            strbuf_addz(out, ", ...");
            p += 2;
        } else if (skip) {
            skip = false;
        } else {
            if (any) strbuf_addz(out, ", ");
            strbuf_addz(out, *p == 'e' ? "" : letter_name(*p));
            any = true;
        }
    }
}

void fun_signature(const fun *f, strbuf *out)
{
    char first = f->args[0] == '[' ? f->args[1] : f->args[0];
    switch (f->syntax) {
    case SYN_INFIX:
        strbuf_printf(out, "%s %s %s", letter_name(first), f->name, letter_name(f->args[1]));
        if (f->args[2]) strbuf_printf(out, " AND %s", letter_name(f->args[2])); /* BETWEEN */
        return;
    case SYN_PREFIX: strbuf_printf(out, "%s %s", f->name, letter_name(first)); return;
    case SYN_POSTFIX: strbuf_printf(out, "%s %s", letter_name(first), f->name); return;
    case SYN_PROPERTY: strbuf_printf(out, "%s.%s", letter_name(first), f->name); return;
    case SYN_METHOD:
        strbuf_printf(out, "%s.%s(", letter_name(first), f->name);
        add_args(f->args, true, out);
        break;
    case SYN_FUNCTION:
    case SYN_BRACES:
    case SYN_PARENS:
    case SYN_CASE:
    case SYN_CAST:
        strbuf_printf(out, "%s(", f->name);
        add_args(f->args, false, out);
        break;
    }
    strbuf_addc(out, ')');
}

/* ---- helpers of function files ----------------------------------------- */

pt_str flag_of(const node *n, uint32_t i)
{
    return i < n->n && n->args[i]->type == VT_FLAG ? n->args[i]->text : STR("");
}

static const char *expected(char letter)
{
    switch (letter) {
    case 'n': return "a number";
    case 'S': return "a text";
    case 'b': return "a condition";
    default: return "a date";
    }
}

pt_status eval_scalar_as(eval *x, const node *n, char letter, pt_value *out)
{
    pt_value v;
    PT_TRY(eval_value(x, n, &v));
    return scalar_as(v, letter, out) ? PT_OK : eval_wrong_kind(x, n, v, expected(letter));
}

pt_status named_set_value(eval *x, named_set *s, set *out)
{
    if (!s->has_value) {
        uint32_t mark = ctx_mark(x);
        set v = {0};
        iter_frame *iters = x->iters;
        x->iters = NULL;
        pt_status st = ctx_enter_slicer(x);
        if (st == PT_OK) st = eval_set(x, s->body, &v);
        ctx_undo(x, mark);
        x->iters = iters;
        PT_TRY(eval_hide_place(x, s->origin, s->name, st));
        mref *copy = arena_array(x->sc->a, mref, (size_t)v.n * (v.arity ? v.arity : 1));
        if (!copy) return arena_fail(x->sc->a, x->err);
        if (v.n) memcpy(copy, v.m, (size_t)v.n * v.arity * sizeof *copy);
        s->value = (set){copy, v.arity, v.n};
        s->has_value = true;
    }
    *out = s->value;
    return PT_OK;
}
