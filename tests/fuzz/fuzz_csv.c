/* fuzz_csv.c - any bytes as a file: unpacked, decoded and split into rows without a step out of bounds, and
 * to the same rows however little of it is seen at a time.
 *
 * The first byte chooses encoding and format, the second the number of columns and the window. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "etl/input.h"
#include "tests/unit/csv_util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_TEXT = 1 << 20 };

/* The text of the bytes; false if the file is refused. */
static bool read_text(const uint8_t *data, size_t size, input_encoding enc, strbuf *text)
{
    char path[64];
    input *in = NULL;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size)) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    pt_status st = input_open(path, STR("fuzz"), enc, &in, NULL);
    for (size_t n = 1; st == PT_OK && n > 0 && text->len < MOST_TEXT;) {
        if (!strbuf_reserve(text, 4096)) abort();
        st = input_read(in, text->ptr + text->len, 4096, &n, NULL);
        if (st == PT_OK) text->len += n;
    }
    input_close(in);
    close(fd);
    return st == PT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",;\t|";
    static const pt_str nulls[] = {{"", 0}, {"\\N", 2}};
    if (size < 2) return 0;
    input_encoding enc = (input_encoding)(data[0] % 6);
    csv_format f = {.delimiter = delimiters[data[0] >> 3 & 3],
                    .quote = data[0] >> 5 & 1   ? '"'
                             : data[0] >> 6 & 1 ? 0
                                                : '\'',
                    .null_marker = nulls[data[0] >> 7]};
    uint32_t n_columns = data[1] & 3;
    strbuf text = {0}, whole = {0}, pieces = {0};
    if (read_text(data + 2, size - 2, enc, &text) && text.len) {
        bool is_fine = csv_describe(&f, strbuf_str(&text), n_columns, SIZE_MAX / 4, &whole) &&
                       csv_describe(&f, strbuf_str(&text), n_columns, 1 + (data[1] >> 2), &pieces);
        if (!is_fine || !str_eq(strbuf_str(&whole), strbuf_str(&pieces))) abort();
    }
    strbuf_free(&text);
    strbuf_free(&whole);
    strbuf_free(&pieces);
    return 0;
}
