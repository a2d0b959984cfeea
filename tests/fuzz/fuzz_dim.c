/* fuzz_dim.c - any bytes as a dimension file: refused, or read and edited without a step out of bounds.
 *
 * Checksums are made to fit first: with them in the way no damage would get past opening. */
#include "tests/unit/members_util.h"

#include "storage/dim_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dim_view *d;
    uint8_t *image = mem_alloc(size, 1);
    if (!image) return 0;
    if (size) memcpy(image, data, size);
    repair_sums(image, size);
    if (dim_view_of_image(image, size, &d, NULL) != PT_OK) return 0;
    exercise_view(d);
    dim_view_put(d);
    return 0;
}
