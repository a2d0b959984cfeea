/* transaction.h - BEGIN ... COMMIT as clients see it.
 *
 * Every statement of Patron reads its own snapshot and publishes what it changes by itself, so a block groups
 * nothing. But drivers count on its states: open, failed (only its end is accepted), savepoints, read only.
 */
#pragma once

#include "server/sql_error.h"

typedef struct transaction {
    char state;          /* 'I' idle, 'T' in a block, 'E' in a failed block: as ReadyForQuery says it */
    bool is_read_only;   /* of this block */
    bool read_only_next; /* what blocks begin with: SET SESSION CHARACTERISTICS */
    bool has_changes;    /* something was published within the block */
    strbuf savepoints;   /* names, each ended by a NUL; the youngest last */
} transaction;

typedef struct transaction_note {
    const char *sqlstate; /* NULL: nothing to say */
    const char *text;
} transaction_note;

void transaction_open(transaction *t);
void transaction_close(transaction *t);
/* Run BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE and their relatives; *tag is the command's, *note a
 * warning. */
bool transaction_run(transaction *t, pt_str statement, const char **tag, transaction_note *note,
                     sql_error *e);
/* SET TRANSACTION and SET SESSION CHARACTERISTICS: the modes behind; only READ ONLY and READ WRITE matter. */
void transaction_modes(transaction *t, pt_str modes, bool for_session);
/* A statement failed: a block fails with it. */
void transaction_failed(transaction *t);
/* May a statement run now? Says why not. */
bool transaction_admits(const transaction *t, bool is_reading, sql_error *e);
