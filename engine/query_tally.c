/* query_tally.c - see query_tally.h. */
#include "engine/query_tally.h"

query_tally *query_tally_new(void)
{
    query_tally *t = mem_alloc(1, sizeof *t);
    if (!t) return NULL;
    t->places = bytes_map_new();
    t->a = arena_new(0);
    if (t->places && t->a) return t;
    query_tally_free(t);
    return NULL;
}

void query_tally_free(query_tally *t)
{
    if (!t) return;
    if (t->places) bytes_map_free(t->places);
    if (t->a) arena_free(t->a);
    mem_free(t);
}

static bool add_new(query_tally *t, pt_str line, uint64_t n_times)
{
    uint32_t place;
    bool is_added;
    pt_str copy = t->n < TALLY_MOST ? str_copy(t->a, line) : (pt_str){0};
    if (!copy.ptr || bytes_map_put(t->places, line, t->n, &place, &is_added) != PT_OK) return false;
    t->lines[t->n] = copy;
    t->n_times[t->n++] = n_times;
    return true;
}

bool query_tally_add(query_tally *t, pt_str line, uint64_t n_times)
{
    uint32_t place;
    if (!bytes_map_find(t->places, line, &place)) return add_new(t, line, n_times);
    t->n_times[place] += n_times;
    return true;
}
