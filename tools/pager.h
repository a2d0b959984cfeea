/* pager.h - long answers go through $PAGER, or less if there is one. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct pager {
    FILE *stream; /* to the pager */
    struct sigaction old_int, old_pipe;
} pager;

/* False if there is no pager, or it is switched off (PAGER set but empty). */
bool pager_open(pager *p);
/* Waits until the user leaves the pager. */
void pager_close(pager *p);
