/* dim_write.c - a version in the making becomes the sections of a file, each column in the least width that
 * fits.
 *
 * Texts that no member has any more are left out, and codes numbered without gaps. */
#include "storage/dim_hier.h"

typedef struct writing {
    const dim_edit *e;
    arena *a;
    dim_out out;
    dim_order order;
} writing;

/* ---- columns ------------------------------------------------------- */

/* Copy n integers into the least of 1, 2, 4 bytes; `from` itself where 8 are needed. */
static const void *narrow(arena *a, const int64_t *from, uint32_t n, uint32_t *width)
{
    int64_t low = 0, high = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (from[i] < low) low = from[i];
        if (from[i] > high) high = from[i];
    }
    *width = low >= INT8_MIN && high <= INT8_MAX     ? 1
             : low >= INT16_MIN && high <= INT16_MAX ? 2
             : low >= INT32_MIN && high <= INT32_MAX ? 4
                                                     : 8;
    if (*width == 8) return from;
    void *to = arena_calloc(a, n, *width);
    for (uint32_t i = 0; to && i < n; i++) {
        if (*width == 1)
            ((int8_t *)to)[i] = (int8_t)from[i];
        else if (*width == 2)
            ((int16_t *)to)[i] = (int16_t)from[i];
        else
            ((int32_t *)to)[i] = (int32_t)from[i];
    }
    return to;
}

static uint64_t *bits_of(arena *a, const uint8_t *flags, uint32_t n, bool *any)
{
    uint64_t *bits = arena_array(a, uint64_t, ((size_t)n + 63) / 64);
    *any = false;
    for (uint32_t i = 0; bits && i < n; i++) {
        if (!flags[i]) continue;
        bits[i / 64] |= (uint64_t)1 << (i % 64);
        *any = true;
    }
    return bits;
}

static pt_status add_flags(writing *w, dim_section kind, uint32_t attr, const uint8_t *flags, pt_err *err)
{
    bool any;
    uint64_t *bits = bits_of(w->a, flags, w->e->n, &any);
    if (!bits) return arena_fail(w->a, err);
    return any ? dim_out_add(&w->out, kind, attr, 0, 8, ((uint64_t)w->e->n + 63) / 64, bits, err) : PT_OK;
}

static pt_status write_numbers(writing *w, uint32_t attr, const edit_column *c, pt_err *err)
{
    uint32_t width = 8;
    bool is_double = w->e->spec.attrs[attr].type == TYPE_DOUBLE;
    const void *cells = is_double ? c->raw : narrow(w->a, c->raw, w->e->n, &width);
    if (!cells) return arena_fail(w->a, err);
    PT_TRY(dim_out_add(&w->out, SEC_VALUES, attr, 0, width, w->e->n, cells, err));
    return add_flags(w, SEC_NULLS, attr, c->nulls, err);
}

/* The texts in use, gathered. */
typedef struct used_texts {
    uint32_t *code_of; /* [texts + 1] old code -> new code */
    uint32_t n;
    char *bytes;
    uint64_t n_bytes;
    uint64_t *ends;
} used_texts;

static pt_status gather(writing *w, const edit_column *c, used_texts *u, pt_err *err)
{
    u->code_of = arena_array(w->a, uint32_t, (size_t)c->texts.n + 1);
    u->ends = arena_array(w->a, uint64_t, c->texts.n);
    u->bytes = arena_array(w->a, char, c->texts.n_bytes);
    if (!u->code_of || !u->ends || !u->bytes) return arena_fail(w->a, err);
    for (uint32_t m = 0; m < w->e->n; m++) u->code_of[c->codes[m]] = 1;
    for (uint32_t code = 1; code <= c->texts.n; code++) {
        if (!u->code_of[code]) continue;
        pt_str s = dim_dict_text(&c->texts, code);
        if (s.len) memcpy(u->bytes + u->n_bytes, s.ptr, s.len);
        u->n_bytes += s.len;
        u->ends[u->n++] = u->n_bytes;
        u->code_of[code] = u->n;
    }
    u->code_of[0] = 0;
    return PT_OK;
}

static pt_status write_codes(writing *w, uint32_t attr, const edit_column *c, const used_texts *u,
                             pt_err *err)
{
    uint32_t width = u->n <= UINT8_MAX ? 1 : u->n <= UINT16_MAX ? 2 : 4;
    void *cells = arena_calloc(w->a, w->e->n, width);
    if (!cells) return arena_fail(w->a, err);
    for (uint32_t m = 0; m < w->e->n; m++) {
        uint32_t code = u->code_of[c->codes[m]];
        if (width == 1)
            ((uint8_t *)cells)[m] = (uint8_t)code;
        else if (width == 2)
            ((uint16_t *)cells)[m] = (uint16_t)code;
        else
            ((uint32_t *)cells)[m] = code;
    }
    return dim_out_add(&w->out, SEC_VALUES, attr, 0, width, w->e->n, cells, err);
}

static pt_status write_texts(writing *w, uint32_t attr, const edit_column *c, pt_err *err)
{
    used_texts u = {0};
    PT_TRY(gather(w, c, &u, err));
    PT_TRY(write_codes(w, attr, c, &u, err));
    const void *ends = u.ends;
    uint32_t width = u.n_bytes <= UINT32_MAX ? 4 : 8;
    if (width == 4) {
        uint32_t *narrow_ends = arena_array(w->a, uint32_t, u.n);
        if (!narrow_ends) return arena_fail(w->a, err);
        for (uint32_t i = 0; i < u.n; i++) narrow_ends[i] = (uint32_t)u.ends[i];
        ends = narrow_ends;
    }
    PT_TRY(dim_out_add(&w->out, SEC_TEXT_ENDS, attr, 0, width, u.n, ends, err));
    return dim_out_add(&w->out, SEC_TEXT_BYTES, attr, 0, 1, u.n_bytes, u.bytes, err);
}

/* ---- keys and versions --------------------------------------------- */

/* Can the index of the version before take the keys that were added? Filled anew it would be as small as it
 * may be, but that takes as long as there are members; so it may fill from three quarters to five sixths. */
static bool can_go_on(const dim_edit *e)
{
    return e->n_known && e->from->keys.slots && e->from->keys.member_bits == dim_keys_bits(e->n) &&
           (uint64_t)e->n_keys * 6 <= e->from->keys.n_slots * 5;
}

static pt_status write_keys(writing *w, pt_err *err)
{
    const dim_edit *e = w->e;
    bool goes_on = can_go_on(e);
    dim_keys k = {.n_slots = goes_on ? e->from->keys.n_slots : dim_keys_least_slots(e->n_keys),
                  .member_bits = dim_keys_bits(e->n)};
    if (!e->keys.slots && (e->n == 0 || dim_keys_are_even(e->columns[0].raw, e->n))) return PT_OK;
    if (!(k.slots = arena_array(w->a, uint32_t, k.n_slots))) return arena_fail(w->a, err);
    if (goes_on) memcpy(k.slots, e->from->keys.slots, k.n_slots * sizeof *k.slots);
    edit_fill_keys(e, goes_on ? e->n_known : 0, &k);
    return dim_out_add(&w->out, SEC_KEY_INDEX, 0, 0, sizeof *k.slots, k.n_slots, k.slots, err);
}

static pt_status write_members(writing *w, pt_err *err)
{
    const dim_edit *e = w->e;
    PT_TRY(write_keys(w, err));
    PT_TRY(add_flags(w, SEC_INFERRED, 0, e->inferred, err));
    if (!e->durable) return PT_OK;
    PT_TRY(dim_out_add(&w->out, SEC_DURABLE, 0, 0, 4, e->n, e->durable, err));
    PT_TRY(dim_out_add(&w->out, SEC_PREVIOUS, 0, 0, 4, e->n, e->previous, err));
    PT_TRY(dim_out_add(&w->out, SEC_VALID_FROM, 0, 0, 8, e->n, e->valid_from, err));
    return dim_out_add(&w->out, SEC_VALID_TO, 0, 0, 8, e->n, e->valid_to, err);
}

/* ---- levels -------------------------------------------------------- */

static pt_status add_array(writing *w, dim_section kind, uint32_t h, uint32_t l, uint64_t n,
                           const uint32_t *array, pt_err *err)
{
    return array ? dim_out_add(&w->out, kind, h, l, 4, n, array, err) : PT_OK;
}

/* The same, but for an array whose element i is i. */
static pt_status add_numbers(writing *w, dim_section kind, uint32_t h, uint32_t l, uint32_t n,
                             const uint32_t *array, pt_err *err)
{
    uint32_t i = 0;
    while (i < n && array[i] == i) i++;
    return i < n ? add_array(w, kind, h, l, n, array, err) : PT_OK;
}

static pt_status write_level(writing *w, uint32_t h, uint32_t l, const level_data *x, pt_err *err)
{
    PT_TRY(add_array(w, SEC_PARENT, h, l, x->n, x->parent, err));
    PT_TRY(add_array(w, SEC_FIRST_CHILD, h, l, (uint64_t)x->n + 1, x->first_child, err));
    PT_TRY(add_array(w, SEC_END, h, l, x->n, x->end, err));
    PT_TRY(add_array(w, SEC_DEPTH, h, l, x->n, x->depth, err));
    PT_TRY(add_numbers(w, SEC_OF_MEMBER, h, l, w->e->n, x->of_member, err));
    PT_TRY(add_numbers(w, SEC_REP, h, l, x->n, x->rep, err));
    PT_TRY(add_numbers(w, SEC_STABLE, h, l, x->n, x->stable, err));
    return x->hidden ? dim_out_add(&w->out, SEC_HIDDEN, h, l, 1, x->n, x->hidden, err) : PT_OK;
}

static pt_status write_hierarchy(writing *w, uint32_t h, uint64_t version, dim_level_head *heads, pt_err *err)
{
    const dim_hier_spec *spec = &w->e->spec.hiers[h];
    level_data *levels = arena_array(w->a, level_data, spec->n_levels);
    if (!levels) return arena_fail(w->a, err);
    if (spec->levels[0].parent_attr != MEMBER_NONE)
        PT_TRY(dim_parent_build(&w->order, spec, levels, err));
    else
        PT_TRY(dim_hier_build(&w->order, spec, levels, err));
    PT_TRY(dim_stable_assign(&w->order, h, levels, version, err));
    for (uint32_t l = 0; l < spec->n_levels; l++) {
        heads[l] = (dim_level_head){h, l, levels[l].n, levels[l].n_stable, levels[l].epoch};
        PT_TRY(write_level(w, h, l, &levels[l], err));
    }
    return PT_OK;
}

static pt_status write_hierarchies(writing *w, uint64_t version, pt_err *err)
{
    const dim_spec *spec = &w->e->spec;
    size_t n = 0, k = 0;
    for (uint32_t h = 0; h < spec->n_hiers; h++) n += spec->hiers[h].n_levels;
    dim_level_head *heads = arena_array(w->a, dim_level_head, n);
    if (!heads) return arena_fail(w->a, err);
    for (uint32_t h = 0; h < spec->n_hiers; k += spec->hiers[h++].n_levels)
        PT_TRY(write_hierarchy(w, h, version, heads + k, err));
    return dim_out_add(&w->out, SEC_LEVELS, 0, 0, sizeof *heads, n, heads, err);
}

/* ---- the whole ----------------------------------------------------- */

static pt_status write_sections(writing *w, uint64_t version, pt_err *err)
{
    strbuf spec = {0};
    dim_spec_encode(&w->e->spec, &spec);
    char *bytes = spec.failed ? NULL : arena_dup(w->a, spec.ptr, spec.len);
    size_t n_bytes = spec.len;
    strbuf_free(&spec);
    if (!bytes) return arena_fail(w->a, err);
    PT_TRY(dim_out_add(&w->out, SEC_SPEC, 0, 0, 1, n_bytes, bytes, err));
    PT_TRY(write_members(w, err));
    for (uint32_t i = 0; i < w->e->spec.n_attrs; i++) {
        const edit_column *c = &w->e->columns[i];
        PT_TRY(c->codes ? write_texts(w, i, c, err) : write_numbers(w, i, c, err));
    }
    PT_TRY(dim_order_init(&w->order, w->e, w->a, err));
    return write_hierarchies(w, version, err);
}

static pt_status writing_begin(writing *w, const dim_edit *e, uint64_t version, pt_err *err)
{
    *w = (writing){.e = e, .a = arena_new(0)};
    w->out.a = w->a;
    return w->a ? write_sections(w, version, err) : edit_no_memory(err);
}

pt_status dim_edit_write(dim_edit *e, const char *path, uint64_t version, pt_err *err)
{
    writing w;
    pt_status st = writing_begin(&w, e, version, err);
    if (st == PT_OK) st = dim_out_write(&w.out, path, e->n, version, err);
    arena_free(w.a);
    return st;
}

pt_status dim_edit_image(const dim_edit *e, uint64_t version, uint8_t **image, size_t *size, pt_err *err)
{
    writing w;
    pt_status st = writing_begin(&w, e, version, err);
    if (st == PT_OK) st = dim_out_image(&w.out, e->n, version, image, size, err);
    arena_free(w.a);
    return st;
}

pt_status dim_view_empty(const dim_spec *spec, dim_view **out, pt_err *err)
{
    dim_edit *e = NULL;
    uint8_t *image = NULL;
    size_t size = 0;
    *out = NULL;
    pt_status st = dim_edit_new(NULL, spec, &e, err);
    if (st == PT_OK) st = dim_edit_image(e, 0, &image, &size, err);
    if (st == PT_OK) st = dim_view_of_image(image, size, out, err);
    dim_edit_free(e);
    return st;
}
