/* sql_error.h - a failure in the words of the protocol: a five-character SQLSTATE beside message, hint and
 * place.
 *
 * The protocol names many conditions that the engine does not know (a portal that does not exist, a failed
 * transaction), so this room speaks SQLSTATE rather than pt_status. Functions that can fail return bool and
 * fill a sql_error; the first failure is kept, as with pt_err. */
#pragma once

#include "base/str.h"
#include "include/patron.h"

/* The SQLSTATEs in use, by the names that PostgreSQL's manual gives them (appendix A). */
#define SQL_WARNING               "01000"
#define SQL_PROTOCOL_VIOLATION    "08P01"
#define SQL_UNSUPPORTED           "0A000"
#define SQL_DATA_EXCEPTION        "22000"
#define SQL_NOT_IN_CHARSET        "22021"
#define SQL_INVALID_VALUE         "22023"
#define SQL_INVALID_TEXT          "22P02"
#define SQL_INVALID_BINARY        "22P03"
#define SQL_TX_ACTIVE             "25001"
#define SQL_READ_ONLY             "25006"
#define SQL_NO_TX                 "25P01"
#define SQL_TX_FAILED             "25P02"
#define SQL_NO_STATEMENT          "26000"
#define SQL_INVALID_AUTHORIZATION "28000"
#define SQL_INVALID_PASSWORD      "28P01"
#define SQL_DEPENDENT             "2BP01"
#define SQL_NO_CURSOR             "34000"
#define SQL_NO_SAVEPOINT          "3B001"
#define SQL_DENIED                "42501"
#define SQL_SYNTAX                "42601"
#define SQL_UNDEFINED_OBJECT      "42704"
#define SQL_DUPLICATE_OBJECT      "42710"
#define SQL_TYPE_MISMATCH         "42804"
#define SQL_DUPLICATE_STATEMENT   "42P05"
#define SQL_DUPLICATE_CURSOR      "42P03"
#define SQL_OUT_OF_MEMORY         "53200"
#define SQL_TOO_MANY_CONNECTIONS  "53300"
#define SQL_LIMIT                 "54000"
#define SQL_BUSY                  "55P03"
#define SQL_READ_ONLY_SETTING     "55P02"
#define SQL_CANCELLED             "57014"
#define SQL_SHUTDOWN              "57P01"
#define SQL_IDLE                  "57P05"
#define SQL_IO                    "58030"
#define SQL_INTERNAL              "XX000"
#define SQL_CORRUPT               "XX001"

typedef struct sql_error {
    char sqlstate[6];    /* "" : nothing went wrong */
    uint32_t position;   /* in characters of the query sent, from 1; 0: no place */
    const char *routine; /* static; NULL: not told. Drivers branch on one of these names */
    char message[PT_ERR_TEXT];
    char hint[PT_ERR_TEXT]; /* may be empty */
} sql_error;

/* Record a failure unless there is one; always false, to be returned. */
bool sql_fail(sql_error *e, const char *sqlstate, const char *fmt, ...) PT_PRINTF(3, 4);
/* Add advice unless there is some; always false. */
bool sql_hint(sql_error *e, const char *fmt, ...) PT_PRINTF(2, 3);
/* A failure of the engine. `query` is the whole text that the client sent and `offset` the byte in it where
 * the failed statement starts: the place counts from the start of what was sent. */
bool sql_fail_engine(sql_error *e, const patron_error *from, pt_str query, size_t offset);
/* The place of a byte of the query, in characters from 1. */
uint32_t sql_position(pt_str query, size_t byte);
/* The SQLSTATE of a PATRON_... code. */
const char *sqlstate_of(int code);
