/* commands.c - the table of subcommands. */
#include "tools/commands.h"

const command *const commands[] = {
    &cmd_init, &cmd_sample, &cmd_define, &cmd_load,  &cmd_query, &cmd_shell, &cmd_explain,
    &cmd_info, &cmd_check,  &cmd_watch,  &cmd_serve, &cmd_user,  &cmd_help,  NULL,
};

const command *command_find(const char *name)
{
    for (const command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0) return *c;
    return NULL;
}
