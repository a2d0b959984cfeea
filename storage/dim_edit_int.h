/* dim_edit_int.h - the insides of a version in the making, for the files that fill, order and write it. */
#pragma once

#include "storage/dim_dict.h"
#include "storage/dim_int.h"

typedef struct edit_column {
    uint32_t *codes; /* TEXT: [cap], 0 is null */
    dim_dict texts;
    int64_t *raw;   /* other types: [cap] */
    uint8_t *nulls; /* other types: [cap], 1 is null */
} edit_column;

struct dim_edit {
    arena *a;
    dim_spec spec;
    dim_view *from;      /* a reference; NULL: none */
    uint32_t *from_attr; /* [n_attrs] the attribute of `from` with that name and type whose cells were copied
                            as they are (text codes too); MEMBER_NONE if there is none */
    uint32_t n, cap;
    edit_column *columns;
    dim_keys keys; /* of members from n_known on; no slots: all keys ascend, none is null or has versions */
    uint32_t n_known; /* so many members, the first ones, are found by key in `from` */
    uint32_t n_keys;
    uint8_t *inferred; /* [cap] */
    /* The next four are NULL while no key has several versions. */
    uint32_t *durable, *previous;   /* [cap] */
    int64_t *valid_from, *valid_to; /* [cap] */
    bool is_changed;
    bool is_rewritten; /* a member of `from` has other values, or the definition is another */
    dim_cell *cells;   /* [n_attrs] scratch of one put: the new cells, */
    uint32_t *moved;   /* [n_attrs] and the attributes that differ */
};

static inline dim_cell edit_cell(const dim_edit *e, uint32_t attr, uint32_t member)
{
    const edit_column *c = &e->columns[attr];
    if (c->codes) return (dim_cell){c->codes[member], c->codes[member] == 0};
    return (dim_cell){c->raw[member], c->nulls[member]};
}
static inline bool edit_is_current(const dim_edit *e, uint32_t member)
{
    return !e->valid_to || e->valid_to[member] == INT64_MAX;
}
pt_value edit_value(const dim_edit *e, uint32_t attr, uint32_t member);

/* Room for n members. */
PT_MUST_USE pt_status edit_reserve(dim_edit *e, uint32_t n, pt_err *err);
/* From now on members may have versions. */
PT_MUST_USE pt_status edit_start_versions(dim_edit *e, pt_err *err);
/* Put the keys of members from `first` on into a table that is large enough. */
void edit_fill_keys(const dim_edit *e, uint32_t first, const dim_keys *to);
/* Have an index of the keys that are not known, with room for one member more. */
PT_MUST_USE pt_status edit_index_keys(dim_edit *e, pt_err *err);
/* Fill the new edit from e->from (dim_copy.c). */
PT_MUST_USE pt_status edit_copy_from(dim_edit *e, pt_err *err);
PT_MUST_USE pt_status edit_no_memory(pt_err *err);
/* What dim_edit_write writes, in memory (*image is owned: mem_free). */
PT_MUST_USE pt_status dim_edit_image(const dim_edit *e, uint64_t version, uint8_t **image, size_t *size,
                                     pt_err *err);
