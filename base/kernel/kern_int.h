/* kern_int.h - the tables, for the files that choose among them. */
#pragma once

#include "base/kernel/kern.h"

extern const kern_ops kern_scalar;
extern const kern_ops kern_avx2;
extern const kern_ops kern_avx512;
