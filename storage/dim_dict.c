/* dim_dict.c - interning texts: one run of bytes, one array of ends, linear probing at most two thirds full.
 */
#include "storage/dim_dict.h"

#include "base/map.h"

enum { FIRST_TEXTS = 64, FIRST_BYTES = 1024, MAX_TEXTS = 1 << 30 };

void dim_dict_free(dim_dict *d)
{
    mem_free(d->bytes);
    mem_free(d->ends);
    mem_free(d->slots);
    *d = (dim_dict){0};
}

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory for the texts of a dimension");
}

static pt_status make_room(dim_dict *d, size_t more, pt_err *err)
{
    if (d->n >= MAX_TEXTS)
        return pt_fail(err, PT_LIMIT, "an attribute holds at most %d different texts", MAX_TEXTS);
    if (d->n == d->cap) {
        uint32_t cap = d->cap ? d->cap * 2 : FIRST_TEXTS;
        uint64_t *ends = mem_grow(d->ends, cap, sizeof *ends);
        if (!ends) return no_memory(err);
        d->ends = ends;
        d->cap = cap;
    }
    if (more > d->cap_bytes - d->n_bytes) {
        uint64_t cap = d->cap_bytes ? d->cap_bytes * 2 : FIRST_BYTES;
        if (cap - d->n_bytes < more) cap = d->n_bytes + more;
        char *bytes = mem_grow(d->bytes, cap, 1);
        if (!bytes) return no_memory(err);
        d->bytes = bytes;
        d->cap_bytes = cap;
    }
    return PT_OK;
}

pt_status dim_dict_add(dim_dict *d, pt_str text, uint32_t *code, pt_err *err)
{
    PT_TRY(make_room(d, text.len, err));
    if (text.len) memcpy(d->bytes + d->n_bytes, text.ptr, text.len);
    d->n_bytes += text.len;
    d->ends[d->n++] = d->n_bytes;
    *code = d->n;
    return PT_OK;
}

static uint32_t hash_of(pt_str text)
{
    return (uint32_t)hash_bytes(text.ptr, text.len);
}

/* The slot of the text, or the empty one where it belongs. */
static dim_slot *probe(const dim_dict *d, pt_str text, uint32_t hash)
{
    uint64_t mask = d->n_slots - 1;
    for (uint64_t i = hash & mask;; i = (i + 1) & mask) {
        dim_slot *s = &d->slots[i];
        if (!s->member || (s->hash == hash && str_eq(dim_dict_text(d, s->member), text))) return s;
    }
}

static void place(dim_slot *slots, uint64_t n_slots, dim_slot s)
{
    uint64_t mask = n_slots - 1, i = s.hash & mask;
    while (slots[i].member) i = (i + 1) & mask;
    slots[i] = s;
}

/* Slots for one text more: built from the texts, or from the smaller table. */
static pt_status make_slots(dim_dict *d, pt_err *err)
{
    uint64_t n_slots = d->n_slots ? d->n_slots : FIRST_TEXTS;
    while (((uint64_t)d->n + 1) * 3 > n_slots * 2) n_slots *= 2;
    if (n_slots == d->n_slots) return PT_OK;
    dim_slot *slots = mem_alloc(n_slots, sizeof *slots);
    if (!slots) return no_memory(err);
    if (d->slots) {
        for (uint64_t i = 0; i < d->n_slots; i++)
            if (d->slots[i].member) place(slots, n_slots, d->slots[i]);
    } else {
        for (uint32_t c = 1; c <= d->n; c++)
            place(slots, n_slots, (dim_slot){hash_of(dim_dict_text(d, c)), c});
    }
    mem_free(d->slots);
    d->slots = slots;
    d->n_slots = n_slots;
    return PT_OK;
}

pt_status dim_dict_intern(dim_dict *d, pt_str text, uint32_t *code, pt_err *err)
{
    PT_TRY(make_slots(d, err));
    uint32_t hash = hash_of(text);
    dim_slot *s = probe(d, text, hash);
    if (s->member) {
        *code = s->member;
        return PT_OK;
    }
    PT_TRY(dim_dict_add(d, text, code, err));
    *s = (dim_slot){hash, *code};
    return PT_OK;
}
