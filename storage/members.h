/* members.h - the member table of a dimension: dense ids, attributes, key look-up, hierarchies.
 *
 * A dim_view is one immutable version of a dimension, mapped from its file. Member ids 0..n_members-1 are
 * handed out at first sight of a key and never change or move; facts store them. A key whose attribute with
 * HISTORY changes gets a further member (a version); `durable` maps each version to the key's first one,
 * which is what distinct counts count.
 *
 * Hierarchies are computed from the attributes when a version is written. The members of a level are numbered
 * by *rank* in natural order of the whole hierarchy: all descendants of a member at any lower level are one
 * contiguous range of ranks, siblings are contiguous and in order, Lag and Lead are rank -/+ 1. Ranks belong
 * to one version; `stable` numbers of level members are kept across versions and are what bitmap indexes
 * store. Natural order of siblings: the order attribute if given (then name, then key), else the key; null
 * first.
 *
 * Thread-safe: views are read-only. Pointers and texts from a view are borrowed: valid until dim_view_put. */
#pragma once

#include "lang/ast.h"

enum { MEMBER_NONE = UINT32_MAX };

typedef struct dim_attr {
    pt_str name;
    pt_type type;
    uint8_t scale;
    bool history;
} dim_attr;

typedef struct dim_level_spec {
    uint32_t key_attr;
    uint32_t name_attr;   /* = key_attr if none was given */
    uint32_t order_attr;  /* MEMBER_NONE: by key */
    uint32_t parent_attr; /* parent-child level; else MEMBER_NONE */
    pt_value root; /* parent-child: the parent key that means "root" (null and unknown keys do as well) */
    level_hide hide;
} dim_level_spec;

typedef struct dim_hier_spec {
    pt_str name;
    uint32_t n_levels; /* without the all level; 1 for parent-child */
    dim_level_spec *levels;
} dim_hier_spec;

/* What storage must know of a definition. attrs[0] is the key. */
typedef struct dim_spec {
    uint32_t n_attrs;
    dim_attr *attrs;
    uint32_t n_hiers;
    dim_hier_spec *hiers;
} dim_spec;

/* One level of one hierarchy. Arrays indexed by rank have n entries unless said otherwise. */
typedef struct level_view {
    uint32_t n;
    const uint32_t *parent;      /* rank at the level above; NULL at the top level. Parent-child: rank of the
                                    parent in this same level, MEMBER_NONE for roots */
    const uint32_t *first_child; /* [n + 1]: children are [first_child[r], first_child[r + 1]) at the level
                                    below; NULL at the lowest and in parent-child levels */
    const uint32_t *end;         /* parent-child only: ranks are in pre-order, descendants of r (and r) are
                                    [r, end[r]); NULL otherwise */
    const uint32_t *depth;       /* parent-child only: 0 for roots; NULL otherwise */
    const uint32_t *of_member;   /* [n_members of the dimension]: member id -> rank, never MEMBER_NONE */
    const uint32_t *rep; /* a member id of the level member (the lowest current version if there is one): its
                            key, name, properties are rep's attributes */
    const uint32_t *stable; /* stable number: kept while the key and the parent's number stay; parent-child:
                               the lowest member id of the level member */
    uint32_t n_stable;      /* stable numbers are below this */
    const uint8_t *hidden;  /* 1: hidden in a ragged hierarchy; NULL if none is */
    uint64_t epoch;         /* catalog version in which an existing member last moved at this level */
} level_view;

typedef struct hier_view {
    uint32_t n_levels;
    level_view *levels; /* top first, without the all level */
    bool is_parent_child;
} hier_view;

typedef struct dim_view dim_view;

uint32_t dim_count(const dim_view *d);
uint32_t dim_n_attrs(const dim_view *d);
/* Attribute of a member; TEXT is borrowed. */
pt_value dim_attr_value(const dim_view *d, uint32_t attr, uint32_t member);
/* Has attributes of at most DIM_FETCH_MOST members brought near, all at once: for who then reads them one by
 * one, in an order in which they do not lie side by side. */
enum { DIM_FETCH_MOST = 64 };
void dim_attr_prefetch(const dim_view *d, uint32_t attr, const uint32_t *members, uint32_t n);
/* Member (current version) with that key; false if there is none, *member untouched. The key must have the
 * key's type. */
bool dim_find(const dim_view *d, pt_value key, uint32_t *member);
/* First version of the same key; the identity for distinct counts. NULL when every member is its own. */
const uint32_t *dim_durable(const dim_view *d);
/* Validity of a version in days since 1970-01-01, [from, to); INT64_MIN / INT64_MAX when open. */
void dim_validity(const dim_view *d, uint32_t member, int64_t *from_days, int64_t *to_days);
/* The version of the same key that was valid on that day, for facts that arrive late. `member` must be what
 * dim_find gave (the current version). */
uint32_t dim_version_at(const dim_view *d, uint32_t member, int64_t days);
/* What the version was written under; borrowed. */
const dim_spec *dim_view_spec(const dim_view *d);
/* A hierarchy, by its number in the spec. The first use verifies its arrays (checksums and every bound, a few
 * milliseconds for a million members), so that all ranks read from it are in range; later uses cost nothing.
 */
PT_MUST_USE pt_status dim_hier(const dim_view *d, uint32_t hierarchy, const hier_view **out, pt_err *err);
/* A version without members, for a dimension never loaded. */
PT_MUST_USE pt_status dim_view_empty(const dim_spec *spec, dim_view **out, pt_err *err);
/* Map and verify the header and directory; files up to 1 MiB are verified whole. What a large damaged file
 * then gives may be wrong, never out of bounds. PT_CORRUPT, PT_VERSION, PT_IO. */
PT_MUST_USE pt_status dim_view_open(const char *path, dim_view **out, pt_err *err);
/* Every checksum and every invariant above. */
PT_MUST_USE pt_status dim_view_check(const dim_view *d, pt_err *err);
void dim_view_get(dim_view *d); /* one more reference */
void dim_view_put(dim_view *d);

/* ---- changing ---------------------------------------------------------- */

/* The next version in the making: starts as a copy of `from` (NULL: of nothing) under `spec`, which may have
 * more attributes or other hierarchies than `from`. Attributes are matched by name; one whose type changed is
 * converted (PT_VALUE or PT_TYPE if a value cannot be). The key cannot change once there are members
 * (PT_UNSUPPORTED). `from` is verified whole (PT_CORRUPT), and referenced as long as needed. Not thread-safe.
 */
typedef struct dim_edit dim_edit;

typedef enum dim_change { DIM_SAME, DIM_NEW, DIM_OVERWRITTEN, DIM_VERSIONED } dim_change;

PT_MUST_USE pt_status dim_edit_new(const dim_view *from, const dim_spec *spec, dim_edit **out, pt_err *err);
void dim_edit_free(dim_edit *e);
/* Insert or update the member with key values[0] (n_attrs values, types as in the spec or null: else
 * PT_TYPE). An attribute with `is_given[i]` false keeps its old value (null for a new member); is_given NULL:
 * all are given.
 *
 * A changed HISTORY attribute makes a new version valid from effective_days; if the current version began on
 * that day or later, it is overwritten instead. A changed attribute without HISTORY is overwritten in all
 * versions of the key. A member that was only inferred takes the values without a version. The first version
 * of a key is valid since ever. *member is the current version. After a failure nothing has changed. */
PT_MUST_USE pt_status dim_edit_put(dim_edit *e, const pt_value *values, const bool *is_given,
                                   int64_t effective_days, uint32_t *member, dim_change *change, pt_err *err);
/* The member with that key, made with null attributes if new. */
PT_MUST_USE pt_status dim_edit_infer(dim_edit *e, pt_value key, uint32_t *member, bool *is_new, pt_err *err);
bool dim_edit_find(const dim_edit *e, pt_value key, uint32_t *member);
uint32_t dim_edit_version_at(const dim_edit *e, uint32_t member, int64_t days); /* as dim_version_at */
uint32_t dim_edit_count(const dim_edit *e);
bool dim_edit_is_changed(const dim_edit *e); /* anything but DIM_SAME happened, or spec differs */
/* Compute the hierarchies and write the version to `path` (fsynced). `version` is the catalog version that
 * will publish it: the epoch of levels in which members moved. PT_DATA if the parents of a parent-child
 * hierarchy form a circle; the message names the keys. The edit can go on afterwards, and be written again.
 */
PT_MUST_USE pt_status dim_edit_write(dim_edit *e, const char *path, uint64_t version, pt_err *err);
