/* commands.h - every subcommand, for the table. */
#pragma once

#include "tools/command.h"

extern const command cmd_check;
extern const command cmd_define;
extern const command cmd_explain;
extern const command cmd_help;
extern const command cmd_info;
extern const command cmd_init;
extern const command cmd_load;
extern const command cmd_query;
extern const command cmd_sample;
extern const command cmd_serve;
extern const command cmd_shell;
extern const command cmd_user;
extern const command cmd_watch;
