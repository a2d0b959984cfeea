/* embed.c - Patron inside a program: make a warehouse, define a cube, load a file, ask, read the answer.
 *
 *     cc embed.c $(pkg-config --cflags --libs patron) -o embed && ./embed DIR
 *
 * DIR is made; it must not exist. */
#include <patron.h>

#include <stdio.h>
#include <sys/stat.h>

static const char definitions[] =
    "CREATE TIME DIMENSION [Time] FROM '2024-01-01' TO '2024-12-31' (HIERARCHY [Time] ALL 'All Time' (YEAR, "
    "QUARTER, MONTH));"
    "CREATE DIMENSION [Product] (KEY sku TEXT, ATTRIBUTE family TEXT,"
    "  HIERARCHY [Product] ALL 'All Products' (LEVEL [Family] BY family, LEVEL [Product] BY sku));"
    "CREATE CUBE [Sales] (DIMENSION [Time], DIMENSION [Product],"
    "  MEASURE [Units] SUM(units) INTEGER FORMAT '#,##0',"
    "  MEASURE [Revenue] SUM(revenue) DECIMAL(12,2) FORMAT '#,##0.00');"
    "CREATE SOURCE [files] TYPE csv OPTIONS (directory '.');"
    "CREATE MAPPING [products] INTO DIMENSION [Product] FROM [files].'products.csv' (sku, family);"
    "CREATE MAPPING [sales] INTO CUBE [Sales] FROM [files].'sales.csv'"
    "  ([Time] = day, [Product] = sku, units, revenue);";

static const char products[] = "sku,family\ntea,Drinks\ncoffee,Drinks\nbread,Food\n茶壶,Kitchen\n";
static const char sales[] = "day,sku,units,revenue\n"
                            "2024-01-15,tea,2,7.98\n2024-02-20,bread,1,2.49\n2024-05-02,coffee,3,26.97\n"
                            "2024-05-03,tea,1,3.99\n2024-11-11,茶壶,1,49.00\n";

static const char question[] =
    "SELECT {[Measures].[Units], [Measures].[Revenue]} ON COLUMNS,"
    "  NON EMPTY [Product].[Family].Members ON ROWS FROM [Sales] WHERE [Time].[2024]";

static int write_file(const char *dir, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (!f) return -1;
    fputs(text, f);
    return fclose(f);
}

static int complain(const patron_error *err, const char *text)
{
    char message[2048];
    patron_error_print(err, text, message, sizeof message);
    fprintf(stderr, "%s\n", message);
    return 1;
}

/* As rows: captions first, then a column for each position of COLUMNS. */
static void print_rows(const patron_result *r)
{
    for (uint64_t row = 0; row < patron_n_rows(r); row++) {
        for (uint32_t col = 0; col < patron_n_columns(r); col++)
            printf("%s%s", col > 0 ? " | " : "", patron_text(r, row, col));
        printf("\n");
    }
}

/* As cells: only those with data, each with the positions it stands at. */
static void print_cells(const patron_result *r)
{
    uint32_t n_columns = patron_axis_positions(r, 0);
    for (uint64_t i = 0; i < patron_n_cells(r); i++) {
        patron_cell cell;
        patron_member column, row;
        if (patron_cell_at(r, i, &cell) != PATRON_OK) continue;
        patron_axis_member(r, 0, (uint32_t)(cell.ordinal % n_columns), 0, &column);
        patron_axis_member(r, 1, (uint32_t)(cell.ordinal / n_columns), 0, &row);
        printf("%s, %s = %s\n", row.unique_name, column.unique_name, cell.value ? cell.value : "null");
    }
}

static int run(patron_session *s, const char *dir)
{
    patron_error err = PATRON_ERROR_INIT;
    patron_result *r;
    if (patron_set_directory(s, dir, &err) != PATRON_OK) return complain(&err, NULL);
    if (patron_execute_script(s, definitions, NULL, NULL, &err) != PATRON_OK)
        return complain(&err, definitions);

    if (!(r = patron_load(s, NULL, NULL, NULL, 0, &err))) return complain(&err, NULL);
    patron_result_free(r);

    if (!(r = patron_execute(s, question, NULL, &err))) return complain(&err, question);
    print_rows(r);
    print_cells(r);
    patron_result_free(r);
    return 0;
}

int main(int argc, char **argv)
{
    patron_error err = PATRON_ERROR_INIT;
    char db_dir[4096];
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    if (mkdir(argv[1], 0777) != 0 || write_file(argv[1], "products.csv", products) != 0 ||
        write_file(argv[1], "sales.csv", sales) != 0) {
        perror(argv[1]);
        return 1;
    }
    snprintf(db_dir, sizeof db_dir, "%s/shop.db", argv[1]);
    patron_db *db = patron_open(db_dir, PATRON_CREATE, NULL, &err);
    if (!db) return complain(&err, NULL);
    patron_session *s = patron_session_new(db, &err);
    int status = s ? run(s, argv[1]) : complain(&err, NULL);
    patron_session_free(s);
    patron_close(db);
    return status;
}
