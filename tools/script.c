/* script.c - see script.h. */
#include "tools/script.h"

#include <unistd.h>

#include "base/fs.h"

/* Standard input may be a socket, which cannot be opened by name. */
static pt_status read_stdin(strbuf *out, pt_err *err)
{
    char chunk[8192];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, stdin)) > 0;) {
        strbuf_add(out, chunk, n);
        if (out->len > SCRIPT_MAX)
            return pt_fail(err, PT_LIMIT, "standard input is longer than %d bytes", SCRIPT_MAX);
    }
    if (ferror(stdin)) return pt_fail_errno(err, PT_IO, "cannot read standard input");
    strbuf_add(out, "", 0);
    return out->failed ? pt_fail(err, PT_NOMEM, "no memory to read standard input") : PT_OK;
}

const char *script_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

int script_read(const application *app, const char *path, strbuf *out)
{
    pt_err err = {0};
    pt_status st = strcmp(path, "-") == 0 ? read_stdin(out, &err) : fs_read(path, out, SCRIPT_MAX, &err);
    if (st == PT_OK && memchr(out->ptr, 0, out->len))
        st = pt_fail(&err, PT_DATA, "%s is not a text: there is a NUL byte in it", script_name(path));
    return st == PT_OK ? EXIT_OK : say_error(app, &err);
}

bool script_is_file(const char *operand)
{
    return !strpbrk(operand, " \t\r\n") && access(operand, F_OK) == 0;
}
