/* parse_util.h - reading trees in tests: expressions in prefix form, and comparison without places. */
#pragma once

#include "lang/parse.h"

/* Appends e with every operator and call in parentheses, operator first: "1 + 2 * a.b" gives
 * "(+ 1 (* 2 a.b))". Names in brackets stay in brackets; keys show as &key. */
void tree_print(const ast *e, strbuf *out);

/* Same trees, whatever the places and whether names are bare. NULL equals NULL. */
bool tree_equal(const ast *a, const ast *b);
bool select_equal(const ast_select *a, const ast_select *b);
