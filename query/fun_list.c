/* fun_list.c - the function table as people see it: for completion, HELP and the reference manual. */
#include <stdlib.h>

#include "query/funs.h"

/* Forms with a syntax of their own, which are not in the table. */
static const function_info forms[] = {
    {"AS", "set AS name", "the set, and a name for it in the rest of the call or braces"},
    {"CASE", "CASE WHEN boolean THEN value ... [ELSE value] END",
     "the value of the first condition that holds"},
    {"CASE", "CASE value WHEN value THEN value ... [ELSE value] END", "the value behind the first equal one"},
    {"Cast", "Cast(value AS STRING | NUMERIC | INTEGER | BOOLEAN)", "the value converted"},
    {"{}", "{member | tuple | set, ...}", "a set that lists its tuples"},
    {"()", "(member, ...)", "a tuple"},
};

static int cmp_info(const void *a, const void *b)
{
    const function_info *x = a, *y = b;
    int c = str_cmp_fold(str_of(x->name), str_of(y->name));
    return c ? c : strcmp(x->signature, y->signature);
}

static char *signature(const fun *f, arena *a)
{
    strbuf b = {0};
    fun_signature(f, &b);
    char *s = b.failed ? NULL : arena_dup(a, b.ptr, b.len);
    strbuf_free(&b);
    return s;
}

const function_info *query_functions(arena *a, size_t *n)
{
    size_t max = ARRAY_LEN(forms);
    *n = 0;
    for (const fun_list *const *l = fun_lists; *l; l++) max += (*l)->n;
    function_info *list = arena_array(a, function_info, max);
    if (!list) return NULL;
    for (const fun_list *const *l = fun_lists; *l; l++)
        for (size_t i = 0; i < (*l)->n; i++) {
            const fun *f = &(*l)->table[i];
            if (f->flags & FUN_HIDDEN) continue;
            char *s = signature(f, a);
            if (!s) return NULL;
            list[(*n)++] = (function_info){f->name, s, f->text};
        }
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) list[(*n)++] = forms[i];
    qsort(list, *n, sizeof *list, cmp_info);
    return list;
}
