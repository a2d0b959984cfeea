/* node.h - bound expressions: what the binder makes of the tree, and what evaluation walks.
 *
 * A node knows statically what kind of thing it gives (`type`) and, for members, tuples and sets, of which
 * hierarchies (`shape`). Conversions are nodes of their own, so evaluation never looks at the type of an
 * argument: it calls node->eval and reads the part of the xval that the type promises. Nodes live in the
 * statement's arena. */
#pragma once

#include "query/fun.h"
#include "query/member.h"

typedef enum vtype {
    VT_NULL,  /* the literal NULL, which fits nearly everywhere */
    VT_EMPTY, /* an argument left out */
    VT_NUMBER,
    VT_INTEGER, /* a number known to be whole */
    VT_STRING,
    VT_BOOLEAN,
    VT_DATE,
    VT_VALUE, /* a scalar of unknown kind: the value of a cell or property */
    VT_MEMBER,
    VT_TUPLE,
    VT_SET,
    VT_LEVEL,
    VT_HIER,
    VT_DIM,
    VT_FLAG
} vtype;

const char *vtype_name(vtype t); /* for messages: "number", "set", ... */
static inline bool vtype_is_scalar(vtype t)
{
    return t <= VT_VALUE && t != VT_EMPTY;
}

enum { HIER_ANY = 0xffff };

/* Hierarchies of a member, level or hierarchy (n == 1), tuple or set. n == 0: not known before it is
 * evaluated (as of {} or StrToSet). An entry may be HIER_ANY. */
typedef struct shape {
    uint32_t n;
    const uint16_t *hiers;
} shape;

typedef struct tuple { /* n == 0: the null tuple */
    const mref *m;
    uint32_t n;
} tuple;

typedef union xval {
    pt_value v;    /* scalars */
    mref m;        /* VT_MEMBER */
    tuple t;       /* VT_TUPLE */
    set s;         /* VT_SET */
    level_ref l;   /* VT_LEVEL */
    uint32_t hier; /* VT_HIER: ordinal; VT_DIM: ordinal of the dimension's first hierarchy */
} xval;

/* What a set computed in one context may be reused for: contexts that agree in the hierarchies it depends on.
 */
typedef struct memo memo;

/* The name given by `set AS name`, and the set it stands for at the moment. */
typedef struct alias {
    pt_str name;
    shape shape;
    set value;
} alias;

/* Nodes that others look for: when cells are empty (sparse.c), which formats are met (cell_format.c). */
typedef enum node_kind {
    NODE_OTHER = 0,
    NODE_CELL,         /* value of the current cell */
    NODE_CURRENT,      /* current member of a hierarchy */
    NODE_MEMBER_VALUE, /* value of args[0], a member, at the context */
    NODE_TUPLE_VALUE,  /* value of args[0], a tuple */
    NODE_TUPLE,        /* (args, ...) */
    NODE_CROSSJOIN,
    NODE_NAMED_SET, /* `set` */
} node_kind;

typedef struct node node;
struct node {
    fun_eval eval;
    fun_over over; /* for scalars: the same for many tuples at once; NULL: there is no such way */
    vtype type;
    node_kind kind;
    uint32_t n;
    node **args;
    shape shape;
    uint64_t deps;  /* hierarchies of the context that the result depends on (dep_bit); DEP_OTHER for more */
    const fun *fun; /* NULL for constants, conversions and special forms */
    pt_span at;
    pt_str text; /* VT_FLAG: the word in upper case; alias and parameter names */
    xval k;      /* constants */
    union {
        struct calc *calc;
        struct named_set *set;
        struct alias *alias;
        struct param *param;
        void *extra;
    };
    bool is_const;  /* `k` is the result */
    bool is_named;  /* a set that .Current and .CurrentOrdinal know by `extra` */
    memo *memo;     /* NULL: not remembered */
    bool owns_memo; /* the function itself says what it remembers */
};

#define DEP_OTHER ((uint64_t)1 << 63) /* iteration state, aliases: never remembered */
#define DEP_ALL   (~(uint64_t)0 >> 1)
static inline uint64_t dep_bit(uint32_t hier)
{
    return hier < 63 ? (uint64_t)1 << hier : DEP_ALL | DEP_OTHER;
}
