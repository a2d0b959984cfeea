/* users.h - who may connect: the file DIR/users of a warehouse, one line per user, readable by its owner
 * only.
 *
 *     # comment
 *     !<base64>                                   the secret behind the salts of users that do not exist
 *     ada SCRAM-SHA-256$4096:<salt>$<key>:<key>   a user and the verifier of the password
 *
 * Names are UTF-8 without blanks or control characters. The file is replaced as a whole, so a reader sees it
 * before or after a change; writers hold a lock on the directory. */
#pragma once

#include "server/scram.h"

enum { USERS_MAX_NAME = 63, USERS_SECRET_BYTES = 32 };

typedef struct user {
    char name[USERS_MAX_NAME + 1];
    scram_verifier verifier;
} user;

typedef struct users {
    uint32_t n;
    user *items; /* owned */
    uint8_t secret[USERS_SECRET_BYTES];
} users;

/* An absent file gives no users. PT_DENIED if others than the owner may read the file, PT_CORRUPT if a line
 * is not one of ours. Free with users_free in any case. */
PT_MUST_USE pt_status users_read(const char *dir, users *out, pt_err *err);
void users_free(users *u);
/* NULL: there is none of that name. */
const user *users_find(const users *u, pt_str name);

/* Add or change a user. PT_VALUE for names and passwords that will not do. *is_new may be NULL. */
PT_MUST_USE pt_status users_add(const char *dir, pt_str name, pt_str password, bool *is_new, pt_err *err);
/* PT_NAME if there is no such user. */
PT_MUST_USE pt_status users_drop(const char *dir, pt_str name, pt_err *err);
