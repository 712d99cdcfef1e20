/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attributes' names, as ringlog.yaml has them. */
#ifndef RINGLOG_CTL_ATTRIBUTES_H
#define RINGLOG_CTL_ATTRIBUTES_H

/**
 * struct attribute_set - attributes that a message, or one of them, may have
 * @names: by type; NULL where there is none
 * @count: of @names
 * @nest: type of the one whose attributes have names too; 0 if none
 * @nested: those
 */
struct attribute_set {
	const char *const		*names;
	int				count;
	int				nest;
	const struct attribute_set	*nested;
};

/* What may be asked of streams, and of partitions. */
extern const struct attribute_set stream_attributes, partition_attributes;

/**
 * attribute_name - what an attribute is called
 * @set: that it belongs to; may be NULL
 * @type: of the attribute
 *
 * Return: its name; NULL if it has none.
 */
const char *attribute_name(const struct attribute_set *set, int type);

/**
 * attribute_nested - what is within an attribute
 * @set: that it belongs to
 * @type: of the attribute
 *
 * Return: the set of those within it; NULL if there are none.
 */
const struct attribute_set *attribute_nested(const struct attribute_set *set, int type);

#endif /* RINGLOG_CTL_ATTRIBUTES_H */
