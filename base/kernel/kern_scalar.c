/* kern_scalar.c - the kernels for any CPU. */
#define KERN_TABLE kern_scalar
#define KERN_ISA   "scalar"
#include "base/kernel/kern_plain.inc.c"

#include "base/kernel/kern_impl.inc.c"
