/* mdx_util.h - for tests of the language: a small cube whose answers can be worked out by hand.
 *
 *     cube [S]            Units  Cost  Noise  People (distinct)
 *     [Geo] USA CA LA        30    61      3  1 and 2
 *               CA SF         5    11      1  1
 *               OR Salem     40    81      8  3
 *           Canada BC Vancouver  (no facts)
 *     [Who] F: 1, M: 2 and 3; person 2 has 20 of LA's units */
#pragma once

#include "engine_util.h"

typedef struct mdx_world mdx_world;

mdx_world *mdx_open(void);
void mdx_close(mdx_world *w); /* NULL is fine */

/* Answers are a text of the world, good until the next question; of a statement that fails, its message. */

/* The positions of axis 0 by the captions of their members: "USA, CA, OR"; of tuples: "F/USA, M/USA". */
const char *mdx_positions(mdx_world *w, const char *statement);
/* With their cells: "USA 75, Canada -"; errors show as "!". */
const char *mdx_cells(mdx_world *w, const char *statement);
/* The styles of the cells that are not empty: "fore_color=255, -". */
const char *mdx_styles(mdx_world *w, const char *statement);
/* The positions of SELECT expression ON 0 FROM [S]. */
const char *mdx_set(mdx_world *w, const char *expression);
/* A number to six digits; "-" if it is null, "!" if it is an error. */
const char *mdx_value(mdx_world *w, const char *expression);

#define assert_cells(w, statement, want)     assert_string_equal(mdx_cells((w), (statement)), (want))
#define assert_styles(w, statement, want)    assert_string_equal(mdx_styles((w), (statement)), (want))
#define assert_positions(w, statement, want) assert_string_equal(mdx_positions((w), (statement)), (want))
#define assert_set(w, expression, want)      assert_string_equal(mdx_set((w), (expression)), (want))
#define assert_value(w, expression, want)    assert_string_equal(mdx_value((w), (expression)), (want))
