/* utf8.h - looking at UTF-8 text: validity, code points, width on a terminal. */
#pragma once

#include "base/str.h"

/* Length of the longest valid prefix; == s.len when all is valid UTF-8. */
size_t utf8_valid_prefix(pt_str s);
/* Code point at byte `at` (which must start one); *next receives the offset behind it. Malformed bytes give
 * U+FFFD and step by one. */
uint32_t utf8_decode(pt_str s, size_t at, size_t *next);
size_t utf8_encode(uint32_t cp, char out[4]);
/* Simple case folding of one code point: names that differ in case only fold alike. */
uint32_t utf8_fold(uint32_t cp);
/* Marks of width 0 that come along when text is copied from pages: joiners, directions, byte order marks. */
bool utf8_is_unseen(uint32_t cp);
size_t utf8_count(pt_str s); /* code points */
/* Columns on a terminal: 2 for wide East Asian characters, 0 for combining marks. */
size_t utf8_width(pt_str s);
/* Longest prefix that fits in `columns`. */
pt_str utf8_prefix_width(pt_str s, size_t columns);
