/* dim_file.c - writing sections behind a head and a directory, and refusing files that are not whole. */
#include "storage/dim_file.h"

#include "base/map.h"

/* ---- writing ------------------------------------------------------- */

static bool grow(dim_out *o)
{
    uint32_t cap = o->cap ? o->cap * 2 : 64;
    dim_entry *entries = arena_array(o->a, dim_entry, cap);
    const void **arrays = arena_array(o->a, const void *, cap);
    if (!entries || !arrays) return false;
    if (o->n) {
        memcpy(entries, o->entries, o->n * sizeof *entries);
        memcpy(arrays, o->arrays, o->n * sizeof *arrays);
    }
    o->entries = entries;
    o->arrays = arrays;
    o->cap = cap;
    return true;
}

pt_status dim_out_add(dim_out *o, dim_section kind, uint32_t a, uint32_t b, uint32_t width, uint64_t count,
                      const void *array, pt_err *err)
{
    if (o->n == DIM_MAX_SECTIONS)
        return pt_fail(err, PT_LIMIT, "a dimension file holds at most %d sections", DIM_MAX_SECTIONS);
    if (o->n == o->cap && !grow(o)) return arena_fail(o->a, err);
    o->entries[o->n] = (dim_entry){.kind = kind, .a = a, .b = b, .width = width, .count = count};
    o->entries[o->n].sum = hash_bytes(array, count * width);
    o->arrays[o->n++] = array;
    return PT_OK;
}

static uint64_t padded(uint64_t size)
{
    return (size + DIM_ALIGN - 1) & ~(uint64_t)(DIM_ALIGN - 1);
}

/* Give every section its place and describe the whole. */
static void lay_out(dim_out *o, uint32_t n_members, uint64_t version, dim_head *head)
{
    uint64_t at = padded(sizeof *head + o->n * sizeof(dim_entry));
    for (uint32_t i = 0; i < o->n; i++) {
        o->entries[i].offset = at;
        at += padded(o->entries[i].count * o->entries[i].width);
    }
    *head = (dim_head){.format = DIM_FORMAT,
                       .n_sections = o->n,
                       .file_bytes = at,
                       .version = version,
                       .n_members = n_members};
    memcpy(head->magic, DIM_MAGIC, sizeof head->magic);
    head->directory_sum = hash_bytes(o->entries, o->n * sizeof(dim_entry));
    head->head_sum = hash_bytes(head, offsetof(dim_head, head_sum));
}

/* Head, directory and sections as pieces, each followed by its padding. */
static fs_part *parts_of(const dim_out *o, const dim_head *head, size_t *n)
{
    static const uint8_t zeros[DIM_ALIGN];
    fs_part *parts = arena_array(o->a, fs_part, 2 * (size_t)o->n + 3);
    if (!parts) return NULL;
    size_t k = 0, start = sizeof *head + o->n * sizeof(dim_entry);
    parts[k++] = (fs_part){head, sizeof *head};
    parts[k++] = (fs_part){o->entries, o->n * sizeof(dim_entry)};
    parts[k++] = (fs_part){zeros, padded(start) - start};
    for (uint32_t i = 0; i < o->n; i++) {
        size_t size = o->entries[i].count * o->entries[i].width;
        parts[k++] = (fs_part){o->arrays[i], size};
        parts[k++] = (fs_part){zeros, padded(size) - size};
    }
    *n = k;
    return parts;
}

pt_status dim_out_write(dim_out *o, const char *path, uint32_t n_members, uint64_t version, pt_err *err)
{
    dim_head head;
    size_t n = 0;
    lay_out(o, n_members, version, &head);
    fs_part *parts = parts_of(o, &head, &n);
    return parts ? fs_write_parts(path, parts, n, err) : arena_fail(o->a, err);
}

pt_status dim_out_image(dim_out *o, uint32_t n_members, uint64_t version, uint8_t **image, size_t *size,
                        pt_err *err)
{
    dim_head head;
    size_t n = 0, at = 0;
    lay_out(o, n_members, version, &head);
    fs_part *parts = parts_of(o, &head, &n);
    uint8_t *out = parts ? mem_alloc(head.file_bytes, 1) : NULL;
    if (!out) return pt_fail(err, PT_NOMEM, "out of memory");
    for (size_t i = 0; i < n; at += parts[i++].size)
        if (parts[i].size) memcpy(out + at, parts[i].ptr, parts[i].size);
    *image = out;
    *size = head.file_bytes;
    return PT_OK;
}

/* ---- reading ------------------------------------------------------- */

static pt_status check_entry(file_map bytes, const char *path, const dim_entry *e, pt_err *err)
{
    bool has_width = e->width == 1 || e->width == 2 || e->width == 4 || e->width == 8 || e->width == 24;
    if (!has_width || e->offset % DIM_ALIGN || e->offset > bytes.size ||
        e->count > (bytes.size - e->offset) / e->width)
        return pt_fail(err, PT_CORRUPT, "dimension file '%s': section %u (%u, %u) lies outside of the file",
                       path, e->kind, e->a, e->b);
    return PT_OK;
}

static pt_status check_head(file_map bytes, const char *path, const dim_head *h, pt_err *err)
{
    if (bytes.size < sizeof *h || memcmp(h->magic, DIM_MAGIC, sizeof h->magic) != 0)
        return pt_fail(err, PT_CORRUPT, "'%s' is not a dimension file", path);
    if (h->head_sum != hash_bytes(h, offsetof(dim_head, head_sum)))
        return pt_fail(err, PT_CORRUPT, "dimension file '%s': the head fails its checksum", path);
    if (h->format < DIM_OLDEST_FORMAT || h->format > DIM_FORMAT)
        return pt_fail(err, PT_VERSION,
                       "dimension file '%s' has format %u, this program reads formats %d to %d", path,
                       h->format, DIM_OLDEST_FORMAT, DIM_FORMAT);
    if (h->file_bytes != bytes.size)
        return pt_fail(err, PT_CORRUPT, "dimension file '%s' has %zu bytes, expected %llu", path, bytes.size,
                       (unsigned long long)h->file_bytes);
    if (h->n_sections > (bytes.size - sizeof *h) / sizeof(dim_entry))
        return pt_fail(err, PT_CORRUPT, "dimension file '%s': the directory is cut off", path);
    return PT_OK;
}

pt_status dim_file_open(file_map bytes, const char *path, const dim_head **head, const dim_entry **entries,
                        pt_err *err)
{
    const dim_head *h = (const dim_head *)bytes.ptr;
    PT_TRY(check_head(bytes, path, h, err));
    const dim_entry *e = (const dim_entry *)(h + 1);
    if (h->directory_sum != hash_bytes(e, h->n_sections * sizeof *e))
        return pt_fail(err, PT_CORRUPT, "dimension file '%s': the directory fails its checksum", path);
    for (uint32_t i = 0; i < h->n_sections; i++) PT_TRY(check_entry(bytes, path, &e[i], err));
    *head = h;
    *entries = e;
    return PT_OK;
}

pt_status dim_file_verify(file_map bytes, const char *path, const dim_entry *e, pt_err *err)
{
    if (hash_bytes(bytes.ptr + e->offset, e->count * e->width) == e->sum) return PT_OK;
    return pt_fail(err, PT_CORRUPT, "dimension file '%s': section %u (%u, %u) fails its checksum", path,
                   e->kind, e->a, e->b);
}
