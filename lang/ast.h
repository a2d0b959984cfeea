/* ast.h - the tree of a statement: text goes in, spans come out. No name is looked up here.
 *
 * All nodes, lists and texts live in the arena given to the parser. Every node has `at`, its bytes in the
 * statement text. Lists are arrays with a count. */
#pragma once

#include "base/value.h"

/* ---- expressions ------------------------------------------------------ */

typedef enum ast_kind {
    AST_NULL,   /* NULL */
    AST_NUMBER, /* text = the digits as written; number = exact value */
    AST_STRING, /* text = the contents, quotes resolved */
    AST_ID,     /* [Time].[1997].Q1.&[key]: segments */
    AST_CALL,   /* function, operator, property, method, braces, parentheses, CASE, CAST */
    AST_EMPTY,  /* an argument left out: Descendants(m, , LEAVES) */
    AST_PARAM,  /* @name or $1: bound from outside; text = name without sign */
} ast_kind;

/* How a call was written; with `name` it selects the overloads in the function table. */
typedef enum ast_syntax {
    SYN_FUNCTION, /* Name(args) */
    SYN_PROPERTY, /* args[0].Name; only where args[0] is not an AST_ID (an ID keeps .Name as its last segment)
                   */
    SYN_METHOD,   /* args[0].Name(args[1..]) */
    SYN_INFIX,  /* "BETWEEN" and "NOT BETWEEN" with args x, low, high; with two args "+", "-", "*", "/", "||",
                   "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "XOR", "IS", "IN",  "NOT IN", "MATCHES", "NOT
                   MATCHES", ":", "AS" (args[1] an AST_ID of one segment) */
    SYN_PREFIX, /* "-", "+", "NOT", "EXISTING" */
    SYN_POSTFIX, /* "IS NULL", "IS EMPTY" */
    SYN_BRACES,  /* {args} */
    SYN_PARENS,  /* (args): a tuple, or plain parentheses */
    SYN_CASE, /* name "CASE": args = [subject or AST_EMPTY], when, then, when, then, ..., [else or AST_EMPTY]
               */
    SYN_CAST, /* name "CAST": args = value; type in `text` ("STRING", ...) */
} ast_syntax;

typedef struct ast_segment {
    pt_str name;     /* brackets resolved */
    bool is_quoted;  /* written in brackets */
    bool is_key;     /* written &[key] or &word */
    uint32_t n_keys; /* compound key &[a]&[b]: the parts behind `name`, in `keys`; else 0 */
    pt_str *keys;
    pt_span at;
} ast_segment;

typedef struct ast ast;
struct ast {
    ast_kind kind;
    ast_syntax syntax; /* AST_CALL */
    pt_span at;
    pt_span name_at; /* AST_CALL: the name or operator itself */
    pt_str text;     /* see ast_kind; AST_CALL: the name as written (operators in upper case) */
    pt_value number; /* AST_NUMBER: VAL_INT, VAL_DEC (up to 18 digits behind the point) or VAL_DOUBLE */
    uint16_t depth;  /* of the tree from here down: 1 for a leaf, never more than PARSE_MAX_DEPTH */
    uint32_t n;
    union {
        ast **args;        /* AST_CALL */
        ast_segment *segs; /* AST_ID */
    };
};

/* ---- SELECT ----------------------------------------------------------- */

typedef struct ast_property { /* FORMAT_STRING = expr */
    pt_str name;
    ast *value; /* a quoted text is an AST_STRING */
    pt_span at;
} ast_property;

/* WITH MEMBER | SET | MEASURE, CREATE MEMBER | SET, and the MEMBER | SET elements of a cube. */
typedef struct ast_formula {
    bool is_set;
    ast *name; /* AST_ID */
    ast *body; /* a single-quoted body is parsed already; spans then point into the statement text */
    struct ast_measure *measure; /* WITH MEASURE name AS aggregate [WHERE condition]: instead of a body */
    uint32_t n_props;
    ast_property *props;
    pt_span at, body_at;
} ast_formula;

typedef struct ast_axis {
    ast *set;
    bool non_empty;
    uint32_t number; /* 0 = COLUMNS */
    uint32_t n_props;
    ast **props; /* DIMENSION PROPERTIES: AST_IDs */
    pt_span at;
} ast_axis;

typedef struct ast_select ast_select;
struct ast_select {
    uint32_t n_formulas;
    ast_formula *formulas;
    uint32_t n_axes;
    ast_axis *axes; /* in the order written */
    pt_str cube;    /* or */
    ast_select *subselect;
    pt_span cube_at;
    ast *slicer; /* NULL: none */
    uint32_t n_cell_props;
    pt_str *cell_props;
    pt_span at;
};

/* ---- definitions ------------------------------------------------------ */

/* A data type as written: INTEGER | INT | BIGINT | DECIMAL(p, s) | DOUBLE | TEXT | BOOLEAN | DATE | TIMESTAMP
 */
typedef struct ast_type {
    pt_type type;
    uint8_t precision, scale; /* DECIMAL; others 0 */
    pt_span at;
} ast_type;

typedef struct ast_attribute { /* ATTRIBUTE name type [HISTORY | OVERWRITE] */
    pt_str name;
    ast_type type;
    bool history; /* type 2: keep history */
    pt_span at;
} ast_attribute;

typedef enum level_time {
    LEVEL_REGULAR = 0,
    LEVEL_YEAR,
    LEVEL_HALF,
    LEVEL_QUARTER,
    LEVEL_MONTH,
    LEVEL_WEEK,
    LEVEL_DAY
} level_time;

typedef enum level_hide { HIDE_NEVER = 0, HIDE_BLANK, HIDE_PARENT_NAME } level_hide;

typedef struct ast_named { /* column AS 'Name' */
    pt_str column, name;
    pt_span at;
} ast_named;

/* LEVEL name BY column [NAME column] [ORDER BY column] [CAPTION 'text'] [TYPE YEAR|...]
 *   [HIDE IF BLANK | HIDE IF PARENT NAME] [PARENT column [ROOT literal]] [PROPERTIES column [AS 'name'], ...]
 * In a generated time dimension also the short form  YEAR | HALF | QUARTER | MONTH | WEEK | DAY
 * (name then "Year", ...; key empty). */
typedef struct ast_level {
    pt_str name, key, name_column, order_column, caption;
    level_time time;
    level_hide hide;
    pt_str parent_column; /* parent-child when not empty */
    pt_value root;        /* key of "no parent"; VAL_NULL by default */
    uint32_t n_props;
    ast_named *props;
    pt_span at;
} ast_level;

/* HIERARCHY name [ALL ['all member name']] [CAPTION 'text'] [DEFAULT member] (levels) */
typedef struct ast_hierarchy {
    pt_str name, caption;
    bool has_all;
    pt_str all_name; /* empty: one is made from the name */
    ast *default_member;
    uint32_t n_levels;
    ast_level *levels;
    pt_span at;
} ast_hierarchy;

typedef enum week_rule { WEEK_ISO = 0, WEEK_SUNDAY, WEEK_MONDAY } week_rule;

/* CREATE [OR REPLACE] [TIME] DIMENSION name [CAPTION 'text']
 *     [FROM 'YYYY-MM-DD' TO 'YYYY-MM-DD' [WEEK ISO | SUNDAY | MONDAY] [FISCAL YEAR STARTS month]]
 *     ( [KEY column type,] [ATTRIBUTE ..., column type ...,] HIERARCHY ..., ... )
 * A generated calendar (FROM ... TO) has key `date` DATE and attributes year, half, quarter, month,
 * month_name, week, week_year, day_of_month, day_of_week, day_name, fiscal_year, fiscal_quarter,
 * fiscal_month. */
typedef struct ast_dimension {
    pt_str name, caption;
    bool is_time;
    bool is_generated;
    int64_t from_days, to_days;
    week_rule week;
    uint8_t fiscal_start; /* month 1..12; 1 when not given */
    pt_str key;
    ast_type key_type;
    uint32_t n_attributes;
    ast_attribute *attributes;
    uint32_t n_hierarchies;
    ast_hierarchy *hierarchies;
    pt_span name_at;
} ast_dimension;

/* DIMENSION dim[.hierarchy] [AS name] [ROLE name]
 * A role is one fact column of member ids. Default role: `name` if AS was given without a hierarchy, else the
 * dimension's name; so hierarchies of one dimension exposed one by one share a column. In a virtual cube:
 * DIMENSION [Base cube].[name] or DIMENSION name (the first base cube that has it). */
typedef struct ast_cube_dim {
    pt_str dimension, hierarchy, alias, role;
    pt_span at;
} ast_cube_dim;

typedef enum agg_kind { AGG_SUM, AGG_COUNT, AGG_MIN, AGG_MAX, AGG_AVG, AGG_DISTINCT } agg_kind;
const char *agg_name(agg_kind k); /* "SUM", ..., as it is written */

/* COLUMN name type: a column of the facts that need not have a measure of its own. */
typedef struct ast_column {
    pt_str name;
    ast_type type;
    pt_span at;
} ast_column;

/* MEASURE name SUM|COUNT|MIN|MAX|AVG(column or expression) | COUNT(*) | DISTINCT COUNT(dimension) [type]
 *     [WHERE condition] [FORMAT 'text'] [CAPTION 'text'] [HIDDEN] [ORDINAL n]
 * In a virtual cube: MEASURE [Base cube].[measure] [HIDDEN] */
typedef struct ast_measure {
    pt_str name;
    pt_str base_cube; /* virtual cubes */
    agg_kind agg;
    pt_str column; /* fact column; empty for COUNT(*); the dimension or role for DISTINCT COUNT */
    ast *expr;     /* what is aggregated if that is not just a column, else NULL */
    ast *where;    /* only facts of which this is true; NULL: all */
    ast_type type; /* TYPE_NONE: not given (INTEGER for counts) */
    pt_str format, caption;
    bool has_format, is_hidden, has_ordinal;
    int32_t ordinal;
    pt_span at;
} ast_measure;

/* CREATE [OR REPLACE] [VIRTUAL] CUBE name [CAPTION 'text'] [FROM base, base] (
 *     DIMENSION ..., COLUMN ..., MEASURE ..., MEMBER name AS expr [, PROP = value], SET name AS expr, DEFAULT
 * MEASURE name) In a virtual cube MEMBER [Base].[Measures].[x] or MEMBER [Base].[x] without AS imports a
 * calculated member
 * (`body` NULL). */
typedef struct ast_cube {
    pt_str name, caption;
    bool is_virtual;
    uint32_t n_bases;
    pt_str *bases;
    uint32_t n_dims;
    ast_cube_dim *dims;
    uint32_t n_columns;
    ast_column *columns;
    uint32_t n_measures;
    ast_measure *measures;
    uint32_t n_formulas;
    ast_formula *formulas;
    pt_str default_measure;
    pt_span name_at;
} ast_cube;

/* CREATE [OR REPLACE] CUBOID name ON CUBE cube ( LEVEL [Time].[Month], [Customer].[City], ...
 *     [, MEASURE [Sales], ...] )
 * A materialised roll-up. Without MEASURE: all measures that a cuboid of these levels can hold. */
typedef struct ast_cuboid {
    pt_str name, cube;
    uint32_t n_levels;
    ast **levels; /* AST_ID: hierarchy, then level */
    uint32_t n_measures;
    ast **measures; /* AST_ID: [Sales] or [Measures].[Sales] */
    pt_span name_at, cube_at;
} ast_cuboid;

typedef struct ast_option { /* name value; value: 'text', number, ON, OFF or a bare word */
    pt_str name;
    pt_value value; /* VAL_TEXT, VAL_INT, VAL_DEC, VAL_BOOL */
    pt_span at;
} ast_option;

/* CREATE [OR REPLACE] SOURCE name TYPE word OPTIONS (name value, ...) */
typedef struct ast_source {
    pt_str name, type;
    uint32_t n_options;
    ast_option *options;
    pt_span name_at;
} ast_source;

/* One table of a source: 'file or table' [alias] (file names may hold * and ?). */
typedef struct ast_table {
    pt_str name, alias; /* alias defaults to the name */
    pt_span at;
} ast_table;

typedef struct ast_join { /* [LEFT] JOIN table ON a.x = b.y [AND ...] */
    ast_table table;
    bool is_left; /* keep rows without a partner, with nulls */
    uint32_t n_on;
    ast **left, **right; /* AST_IDs, right ones are columns of `table` */
    pt_span at;
} ast_join;

typedef enum on_unknown { UNKNOWN_DEFAULT, UNKNOWN_INFER, UNKNOWN_REJECT, UNKNOWN_FAIL } on_unknown;

typedef struct ast_code { /* 'M' AS 'Male' */
    pt_value from, to;
} ast_code;

/* target [= expr] [FORMAT 'date pattern'] [CODES ('M' AS 'Male', ... [, ELSE 'x'])] [ON UNKNOWN
 * INFER|REJECT|FAIL] Without "= expr" the column of the same name. Expressions use AST_ID for columns
 * (alias.column or column), literals, arithmetic, ||, comparisons, AND/OR/NOT, CASE, IS NULL, and functions.
 */
#define TARGET_VALID_FROM_NAME "valid_from" /* into a dimension: the day from which changes hold */
typedef struct ast_target {
    pt_str name; /* attribute, key, measure column, or role of the cube */
    ast *expr;
    pt_str format;
    uint32_t n_codes;
    ast_code *codes;
    bool has_code_else;
    pt_value code_else;
    on_unknown unknown;
    pt_span at;
} ast_target;

/* CREATE [OR REPLACE] MAPPING name INTO DIMENSION|CUBE target FROM source.table [alias] joins ( targets )
 *     [WHERE expr] [ON ERROR REJECT | FAIL] [SLICE BY role.level-or-attribute]
 * The clauses may also stand before the targets (a WHERE that ends in a bare word needs parentheses there).
 */
typedef struct ast_mapping {
    pt_str name;
    bool into_cube;
    pt_str target, source;
    ast_table table;
    uint32_t n_joins;
    ast_join *joins;
    ast *where;
    ast *slice;         /* SLICE BY: AST_ID; NULL: none */
    bool fail_on_error; /* ON ERROR FAIL: the first bad row rolls the load back; default REJECT */
    uint32_t n_targets;
    ast_target *targets;
    pt_span name_at;
} ast_mapping;

/* ---- statements ------------------------------------------------------- */

typedef enum object_kind {
    OBJ_NONE = 0,
    OBJ_DIMENSION,
    OBJ_CUBE,
    OBJ_SOURCE,
    OBJ_MAPPING,
    OBJ_MEMBER,
    OBJ_SET,
    OBJ_HIERARCHY,
    OBJ_LEVEL,
    OBJ_MEASURE,
    OBJ_LOAD,
    OBJ_SEGMENT,
    OBJ_REJECT,
    OBJ_LIMIT,
    OBJ_ATTRIBUTE,
    OBJ_CUBOID
} object_kind;

typedef enum stmt_kind {
    STMT_EMPTY, /* only blanks and comments */
    STMT_SELECT,
    STMT_DRILLTHROUGH, /* DRILLTHROUGH [MAXROWS n] [FIRSTROWSET n] select [RETURN item, ...] */
    STMT_EXPLAIN,      /* EXPLAIN [PLAN FOR] | EXPLAIN ANALYZE  select: `analyze` */
    STMT_CREATE_DIMENSION,
    STMT_CREATE_CUBE,
    STMT_CREATE_SOURCE,
    STMT_CREATE_MAPPING,
    STMT_CREATE_CUBOID,
    STMT_CREATE_FORMULA,  /* CREATE [OR REPLACE] [SESSION] MEMBER|SET [cube].name AS expr, props: formula +
                             cube */
    STMT_DROP,            /* DROP kind [IF EXISTS] name [CASCADE]; DROP MEMBER|SET [cube].name */
    STMT_ALTER_DIMENSION, /* ALTER DIMENSION name ADD ATTRIBUTE ... | ADD HIERARCHY ...: `dimension` holds the
                             additions */
    STMT_ALTER_CUBE, /* ALTER CUBE name ADD MEASURE ... | ADD DIMENSION ... | ADD MEMBER | SET ...: `cube_def`
                      */
    STMT_SHOW, /* SHOW DIMENSIONS | CUBES | MEASURES [OF cube] | SOURCES | MAPPINGS | LOADS | REJECTS [OF LOAD
                  n] | SEGMENTS [OF cube] | LIMITS | any bare word (session settings: `word`) */
    STMT_DESCRIBE, /* DESCRIBE kind name */
    STMT_LOAD,     /* LOAD mapping, ... | * [FROM source] [REPLACE member] [FORCE]; n_mappings 0: all */
    STMT_SET,     /* SET name [name ...] =|TO value: `words` joined by '_' in lower case in `word`, `value` */
    STMT_CHECK,   /* CHECK [WAREHOUSE] */
    STMT_COMPACT, /* COMPACT [CUBE name] */
    STMT_TRANSACTION, /* BEGIN, COMMIT, ROLLBACK [TO x], START TRANSACTION, SAVEPOINT x, RELEASE x, END:
                         `word` is the first word in upper case ("START TRANSACTION" both), `name` the
                         savepoint; isolation levels and the like are read and dropped */
    STMT_REFRESH,     /* REFRESH CUBE name: nothing to do, as clients expect it; REFRESH CUBOIDS [OF cube]:
                         rebuild     what is not up to date (object CUBOID; `name`: the cube) */
    STMT_ADVISE,      /* ADVISE CUBOIDS FOR CUBE name WITHIN n % | 'size': `value`; is_percent */
    STMT_VERIFY,      /* VERIFY CUBE name */
    STMT_HELP,        /* HELP [word]: `word` */
} stmt_kind;

typedef struct ast_stmt {
    stmt_kind kind;
    pt_span at;
    bool or_replace, if_exists, cascade, analyze, is_session, is_percent;
    object_kind object; /* CREATE, ALTER, DROP, SHOW, DESCRIBE */
    pt_str name;        /* of the object; SHOW ... OF; CREATE FORMULA and DROP MEMBER|SET: the cube */
    pt_span name_at;
    pt_str word;                 /* see stmt_kind */
    pt_value value;              /* SET; SHOW REJECTS OF LOAD: the number */
    ast_select *select;          /* SELECT, DRILLTHROUGH, EXPLAIN */
    int64_t max_rows, first_row; /* DRILLTHROUGH; -1: not given */
    uint32_t n_items;
    ast **items; /* DRILLTHROUGH RETURN; DROP MEMBER|SET: one AST_ID */
    ast_dimension *dimension;
    ast_cube *cube_def;
    ast_source *source;
    ast_mapping *mapping;
    ast_cuboid *cuboid;
    ast_formula *formula;
    uint32_t n_mappings; /* LOAD */
    pt_str *mappings;
    pt_str load_source;
    ast *replace; /* LOAD ... REPLACE member (AST_ID) */
    bool force;   /* LOAD ... FORCE */
} ast_stmt;
