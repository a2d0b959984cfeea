/* scan_int.h - what the rules of scan.l call; for scanner and parser only. */
#pragma once

#include "lang/parse_int.h"

union PT_YYSTYPE; /* grammar.h: what a token carries */

/* Each returns the token. `skip` bytes at the front (an & or @) are not part of the text. */
int scan_word(parse *p, union PT_YYSTYPE *value);
int scan_slice(parse *p, union PT_YYSTYPE *value, uint32_t skip, int token);
int scan_whole(parse *p, union PT_YYSTYPE *value); /* 5. is 5 */
int scan_quoted(parse *p, union PT_YYSTYPE *value, uint32_t skip, int token);
/* A name in brackets, or a key in them. */
int scan_bracket(parse *p, union PT_YYSTYPE *value, pt_span at, uint32_t skip, int token);
int scan_open(parse *p, pt_span at, char c);
int scan_close(parse *p, char c);

/* Record what is wrong with the text and return the error token. */
int scan_unclosed(parse *p, pt_span at, const char *what, const char *closer);
int scan_open_comment(parse *p, pt_span at);
int scan_stray_key(parse *p, pt_span at);
int scan_stray(parse *p, pt_span at);

/* Leaves parse_run: out of memory inside flex. */
_Noreturn void scan_fatal(parse *p);

/* Made by flex. */
int pt_yylex_init_extra(parse *p, yyscan_t *scanner);
int pt_yylex_destroy(yyscan_t scanner);
int pt_yylex(union PT_YYSTYPE *value, pt_span *at, yyscan_t scanner);
struct yy_buffer_state *pt_yy_scan_bytes(const char *bytes, int n, yyscan_t scanner);
