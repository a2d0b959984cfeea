/* scan_plan_int.h - what the files that plan a scan share. Only for them. */
#pragma once

#include "engine/scan.h"

typedef struct scan_planner {
    scan *sc;
    const scan_request *req;
    arena *a;
    pt_err *err;
} scan_planner;

const dim_view *scan_role_view(const scan *sc, uint32_t role);
/* The level of a filter; PT_INTERNAL if there is none such, or its ranks are not what they must be. */
PT_MUST_USE pt_status scan_find_level(scan_planner *p, const agg_filter *f, const level_view **out);
/* Set `where` and `has_any` of the scan: filters that follow from the alternatives join those of the request.
 */
PT_MUST_USE pt_status scan_join_any(scan_planner *p);
/* Masks for the alternatives, if they are still needed. */
PT_MUST_USE pt_status scan_plan_any(scan_planner *p);
