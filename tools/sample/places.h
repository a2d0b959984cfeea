/* places.h - where the sample company has shops, and what people are called there. */
#pragma once

#include <stdint.h>

typedef struct name_set {
    const char *const *female, *const *male, *const *family;
    uint32_t n_female, n_male, n_family;
    int family_first; /* 王伟 rather than Wei Wang; written without a blank */
} name_set;

typedef struct country {
    const char *code, *name, *area;
    const name_set *names;
    const char *store_words[6]; /* the first shop of a city, the second, ...; then they are numbered */
    uint8_t late; /* 0..100: how many of a hundred customers found us only after the first day */
} country;

typedef struct city {
    const country *country;
    const char *province, *name;
    uint32_t weight; /* share of the customers */
} city;

extern const city places_cities[];
extern const uint32_t places_n_cities;
