/* print_int.h - shared by print.c and print_def.c. */
#pragma once

#include "lang/parse.h"

void print_quoted(pt_str text, char quote, strbuf *out); /* quotes inside doubled */
void print_column(pt_str name, strbuf *out);             /* bare if it can be, else in brackets */
void print_value(pt_value v, strbuf *out);               /* as a literal */
void print_formula(const ast_formula *f, strbuf *out);   /* MEMBER name AS body, PROP = value */

/* Definitions start with "CREATE ", "CREATE OR REPLACE " or "ALTER ". */
void print_dimension(const ast_stmt *s, strbuf *out);
void print_cube(const ast_stmt *s, strbuf *out);
void print_source(const ast_stmt *s, strbuf *out);
void print_mapping(const ast_stmt *s, strbuf *out);
void print_cuboid(const ast_stmt *s, strbuf *out);
void print_create(const ast_stmt *s, strbuf *out);
