/* users.c - see users.h. */
#include "server/users.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/fs.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "server/base64.h"

enum { MAX_FILE_BYTES = 4 << 20 };

/* ---- reading ------------------------------------------------------------------- */

static bool is_name(pt_str s)
{
    if (s.len == 0 || s.len > USERS_MAX_NAME || utf8_valid_prefix(s) != s.len) return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f) return false;
    return s.ptr[0] != '#' && s.ptr[0] != '!';
}

static user *add_slot(users *u)
{
    user *grown = mem_grow(u->items, (size_t)u->n + 1, sizeof *grown);
    if (!grown) return NULL;
    u->items = grown;
    user *slot = &grown[u->n++];
    *slot = (user){0};
    return slot;
}

static pt_status read_line(users *u, pt_str line, const char *path, unsigned number, pt_err *err)
{
    if (line.len == 0 || line.ptr[0] == '#') return PT_OK;
    if (line.ptr[0] == '!') {
        size_t n = base64_decode((pt_str){line.ptr + 1, line.len - 1}, u->secret, sizeof u->secret);
        if (n == sizeof u->secret) return PT_OK;
        return pt_fail(err, PT_CORRUPT, "%s:%u: expected ! and 32 bytes in base64", path, number);
    }
    const char *blank = memchr(line.ptr, ' ', line.len);
    pt_str name = {line.ptr, blank ? (size_t)(blank - line.ptr) : line.len};
    pt_str rest = {line.ptr + name.len, line.len - name.len};
    scram_verifier v;
    if (!is_name(name) || !scram_verifier_parse(str_trim(rest), &v)) {
        pt_fail(err, PT_CORRUPT, "%s:%u: expected a user's name and a " SCRAM_MECHANISM " verifier", path,
                number);
        return pt_hint(err, "remove the line and add the user again with: patron user add");
    }
    user *slot = add_slot(u);
    if (!slot) return pt_fail(err, PT_NOMEM, "out of memory");
    memcpy(slot->name, name.ptr, name.len);
    slot->verifier = v;
    return PT_OK;
}

static pt_status read_lines(users *u, pt_str text, const char *path, pt_err *err)
{
    for (unsigned number = 1; text.len; number++) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) : text.len;
        PT_TRY(read_line(u, str_trim((pt_str){text.ptr, n}), path, number, err));
        n += end ? 1 : 0;
        text = (pt_str){text.ptr + n, text.len - n};
    }
    return PT_OK;
}

static pt_status read_file(users *u, const char *path, pt_err *err)
{
    struct stat info;
    strbuf text = {0};
    if (stat(path, &info) != 0)
        return errno == ENOENT ? PT_OK : pt_fail_errno(err, PT_IO, "cannot read '%s'", path);
    if (info.st_mode & 077) {
        pt_fail(err, PT_DENIED, "'%s' can be read by others than its owner", path);
        return pt_hint(err, "chmod 600 '%s'", path);
    }
    pt_status st = fs_read(path, &text, MAX_FILE_BYTES, err);
    if (st == PT_OK) st = read_lines(u, strbuf_str(&text), path, err);
    strbuf_free(&text);
    return st;
}

pt_status users_read(const char *dir, users *out, pt_err *err)
{
    strbuf path = {0};
    *out = (users){0};
    strbuf_printf(&path, "%s/users", dir);
    pt_status st = path.failed ? pt_fail(err, PT_NOMEM, "out of memory") : read_file(out, path.ptr, err);
    strbuf_free(&path);
    return st;
}

void users_free(users *u)
{
    if (u->items) OPENSSL_cleanse(u->items, u->n * sizeof *u->items);
    mem_free(u->items);
    *u = (users){0};
}

const user *users_find(const users *u, pt_str name)
{
    for (uint32_t i = 0; i < u->n; i++)
        if (str_eq(str_of(u->items[i].name), name)) return &u->items[i];
    return NULL;
}

/* ---- changing ------------------------------------------------------------------ */

static pt_status write_file(const char *dir, const users *u, pt_err *err)
{
    strbuf path = {0}, text = {0};
    strbuf_addz(&text, "# users of this warehouse: changed by `patron user`\n!");
    base64_add(&text, u->secret, sizeof u->secret);
    strbuf_addc(&text, '\n');
    for (uint32_t i = 0; i < u->n; i++) {
        strbuf_printf(&text, "%s ", u->items[i].name);
        scram_verifier_print(&u->items[i].verifier, &text);
        strbuf_addc(&text, '\n');
    }
    strbuf_printf(&path, "%s/users", dir);
    pt_status st = path.failed || text.failed ? pt_fail(err, PT_NOMEM, "out of memory")
                                              : fs_write_private(path.ptr, text.ptr, text.len, err);
    strbuf_free(&path);
    strbuf_free(&text);
    return st;
}

/* The lock ends when the descriptor is closed. */
static pt_status lock_dir(const char *dir, int *fd, pt_err *err)
{
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) return pt_fail_errno(err, PT_IO, "cannot open directory '%s'", dir);
    if (flock(*fd, LOCK_EX) == 0) return PT_OK;
    pt_fail_errno(err, PT_IO, "cannot lock directory '%s'", dir);
    close(*fd);
    return PT_IO;
}

static bool has_secret(const users *u)
{
    for (size_t i = 0; i < sizeof u->secret; i++)
        if (u->secret[i]) return true;
    return false;
}

static pt_status add_to(users *u, pt_str name, const scram_verifier *v, bool *is_new, pt_err *err)
{
    const user *known = users_find(u, name);
    user *slot = known ? &u->items[known - u->items] : add_slot(u);
    if (!slot) return pt_fail(err, PT_NOMEM, "out of memory");
    memcpy(slot->name, name.ptr, name.len);
    slot->verifier = *v;
    if (is_new) *is_new = known == NULL;
    if (!has_secret(u) && RAND_bytes(u->secret, sizeof u->secret) != 1)
        return pt_fail(err, PT_INTERNAL, "the cryptographic library failed");
    return PT_OK;
}

pt_status users_add(const char *dir, pt_str name, pt_str password, bool *is_new, pt_err *err)
{
    users u;
    scram_verifier v;
    int fd;
    if (!is_name(name)) {
        pt_fail(err, PT_VALUE, "'" STR_FMT "' cannot be a user's name", STR_ARG(name));
        return pt_hint(err, "a name has 1 to %d bytes of UTF-8 without blanks and does not begin with # or !",
                       USERS_MAX_NAME);
    }
    PT_TRY(scram_verifier_new(password, &v, err));
    PT_TRY(lock_dir(dir, &fd, err));
    pt_status st = users_read(dir, &u, err);
    if (st == PT_OK) st = add_to(&u, name, &v, is_new, err);
    if (st == PT_OK) st = write_file(dir, &u, err);
    users_free(&u);
    close(fd);
    return st;
}

static pt_status unknown_user(const users *u, pt_str name, pt_err *err)
{
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < u->n; i++) nearest_offer(&near, str_of(u->items[i].name));
    pt_fail(err, PT_NAME, "there is no user '" STR_FMT "'", STR_ARG(name));
    nearest_hint(&near, err);
    return PT_NAME;
}

pt_status users_drop(const char *dir, pt_str name, pt_err *err)
{
    users u;
    int fd;
    PT_TRY(lock_dir(dir, &fd, err));
    pt_status st = users_read(dir, &u, err);
    const user *known = st == PT_OK ? users_find(&u, name) : NULL;
    if (st == PT_OK && !known) st = unknown_user(&u, name, err);
    if (st == PT_OK) {
        size_t at = (size_t)(known - u.items);
        memmove(&u.items[at], &u.items[at + 1], (u.n - at - 1) * sizeof *u.items);
        u.n--;
        st = write_file(dir, &u, err);
    }
    users_free(&u);
    close(fd);
    return st;
}
