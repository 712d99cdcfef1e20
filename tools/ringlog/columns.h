/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stddef.h>

/* Of a terminal, that tables fit into. */
#define LINE_WIDTH	100
/* Of the longest text in a cell, with its zero: a stream's name. */
#define CELL		64

struct cell {
	char	text[CELL];
};

/**
 * struct column - one of a table. The first one is for names, to the left, the
 *	others are to the right
 * @title: of it
 * @width: characters, at least those of the title
 */
struct column {
	const char	*title;
	int		width;
};

/* Make columns as wide as this row needs. */
void columns_fit(struct column *columns, int count, const struct cell *cells);

/* Make the first column narrower if the table would be wider than a line. */
void columns_limit(struct column *columns, int count);

void columns_print_titles(const struct column *columns, int count);

/* A name that is too long gets a line of its own. */
void columns_print(const struct column *columns, int count, const struct cell *cells);

#endif /* COLUMNS_H */
