/* replay.c - runs a fuzz target over the files of the named folders: corpora and old crashers, in every
 * build. */
#include <dirent.h>
#include <stdio.h>

#include "base/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 16 << 20 };

static bool replay_file(const char *path)
{
    strbuf bytes = {0};
    pt_err err = {0};
    bool is_ok = fs_read(path, &bytes, MAX_BYTES, &err) == PT_OK;
    if (is_ok)
        LLVMFuzzerTestOneInput((const uint8_t *)bytes.ptr, bytes.len);
    else
        fprintf(stderr, "%s\n", err.msg);
    strbuf_free(&bytes);
    return is_ok;
}

static bool replay_folder(const char *folder, unsigned *n)
{
    DIR *dir = opendir(folder);
    bool is_ok = dir != NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        strbuf path = {0};
        if (e->d_name[0] == '.') continue;
        strbuf_printf(&path, "%s/%s", folder, e->d_name);
        is_ok = !path.failed && replay_file(path.ptr) && is_ok;
        (*n)++;
        strbuf_free(&path);
    }
    if (dir) closedir(dir);
    return is_ok;
}

int main(int argc, char **argv)
{
    bool is_ok = argc > 1;
    unsigned n = 0;
    for (int i = 1; i < argc; i++) is_ok = replay_folder(argv[i], &n) && is_ok;
    printf("%u inputs replayed\n", n);
    return is_ok && n > 0 ? 0 : 1;
}
