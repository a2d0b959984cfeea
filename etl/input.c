/* input.c - the stages of reading a file: bytes of the file, unpacked, decoded.
 *
 * Plain UTF-8 goes from read(2) straight into the caller's buffer. A stage that is needed has one buffer for
 * what it reads: `packed` in front of zlib, `coded` in front of iconv; both keep their unread rest in [at,
 * len). */
#include "etl/input.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <unistd.h>
#include <zlib.h>

#include "base/nearest.h"

enum { BUFFER_BYTES = 256 * 1024 };

typedef struct buffer {
    char *ptr;
    size_t at, len;
} buffer;

struct input {
    int fd;
    char *shown;
    uint64_t position;
    bool is_gzip, has_gzip_ended; /* ended: at the end of a member */
    z_stream zip;
    buffer packed;
    bool is_coded;
    iconv_t decoder;
    buffer coded;
    bool is_started; /* the byte order mark was dealt with */
};

/* ---- encodings ----------------------------------------------------- */

static const struct {
    const char *name;
    input_encoding encoding;
} encodings[] = {
    {"UTF-8", INPUT_UTF8},        {"UTF8", INPUT_UTF8},       {"ASCII", INPUT_UTF8},
    {"UTF-16", INPUT_UTF16},      {"GBK", INPUT_GBK},         {"GB2312", INPUT_GBK},
    {"CP936", INPUT_GBK},         {"GB18030", INPUT_GB18030}, {"LATIN1", INPUT_LATIN1},
    {"ISO-8859-1", INPUT_LATIN1}, {"LATIN-1", INPUT_LATIN1},  {"WINDOWS-1252", INPUT_WINDOWS1252},
    {"CP1252", INPUT_WINDOWS1252}};

pt_status input_encoding_of(pt_str name, input_encoding *out, pt_err *err)
{
    nearest near = nearest_to(name);
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
        if (str_eq_fold(name, str_of(encodings[i].name))) {
            *out = encodings[i].encoding;
            return PT_OK;
        }
        nearest_offer(&near, str_of(encodings[i].name));
    }
    pt_fail(err, PT_NAME, "unknown encoding '" STR_FMT "'", STR_ARG(name));
    nearest_hint(&near, err);
    return pt_hint(err, "known are UTF-8, UTF-16, GBK, GB18030, LATIN1 and WINDOWS-1252");
}

static const char *iconv_name(input_encoding enc)
{
    switch (enc) {
    case INPUT_UTF8: break;
    case INPUT_UTF16: return "UTF-16";
    case INPUT_GBK: return "GBK";
    case INPUT_GB18030: return "GB18030";
    case INPUT_LATIN1: return "ISO-8859-1";
    case INPUT_WINDOWS1252: return "CP1252";
    }
    return "UTF-8";
}

/* ---- opening and closing ------------------------------------------- */

static bool buffer_make(buffer *b)
{
    b->ptr = mem_alloc(BUFFER_BYTES, 1);
    return b->ptr != NULL;
}

static pt_status read_file(input *in, char *to, size_t cap, size_t *n, pt_err *err)
{
    ssize_t got;
    do got = read(in->fd, to, cap);
    while (got < 0 && errno == EINTR);
    if (got < 0) return pt_fail_errno(err, PT_IO, "cannot read '%s'", in->shown);
    in->position += (uint64_t)got;
    *n = (size_t)got;
    return PT_OK;
}

/* Read the first bytes and see whether they are gzip's. */
static pt_status detect_gzip(input *in, pt_err *err)
{
    size_t got;
    while (in->packed.len < 2) {
        PT_TRY(read_file(in, in->packed.ptr + in->packed.len, BUFFER_BYTES - in->packed.len, &got, err));
        if (!got) break;
        in->packed.len += got;
    }
    const unsigned char *p = (const unsigned char *)in->packed.ptr;
    in->is_gzip = in->packed.len >= 2 && p[0] == 0x1F && p[1] == 0x8B;
    if (in->is_gzip && inflateInit2(&in->zip, 16 + MAX_WBITS) != Z_OK) {
        in->is_gzip = false;
        return pt_fail(err, PT_NOMEM, "out of memory while opening '%s'", in->shown);
    }
    return PT_OK;
}

static pt_status start(input *in, const char *path, input_encoding enc, pt_err *err)
{
    if (!in->shown || !buffer_make(&in->packed)) return pt_fail(err, PT_NOMEM, "out of memory");
    in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) return pt_fail_errno(err, PT_IO, "cannot open '%s'", in->shown);
    (void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    PT_TRY(detect_gzip(in, err));
    if (enc == INPUT_UTF8) return PT_OK;
    in->decoder = iconv_open("UTF-8", iconv_name(enc));
    if (in->decoder == (iconv_t)-1)
        return pt_fail_errno(err, PT_UNSUPPORTED, "this system cannot decode %s", iconv_name(enc));
    in->is_coded = true;
    return buffer_make(&in->coded) ? PT_OK : pt_fail(err, PT_NOMEM, "out of memory");
}

pt_status input_open(const char *path, pt_str shown, input_encoding enc, input **out, pt_err *err)
{
    *out = NULL;
    input *in = mem_alloc(1, sizeof *in);
    if (!in) return pt_fail(err, PT_NOMEM, "out of memory");
    in->fd = -1;
    in->shown = mem_alloc(shown.len + 1, 1);
    if (in->shown && shown.len) memcpy(in->shown, shown.ptr, shown.len);
    pt_status st = start(in, path, enc, err);
    if (st != PT_OK) {
        input_close(in);
        return st;
    }
    *out = in;
    return PT_OK;
}

void input_close(input *in)
{
    if (!in) return;
    if (in->fd >= 0) close(in->fd);
    if (in->is_gzip) inflateEnd(&in->zip);
    if (in->is_coded) iconv_close(in->decoder);
    mem_free(in->packed.ptr);
    mem_free(in->coded.ptr);
    mem_free(in->shown);
    mem_free(in);
}

uint64_t input_position(const input *in)
{
    return in->position;
}

int input_descriptor(const input *in)
{
    return in->fd;
}

/* ---- unpacking ----------------------------------------------------- */

/* Make sure that `packed` holds something, unless the file is at its end. */
static pt_status fill_packed(input *in, pt_err *err)
{
    if (in->packed.at < in->packed.len) return PT_OK;
    in->packed.at = 0;
    return read_file(in, in->packed.ptr, BUFFER_BYTES, &in->packed.len, err);
}

/* A gzip file is a row of members; zeros behind the last one are padding. */
static pt_status next_member(input *in, bool *is_end, pt_err *err)
{
    for (;;) {
        PT_TRY(fill_packed(in, err));
        while (in->packed.at < in->packed.len && in->packed.ptr[in->packed.at] == 0) in->packed.at++;
        if (in->packed.at < in->packed.len) break;
        if (in->packed.len == 0) {
            *is_end = true;
            return PT_OK;
        }
    }
    in->has_gzip_ended = false;
    return inflateReset(&in->zip) == Z_OK ? PT_OK : pt_fail(err, PT_INTERNAL, "zlib cannot start again");
}

static pt_status unpack_some(input *in, char *to, size_t cap, size_t *n, pt_err *err)
{
    PT_TRY(fill_packed(in, err));
    if (in->packed.len == 0) {
        pt_fail(err, PT_DATA, "'%s' ends in the middle of its gzip data", in->shown);
        return pt_hint(err, "copy the file again: it was cut off");
    }
    in->zip.next_in = (Bytef *)(in->packed.ptr + in->packed.at);
    in->zip.avail_in = (uInt)(in->packed.len - in->packed.at);
    in->zip.next_out = (Bytef *)to;
    in->zip.avail_out = cap > UINT32_MAX ? UINT32_MAX : (uInt)cap;
    uInt room = in->zip.avail_out;
    int rc = inflate(&in->zip, Z_NO_FLUSH);
    in->packed.at = in->packed.len - in->zip.avail_in;
    *n = room - in->zip.avail_out;
    if (rc == Z_STREAM_END) in->has_gzip_ended = true;
    if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR) return PT_OK;
    if (rc == Z_MEM_ERROR) return pt_fail(err, PT_NOMEM, "out of memory while unpacking '%s'", in->shown);
    return pt_fail(err, PT_DATA, "'%s' is damaged: %s", in->shown,
                   in->zip.msg ? in->zip.msg : "its gzip data does not unpack");
}

/* Bytes as they were before packing; *n 0 only at the end. */
static pt_status read_plain(input *in, char *to, size_t cap, size_t *n, pt_err *err)
{
    *n = 0;
    if (!in->is_gzip) {
        size_t rest = in->packed.len - in->packed.at; /* what detect_gzip read */
        if (!rest) return read_file(in, to, cap, n, err);
        *n = rest < cap ? rest : cap;
        memcpy(to, in->packed.ptr + in->packed.at, *n);
        in->packed.at += *n;
        return PT_OK;
    }
    bool is_end = false;
    while (*n == 0 && !is_end) {
        if (in->has_gzip_ended)
            PT_TRY(next_member(in, &is_end, err));
        else
            PT_TRY(unpack_some(in, to, cap, n, err));
    }
    return PT_OK;
}

/* ---- decoding ------------------------------------------------------ */

/* Move the unread rest to the front and read behind it; *is_end when nothing was left to read. */
static pt_status fill_coded(input *in, bool *is_end, pt_err *err)
{
    buffer *b = &in->coded;
    size_t rest = b->len - b->at, got;
    memmove(b->ptr, b->ptr + b->at, rest);
    b->at = 0;
    b->len = rest;
    PT_TRY(read_plain(in, b->ptr + rest, BUFFER_BYTES - rest, &got, err));
    b->len += got;
    *is_end = got == 0;
    return PT_OK;
}

static pt_status read_decoded(input *in, char *to, size_t cap, size_t *n, pt_err *err)
{
    buffer *b = &in->coded;
    char *out = to;
    size_t room = cap;
    bool is_end = false, is_short = b->at == b->len; /* short: what is there does not make a character */
    while (room == cap) {
        if (is_short) PT_TRY(fill_coded(in, &is_end, err));
        if (b->at == b->len) break;
        char *from = b->ptr + b->at;
        size_t left = b->len - b->at;
        size_t rc = iconv(in->decoder, &from, &left, &out, &room);
        int why = rc == (size_t)-1 ? errno : 0;
        b->at = b->len - left;
        is_short = why == EINVAL || b->at == b->len;
        if ((why == EILSEQ || (why == EINVAL && is_end)) && room > 0) {
            *out++ = INPUT_BAD_BYTE;
            room--;
            b->at++;
        }
    }
    *n = cap - room;
    return PT_OK;
}

/* The byte order mark, in UTF-8 three bytes, may stand in front of the text. */
static pt_status skip_mark(input *in, char *buf, size_t cap, size_t *n, pt_err *err)
{
    while (*n < 3) {
        size_t got;
        PT_TRY(in->is_coded ? read_decoded(in, buf + *n, cap - *n, &got, err)
                            : read_plain(in, buf + *n, cap - *n, &got, err));
        if (!got) break;
        *n += got;
    }
    if (*n < 3 || memcmp(buf, "\xEF\xBB\xBF", 3) != 0) return PT_OK;
    *n -= 3;
    memmove(buf, buf + 3, *n);
    return *n ? PT_OK : input_read(in, buf, cap, n, err);
}

pt_status input_read(input *in, char *buf, size_t cap, size_t *n, pt_err *err)
{
    *n = 0;
    if (NEVER(cap < INPUT_MIN_READ)) return pt_fail(err, PT_INTERNAL, "a buffer too small to read into");
    if (!in->is_started) {
        in->is_started = true;
        return skip_mark(in, buf, cap, n, err);
    }
    return in->is_coded ? read_decoded(in, buf, cap, n, err) : read_plain(in, buf, cap, n, err);
}
