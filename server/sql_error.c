/* sql_error.c - see sql_error.h. */
#include "server/sql_error.h"

#include <stdio.h>

#include "base/utf8.h"

bool sql_fail(sql_error *e, const char *sqlstate, const char *fmt, ...)
{
    if (e->sqlstate[0]) return false;
    memcpy(e->sqlstate, sqlstate, sizeof e->sqlstate - 1);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->message, sizeof e->message, fmt, ap);
    va_end(ap);
    return false;
}

bool sql_hint(sql_error *e, const char *fmt, ...)
{
    if (e->hint[0]) return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    return false;
}

const char *sqlstate_of(int code)
{
    static const struct {
        int code;
        const char *sqlstate;
    } map[] = {
        {PATRON_NOMEM, SQL_OUT_OF_MEMORY},
        {PATRON_SYNTAX, SQL_SYNTAX},
        {PATRON_NAME, SQL_UNDEFINED_OBJECT},
        {PATRON_CORRUPT, SQL_CORRUPT},
        {PATRON_IO, SQL_IO},
        {PATRON_EXISTS, SQL_DUPLICATE_OBJECT},
        {PATRON_TYPE, SQL_TYPE_MISMATCH},
        {PATRON_VALUE, SQL_INVALID_VALUE},
        {PATRON_LIMIT, SQL_LIMIT},
        {PATRON_CANCELLED, SQL_CANCELLED},
        {PATRON_BUSY, SQL_BUSY},
        {PATRON_DATA, SQL_DATA_EXCEPTION},
        {PATRON_DENIED, SQL_DENIED},
        {PATRON_UNSUPPORTED, SQL_UNSUPPORTED},
        {PATRON_DEPENDENT, SQL_DEPENDENT},
    };
    for (size_t i = 0; i < ARRAY_LEN(map); i++)
        if (map[i].code == code) return map[i].sqlstate;
    return SQL_INTERNAL;
}

uint32_t sql_position(pt_str query, size_t byte)
{
    size_t n = byte < query.len ? byte : query.len;
    return (uint32_t)utf8_count((pt_str){query.ptr, n}) + 1;
}

bool sql_fail_engine(sql_error *e, const patron_error *from, pt_str query, size_t offset)
{
    if (e->sqlstate[0]) return false;
    sql_fail(e, sqlstate_of(from->code), "%s", from->message);
    if (from->hint[0]) sql_hint(e, "%s", from->hint);
    bool has_place = from->start != 0 || from->end != 0 || from->line != 0;
    if (has_place) e->position = sql_position(query, offset + from->start);
    return false;
}
