/* The floor of commands that read and write: SQLite with nothing between.
 *
 *   floor DATABASE SQL
 *
 * Runs the statements, durably, and prints each row as a line. */
#include <sqlite3.h>
#include <stdio.h>

static int print_row(void *unused, int count, char **values, char **names)
{
    (void)unused;
    (void)names;
    for (int i = 0; i < count; i++)
        printf("%s%s", i > 0 ? "|" : "", values[i] ? values[i] : "");
    putchar('\n');
    return 0;
}

int main(int count, char **arguments)
{
    sqlite3 *database;
    char *message = NULL;

    if (count != 3) {
        fputs("usage: floor DATABASE SQL\n", stderr);
        return 64;
    }
    if (sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(database, arguments[2], print_row, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "floor: %s\n", message ? message : sqlite3_errmsg(database));
        return 1;
    }
    return sqlite3_close(database) == SQLITE_OK ? 0 : 1;
}
