/* param.h - parameters: Parameter(), ParamRef() and values bound from outside (section 22). */
#pragma once

#include "query/bind.h"

typedef struct param {
    pt_str name; /* case-sensitive */
    pt_span at;  /* of the definition */
    node *value; /* converted to the parameter's type */
} param;

/* @name or $1 */
PT_MUST_USE pt_status bind_bound_param(bind *b, const ast *e, node **out);
