/* grammar.y - every statement: MDX queries, definitions, loads, settings.
 *
 * One action, one constructor; the constructors are declared in parse_int.h. Keywords of the definition language
 * are reserved nowhere but in the places that need them (see `word` below). Lists whose elements may be
 * continued without repeating their keyword (ATTRIBUTE a TEXT, b TEXT, HIERARCHY ...) are flat here; the builder
 * of the definition knows what came before. */

%require "3.8"
%define api.pure full
%define api.prefix {pt_yy}
%define api.token.prefix {T_}
%define api.location.type {pt_span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param       { yyscan_t scanner }
%parse-param { parse *p }

%code requires {
#include "lang/parse_int.h"
}
%code provides {
/* the names flex's bison bridge expects */
#define YYSTYPE PT_YYSTYPE
#define YYLTYPE PT_YYLTYPE
}
%code {
#include "lang/scan_int.h"

/* Deep texts end in a message long before this many symbols are open. */
#define YYMAXDEPTH 20000

#define YYLLOC_DEFAULT(cur, rhs, n)                                     \
    ((cur).start = (n) ? YYRHSLOC(rhs, 1).start : YYRHSLOC(rhs, 0).end, \
     (cur).end = YYRHSLOC(rhs, n).end)

/* Constructors that fail have said why; the parse ends. */
#define NODE(dst, make) do { if (!((dst) = (make))) YYABORT; } while (0)
#define DO(call)        do { if (!(call)) YYABORT; } while (0)
#define LIST(dst, old, item) NODE(dst, list_add(p, (old), &(item), sizeof (item)))

static void yyerror(PT_YYLTYPE *at, yyscan_t scanner, parse *p, const char *msg);
}

%union {
    pt_str str;
    int64_t num;
    bool flag;
    object_kind object;
    list *list;
    ast *node;
    ast_segment *seg;
    ast_property property;
    ast_formula *formula;
    ast_axis *axis;
    ast_select *select;
    ast_type type;
    ast_named named;
    ast_level *level;
    ast_measure *measure;
    ast_table table;
    ast_target *target;
    ast_code code;
    pt_value *value;
    ast_option option;
    ast_stmt *stmt;
}

/* Tokens stand in the order in which a message proposes them. */
%token YYEOF 0 "the end"
%token ')' '}' ','
%token <str> STRING "a text in quotes" NUMBER "a number"
%token <str> SELECT "SELECT" WITH "WITH" CREATE "CREATE" LOAD "LOAD" SHOW "SHOW" DESCRIBE "DESCRIBE"
%token <str> DROP "DROP" ALTER "ALTER" EXPLAIN "EXPLAIN" DRILLTHROUGH "DRILLTHROUGH" CHECK "CHECK"
%token <str> COMPACT "COMPACT" HELP "HELP" BEGIN "BEGIN" COMMIT "COMMIT" ROLLBACK "ROLLBACK" START "START"
%token <str> ADVISE "ADVISE" REFRESH "REFRESH" VERIFY "VERIFY"
%token <str> SAVEPOINT "SAVEPOINT" RELEASE "RELEASE"
%token <str> ON "ON" FROM "FROM" WHERE "WHERE" MEMBER "MEMBER" SET "SET" AS "AS"
%token <str> DIMENSION "DIMENSION" CUBE "CUBE" SOURCE "SOURCE" MAPPING "MAPPING"
%token <str> CUBOID "CUBOID" CUBOIDS "CUBOIDS" WITHIN "WITHIN"
%token <str> COLUMNS "COLUMNS" ROWS "ROWS" PAGES "PAGES" CHAPTERS "CHAPTERS" SECTIONS "SECTIONS" AXIS "AXIS"
%token <str> WHEN "WHEN" THEN "THEN" ELSE "ELSE" END "END"
%token <str> LEVEL "LEVEL" HIERARCHY "HIERARCHY" ATTRIBUTE "ATTRIBUTE" KEY "KEY" MEASURE "MEASURE" DEFAULT "DEFAULT"
%token <str> COLUMN "COLUMN" BETWEEN "BETWEEN"
%token <str> BY "BY" INTO "INTO" JOIN "JOIN" LEFT "LEFT" TO "TO" OF "OF" TYPE "TYPE" OPTIONS "OPTIONS"
%token <str> FORMAT "FORMAT" CAPTION "CAPTION" NAME "NAME" ORDER "ORDER" PARENT "PARENT" ROOT "ROOT"
%token <str> HIDE "HIDE" BLANK "BLANK" HIDDEN "HIDDEN" ORDINAL "ORDINAL" DISTINCT "DISTINCT" ROLE "ROLE"
%token <str> CODES "CODES" UNKNOWN "UNKNOWN" ERROR "ERROR" SLICE "SLICE" HISTORY "HISTORY" OVERWRITE "OVERWRITE"
%token <str> ALL "ALL" WEEK "WEEK" FISCAL "FISCAL" YEAR "YEAR" STARTS "STARTS"
%token <str> ADD "ADD" REPLACE "REPLACE" IF "IF" EXISTS "EXISTS" CASCADE "CASCADE" FORCE "FORCE" TIME "TIME" VIRTUAL "VIRTUAL"
%token <str> SESSION "SESSION" TRANSACTION "TRANSACTION" WAREHOUSE "WAREHOUSE" ANALYZE "ANALYZE"
%token <str> PROPERTIES "PROPERTIES" CELL "CELL" NON "NON" EMPTY "EMPTY" RETURN "RETURN" MAXROWS "MAXROWS"
%token <str> HAVING "HAVING" FIRSTROWSET "FIRSTROWSET" PLAN "PLAN" FOR "FOR" NULL "NULL" CASE "CASE" CAST "CAST"
%token <str> NOT "NOT" EXISTING "EXISTING" AND "AND" OR "OR" XOR "XOR" IS "IS" IN "IN" MATCHES "MATCHES"
%token '.' '(' '{' ';' '+' '-' '*' '/' '%' '=' '<' '>' ':'
%token NE "'<>'" LE "'<='" GE "'>='" CONCAT "'||'"
%token <str> WORD "a name" BRACKETED "[a name]" KEY_SEGMENT "&[key]" PARAM "@parameter"

/* Handed out first by the scanner: what the text is. */
%token FOR_STATEMENT "statement" FOR_SCRIPT "script" FOR_EXPRESSION "expression"

/* Operators, loosest first. BARE: a word in an expression is a function's name if "(" follows. */
%left OR XOR ':'
%left AND
%right NOT
%left '=' '<' '>' NE LE GE IS IN MATCHES BETWEEN
%left '+' '-' CONCAT
%left '*' '/'
%precedence PREFIX
%precedence BARE
%precedence '('

%type <str> word word_plain word_item word_clause word_any dot_word name name_plain opt_as_name opt_role opt_source
%type <num> integer axis_number
%type <flag> history is_analyze opt_force opt_session
%type <object> object_kind
%type <list> id exprs args branches formulas props axes opt_axes ids opt_dim_props opt_cell_props opt_return
%type <list> words help_words values names named_list opt_options options columns targets codes
%type <seg> first_segment segment key_segment
%type <node> axis_set expr term bound agg_arg opt_arg primary path id_node column opt_else opt_where opt_replace
%type <property> property
%type <formula> formula with_formula
%type <axis> axis
%type <select> query select from
%type <type> type
%type <named> named dim_ref dim_ref_plain
%type <table> table
%type <value> literal option_value
%type <code> code
%type <option> option
%type <measure> measure aggregate
%type <level> level
%type <target> target
%type <stmt> statement definition load settings transaction drillthrough

%%

start
    : FOR_STATEMENT statement semicolons { p->stmt = $2; }
    | FOR_SCRIPT script
    | FOR_EXPRESSION expr                { p->expr = $2; }
    ;

semicolons
    : %empty
    | semicolons ';'
    ;

script
    : statement            { DO(script_add(p, $1)); }
    | script ';' statement { DO(script_add(p, $3)); }
    ;

statement
    : %empty                                   { NODE($$, stmt_new(p, STMT_EMPTY, @$)); }
    | query                                    { NODE($$, stmt_select(p, STMT_SELECT, @$, $1)); }
    | EXPLAIN is_analyze query                 { NODE($$, stmt_explain(p, @$, $3, $2)); }
    | drillthrough
    | definition
    | load
    | settings
    | transaction
    ;

/* ---- names ------------------------------------------------------------- */

/* The keywords that may be bare names. Where something optional could follow or start instead, only the plain
 * ones may (word_plain). */
word
    : word_plain
    | word_item
    | word_clause
    ;

word_plain
    : WORD | ADD | ADVISE | ALL | ALTER | ANALYZE | BEGIN | BLANK | BY | CASCADE | CHECK | CODES | COMMIT | COMPACT | CREATE
    | CUBE | CUBOID | CUBOIDS | DESCRIBE | DROP | ERROR | EXISTS | FISCAL | FORCE | HELP | HIDE | HISTORY | IF | INTO | LOAD | MAPPING | NAME
    | OPTIONS | ORDER | OVERWRITE | PARENT | REFRESH | RELEASE | REPLACE | ROLLBACK | ROOT | SAVEPOINT | SESSION | SHOW
    | SOURCE | START | STARTS | TIME | TRANSACTION | TYPE | UNKNOWN | VERIFY | VIRTUAL | WAREHOUSE | WEEK | WITHIN | YEAR
    ;

word_item
    : ATTRIBUTE | COLUMN | DEFAULT | HIERARCHY | KEY | LEVEL | MEASURE
    ;

word_clause
    : BETWEEN | CAPTION | DISTINCT | FORMAT | HAVING | HIDDEN | JOIN | LEFT | OF | ORDINAL | ROLE | SLICE | TO
    ;

/* Where a name cannot be confused with anything, reserved words too. */
word_any
    : word
    | AND | AS | AXIS | CASE | CAST | CELL | CHAPTERS | COLUMNS | DIMENSION | DRILLTHROUGH | ELSE | EMPTY | END
    | EXISTING | EXPLAIN | FIRSTROWSET | FOR | FROM | IN | IS | MATCHES | MAXROWS | MEMBER | NON | NOT | NULL | ON
    | OR | PAGES | PLAN | PROPERTIES | RETURN | ROWS | SECTIONS | SELECT | SET | THEN | WHEN | WHERE | WITH | XOR
    ;

dot_word
    : word
    | DIMENSION
    | PROPERTIES     { $$ = STR("Properties"); }
    ;

name
    : BRACKETED  { $$ = $1; DO(name_check(p, @1, $1)); }
    | word
    ;

name_plain
    : BRACKETED  { $$ = $1; DO(name_check(p, @1, $1)); }
    | word_plain
    ;

names
    : name           { LIST($$, NULL, $1); }
    | names ',' name { LIST($$, $1, $3); }
    ;

words
    : word_plain       { LIST($$, NULL, $1); }
    | word_item        { LIST($$, NULL, $1); }
    | words word_plain { LIST($$, $1, $2); }
    | words word_item  { LIST($$, $1, $2); }
    ;

integer
    : NUMBER { DO(integer_parse(p, @1, $1, &$$)); }
    ;

/* ---- expressions ------------------------------------------------------- */

id
    : first_segment  { LIST($$, NULL, *$1); }
    | id '.' segment { LIST($$, $1, *$3); }
    ;

id_node
    : id { NODE($$, node_id(p, @$, $1)); }
    ;

ids
    : id_node         { LIST($$, NULL, $1); }
    | ids ',' id_node { LIST($$, $1, $3); }
    ;

first_segment
    : word %prec BARE { NODE($$, segment_new(p, @$, $1, SEGMENT_BARE)); }
    | BRACKETED       { NODE($$, segment_new(p, @$, $1, SEGMENT_QUOTED)); }
    ;

segment
    : dot_word %prec BARE { NODE($$, segment_new(p, @$, $1, SEGMENT_BARE)); }
    | BRACKETED           { NODE($$, segment_new(p, @$, $1, SEGMENT_QUOTED)); }
    | key_segment
    ;

key_segment
    : KEY_SEGMENT             { NODE($$, segment_new(p, @$, $1, SEGMENT_KEY)); }
    | key_segment KEY_SEGMENT { NODE($$, segment_more(p, @$, $1, $2)); }
    ;

expr
    : term
    | term AS name { NODE($$, node_alias(p, @$, $1, @2, $3, @3)); }
    ;

term
    : primary
    | term OR term                          { NODE($$, node_infix(p, @$, "OR", @2, $1, $3)); }
    | term XOR term                         { NODE($$, node_infix(p, @$, "XOR", @2, $1, $3)); }
    | term ':' term                         { NODE($$, node_infix(p, @$, ":", @2, $1, $3)); }
    | term AND term                         { NODE($$, node_infix(p, @$, "AND", @2, $1, $3)); }
    | NOT term                              { NODE($$, node_prefix(p, @$, "NOT", @1, $2)); }
    | term '=' term                         { NODE($$, node_infix(p, @$, "=", @2, $1, $3)); }
    | term NE term                          { NODE($$, node_infix(p, @$, "<>", @2, $1, $3)); }
    | term '<' term                         { NODE($$, node_infix(p, @$, "<", @2, $1, $3)); }
    | term '>' term                         { NODE($$, node_infix(p, @$, ">", @2, $1, $3)); }
    | term LE term                          { NODE($$, node_infix(p, @$, "<=", @2, $1, $3)); }
    | term GE term                          { NODE($$, node_infix(p, @$, ">=", @2, $1, $3)); }
    | term IS term                          { NODE($$, node_is(p, @$, @2, $1, $3)); }
    | term IS EMPTY                         { NODE($$, node_postfix(p, @$, "IS EMPTY", span_join(@2, @3), $1)); }
    | term IS NOT EMPTY                     { NODE($$, node_is_not_empty(p, @$, span_join(@2, @4), $1)); }
    | term IN term                          { NODE($$, node_infix(p, @$, "IN", @2, $1, $3)); }
    | term NOT IN term %prec IN             { NODE($$, node_infix(p, @$, "NOT IN", span_join(@2, @3), $1, $4)); }
    | term MATCHES term                     { NODE($$, node_infix(p, @$, "MATCHES", @2, $1, $3)); }
    | term NOT MATCHES term %prec MATCHES   { NODE($$, node_infix(p, @$, "NOT MATCHES", span_join(@2, @3), $1, $4)); }
    | term BETWEEN bound AND term %prec BETWEEN
                                            { NODE($$, node_between(p, @$, "BETWEEN", @2, $1, $3, $5)); }
    | term NOT BETWEEN bound AND term %prec BETWEEN
                                            { NODE($$, node_between(p, @$, "NOT BETWEEN", span_join(@2, @3), $1, $4, $6)); }
    | term '+' term                         { NODE($$, node_infix(p, @$, "+", @2, $1, $3)); }
    | term '-' term                         { NODE($$, node_infix(p, @$, "-", @2, $1, $3)); }
    | term CONCAT term                      { NODE($$, node_infix(p, @$, "||", @2, $1, $3)); }
    | term '*' term                         { NODE($$, node_infix(p, @$, "*", @2, $1, $3)); }
    | term '/' term                         { NODE($$, node_infix(p, @$, "/", @2, $1, $3)); }
    | '-' term %prec PREFIX                 { NODE($$, node_prefix(p, @$, "-", @1, $2)); }
    | '+' term %prec PREFIX                 { NODE($$, node_prefix(p, @$, "+", @1, $2)); }
    | EXISTING term %prec PREFIX            { NODE($$, node_prefix(p, @$, "EXISTING", @1, $2)); }
    ;

/* What may stand between BETWEEN and its AND. */
bound
    : primary
    | bound '+' bound        { NODE($$, node_infix(p, @$, "+", @2, $1, $3)); }
    | bound '-' bound        { NODE($$, node_infix(p, @$, "-", @2, $1, $3)); }
    | bound CONCAT bound     { NODE($$, node_infix(p, @$, "||", @2, $1, $3)); }
    | bound '*' bound        { NODE($$, node_infix(p, @$, "*", @2, $1, $3)); }
    | bound '/' bound        { NODE($$, node_infix(p, @$, "/", @2, $1, $3)); }
    | '-' bound %prec PREFIX { NODE($$, node_prefix(p, @$, "-", @1, $2)); }
    | '+' bound %prec PREFIX { NODE($$, node_prefix(p, @$, "+", @1, $2)); }
    ;

primary
    : id_node
    | path
    ;

/* Everything that can be followed by .Name but is not a name itself: names take their segments first. */
path
    : NUMBER                          { NODE($$, node_number(p, @$, $1)); }
    | STRING                          { NODE($$, node_text(p, AST_STRING, @$, $1)); }
    | PARAM                           { NODE($$, node_text(p, AST_PARAM, @$, $1)); }
    | NULL                            { NODE($$, node_text(p, AST_NULL, @$, $1)); }
    | '(' exprs ')'                   { NODE($$, node_call(p, SYN_PARENS, @$, STR("()"), @$, $2)); }
    | '{' '}'                         { NODE($$, node_call(p, SYN_BRACES, @$, STR("{}"), @$, NULL)); }
    | '{' exprs '}'                   { NODE($$, node_call(p, SYN_BRACES, @$, STR("{}"), @$, $2)); }
    | CASE branches opt_else END      { NODE($$, node_case(p, @$, @1, NULL, $2, $3)); }
    | CASE expr branches opt_else END { NODE($$, node_case(p, @$, @1, $2, $3, $4)); }
    | CAST '(' term AS word ')'       { NODE($$, node_cast(p, @$, @1, $3, $5)); }
    | word '(' args ')'               { NODE($$, node_function(p, @$, $1, @1, $3)); }
    | id '.' dot_word '(' args ')'    { NODE($$, node_id_method(p, @$, $1, @1, $3, @3, $5)); }
    | path '.' dot_word '(' args ')'  { NODE($$, node_method(p, @$, $1, $3, @3, $5)); }
    | path '.' dot_word %prec BARE    { NODE($$, node_property(p, @$, $1, $3, @3)); }
    | path '.' BRACKETED              { NODE($$, node_property(p, @$, $1, $3, @3)); }
    ;

exprs
    : expr           { LIST($$, NULL, $1); }
    | exprs ',' expr { LIST($$, $1, $3); }
    ;

args
    : opt_arg          { LIST($$, NULL, $1); }
    | args ',' opt_arg { LIST($$, $1, $3); }
    ;

opt_arg
    : %empty { NODE($$, node_text(p, AST_EMPTY, @$, STR(""))); }
    | expr
    ;

branches
    : WHEN expr THEN expr          { NODE($$, branch_add(p, NULL, $2, $4)); }
    | branches WHEN expr THEN expr { NODE($$, branch_add(p, $1, $3, $5)); }
    ;

opt_else
    : %empty    { $$ = NULL; }
    | ELSE expr { $$ = $2; }
    ;

/* ---- queries ----------------------------------------------------------- */

query
    : select
    | WITH formulas select { $$ = select_with($3, @$, $2); }
    ;

formulas
    : with_formula          { LIST($$, NULL, *$1); }
    | formulas with_formula { LIST($$, $1, *$2); }
    ;

formula
    : MEMBER id_node AS expr props { NODE($$, formula_new(p, @$, false, $2, $4, $5)); }
    | SET id_node AS expr props    { NODE($$, formula_new(p, @$, true, $2, $4, $5)); }
    ;

/* A stored measure of one query: not of definitions, so not a formula there. */
with_formula
    : formula
    | MEASURE id_node AS aggregate props            { NODE($$, formula_measure(p, @$, $2, $4, NULL, $5)); }
    | MEASURE id_node AS aggregate WHERE term props { NODE($$, formula_measure(p, @$, $2, $4, $6, $7)); }
    ;

props
    : %empty             { $$ = NULL; }
    | props ',' property { LIST($$, $1, $3); }
    ;

property
    : word '=' expr { $$ = (ast_property){.name = $1, .value = $3, .at = @$}; }
    ;

select
    : SELECT opt_axes FROM from opt_where opt_cell_props { $$ = select_done($4, @$, $2, $5, $6); }
    ;

opt_axes
    : %empty { $$ = NULL; }
    | axes
    ;

axes
    : axis          { LIST($$, NULL, *$1); }
    | axes ',' axis { LIST($$, $1, *$3); }
    ;

axis
    : axis_set opt_dim_props ON axis_number           { NODE($$, axis_new(p, @$, false, $1, $2, $4, @4)); }
    | NON EMPTY axis_set opt_dim_props ON axis_number { NODE($$, axis_new(p, @$, true, $3, $4, $6, @6)); }
    ;

axis_set
    : expr
    | expr HAVING expr { NODE($$, node_having(p, @$, @2, $1, $3)); }
    ;

opt_dim_props
    : %empty                   { $$ = NULL; }
    | DIMENSION PROPERTIES ids { $$ = $3; }
    | PROPERTIES ids           { $$ = $2; }
    ;

axis_number
    : COLUMNS              { $$ = 0; }
    | ROWS                 { $$ = 1; }
    | PAGES                { $$ = 2; }
    | CHAPTERS             { $$ = 3; }
    | SECTIONS             { $$ = 4; }
    | AXIS '(' integer ')' { $$ = $3; }
    | integer
    ;

from
    : name          { NODE($$, select_from(p, @1, $1, NULL)); }
    | '(' query ')' { NODE($$, select_from(p, @$, STR(""), $2)); }
    ;

opt_where
    : %empty     { $$ = NULL; }
    | WHERE expr { $$ = $2; }
    ;

opt_cell_props
    : %empty                { $$ = NULL; }
    | CELL PROPERTIES names { $$ = $3; }
    ;

is_analyze
    : %empty   { $$ = false; }
    | PLAN FOR { $$ = false; }
    | ANALYZE  { $$ = true; }
    ;

drillthrough
    : DRILLTHROUGH query opt_return                       { NODE($$, stmt_drill(p, @$, -1, -1, $2, $3)); }
    | DRILLTHROUGH MAXROWS integer query opt_return       { NODE($$, stmt_drill(p, @$, $3, -1, $4, $5)); }
    | DRILLTHROUGH FIRSTROWSET integer query opt_return   { NODE($$, stmt_drill(p, @$, -1, $3, $4, $5)); }
    | DRILLTHROUGH MAXROWS integer FIRSTROWSET integer query opt_return
                                                          { NODE($$, stmt_drill(p, @$, $3, $5, $6, $7)); }
    ;

opt_return
    : %empty     { $$ = NULL; }
    | RETURN ids { $$ = $2; }
    ;

/* ---- definitions ------------------------------------------------------- */

definition
    : dimension '(' dim_items ')'                   { NODE($$, stmt_dimension(p, @$, false)); }
    | cube '(' cube_items ')'                       { NODE($$, stmt_cube(p, @$, false)); }
    | create SOURCE name TYPE word opt_options      { NODE($$, stmt_source(p, @$, $3, @3, $5, $6)); }
    | mapping '(' targets ')' map_clauses           { NODE($$, stmt_mapping(p, @$, $3)); }
    | cuboid '(' cuboid_items ')'                   { NODE($$, stmt_cuboid(p, @$)); }
    | create formula                                { NODE($$, stmt_formula(p, @$, $2, false)); }
    | create SESSION formula                        { NODE($$, stmt_formula(p, @$, $3, true)); }
    | alter_dimension ADD dim_items                 { NODE($$, stmt_dimension(p, @$, true)); }
    | alter_cube ADD cube_items                     { NODE($$, stmt_cube(p, @$, true)); }
    | DROP object_kind name                         { NODE($$, stmt_drop(p, @$, $2, $3, @3, false, false)); }
    | DROP object_kind name CASCADE                 { NODE($$, stmt_drop(p, @$, $2, $3, @3, false, true)); }
    | DROP object_kind IF EXISTS name               { NODE($$, stmt_drop(p, @$, $2, $5, @5, true, false)); }
    | DROP object_kind IF EXISTS name CASCADE       { NODE($$, stmt_drop(p, @$, $2, $5, @5, true, true)); }
    | DROP opt_session MEMBER id_node               { NODE($$, stmt_drop_formula(p, @$, OBJ_MEMBER, $4, $2, false)); }
    | DROP opt_session MEMBER IF EXISTS id_node     { NODE($$, stmt_drop_formula(p, @$, OBJ_MEMBER, $6, $2, true)); }
    | DROP opt_session SET id_node               { NODE($$, stmt_drop_formula(p, @$, OBJ_SET, $4, $2, false)); }
    | DROP opt_session SET IF EXISTS id_node        { NODE($$, stmt_drop_formula(p, @$, OBJ_SET, $6, $2, true)); }
    ;

opt_session
    : %empty  { $$ = false; }
    | SESSION { $$ = true; }
    ;

create
    : CREATE            { p->or_replace = false; }
    | CREATE OR REPLACE { p->or_replace = true; }
    ;

object_kind
    : DIMENSION { $$ = OBJ_DIMENSION; }
    | CUBE      { $$ = OBJ_CUBE; }
    | SOURCE    { $$ = OBJ_SOURCE; }
    | MAPPING   { $$ = OBJ_MAPPING; }
    | CUBOID    { $$ = OBJ_CUBOID; }
    ;

/* ---- dimensions -------------------------------------------------------- */

dimension
    : create DIMENSION name               { DO(dim_new(p, @3, $3, false)); }
    | create TIME DIMENSION name          { DO(dim_new(p, @4, $4, true)); }
    | dimension CAPTION STRING            { DO(dim_caption(p, @2, $3)); }
    | dimension FROM STRING TO STRING     { DO(dim_calendar(p, @2, $3, @3, $5, @5)); }
    | dimension WEEK word                 { DO(dim_week(p, @3, $3)); }
    | dimension FISCAL YEAR STARTS word   { DO(dim_fiscal(p, @5, $5)); }
    | dimension FISCAL YEAR STARTS NUMBER { DO(dim_fiscal(p, @5, $5)); }
    ;

alter_dimension
    : ALTER DIMENSION name { DO(dim_new(p, @3, $3, false)); }
    ;

dim_items
    : dim_item
    | dim_items ',' dim_item
    ;

dim_item
    : KEY name type               { DO(dim_key(p, @$, $2, $3)); }
    | ATTRIBUTE name type history { DO(dim_attribute(p, @$, true, $2, $3, $4)); }
    | name_plain type history     { DO(dim_attribute(p, @$, false, $1, $2, $3)); }
    | hierarchy '(' hier_items ')'    { DO(dim_hierarchy(p, @$)); }
    ;

history
    : %empty    { $$ = false; }
    | HISTORY   { $$ = true; }
    | OVERWRITE { $$ = false; }
    ;

type
    : word_plain                               { DO(type_of(p, @1, $1, -1, -1, &$$)); }
    | word_plain '(' integer ')'               { DO(type_of(p, @$, $1, $3, 0, &$$)); }
    | word_plain '(' integer ',' integer ')'   { DO(type_of(p, @$, $1, $3, $5, &$$)); }
    ;

hierarchy
    : HIERARCHY name            { DO(hier_new(p, @2, $2)); }
    | hierarchy ALL             { DO(hier_all(p, @2, STR(""))); }
    | hierarchy ALL STRING      { DO(hier_all(p, @2, $3)); }
    | hierarchy CAPTION STRING  { DO(hier_caption(p, @2, $3)); }
    | hierarchy DEFAULT id_node { DO(hier_default(p, @2, $3)); }
    ;

hier_items
    : hier_item
    | hier_items ',' hier_item
    ;

/* A word alone: one more property of the level before it, or a level of a calendar. */
hier_item
    : level                { DO(hier_level(p, @$, $1)); }
    | name_plain           { DO(hier_word(p, @$, $1, STR(""))); }
    | name_plain AS STRING { DO(hier_word(p, @$, $1, $3)); }
    ;

level
    : LEVEL name BY name                  { NODE($$, level_new(p, @$, $2, $4)); }
    | level NAME name                     { $$ = $1; DO(level_set_name(p, @2, $1, $3)); }
    | level ORDER BY name                 { $$ = $1; DO(level_order(p, @2, $1, $4)); }
    | level CAPTION STRING                { $$ = $1; DO(level_set_caption(p, @2, $1, $3)); }
    | level TYPE word                     { $$ = $1; DO(level_type(p, @3, $1, $3)); }
    | level HIDE IF BLANK                 { $$ = $1; DO(level_set_hide(p, @2, $1, HIDE_BLANK)); }
    | level HIDE IF PARENT NAME           { $$ = $1; DO(level_set_hide(p, @2, $1, HIDE_PARENT_NAME)); }
    | level PARENT name                   { $$ = $1; DO(level_parent(p, @2, $1, $3)); }
    | level ROOT literal                  { $$ = $1; DO(level_root(p, @2, $1, $3)); }
    | level PROPERTIES named              { $$ = $1; DO(level_property(p, @2, $1, $3)); }
    | level PROPERTIES '(' named_list ')' { $$ = $1; DO(level_properties(p, @2, $1, $4)); }
    ;

named
    : name           { $$ = (ast_named){.column = $1, .name = $1, .at = @$}; }
    | name AS STRING { $$ = (ast_named){.column = $1, .name = $3, .at = @$}; }
    ;

named_list
    : named                { LIST($$, NULL, $1); }
    | named_list ',' named { LIST($$, $1, $3); }
    ;

/* ---- cubes ------------------------------------------------------------- */

cube
    : create CUBE name         { DO(cube_new(p, @3, $3, false)); }
    | create VIRTUAL CUBE name { DO(cube_new(p, @4, $4, true)); }
    | cube CAPTION STRING      { DO(cube_caption(p, @2, $3)); }
    | cube FROM names          { DO(cube_bases(p, @2, $3)); }
    ;

alter_cube
    : ALTER CUBE name { DO(cube_new(p, @3, $3, false)); }
    ;

cube_items
    : cube_item
    | cube_items ',' cube_item
    ;

cube_item
    : DIMENSION dim_ref opt_as_name opt_role { DO(cube_dim(p, @$, true, $2, $3, $4)); }
    | dim_ref_plain opt_as_name opt_role     { DO(cube_dim(p, @$, false, $1, $2, $3)); }
    | COLUMN name type                       { DO(cube_column(p, @$, true, $2, $3)); }
    | name_plain type                        { DO(cube_column(p, @$, false, $1, $2)); }
    | MEASURE measure                        { DO(cube_measure(p, @$, $2)); }
    | MEMBER id_node AS expr                 { DO(cube_formula(p, @$, false, $2, $4)); }
    | MEMBER id_node                         { DO(cube_formula(p, @$, false, $2, NULL)); }
    | SET id_node AS expr                    { DO(cube_formula(p, @$, true, $2, $4)); }
    | property                               { DO(cube_property(p, @$, $1)); }
    | DEFAULT MEASURE name                   { DO(cube_default(p, @$, $3)); }
    ;

dim_ref
    : name          { $$ = (ast_named){.column = $1}; }
    | name '.' name { $$ = (ast_named){.column = $1, .name = $3}; }
    ;

dim_ref_plain
    : name_plain          { $$ = (ast_named){.column = $1}; }
    | name_plain '.' name { $$ = (ast_named){.column = $1, .name = $3}; }
    ;

opt_as_name
    : %empty  { $$ = (pt_str){0}; }
    | AS name { $$ = $2; }
    ;

opt_role
    : %empty    { $$ = (pt_str){0}; }
    | ROLE name { $$ = $2; }
    ;

measure
    : name aggregate                        { $$ = $2; $$->name = $1; }
    | name '.' name                         { NODE($$, measure_import(p, $1, $3)); }
    | measure WHERE term                    { $$ = $1; DO(measure_where(p, @2, $1, $3)); }
    | measure type                          { $$ = $1; DO(measure_type(p, @2, $1, $2)); }
    | measure FORMAT STRING                 { $$ = $1; DO(measure_format(p, @2, $1, $3)); }
    | measure CAPTION STRING                { $$ = $1; DO(measure_caption(p, @2, $1, $3)); }
    | measure HIDDEN                        { $$ = $1; $$->is_hidden = true; }
    | measure ORDINAL integer               { $$ = $1; DO(measure_ordinal(p, @2, $1, $3)); }
    ;

aggregate
    : word_plain '(' agg_arg ')'       { NODE($$, measure_new(p, $1, @1, $3)); }
    | DISTINCT word_plain '(' name ')' { NODE($$, measure_distinct(p, $2, @2, $4)); }
    ;

agg_arg
    : term
    | '*'  { $$ = NULL; }
    ;

/* ---- cuboids ----------------------------------------------------------- */

cuboid
    : create CUBOID name ON CUBE name { DO(cuboid_new(p, $3, @3, $6, @6)); }
    ;

cuboid_items
    : cuboid_item
    | cuboid_items ',' cuboid_item
    ;

cuboid_item
    : LEVEL id_node   { DO(cuboid_level(p, $2)); }
    | MEASURE id_node { DO(cuboid_measure(p, $2)); }
    | id_node         { DO(cuboid_more(p, $1)); }
    ;

/* ---- sources and mappings ---------------------------------------------- */

opt_options
    : %empty                  { $$ = NULL; }
    | OPTIONS '(' options ')' { $$ = $3; }
    ;

options
    : option             { LIST($$, NULL, $1); }
    | options ',' option { LIST($$, $1, $3); }
    ;

option
    : word_any option_value     { $$ = (ast_option){.name = $1, .value = *$2, .at = @$}; }
    | word_any '=' option_value { $$ = (ast_option){.name = $1, .value = *$3, .at = @$}; }
    ;

option_value
    : literal
    | ON   { NODE($$, value_word(p, $1)); }
    | word { NODE($$, value_word(p, $1)); }
    ;

literal
    : STRING     { NODE($$, value_string(p, $1)); }
    | NUMBER     { NODE($$, value_number(p, @$, $1, false)); }
    | '-' NUMBER { NODE($$, value_number(p, @$, $2, true)); }
    | NULL       { NODE($$, value_none(p)); }
    ;

/* A WHERE that ends in a bare word needs parentheses before the targets, or stands behind them. */
mapping
    : create MAPPING name INTO DIMENSION name FROM name '.' table { DO(map_new(p, @3, $3, false, $6, $8, $10)); }
    | create MAPPING name INTO CUBE name FROM name '.' table      { DO(map_new(p, @3, $3, true, $6, $8, $10)); }
    | mapping JOIN table ON columns                               { DO(map_join(p, @$, false, $3, $5)); }
    | mapping LEFT JOIN table ON columns                          { DO(map_join(p, @$, true, $4, $6)); }
    | mapping map_clause
    ;

table
    : STRING              { $$ = (ast_table){.name = $1, .alias = $1, .at = @$}; }
    | name                { $$ = (ast_table){.name = $1, .alias = $1, .at = @$}; }
    | STRING name_plain   { $$ = (ast_table){.name = $1, .alias = $2, .at = @$}; }
    | name name_plain     { $$ = (ast_table){.name = $1, .alias = $2, .at = @$}; }
    ;

columns
    : column '=' column             { NODE($$, pair_add(p, NULL, $1, $3)); }
    | columns AND column '=' column { NODE($$, pair_add(p, $1, $3, $5)); }
    ;

column
    : name          { NODE($$, node_column(p, @$, NULL, $1, @1)); }
    | name '.' name { NODE($$, node_column(p, @$, &$1, $3, @3)); }
    ;

map_clauses
    : %empty
    | map_clauses map_clause
    ;

map_clause
    : WHERE expr       { DO(map_where(p, @1, $2)); }
    | ON ERROR word    { DO(map_on_error(p, @3, $3)); }
    | SLICE BY id_node { DO(map_slice(p, @1, $3)); }
    ;

targets
    : target             { LIST($$, NULL, *$1); }
    | targets ',' target { LIST($$, $1, *$3); }
    ;

target
    : name                                       { NODE($$, target_new(p, @$, $1, NULL)); }
    | name '=' expr                              { NODE($$, target_new(p, @$, $1, $3)); }
    | target FORMAT STRING                       { $$ = $1; DO(target_format(p, @$, $1, $3)); }
    | target CODES '(' codes ')'                 { $$ = $1; DO(target_codes(p, @$, $1, $4, NULL)); }
    | target CODES '(' codes ',' ELSE literal ')' { $$ = $1; DO(target_codes(p, @$, $1, $4, $7)); }
    | target ON UNKNOWN word                     { $$ = $1; DO(target_unknown(p, @4, $1, $4)); }
    ;

codes
    : code           { LIST($$, NULL, $1); }
    | codes ',' code { LIST($$, $1, $3); }
    ;

code
    : literal AS literal { $$ = (ast_code){.from = *$1, .to = *$3}; }
    ;

/* ---- loading, looking, settings ---------------------------------------- */

load
    : LOAD names opt_source opt_replace opt_force { NODE($$, stmt_load(p, @$, $2, $3, $4, $5)); }
    | LOAD '*' opt_source opt_replace opt_force   { NODE($$, stmt_load(p, @$, NULL, $3, $4, $5)); }
    | CHECK                                       { NODE($$, stmt_new(p, STMT_CHECK, @$)); }
    | CHECK WAREHOUSE                             { NODE($$, stmt_new(p, STMT_CHECK, @$)); }
    | COMPACT                                     { NODE($$, stmt_new(p, STMT_COMPACT, @$)); }
    | REFRESH CUBE name                           { NODE($$, stmt_object(p, STMT_REFRESH, @$, OBJ_CUBE, $3, @3)); }
    | REFRESH CUBOIDS                             { NODE($$, stmt_object(p, STMT_REFRESH, @$, OBJ_CUBOID, STR(""), @$)); }
    | REFRESH CUBOIDS OF name                     { NODE($$, stmt_object(p, STMT_REFRESH, @$, OBJ_CUBOID, $4, @4)); }
    | VERIFY CUBE name                            { NODE($$, stmt_object(p, STMT_VERIFY, @$, OBJ_CUBE, $3, @3)); }
    | ADVISE CUBOIDS FOR CUBE name WITHIN literal '%'
                                                  { NODE($$, stmt_advise(p, @$, $5, @5, $7, true)); }
    | ADVISE CUBOIDS FOR CUBE name WITHIN literal { NODE($$, stmt_advise(p, @$, $5, @5, $7, false)); }
    | COMPACT CUBE name                           { NODE($$, stmt_object(p, STMT_COMPACT, @$, OBJ_CUBE, $3, @3)); }
    ;

opt_source
    : %empty    { $$ = (pt_str){0}; }
    | FROM name { $$ = $2; }
    ;

opt_replace
    : %empty          { $$ = NULL; }
    | REPLACE id_node { $$ = $2; }
    ;

opt_force
    : %empty { $$ = false; }
    | FORCE  { $$ = true; }
    ;

settings
    : SHOW words                 { NODE($$, stmt_show(p, @$, $2)); }
    | SHOW words OF name         { NODE($$, stmt_show_of(p, @$, $2, $4, @4)); }
    | SHOW words OF LOAD integer { NODE($$, stmt_show_load(p, @$, $2, $5, @2)); }
    | DESCRIBE object_kind name  { NODE($$, stmt_object(p, STMT_DESCRIBE, @$, $2, $3, @3)); }
    | SET words '=' values       { NODE($$, stmt_set(p, @$, $2, $4)); }
    | SET words TO values        { NODE($$, stmt_set(p, @$, $2, $4)); }
    | SET words STRING           { NODE($$, stmt_set_text(p, @$, $2, $3)); }
    | HELP                       { NODE($$, stmt_new(p, STMT_HELP, @$)); }
    | HELP help_words            { NODE($$, stmt_help(p, @$, $2)); }
    ;

values
    : option_value            { LIST($$, NULL, *$1); }
    | values ',' option_value { LIST($$, $1, *$3); }
    ;

help_words
    : word_any            { LIST($$, NULL, $1); }
    | help_words word_any { LIST($$, $1, $2); }
    ;

/* What SQL clients send by themselves. */
transaction
    : BEGIN modes                { NODE($$, stmt_transaction(p, @$, "BEGIN", NULL, @1)); }
    | START TRANSACTION modes    { NODE($$, stmt_transaction(p, @$, "START TRANSACTION", NULL, @1)); }
    | COMMIT modes               { NODE($$, stmt_transaction(p, @$, "COMMIT", NULL, @1)); }
    | END modes                  { NODE($$, stmt_transaction(p, @$, "END", NULL, @1)); }
    | ROLLBACK modes             { NODE($$, stmt_transaction(p, @$, "ROLLBACK", NULL, @1)); }
    | ROLLBACK TO name           { NODE($$, stmt_transaction(p, @$, "ROLLBACK", &$3, @3)); }
    | ROLLBACK TO SAVEPOINT name { NODE($$, stmt_transaction(p, @$, "ROLLBACK", &$4, @4)); }
    | SAVEPOINT name             { NODE($$, stmt_transaction(p, @$, "SAVEPOINT", &$2, @2)); }
    | RELEASE name               { NODE($$, stmt_transaction(p, @$, "RELEASE", &$2, @2)); }
    | RELEASE SAVEPOINT name     { NODE($$, stmt_transaction(p, @$, "RELEASE", &$3, @3)); }
    ;

modes
    : %empty
    | mode_list
    ;

mode_list
    : words
    | mode_list ',' words
    ;

%%

static int yyreport_syntax_error(const yypcontext_t *ctx, yyscan_t scanner, parse *p)
{
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *names[YYNTOKENS];
    int n = yypcontext_expected_tokens(ctx, kinds, YYNTOKENS);

    (void)scanner;
    if (n < 0) return n; /* out of memory; yyerror follows */
    for (int i = 0; i < n; i++) names[i] = yysymbol_name(kinds[i]);
    parse_unexpected(p, *yypcontext_location(ctx), yypcontext_token(ctx) == YYSYMBOL_YYEOF, names, n);
    return 0;
}

/* Called only when bison's stacks are full. */
static void yyerror(PT_YYLTYPE *at, yyscan_t scanner, parse *p, const char *msg)
{
    (void)scanner;
    (void)msg;
    PARSE_FAIL(p, PT_LIMIT, *at, "the statement is nested too deeply");
}
