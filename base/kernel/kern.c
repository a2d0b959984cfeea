/* kern.c - choosing a table. */
#include "base/kernel/kern.h"

#include <stdlib.h>
#include <string.h>

const kern_ops *kern_get(void)
{
    const kern_ops *tables[KERN_LEVELS];
    size_t n = kern_usable(tables);
    const char *wanted = getenv("PT_ISA");
    for (size_t i = 0; wanted && i < n; i++)
        if (strcmp(tables[i]->isa, wanted) == 0) return tables[i];
    return tables[n - 1];
}
