/* dim_spec.c - what a dimension file remembers of the definition it was written under.
 *
 * Bytes of SEC_SPEC: u32 number of attributes; per attribute u8 type, u8 scale, u8 history, u8 0, text name;
 * u32 number of hierarchies; per hierarchy text name, u32 number of levels; per level u32 key, name, order
 * and parent attribute, u8 hide, value root. A text is u32 length and its bytes; a value is u8 kind, u8 scale
 * and a text (VAL_TEXT) or 8 bytes (an integer or the bits of a double; nothing for null). */
#include "storage/dim_int.h"

/* Numbers that stand in files. */
_Static_assert(TYPE_INTEGER == 1 && TYPE_TIMESTAMP == 7, "docs/format-dimensions.md, types");
_Static_assert(VAL_NULL == 0 && VAL_INT == 1 && VAL_DEC == 2 && VAL_DOUBLE == 3 && VAL_TEXT == 4 &&
                   VAL_BOOL == 5 && VAL_DATE == 6 && VAL_TIME == 7,
               "docs/format-dimensions.md, values");
_Static_assert(HIDE_NEVER == 0 && HIDE_BLANK == 1 && HIDE_PARENT_NAME == 2,
               "docs/format-dimensions.md, levels");

/* ---- checking and comparing ---------------------------------------- */

static bool is_attr(const dim_spec *spec, uint32_t attr)
{
    return attr < spec->n_attrs;
}

static bool level_is_sound(const dim_spec *spec, const dim_level_spec *l)
{
    return is_attr(spec, l->key_attr) && is_attr(spec, l->name_attr) &&
           (l->order_attr == MEMBER_NONE || is_attr(spec, l->order_attr)) &&
           (l->parent_attr == MEMBER_NONE || is_attr(spec, l->parent_attr)) && l->hide <= HIDE_PARENT_NAME;
}

pt_status dim_spec_check(const dim_spec *spec, pt_status code, const char *what, pt_err *err)
{
    if (spec->n_attrs == 0) return pt_fail(err, code, "%s: the dimension has no key attribute", what);
    for (uint32_t i = 0; i < spec->n_attrs; i++) {
        const dim_attr *x = &spec->attrs[i];
        if (x->type < TYPE_INTEGER || x->type > TYPE_TIMESTAMP || x->scale > 18)
            return pt_fail(err, code, "%s: attribute [" STR_FMT "] has an unknown type", what,
                           STR_ARG(x->name));
    }
    for (uint32_t h = 0; h < spec->n_hiers; h++) {
        const dim_hier_spec *x = &spec->hiers[h];
        bool is_sound = x->n_levels > 0;
        for (uint32_t l = 0; l < x->n_levels; l++) {
            is_sound = is_sound && level_is_sound(spec, &x->levels[l]);
            if (x->levels[l].parent_attr != MEMBER_NONE) is_sound = is_sound && x->n_levels == 1;
        }
        if (!is_sound)
            return pt_fail(err, code, "%s: hierarchy [" STR_FMT "] has broken levels", what,
                           STR_ARG(x->name));
    }
    return PT_OK;
}

static bool root_eq(pt_value a, pt_value b)
{
    return a.kind == b.kind && (a.kind == VAL_NULL || (a.scale == b.scale && value_eq(a, b)));
}

static bool level_eq(const dim_level_spec *a, const dim_level_spec *b)
{
    return a->key_attr == b->key_attr && a->name_attr == b->name_attr && a->order_attr == b->order_attr &&
           a->parent_attr == b->parent_attr && a->hide == b->hide && root_eq(a->root, b->root);
}

static bool hier_eq(const dim_hier_spec *a, const dim_hier_spec *b)
{
    if (!str_eq(a->name, b->name) || a->n_levels != b->n_levels) return false;
    for (uint32_t l = 0; l < a->n_levels; l++)
        if (!level_eq(&a->levels[l], &b->levels[l])) return false;
    return true;
}

bool dim_spec_eq(const dim_spec *a, const dim_spec *b)
{
    if (a->n_attrs != b->n_attrs || a->n_hiers != b->n_hiers) return false;
    for (uint32_t i = 0; i < a->n_attrs; i++) {
        const dim_attr *x = &a->attrs[i], *y = &b->attrs[i];
        if (!str_eq(x->name, y->name) || x->type != y->type || x->scale != y->scale ||
            x->history != y->history)
            return false;
    }
    for (uint32_t h = 0; h < a->n_hiers; h++)
        if (!hier_eq(&a->hiers[h], &b->hiers[h])) return false;
    return true;
}

uint32_t dim_spec_find(const dim_spec *spec, pt_str name)
{
    for (uint32_t i = 0; i < spec->n_attrs; i++)
        if (str_eq_fold(spec->attrs[i].name, name)) return i;
    return MEMBER_NONE;
}

/* ---- copying ------------------------------------------------------- */

static bool copy_text(arena *a, pt_str *s)
{
    *s = str_copy(a, *s);
    return s->ptr != NULL;
}

static bool copy_hier(arena *a, dim_hier_spec *h)
{
    dim_level_spec *levels = arena_array(a, dim_level_spec, h->n_levels);
    if (!levels || !copy_text(a, &h->name)) return false;
    memcpy(levels, h->levels, h->n_levels * sizeof *levels);
    h->levels = levels;
    for (uint32_t l = 0; l < h->n_levels; l++)
        if (levels[l].root.kind == VAL_TEXT && !copy_text(a, &levels[l].root.s)) return false;
    return true;
}

pt_status dim_spec_copy(arena *a, const dim_spec *spec, dim_spec *out, pt_err *err)
{
    *out = (dim_spec){.n_attrs = spec->n_attrs, .n_hiers = spec->n_hiers};
    out->attrs = arena_array(a, dim_attr, spec->n_attrs);
    out->hiers = arena_array(a, dim_hier_spec, spec->n_hiers);
    if (!out->attrs || !out->hiers) return arena_fail(a, err);
    for (uint32_t i = 0; i < spec->n_attrs; i++) {
        out->attrs[i] = spec->attrs[i];
        if (!copy_text(a, &out->attrs[i].name)) return arena_fail(a, err);
    }
    for (uint32_t h = 0; h < spec->n_hiers; h++) {
        out->hiers[h] = spec->hiers[h];
        if (!copy_hier(a, &out->hiers[h])) return arena_fail(a, err);
    }
    return PT_OK;
}

/* ---- encoding ------------------------------------------------------ */

static void put_u32(strbuf *out, uint32_t x)
{
    strbuf_add(out, (const char *)&x, sizeof x);
}

static void put_text(strbuf *out, pt_str s)
{
    put_u32(out, (uint32_t)s.len);
    strbuf_adds(out, s);
}

static void put_value(strbuf *out, pt_value v)
{
    int64_t raw = v.kind == VAL_DEC ? (int64_t)v.dec : v.i;
    strbuf_addc(out, (char)v.kind);
    strbuf_addc(out, (char)v.scale);
    if (v.kind == VAL_TEXT)
        put_text(out, v.s);
    else if (v.kind != VAL_NULL)
        strbuf_add(out, (const char *)&raw, sizeof raw);
}

void dim_spec_encode(const dim_spec *spec, strbuf *out)
{
    put_u32(out, spec->n_attrs);
    for (uint32_t i = 0; i < spec->n_attrs; i++) {
        const dim_attr *x = &spec->attrs[i];
        const char bytes[4] = {(char)x->type, (char)x->scale, x->history, 0};
        strbuf_add(out, bytes, sizeof bytes);
        put_text(out, x->name);
    }
    put_u32(out, spec->n_hiers);
    for (uint32_t h = 0; h < spec->n_hiers; h++) {
        put_text(out, spec->hiers[h].name);
        put_u32(out, spec->hiers[h].n_levels);
        for (uint32_t l = 0; l < spec->hiers[h].n_levels; l++) {
            const dim_level_spec *x = &spec->hiers[h].levels[l];
            put_u32(out, x->key_attr);
            put_u32(out, x->name_attr);
            put_u32(out, x->order_attr);
            put_u32(out, x->parent_attr);
            strbuf_addc(out, (char)x->hide);
            put_value(out, x->root);
        }
    }
}

/* ---- decoding ------------------------------------------------------ */

/* Bytes still to be read. A read past the end sets is_bad and gives zeros; checked once at the end. */
typedef struct cursor {
    const uint8_t *at;
    size_t left;
    bool is_bad;
    arena *a;
} cursor;

static void take(cursor *c, void *to, size_t n)
{
    memset(to, 0, n);
    if (c->is_bad || n > c->left) {
        c->is_bad = true;
        return;
    }
    memcpy(to, c->at, n);
    c->at += n;
    c->left -= n;
}

static uint8_t take_u8(cursor *c)
{
    uint8_t x;
    take(c, &x, sizeof x);
    return x;
}

static uint32_t take_u32(cursor *c)
{
    uint32_t x;
    take(c, &x, sizeof x);
    return x;
}

static pt_str take_text(cursor *c)
{
    uint32_t n = take_u32(c);
    if (c->is_bad || n > c->left) {
        c->is_bad = true;
        return STR("");
    }
    pt_str s = str_copy(c->a, (pt_str){(const char *)c->at, n});
    c->at += n;
    c->left -= n;
    if (!s.ptr) c->is_bad = true;
    return s;
}

static pt_value take_value(cursor *c)
{
    uint8_t kind = take_u8(c), scale = take_u8(c);
    int64_t raw;
    if (kind > VAL_TIME || scale > 18) c->is_bad = true;
    if (c->is_bad || kind == VAL_NULL) return value_null();
    if (kind == VAL_TEXT) return value_text(take_text(c));
    take(c, &raw, sizeof raw);
    if (kind == VAL_DEC) return value_dec(raw, scale);
    pt_value v = {.kind = (value_kind)kind, .i = raw};
    return v;
}

/* A count of things of which each takes at least min_bytes. */
static uint32_t take_count(cursor *c, size_t min_bytes)
{
    uint32_t n = take_u32(c);
    if (n > c->left / min_bytes) c->is_bad = true;
    return c->is_bad ? 0 : n;
}

static void take_level(cursor *c, dim_level_spec *out)
{
    out->key_attr = take_u32(c);
    out->name_attr = take_u32(c);
    out->order_attr = take_u32(c);
    out->parent_attr = take_u32(c);
    out->hide = (level_hide)take_u8(c);
    out->root = take_value(c);
}

static void take_attr(cursor *c, dim_attr *out)
{
    uint8_t bytes[4];
    take(c, bytes, sizeof bytes);
    out->type = (pt_type)bytes[0];
    out->scale = bytes[1];
    out->history = bytes[2] != 0;
    out->name = take_text(c);
}

static void take_hier(cursor *c, dim_hier_spec *out)
{
    out->name = take_text(c);
    out->n_levels = take_count(c, 19);
    out->levels = arena_array(c->a, dim_level_spec, out->n_levels);
    if (!out->levels) c->is_bad = true;
    for (uint32_t l = 0; l < out->n_levels && !c->is_bad; l++) take_level(c, &out->levels[l]);
}

pt_status dim_spec_decode(arena *a, const uint8_t *bytes, size_t n, dim_spec *out, pt_err *err)
{
    cursor c = {.at = bytes, .left = n, .a = a};
    *out = (dim_spec){0};
    out->n_attrs = take_count(&c, 8);
    out->attrs = arena_array(a, dim_attr, out->n_attrs);
    for (uint32_t i = 0; out->attrs && i < out->n_attrs && !c.is_bad; i++) take_attr(&c, &out->attrs[i]);
    out->n_hiers = take_count(&c, 8);
    out->hiers = arena_array(a, dim_hier_spec, out->n_hiers);
    for (uint32_t h = 0; out->hiers && h < out->n_hiers && !c.is_bad; h++) take_hier(&c, &out->hiers[h]);
    if (!out->attrs || !out->hiers) return arena_fail(a, err);
    if (c.is_bad || c.left) return pt_fail(err, PT_CORRUPT, "dimension file: the definition is cut off");
    return dim_spec_check(out, PT_CORRUPT, "dimension file", err);
}
