/* kern_avx2.c - the kernels for x86-64-v3. */
#define KERN_TABLE kern_avx2
#define KERN_ISA   "avx2"
#include "base/kernel/kern_shuffle.inc.c"

#include "base/kernel/kern_impl.inc.c"
