/* dim_file.h - the container of a dimension file: head, directory, aligned sections
 * (docs/format-dimensions.md).
 *
 * Only this folder includes it. Everything is little-endian and 64-byte aligned, so that a mapped file is
 * used in place; that is why Patron refuses to build for other byte orders. */
#pragma once

#include "base/fs.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "mapped files are little-endian");

enum { DIM_FORMAT = 2, DIM_OLDEST_FORMAT = 1, DIM_ALIGN = 64, DIM_MAX_SECTIONS = 1 << 20 };

#define DIM_MAGIC "PTDIM\r\n\x1a"

typedef enum dim_section {
    SEC_SPEC = 1,       /* bytes: attributes and hierarchies, see dim_spec.c */
    SEC_LEVELS = 2,     /* dim_level_head, hierarchy by hierarchy, top first */
    SEC_KEY_INDEX = 3,  /* slots of dim_keys.h; absent if keys ascend. Format 1: dim_slot, a power of two */
    SEC_INFERRED = 4,   /* bit per member: only its key is known yet */
    SEC_DURABLE = 5,    /* the next four only when some key has several versions: first version of the key */
    SEC_PREVIOUS = 6,   /* version before this one, MEMBER_NONE for the first */
    SEC_VALID_FROM = 7, /* days, INT64_MIN: open */
    SEC_VALID_TO = 8,   /* days, INT64_MAX: open */
    SEC_VALUES = 16,    /* [a = attribute] integers of 1, 2, 4 or 8 bytes, doubles, or text codes (0: null) */
    SEC_NULLS = 17,     /* [attribute] bit per member; absent if none is null, and for text */
    SEC_TEXT_ENDS = 18, /* [attribute] text of code c ends at [c - 1] and starts where c - 1 ends */
    SEC_TEXT_BYTES = 19, /* [attribute] the different texts one after the other */
    SEC_PARENT = 32,     /* [a = hierarchy, b = level] the arrays of level_view */
    SEC_FIRST_CHILD = 33,
    SEC_END = 34,
    SEC_DEPTH = 35,
    SEC_OF_MEMBER = 36, /* the next three are left out if element i is i */
    SEC_REP = 37,
    SEC_STABLE = 38,
    SEC_HIDDEN = 39,
} dim_section;

typedef struct dim_head {
    char magic[8];
    uint32_t format, n_sections;
    uint64_t file_bytes;
    uint64_t version; /* of the catalog that published the file */
    uint32_t n_members, reserved;
    uint64_t reserved2;
    uint64_t directory_sum; /* XXH3 of the directory */
    uint64_t head_sum;      /* XXH3 of the bytes before */
} dim_head;
_Static_assert(sizeof(dim_head) == 64, "docs/format-dimensions.md, head");

typedef struct dim_entry {
    uint32_t kind, a, b;
    uint32_t width; /* bytes of one element */
    uint64_t offset, count;
    uint64_t sum; /* XXH3 of the section, without the padding behind it */
} dim_entry;
_Static_assert(sizeof(dim_entry) == 40, "docs/format-dimensions.md, directory");

typedef struct dim_level_head {
    uint32_t hierarchy, level, n, n_stable;
    uint64_t epoch;
} dim_level_head;
_Static_assert(sizeof(dim_level_head) == 24, "docs/format-dimensions.md, levels");

/* A slot of a table with linear probing from hash & (slots - 1): of texts while a version is made, and of the
 * keys in files of format 1. */
typedef struct dim_slot {
    uint32_t hash;   /* low half of the hash */
    uint32_t member; /* + 1; 0: empty */
} dim_slot;
_Static_assert(sizeof(dim_slot) == 8, "docs/format-dimensions.md, key index of format 1");

/* ---- writing ----------------------------------------------------------- */

/* Collects sections; the arrays are borrowed until the file is written. Zero-initialise but for the arena. */
typedef struct dim_out {
    arena *a;
    dim_entry *entries;
    const void **arrays;
    uint32_t n, cap;
} dim_out;

PT_MUST_USE pt_status dim_out_add(dim_out *o, dim_section kind, uint32_t a, uint32_t b, uint32_t width,
                                  uint64_t count, const void *array, pt_err *err);
/* Write all as a file (fsynced), or as an image in memory (*image is owned: mem_free). */
PT_MUST_USE pt_status dim_out_write(dim_out *o, const char *path, uint32_t n_members, uint64_t version,
                                    pt_err *err);
PT_MUST_USE pt_status dim_out_image(dim_out *o, uint32_t n_members, uint64_t version, uint8_t **image,
                                    size_t *size, pt_err *err);

/* ---- reading ----------------------------------------------------------- */

/* Verify head and directory: sizes, checksums, every section inside the file and aligned. `path` is for
 * messages. *entries points into the bytes. PT_CORRUPT, PT_VERSION. */
PT_MUST_USE pt_status dim_file_open(file_map bytes, const char *path, const dim_head **head,
                                    const dim_entry **entries, pt_err *err);
/* Does the section's checksum hold? */
PT_MUST_USE pt_status dim_file_verify(file_map bytes, const char *path, const dim_entry *e, pt_err *err);
