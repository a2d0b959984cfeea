/* kern_usable_any.c - on other processors than x86-64 there is the plain table only. */
#include "base/kernel/kern_int.h"

size_t kern_usable(const kern_ops *tables[KERN_LEVELS])
{
    tables[0] = &kern_scalar;
    return 1;
}
