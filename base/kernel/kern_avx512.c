/* kern_avx512.c - the kernels for x86-64-v4. */
#define KERN_TABLE kern_avx512
#define KERN_ISA   "avx512"
#include "base/kernel/kern_shuffle.inc.c"

#include "base/kernel/kern_impl.inc.c"
