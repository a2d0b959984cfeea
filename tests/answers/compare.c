/* compare.c - comparing answers. */
#include "compare.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[1000];

static const char *differ(const char *what, const char *expected, const char *got)
{
    snprintf(text, sizeof text, "%s: expected <%.300s>, got <%.300s>", what, expected, got);
    return text;
}

/* "[A].[b], [C].[d]" */
static void position_of(const patron_result *r, uint32_t axis, uint32_t position, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (uint32_t h = 0; h < patron_axis_hierarchies(r, axis) && used < size; h++) {
        patron_member m;
        if (patron_axis_member(r, axis, position, h, &m)) continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", h ? ", " : "", m.unique_name);
    }
}

static void expected_position(const json_t *position, char *out, size_t size)
{
    size_t used = 0, i;
    const json_t *name;
    out[0] = 0;
    json_array_foreach(position, i, name)
    {
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", json_string_value(name));
    }
}

static const char *positions_difference(const patron_result *r, uint32_t axis, const char *name,
                                        const json_t *expected)
{
    char a[4000], b[4000], count[2][32];
    size_t i;
    const json_t *position;
    uint32_t n = patron_axis_positions(r, axis);
    json_array_foreach(expected, i, position)
    {
        expected_position(position, a, sizeof a);
        if (i < n) position_of(r, axis, (uint32_t)i, b, sizeof b);
        if (i >= n || strcmp(a, b) != 0) return differ(name, a, i < n ? b : "(no more positions)");
    }
    if (json_array_size(expected) == n) return NULL;
    snprintf(count[0], sizeof count[0], "%zu positions", json_array_size(expected));
    snprintf(count[1], sizeof count[1], "%u positions", n);
    return differ(name, count[0], count[1]);
}

/* "slicer": [[]] stands for no slicer; [] for an empty set. */
static const char *slicer_difference(const patron_result *r, const json_t *slicer)
{
    bool is_absent = json_array_size(slicer) == 1 && json_array_size(json_array_get(slicer, 0)) == 0;
    if (is_absent) return patron_has_slicer(r) ? differ("slicer", "none", "one") : NULL;
    if (!patron_has_slicer(r)) return differ("slicer", "one", "none");
    return positions_difference(r, PATRON_SLICER, "slicer", slicer);
}

/* To six digits, as the reference finds no more by iteration, and to its stand-in for null, which is not
 * quite 0. */
static bool same_number(double a, double b)
{
    return a == b || fabs(a - b) <= fmax(1e-6 * fmax(fabs(a), fabs(b)), 2e-4);
}

static const char *cell_difference(const json_t *expected, const patron_cell *got)
{
    const char *formatted = json_string_value(json_object_get(expected, "formatted"));
    const json_t *value = json_object_get(expected, "value");
    if (json_object_get(expected, "error"))
        return got->error ? NULL : differ("cell", "an error", got->formatted);
    if (got->error) return differ("cell", formatted ? formatted : "", got->error);
    if (formatted && strcmp(formatted, got->formatted) != 0) return differ("cell", formatted, got->formatted);
    if (json_is_number(value) && got->is_number &&
        !same_number(json_number_value(value), strtod(got->value, NULL)))
        return differ("cell value", formatted ? formatted : "", got->value);
    return NULL;
}

/* Without those that are empty, though their format has a text for that. */
static uint64_t n_full_cells(const patron_result *r)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < patron_n_cells(r); i++) {
        patron_cell c;
        n += patron_cell_at(r, i, &c) == PATRON_OK && (c.error || c.value);
    }
    return n;
}

static const char *cells_difference(const patron_result *r, const json_t *cells)
{
    size_t i;
    const json_t *expected;
    size_t n_invisible = 0;
    char name[64];
    json_array_foreach(cells, i, expected)
    {
        patron_cell got;
        uint64_t ordinal = (uint64_t)json_integer_value(json_object_get(expected, "ordinal"));
        snprintf(name, sizeof name, "cell %llu", (unsigned long long)ordinal);
        const char *formatted = json_string_value(json_object_get(expected, "formatted"));
        if (patron_cell_by_ordinal(r, ordinal, &got)) {
            if (formatted && !*formatted) { /* nothing to see either way */
                n_invisible++;
                continue;
            }
            return differ(name, formatted ? formatted : "an error", "(empty)");
        }
        const char *d = cell_difference(expected, &got);
        if (d) return d;
    }
    if (n_full_cells(r) + n_invisible == json_array_size(cells)) return NULL;
    char count[2][32];
    snprintf(count[0], sizeof count[0], "%zu", json_array_size(cells));
    snprintf(count[1], sizeof count[1], "%llu", (unsigned long long)n_full_cells(r));
    return differ("number of cells", count[0], count[1]);
}

static const char *result_difference(const patron_result *r, const json_t *expected)
{
    size_t i;
    const json_t *axis, *axes = json_object_get(expected, "axes");
    if (patron_n_axes(r) != json_array_size(axes)) return differ("axes", "another number", "");
    const char *d = slicer_difference(r, json_object_get(expected, "slicer"));
    json_array_foreach(axes, i, axis)
    {
        const char *name = json_string_value(json_object_get(axis, "name"));
        if (d) return d;
        if (strcmp(name, patron_axis_name(r, (uint32_t)i)) != 0)
            return differ("axis name", name, patron_axis_name(r, (uint32_t)i));
        d = positions_difference(r, (uint32_t)i, name, json_object_get(axis, "positions"));
    }
    return d ? d : cells_difference(r, json_object_get(expected, "cells"));
}

const char *answer_difference(patron_session *s, const json_t *expected)
{
    patron_error err = PATRON_ERROR_INIT;
    bool is_answered = json_is_true(json_object_get(expected, "ok"));
    patron_result *r = patron_execute(s, json_string_value(json_object_get(expected, "mdx")), NULL, &err);
    const char *d = NULL;
    if (!r && is_answered) d = differ("statement", "an answer", err.message);
    if (r && !is_answered) d = differ("statement", "an error", "an answer");
    if (r && is_answered) d = result_difference(r, expected);
    patron_result_free(r);
    return d;
}
