/* source_int.h - what a kind of source provides. The structs here are the heads of each kind's own. */
#pragma once

#include "etl/source.h"

typedef enum source_option_kind {
    OPTION_TEXT,
    OPTION_PATH, /* made absolute when the source is defined */
    OPTION_BOOL,
    OPTION_CHAR, /* one ASCII character, or none ('') ; 'tab' and '\t' too */
    OPTION_WORD  /* one of `words` */
} source_option_kind;

typedef struct source_option {
    const char *name;
    source_option_kind kind;
    bool is_required;
    const char *words; /* OPTION_WORD: separated by single blanks */
    /* Further check of a text; NULL: none. */
    pt_status (*check)(pt_str text, pt_err *err);
} source_option;

typedef struct source_type {
    const char *name;
    const source_option *options;
    uint32_t n_options;
    pt_status (*open)(const ast_source *def, source **out, pt_err *err);
    void (*close)(source *s);
    pt_status (*parts)(source *s, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err);
    pt_status (*fail_missing)(source *s, pt_str table, pt_err *err);
    pt_status (*digest)(source *s, const source_part *part, uint8_t out[32], pt_err *err);
    pt_status (*read)(source *s, const source_part *part, pt_str after, source_reader **out, pt_err *err);
    void (*reader_close)(source_reader *r);
    uint64_t (*position)(const source_reader *r);
    pt_status (*finish)(source_reader *r, pt_err *err);
    source_chunk *(*chunk_new)(const source_reader *r);
    void (*chunk_free)(source_chunk *c);
    pt_status (*fill)(source_reader *r, source_chunk *c, bool *done, pt_err *err);
    pt_status (*next)(source_chunk *c, source_row *row, bool *done, pt_err *err);
    /* NULL: rows come one by one. */
    bool (*next_block)(source_chunk *c, source_block *out);
    pt_status (*block_row)(source_chunk *c, const source_block *b, uint32_t row, source_row *out,
                           pt_err *err);
} source_type;

struct source {
    const source_type *type;
    pt_str name; /* for messages */
    bool appends, is_tracked;
    bool is_transactional; /* what is read is complete */
};

struct source_reader {
    source *source;
    arena *arena; /* owned; names and marks */
    uint32_t n_columns;
    pt_str *columns;
    pt_str mark;
    bool has_new;
};

struct source_chunk {
    const source_type *type;
};

extern const source_type source_csv, source_sqlite;

/* The value of an option that passed source_check; NULL if not given. */
const pt_value *source_option_of(const ast_source *def, const char *name);
pt_str source_option_text(const ast_source *def, const char *name, pt_str otherwise);
bool source_option_bool(const ast_source *def, const char *name, bool otherwise);
/* 0 for ''. */
char source_option_char(const ast_source *def, const char *name, char otherwise);
