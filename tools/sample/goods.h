/* goods.h - what the sample company sells, and the departments that sell it. */
#pragma once

#include <stdint.h>

typedef enum season {
    SEASON_FLAT,
    SEASON_SUMMER,
    SEASON_WINTER,
    SEASON_GIFTS,
    SEASON_SCHOOL,
    SEASON_SPRING
} season;

/* Factor of a month (0..11) in percent. */
extern const uint16_t goods_season[][12];

typedef struct department {
    const char *division, *name, *manager;
    uint16_t opened; /* months after the first day at which it starts to sell */
} department;

enum {
    DEPARTMENT_WEB = 7,
    DEPARTMENT_APP = 8,
    DEPARTMENT_MARKET = 9,
    DEPARTMENT_HOTELS = 10,
    DEPARTMENT_OFFICES = 11
};
extern const department goods_departments[];
extern const uint32_t goods_n_departments;

/* A kind of product, the lowest level above brands. Kinds of one family and category stand together. */
typedef struct kind {
    const char *family, *category, *name;
    const char *noun;              /* "Apple Juice", as on the packet */
    uint32_t price_min, price_max; /* cents */
    uint8_t margin;                /* percent of the price, about */
    uint8_t returns;               /* of a thousand sold */
    season season;
    uint8_t department; /* the one of the shop floor */
    uint8_t weight;     /* share of the sales */
    uint8_t packs;      /* typical units of a purchase: 1 rarely more than one, 3 often several */
} kind;

extern const kind goods_kinds[];
extern const uint32_t goods_n_kinds;

extern const char *const goods_brands[];
extern const uint32_t goods_n_brands;
extern const char *const goods_lines[]; /* "Classic", "Bio", ...: the same brand's versions of a product */
extern const uint32_t goods_n_lines;
