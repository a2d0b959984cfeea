/* source_csv.c - a directory of delimited files as a source: tables are files or patterns of file names.
 *
 * A reader keeps what stands behind the last whole row of a chunk (`carry`) for the next one, so that every
 * chunk holds whole rows and can be split apart from the others. */
#include "etl/source_int.h"

#include <limits.h>
#include <stdio.h>

#include "base/fs.h"
#include "etl/csv.h"
#include "etl/files.h"
#include "etl/input.h"

enum { CHUNK_BYTES = 1 << 20, BLOCK_ROWS = 512 };

typedef struct csv_source {
    source base;
    pt_str dir;
    csv_format format;
    bool has_header;
    input_encoding encoding;
} csv_source;

typedef struct csv_reader {
    source_reader base;
    input *in;
    source_stamp stamp;
    pt_str name;
    char *carry;
    size_t carry_len, carry_cap;
    uint64_t line; /* of the first byte of carry */
    bool at_end;   /* of the input; carry may still hold rows */
    bool is_lost;  /* in a row that is too long: skip to its end */
} csv_reader;

typedef struct csv_chunk {
    source_chunk base;
    char *buf;
    size_t cap; /* without CSV_PAD */
    csv_parser parser;
    uint32_t *places; /* of the block last given; NULL: none yet */
} csv_chunk;

/* ---- definition ---------------------------------------------------- */

static pt_status check_encoding(pt_str text, pt_err *err)
{
    input_encoding enc;
    return input_encoding_of(text, &enc, err);
}

static const source_option options[] = {
    {.name = "directory", .kind = OPTION_PATH, .is_required = true},
    {.name = "header", .kind = OPTION_BOOL},
    {.name = "delimiter", .kind = OPTION_CHAR},
    {.name = "quote", .kind = OPTION_CHAR},
    {.name = "null", .kind = OPTION_TEXT},
    {.name = "encoding", .kind = OPTION_TEXT, .check = check_encoding},
    {.name = "compression", .kind = OPTION_WORD, .words = "auto"},
    {.name = "changed", .kind = OPTION_WORD, .words = "replace append"},
};

static pt_status csv_open(const ast_source *def, source **out, pt_err *err)
{
    csv_source *s = mem_alloc(1, sizeof *s);
    if (!s) return pt_fail(err, PT_NOMEM, "out of memory");
    s->dir = source_option_text(def, "directory", STR("."));
    s->has_header = source_option_bool(def, "header", true);
    s->format.delimiter = source_option_char(def, "delimiter", ',');
    s->format.quote = source_option_char(def, "quote", '"');
    s->format.null_marker = source_option_text(def, "null", STR(""));
    pt_status st = PT_OK;
    if (!s->format.delimiter || s->format.delimiter == s->format.quote)
        st = pt_fail_at(err, PT_USAGE, def->name_at, "delimiter and quote must be two different characters");
    if (st == PT_OK)
        st = input_encoding_of(source_option_text(def, "encoding", STR("UTF-8")), &s->encoding, err);
    if (st == PT_OK)
        *out = &s->base;
    else
        mem_free(s);
    return st;
}

static void csv_close(source *s)
{
    mem_free(s);
}

static pt_status csv_parts(source *s, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err)
{
    return files_list(((csv_source *)s)->dir, table, a, parts, n, err);
}

static pt_status csv_fail_missing(source *s, pt_str table, pt_err *err)
{
    return files_fail_missing(((csv_source *)s)->dir, table, err);
}

static pt_status path_of(const csv_source *s, pt_str name, char path[PATH_MAX], pt_err *err)
{
    int n = snprintf(path, PATH_MAX, "%.*s/%.*s", (int)s->dir.len, s->dir.ptr, (int)name.len, name.ptr);
    if (n > 0 && n < PATH_MAX) return PT_OK;
    return pt_fail(err, PT_LIMIT, "the path of '" STR_FMT "' is too long", STR_ARG(name));
}

static pt_status csv_digest(source *s, const source_part *part, uint8_t out[32], pt_err *err)
{
    char path[PATH_MAX];
    PT_TRY(path_of((csv_source *)s, part->name, path, err));
    return fs_sha256(path, out, err);
}

/* ---- chunks -------------------------------------------------------- */

static bool chunk_grow(csv_chunk *c, size_t cap)
{
    if (cap <= c->cap) return true;
    char *grown = mem_grow(c->buf, cap + CSV_PAD, 1);
    if (!grown) return false;
    c->buf = grown;
    c->cap = cap;
    return true;
}

static void csv_chunk_free(source_chunk *base)
{
    csv_chunk *c = (csv_chunk *)base;
    mem_free(c->buf);
    mem_free(c->parser.fields);
    mem_free(c->places);
    mem_free(c);
}

static source_chunk *csv_chunk_new(const source_reader *base)
{
    const csv_reader *r = (const csv_reader *)base;
    csv_chunk *c = mem_alloc(1, sizeof *c);
    if (!c) return NULL;
    c->parser.fields = mem_alloc(CSV_MAX_FIELDS, sizeof *c->parser.fields);
    c->parser.format = ((csv_source *)r->base.source)->format;
    c->parser.n_columns = r->base.n_columns;
    if (c->parser.fields && chunk_grow(c, CHUNK_BYTES)) return &c->base;
    csv_chunk_free(&c->base);
    return NULL;
}

static pt_status keep(csv_reader *r, const char *rest, size_t n, pt_err *err)
{
    if (n > r->carry_cap) {
        char *grown = mem_grow(r->carry, n, 1);
        if (!grown)
            return pt_fail(err, PT_NOMEM, "out of memory while reading '" STR_FMT "'", STR_ARG(r->name));
        r->carry = grown;
        r->carry_cap = n;
    }
    if (n) memcpy(r->carry, rest, n);
    r->carry_len = n;
    return PT_OK;
}

/* Read until the chunk is full or the input ends. */
static pt_status read_full(csv_reader *r, csv_chunk *c, size_t *len, pt_err *err)
{
    while (!r->at_end && c->cap - *len >= INPUT_MIN_READ) {
        size_t got;
        PT_TRY(input_read(r->in, c->buf + *len, c->cap - *len, &got, err));
        if (!got) r->at_end = true;
        *len += got;
    }
    return PT_OK;
}

/* Drop what is left of a row that was given up. */
static void skip_lost(csv_reader *r, csv_chunk *c, size_t *len)
{
    const char *line = memchr(c->buf, '\n', *len);
    size_t n = line ? (size_t)(line - c->buf) + 1 : *len;
    memmove(c->buf, c->buf + n, *len - n);
    *len -= n;
    r->line += line != NULL;
    r->is_lost = !line && !r->at_end;
}

static pt_status csv_fill(source_reader *base, source_chunk *chunk, bool *done, pt_err *err)
{
    csv_reader *r = (csv_reader *)base;
    csv_chunk *c = (csv_chunk *)chunk;
    size_t len = r->carry_len, size = 0;
    uint64_t n_lines = 0;
    if (!chunk_grow(c, len)) return pt_fail(err, PT_NOMEM, "out of memory");
    if (len) memcpy(c->buf, r->carry, len);
    for (;;) {
        PT_TRY(read_full(r, c, &len, err));
        if (r->is_lost) {
            skip_lost(r, c, &len);
            if (!r->at_end) continue;
        }
        pt_str text = {c->buf, len};
        size = csv_cut(&c->parser.format, text, r->at_end, &n_lines);
        if (size || r->at_end) break;
        size_t more = c->cap < CSV_MAX_RECORD / 2 ? c->cap * 2 : CSV_MAX_RECORD + INPUT_MIN_READ;
        if (!chunk_grow(c, more)) return pt_fail(err, PT_NOMEM, "out of memory");
    }
    *done = len == 0;
    r->is_lost = size && size >= CSV_MAX_RECORD && c->buf[size - 1] != '\n';
    memset(c->buf + len, 0, CSV_PAD);
    csv_parser_start(&c->parser, c->buf, size, r->line);
    r->line += n_lines;
    return keep(r, c->buf + size, len - size, err);
}

static void show_row(const csv_parser *p, source_row *row)
{
    row->fields = p->fields;
    row->n_fields = p->n_fields < CSV_MAX_FIELDS ? p->n_fields : CSV_MAX_FIELDS;
    row->line = p->row_line;
}

static pt_status csv_next(source_chunk *chunk, source_row *row, bool *done, pt_err *err)
{
    csv_parser *p = &((csv_chunk *)chunk)->parser;
    pt_status st = csv_parser_next(p, done, err);
    show_row(p, row);
    return st;
}

static bool csv_next_block(source_chunk *chunk, source_block *out)
{
    csv_chunk *c = (csv_chunk *)chunk;
    if (!c->places && !(c->places = mem_alloc(CSV_BLOCK_PLACES, sizeof *c->places))) return false;
    out->quote = c->parser.format.quote;
    out->null_marker = c->parser.format.null_marker;
    return csv_parser_block(&c->parser, BLOCK_ROWS, c->places, &out->rows);
}

static pt_status csv_block_row(source_chunk *chunk, const source_block *b, uint32_t row, source_row *out,
                               pt_err *err)
{
    csv_parser *p = &((csv_chunk *)chunk)->parser;
    pt_status st = csv_parser_row(p, &b->rows, row, err);
    show_row(p, out);
    return st;
}

/* ---- readers ------------------------------------------------------- */

static void csv_reader_close(source_reader *base)
{
    csv_reader *r = (csv_reader *)base;
    input_close(r->in);
    mem_free(r->carry);
    arena_free(r->base.arena);
    mem_free(r);
}

static pt_status name_columns(csv_reader *r, const source_row *row, bool has_header, pt_err *err)
{
    arena *a = r->base.arena;
    r->base.n_columns = row->n_fields;
    r->base.columns = arena_array(a, pt_str, row->n_fields);
    if (!r->base.columns) return arena_fail(a, err);
    for (uint32_t i = 0; i < row->n_fields; i++) {
        pt_str name = has_header ? str_trim(row->fields[i]) : (pt_str){NULL, 0};
        name = name.len ? str_copy(a, name) : str_printf(a, "c%u", i + 1);
        if (!name.ptr) return arena_fail(a, err);
        r->base.columns[i] = name;
    }
    return PT_OK;
}

static pt_status first_row(const csv_reader *r, csv_chunk *c, source_row *row, bool *done, pt_err *err)
{
    pt_err why = {0};
    pt_status st = csv_next(&c->base, row, done, &why);
    if (st == PT_OK) return PT_OK;
    pt_fail(err, st, "the first line of '" STR_FMT "' cannot be read: %s", STR_ARG(r->name), why.msg);
    if (st != PT_DATA) return st;
    return pt_hint(err,
                   "the source's options say how a file is written, as in encoding 'GBK', delimiter ';'");
}

/* Look at the first row: it names the columns, or only counts them and is then read again. */
static pt_status read_header(csv_reader *r, csv_chunk *c, pt_err *err)
{
    bool has_header = ((csv_source *)r->base.source)->has_header, done;
    source_row row;
    strbuf unread = {0};
    PT_TRY(csv_fill(&r->base, &c->base, &done, err));
    uint64_t line = c->parser.line;
    char *start = c->parser.at;
    /* Splitting rewrites the row, so keep it as it was. */
    if (!has_header) strbuf_add(&unread, start, (size_t)(c->parser.end - start));
    pt_status st = first_row(r, c, &row, &done, err);
    if (st == PT_OK && !done) st = name_columns(r, &row, has_header, err);
    if (has_header) {
        strbuf_add(&unread, c->parser.at, (size_t)(c->parser.end - c->parser.at));
        line = c->parser.line;
    }
    strbuf_add(&unread, r->carry, r->carry_len);
    if (st == PT_OK && unread.failed) st = pt_fail(err, PT_NOMEM, "out of memory");
    if (st == PT_OK) st = keep(r, strbuf_str(&unread).ptr, unread.len, err);
    r->line = line;
    strbuf_free(&unread);
    return st;
}

static pt_status start_reader(csv_reader *r, const csv_source *s, const source_part *part, pt_err *err)
{
    char path[PATH_MAX];
    struct stat st;
    r->name = r->base.arena ? str_copy(r->base.arena, part->name) : (pt_str){NULL, 0};
    if (!r->name.ptr) return pt_fail(err, PT_NOMEM, "out of memory");
    PT_TRY(path_of(s, part->name, path, err));
    PT_TRY(input_open(path, part->name, s->encoding, &r->in, err));
    if (fstat(input_descriptor(r->in), &st) != 0)
        return pt_fail_errno(err, PT_IO, "cannot look at '" STR_FMT "'", STR_ARG(r->name));
    r->stamp = files_stamp(&st);
    if (!files_stamp_eq(&r->stamp, &part->stamp)) {
        pt_fail(err, PT_DATA, "'" STR_FMT "' changed while the load was looking at it", STR_ARG(r->name));
        return pt_hint(err, "load again when it is complete");
    }
    csv_chunk *c = (csv_chunk *)csv_chunk_new(&r->base);
    if (!c) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_status status = read_header(r, c, err);
    csv_chunk_free(&c->base);
    return status;
}

static pt_status csv_read(source *s, const source_part *part, pt_str after, source_reader **out, pt_err *err)
{
    (void)after; /* files are read whole */
    csv_reader *r = mem_alloc(1, sizeof *r);
    if (!r) return pt_fail(err, PT_NOMEM, "out of memory");
    r->base.source = s;
    r->base.arena = arena_new(0);
    r->line = 1;
    pt_status st = start_reader(r, (csv_source *)s, part, err);
    if (st == PT_OK)
        *out = &r->base;
    else
        csv_reader_close(&r->base);
    return st;
}

static uint64_t csv_position(const source_reader *r)
{
    return input_position(((const csv_reader *)r)->in);
}

static pt_status csv_finish(source_reader *base, pt_err *err)
{
    csv_reader *r = (csv_reader *)base;
    struct stat st;
    if (fstat(input_descriptor(r->in), &st) != 0)
        return pt_fail_errno(err, PT_IO, "cannot look at '" STR_FMT "'", STR_ARG(r->name));
    /* Not the time of status change: a file that is renamed or unlinked meanwhile was still read whole. */
    source_stamp now = files_stamp(&st);
    if (now.size_bytes == r->stamp.size_bytes && now.modified_ns == r->stamp.modified_ns) return PT_OK;
    pt_fail(err, PT_DATA, "'" STR_FMT "' changed while it was read", STR_ARG(r->name));
    return pt_hint(err, "load again when it is complete");
}

const source_type source_csv = {
    .name = "csv",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .open = csv_open,
    .close = csv_close,
    .parts = csv_parts,
    .fail_missing = csv_fail_missing,
    .digest = csv_digest,
    .read = csv_read,
    .reader_close = csv_reader_close,
    .position = csv_position,
    .finish = csv_finish,
    .chunk_new = csv_chunk_new,
    .chunk_free = csv_chunk_free,
    .fill = csv_fill,
    .next = csv_next,
    .next_block = csv_next_block,
    .block_row = csv_block_row,
};
