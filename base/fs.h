/* fs.h - files that survive a crash: write, fsync, rename; map for reading. */
#pragma once

#include "base/str.h"

typedef struct file_map {
    const uint8_t *ptr; /* NULL for an empty file */
    size_t size;
} file_map;

PT_MUST_USE pt_status fs_map(const char *path, file_map *out, pt_err *err); /* read-only; PT_IO */
void fs_unmap(file_map *m);
/* Appends the bytes to `out`; PT_LIMIT if there are more than max_bytes (0: no limit). Pipes work too. */
PT_MUST_USE pt_status fs_read(const char *path, strbuf *out, size_t max_bytes, pt_err *err);
/* Write whole file under a temporary name, fsync, rename over `path`, fsync the directory. A crash
 * may leave a "<path>.tmp-<pid>-<n>" behind, which nobody reads. */
PT_MUST_USE pt_status fs_write_atomic(const char *path, const void *bytes, size_t n, pt_err *err);
/* The same, readable and writable by its owner only: for secrets. */
PT_MUST_USE pt_status fs_write_private(const char *path, const void *bytes, size_t n, pt_err *err);
/* As fs_write_atomic from several pieces, written one after the other. */
typedef struct fs_part {
    const void *ptr;
    size_t size;
} fs_part;
PT_MUST_USE pt_status fs_write_parts(const char *path, const fs_part *parts, size_t n_parts, pt_err *err);
PT_MUST_USE pt_status fs_sync_dir(const char *dir, pt_err *err);
PT_MUST_USE pt_status fs_mkdir(const char *dir, pt_err *err); /* parents too; fine if it exists */
bool fs_exists(const char *path);
int64_t fs_size(const char *path); /* -1 if absent */

/* A file without a name in a directory, for reading and writing: it goes when it is closed, or with the
 * process, however that ends. PT_IO. */
PT_MUST_USE pt_status fs_open_scratch(const char *dir, int *fd, pt_err *err);
void fs_close_scratch(int fd); /* -1 is fine */
/* All n bytes, or PT_IO. From several threads at once if their places differ. */
PT_MUST_USE pt_status fs_write_at(int fd, const void *bytes, size_t n, uint64_t at, pt_err *err);
PT_MUST_USE pt_status fs_read_at(int fd, void *to, size_t n, uint64_t at, pt_err *err);
/* Give the disk back what these bytes take, where the file system can; they read as zero then, or as before.
 */
void fs_punch_hole(int fd, uint64_t at, uint64_t n);

/* SHA-256 of a file's bytes. */
PT_MUST_USE pt_status fs_sha256(const char *path, uint8_t out[32], pt_err *err);
