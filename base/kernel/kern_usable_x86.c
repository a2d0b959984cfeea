/* kern_usable_x86.c - which tables an x86-64 CPU can run: each feature is asked for by name, because clang
 * 14 does not know the names of the psABI's levels. */
#include "base/kernel/kern_int.h"

size_t kern_usable(const kern_ops *tables[KERN_LEVELS])
{
    size_t n = 0;
    tables[n++] = &kern_scalar;
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi") ||
        !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("popcnt"))
        return n;
    tables[n++] = &kern_avx2;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512vbmi2"))
        return n;
    tables[n++] = &kern_avx512;
    return n;
}
