// SPDX-License-Identifier: GPL-2.0-only
/* Tables for people. */
#include "columns.h"

#include <stdio.h>
#include <string.h>

/* Between columns. */
#define GAP		2
/* Narrower than this the first column never is. */
#define NAME_LEAST	8

void columns_fit(struct column *columns, int count, const struct cell *cells)
{
	for (int i = 0; i < count; i++) {
		int width = strlen(cells[i].text);

		if (columns[i].width < width)
			columns[i].width = width;
	}
}

void columns_limit(struct column *columns, int count)
{
	int left = LINE_WIDTH;

	for (int i = 1; i < count; i++)
		left -= GAP + columns[i].width;
	if (left < NAME_LEAST)
		left = NAME_LEAST;
	if (columns[0].width > left)
		columns[0].width = left;
}

void columns_print(const struct column *columns, int count, const struct cell *cells)
{
	if ((int)strlen(cells[0].text) > columns[0].width)
		printf("%s\n%*s", cells[0].text, columns[0].width, "");
	else
		printf("%-*s", columns[0].width, cells[0].text);
	for (int i = 1; i < count; i++)
		printf("%*s%*s", GAP, "", columns[i].width, cells[i].text);
	putchar('\n');
}

void columns_print_titles(const struct column *columns, int count)
{
	printf("%-*s", columns[0].width, columns[0].title);
	for (int i = 1; i < count; i++)
		printf("%*s%*s", GAP, "", columns[i].width, columns[i].title);
	putchar('\n');
}
