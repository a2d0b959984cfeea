/* fs.c - the file system, in the few shapes that Patron needs. All messages name the path. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/arena.h"

enum { READ_CHUNK = 64 * 1024, TEMP_TRIES = 100 };

/* ---- reading ------------------------------------------------------- */

static pt_status open_regular(const char *path, int *fd, struct stat *st, pt_err *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) return pt_fail_errno(err, PT_IO, "cannot open file '%s'", path);
    if (fstat(*fd, st) != 0)
        pt_fail_errno(err, PT_IO, "cannot look at file '%s'", path);
    else if (S_ISDIR(st->st_mode))
        pt_fail(err, PT_IO, "'%s' is a directory, expected a file", path);
    else
        return PT_OK;
    close(*fd);
    *fd = -1;
    return PT_IO;
}

pt_status fs_map(const char *path, file_map *out, pt_err *err)
{
    int fd;
    struct stat st = {0};
    *out = (file_map){0};
    PT_TRY(open_regular(path, &fd, &st, err));
    pt_status result = PT_OK;
    if (!S_ISREG(st.st_mode)) {
        result = pt_fail(err, PT_IO, "'%s' is not a regular file", path);
    } else if (st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED) {
            result = pt_fail_errno(err, PT_IO, "cannot map file '%s'", path);
        } else {
            mem_prefer_large_pages(p, (size_t)st.st_size); /* then they are read in as such */
            *out = (file_map){p, (size_t)st.st_size};
        }
    }
    close(fd);
    return result;
}

void fs_unmap(file_map *m)
{
    if (m->ptr) munmap((void *)(uintptr_t)m->ptr, m->size);
    *m = (file_map){0};
}

/* As read(2), but goes on after a signal. */
static ssize_t read_some(int fd, void *to, size_t n)
{
    ssize_t got;
    do got = read(fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

pt_status fs_read(const char *path, strbuf *out, size_t max_bytes, pt_err *err)
{
    int fd;
    struct stat st;
    size_t total = 0;
    pt_status result = PT_OK;
    PT_TRY(open_regular(path, &fd, &st, err));
    for (;;) {
        if (!strbuf_reserve(out, READ_CHUNK)) {
            result = pt_fail(err, PT_NOMEM, "out of memory while reading file '%s'", path);
            break;
        }
        ssize_t got = read_some(fd, out->ptr + out->len, READ_CHUNK);
        if (got < 0) result = pt_fail_errno(err, PT_IO, "cannot read file '%s'", path);
        if (got <= 0) break;
        total += (size_t)got;
        if (max_bytes && total > max_bytes) {
            result = pt_fail(err, PT_LIMIT, "file '%s' is longer than %zu bytes", path, max_bytes);
            break;
        }
        out->len += (size_t)got;
    }
    if (out->ptr) out->ptr[out->len] = 0;
    close(fd);
    return result;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

int64_t fs_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

pt_status fs_sha256(const char *path, uint8_t out[32], pt_err *err)
{
    pt_status result = PT_OK;
    struct stat st;
    int fd = -1;
    ssize_t got = 0;
    uint8_t *chunk = mem_alloc(READ_CHUNK, 1);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!chunk || !md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1) {
        result = pt_fail(err, PT_NOMEM, "out of memory while hashing file '%s'", path);
        goto done;
    }
    if ((result = open_regular(path, &fd, &st, err)) != PT_OK) goto done;
    while ((got = read_some(fd, chunk, READ_CHUNK)) > 0)
        if (EVP_DigestUpdate(md, chunk, (size_t)got) != 1) break;
    if (got < 0)
        result = pt_fail_errno(err, PT_IO, "cannot read file '%s'", path);
    else if (got > 0 || EVP_DigestFinal_ex(md, out, NULL) != 1)
        result = pt_fail(err, PT_INTERNAL, "cannot compute SHA-256 of file '%s'", path);
done:
    if (fd >= 0) close(fd);
    EVP_MD_CTX_free(md);
    mem_free(chunk);
    return result;
}

/* ---- writing ------------------------------------------------------- */

/* Directory part of path: "." without a slash, "/" at the root. */
static void add_parent(strbuf *b, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        strbuf_addz(b, ".");
    else
        strbuf_add(b, path, slash == path ? 1 : (size_t)(slash - path));
}

pt_status fs_sync_dir(const char *dir, pt_err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return pt_fail_errno(err, PT_IO, "cannot open directory '%s'", dir);
    /* Some file systems cannot sync a directory and say so by EINVAL: nothing more can be done there. */
    pt_status result = PT_OK;
    if (fsync(fd) != 0 && errno != EINVAL)
        result = pt_fail_errno(err, PT_IO, "cannot sync directory '%s'", dir);
    close(fd);
    return result;
}

static pt_status sync_parent(const char *path, pt_err *err)
{
    strbuf dir = {0};
    add_parent(&dir, path);
    pt_status result = dir.failed ? pt_fail(err, PT_NOMEM, "out of memory") : fs_sync_dir(dir.ptr, err);
    strbuf_free(&dir);
    return result;
}

/* A new file "<path>.tmp-<pid>-<n>" with these permissions, less what the umask takes away. */
static int open_temp(const char *path, mode_t mode, strbuf *name)
{
    for (int n = 0; n < TEMP_TRIES; n++) {
        strbuf_clear(name);
        strbuf_printf(name, "%s.tmp-%ld-%d", path, (long)getpid(), n);
        if (name->failed) {
            errno = ENOMEM;
            return -1;
        }
        int fd = open(name->ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static pt_status write_parts(const char *path, mode_t mode, const fs_part *parts, size_t n_parts, pt_err *err)
{
    pt_status result = PT_OK;
    strbuf temp = {0};
    int fd = open_temp(path, mode, &temp);
    if (fd < 0) {
        result = pt_fail_errno(err, PT_IO, "cannot create file '%s'", path);
        strbuf_free(&temp);
        return result;
    }
    bool is_written = true;
    for (size_t i = 0; i < n_parts && is_written; i++)
        is_written = write_all(fd, parts[i].ptr, parts[i].size);
    is_written = is_written && fsync(fd) == 0;
    if (!is_written) result = pt_fail_errno(err, PT_IO, "cannot write file '%s'", path);
    if (close(fd) != 0 && is_written) result = pt_fail_errno(err, PT_IO, "cannot write file '%s'", path);
    if (result == PT_OK && rename(temp.ptr, path) != 0)
        result = pt_fail_errno(err, PT_IO, "cannot rename '%s' to '%s'", temp.ptr, path);
    if (result == PT_OK)
        result = sync_parent(path, err);
    else
        unlink(temp.ptr);
    strbuf_free(&temp);
    return result;
}

pt_status fs_write_parts(const char *path, const fs_part *parts, size_t n_parts, pt_err *err)
{
    return write_parts(path, 0666, parts, n_parts, err);
}

pt_status fs_write_atomic(const char *path, const void *bytes, size_t n, pt_err *err)
{
    return write_parts(path, 0666, &(fs_part){bytes, n}, 1, err);
}

pt_status fs_write_private(const char *path, const void *bytes, size_t n, pt_err *err)
{
    return write_parts(path, 0600, &(fs_part){bytes, n}, 1, err);
}

/* One directory whose parent exists; a new one is made durable by a sync of the parent. */
static pt_status make_one(const char *dir, pt_err *err)
{
    struct stat st;
    if (mkdir(dir, 0777) == 0) return sync_parent(dir, err);
    int saved = errno;
    bool is_there = stat(dir, &st) == 0;
    if (is_there && S_ISDIR(st.st_mode)) return PT_OK;
    if (is_there) return pt_fail(err, PT_IO, "cannot make directory '%s': there is a file of this name", dir);
    errno = saved;
    return pt_fail_errno(err, PT_IO, "cannot make directory '%s'", dir);
}

pt_status fs_mkdir(const char *dir, pt_err *err)
{
    strbuf path = {0};
    pt_status result = PT_OK;
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/') n--;
    for (size_t i = 1; i <= n && result == PT_OK; i++) {
        if (i < n && (dir[i] != '/' || dir[i - 1] == '/')) continue;
        strbuf_clear(&path);
        strbuf_add(&path, dir, i);
        result = path.failed ? pt_fail(err, PT_NOMEM, "out of memory") : make_one(path.ptr, err);
    }
    strbuf_free(&path);
    return result;
}
