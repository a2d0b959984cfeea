/* shop.c - see shop.h. */
#include "tests/mdx/shop.h"

#include "tests/unit/unit.h"

#include <stdio.h>

#include "base/fs.h"

static int no_more(void *ctx, const char *statement, const patron_result *r)
{
    (void)ctx, (void)statement, (void)r;
    return 0;
}

void small_shop_open(small_shop *s, const char *source_dir)
{
    char path[512];
    strbuf script = {0};
    pt_err failure = {0};
    patron_error err = PATRON_ERROR_INIT;
    snprintf(s->dir, sizeof s->dir, "/tmp/patron_small_XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(path, sizeof path, "%s/data", source_dir);
    s->db = patron_open(s->dir, PATRON_CREATE, &(patron_options){.threads = 1}, &err);
    s->session = s->db ? patron_session_new(s->db, &err) : NULL;
    if (!s->session || patron_set_directory(s->session, path, &err) != 0) fail_msg("%s", err.message);
    snprintf(path, sizeof path, "%s/data/warehouse.patron", source_dir);
    if (fs_read(path, &script, 1 << 20, &failure) != PT_OK) fail_msg("%s", failure.msg);
    strbuf_addc(&script, 0);
    if (patron_execute_script(s->session, script.ptr, no_more, NULL, &err) != 0)
        fail_msg("%s:%u: %s", path, err.line, err.message);
    strbuf_free(&script);
}

void small_shop_leave(small_shop *s)
{
    patron_session_free(s->session);
    patron_close(s->db);
    s->session = NULL;
    s->db = NULL;
}

void small_shop_close(small_shop *s)
{
    char command[96];
    small_shop_leave(s);
    snprintf(command, sizeof command, "rm -rf %s", s->dir);
    assert_int_equal(system(command), 0);
}
