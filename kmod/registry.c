// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: the registry
 *
 * A name is taken before the memory of its stream is allocated and until its
 * node is gone, and the stream can be found by it in between. While it comes or
 * goes the name belongs to nobody else, so there is never a second node of it,
 * and no lock is held while memory is allocated or nodes are made.
 *
 * ============ ===================== ==================== ===================
 * .            name                  id                   references
 * ============ ===================== ==================== ===================
 * taken        entry, no stream      nothing              none
 * made         entry, no stream      stream: opens work   the registry's
 * listed       entry with stream     stream               and whoever's
 * dying        entry, no stream      stream that is gone  and whoever's
 * removed      free                  free                 whoever's, the
 *                                                         last one frees it
 * ============ ===================== ==================== ===================
 */
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "events.h"
#include "registry.h"

/**
 * struct entry - a name that is taken
 * @node: in @names
 * @name: zero-padded
 * @id: of the stream
 * @stream: that is found by it; NULL while it comes and goes
 * @rcu: a table that is being rebuilt may look at it for a grace period
 */
struct entry {
	struct rhash_head node;
	char name[RINGLOG_NAME_MAX + 1];
	u32 id;
	struct ringlog_stream *stream;
	struct rcu_head rcu;
};

static const struct rhashtable_params by_name = {
	.key_len = sizeof_field(struct entry, name),
	.key_offset = offsetof(struct entry, name),
	.head_offset = offsetof(struct entry, node),
	.automatic_shrinking = true,
};

/*
 * Protects @names, entries, @ids against other writers, @next_id, @generation
 * and @ready.
 * Taken by whoever asks for a change or looks a name up, never for a record.
 * Events are told under it, so that they are told in their order.
 */
static DEFINE_MUTEX(registry_lock);
static struct rhashtable names;
static DEFINE_XARRAY_ALLOC(ids);
static u32 next_id;
static u32 generation = 1;
static const struct ringlog_nodes *nodes;
/* The default stream is there, so the module stays loaded. */
static bool ready;

/* What is listed changed. Zero is how netlink spells that nobody counts. */
static void advance(void)
{
	lockdep_assert_held(&registry_lock);
	WRITE_ONCE(generation, generation + 1 ?: 1);
}

static struct entry *entry_of(const char *name)
{
	char key[RINGLOG_NAME_MAX + 1] = {};

	lockdep_assert_held(&registry_lock);
	if (strscpy(key, name, sizeof(key)) < 0)
		return NULL;
	return rhashtable_lookup_fast(&names, key, by_name);
}

static int insert(struct entry *entry)
{
	int ret;

	lockdep_assert_held(&registry_lock);
	ret = xa_alloc_cyclic(&ids, &entry->id, NULL, XA_LIMIT(0, RINGLOG_IDS - 1), &next_id,
			      GFP_KERNEL | __GFP_NOWARN);
	if (ret < 0)
		return ret;
	ret = rhashtable_insert_fast(&names, &entry->node, by_name);
	if (ret)
		xa_erase(&ids, entry->id);
	return ret;
}

/* Nobody else may have the name from now on. */
static struct entry *take_name(const char *name, struct ringlog_fault *fault)
{
	struct entry *entry;
	int ret;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!entry)
		return ERR_PTR(ringlog_refuse(fault, -ENOMEM, RINGLOG_SETTING_NONE, "no memory"));
	strscpy(entry->name, name, sizeof(entry->name));
	mutex_lock(&registry_lock);
	if (!ready && strcmp(name, RINGLOG_DEFAULT_NAME))
		ret = ringlog_refuse(fault, -EAGAIN, RINGLOG_SETTING_NONE,
				     "the module is still being loaded: try again");
	else if (entry_of(name))
		ret = ringlog_refuse(fault, -EEXIST, RINGLOG_SETTING_NAME,
				     "there is a stream of this name already");
	else
		ret = ringlog_refuse(fault, insert(entry), RINGLOG_SETTING_NONE, "no memory");
	mutex_unlock(&registry_lock);
	if (!ret)
		return entry;
	kfree(entry);
	return ERR_PTR(ret);
}

/* Anybody may have the name and the id from now on. @stream: it had one, for all to see. */
static void free_name(struct entry *entry, struct ringlog_stream *stream)
{
	mutex_lock(&registry_lock);
	/* Here, so that whoever has the name next is told of after. */
	if (stream)
		ringlog_events_happened(stream, RINGLOG_EVENT_DELETE);
	rhashtable_remove_fast(&names, &entry->node, by_name);
	xa_erase(&ids, entry->id);
	mutex_unlock(&registry_lock);
	kfree_rcu(entry, rcu);
}

/* Its node is there and it can be opened. */
static int announce(struct entry *entry, struct ringlog_stream *stream)
{
	int ret;

	stream->id = entry->id;
	ret = xa_err(xa_store(&ids, entry->id, stream, GFP_KERNEL));
	if (ret)
		return ret;
	ret = nodes->add(stream);
	if (ret)
		return ret;
	mutex_lock(&registry_lock);
	entry->stream = stream;
	WRITE_ONCE(stream->listed, true);
	WRITE_ONCE(ready, true);
	advance();
	ringlog_events_happened(stream, RINGLOG_EVENT_NEW);
	mutex_unlock(&registry_lock);
	return 0;
}

/**
 * ringlog_registry_add() - make a stream and its node
 * @config: checked
 * @fault: out: why it cannot be
 *
 * Context: process; sleeps.
 * Return: the stream, with a reference for the caller; an error pointer with
 * %-EEXIST, those of ringlog_stream_create(), or the driver core's.
 */
struct ringlog_stream *ringlog_registry_add(const struct ringlog_stream_config *config,
					    struct ringlog_fault *fault)
{
	struct ringlog_stream *stream;
	struct entry *entry;
	int ret;

	entry = take_name(config->name, fault);
	if (IS_ERR(entry))
		return ERR_CAST(entry);
	stream = ringlog_stream_create(config, fault);
	if (IS_ERR(stream)) {
		free_name(entry, NULL);
		return stream;
	}
	/* For the caller: from the moment it is announced another may delete it. */
	ringlog_stream_get(stream);
	ret = announce(entry, stream);
	if (!ret)
		return stream;
	*fault = (struct ringlog_fault){ .words = "the node could not be made" };
	ringlog_stream_kill(stream);
	free_name(entry, NULL);
	ringlog_stream_put(stream);
	ringlog_stream_put(stream);
	return ERR_PTR(ret);
}

/* Take @entry's stream out, so that nobody finds it any more. */
static void unlist(struct entry *entry)
{
	lockdep_assert_held(&registry_lock);
	WRITE_ONCE(entry->stream->listed, false);
	entry->stream = NULL;
	advance();
}

/* It was unlisted by the caller, who so is the only one to do this. */
static void bury(struct entry *entry, struct ringlog_stream *stream)
{
	ringlog_stream_kill(stream);
	/* Before its deletion is told, and whoever has the name next is told of. */
	ringlog_loss_flush(stream);
	nodes->remove(stream);
	free_name(entry, stream);
	ringlog_stream_put(stream);
}

/**
 * ringlog_registry_remove() - delete a stream
 * @stream: the caller has a reference, and keeps it
 *
 * Every waiter is woken and the node is gone when this returns.
 *
 * Context: process; sleeps.
 * Return: 0, or %-ENOENT: somebody else was faster.
 */
int ringlog_registry_remove(struct ringlog_stream *stream)
{
	struct entry *entry;

	mutex_lock(&registry_lock);
	entry = entry_of(stream->name);
	if (!entry || entry->stream != stream) {
		mutex_unlock(&registry_lock);
		return -ENOENT;
	}
	unlist(entry);
	mutex_unlock(&registry_lock);
	bury(entry, stream);
	return 0;
}

/**
 * ringlog_registry_set() - change a stream's settings
 * @stream: the caller has a reference
 * @changes: checked
 *
 * Context: process; sleeps.
 * Return: 0, or %-ENOENT: it was deleted meanwhile.
 */
int ringlog_registry_set(struct ringlog_stream *stream,
			 const struct ringlog_stream_changes *changes)
{
	bool listed;

	mutex_lock(&registry_lock);
	listed = stream->listed;
	if (listed) {
		ringlog_stream_set(stream, changes);
		advance();
		ringlog_events_happened(stream, RINGLOG_EVENT_SET);
	}
	mutex_unlock(&registry_lock);
	return listed ? 0 : -ENOENT;
}

/**
 * ringlog_registry_purge() - drop what partitions retain
 * @stream: the caller has a reference
 * @first: partition
 * @end: after the last partition
 *
 * Context: process; sleeps.
 * Return: 0, or %-ENOENT: it was deleted meanwhile.
 */
int ringlog_registry_purge(struct ringlog_stream *stream, u32 first, u32 end)
{
	bool listed;

	mutex_lock(&registry_lock);
	listed = stream->listed;
	if (listed) {
		ringlog_stream_purge(stream, first, end);
		ringlog_events_happened(stream, RINGLOG_EVENT_PURGE);
	}
	mutex_unlock(&registry_lock);
	return listed ? 0 : -ENOENT;
}

/**
 * ringlog_registry_find() - a stream by its name
 * @name: NUL-terminated
 *
 * Context: process; sleeps.
 * Return: the stream with a reference for the caller, or NULL.
 */
struct ringlog_stream *ringlog_registry_find(const char *name)
{
	struct ringlog_stream *stream = NULL;
	struct entry *entry;

	mutex_lock(&registry_lock);
	entry = entry_of(name);
	if (entry && entry->stream)
		stream = ringlog_stream_get(entry->stream);
	mutex_unlock(&registry_lock);
	return stream;
}

/**
 * ringlog_registry_open() - a stream by its id
 * @id: minor number of a node
 *
 * Context: process; takes no lock.
 * Return: the stream, which may be gone already, with a reference for the
 * caller; or NULL.
 */
struct ringlog_stream *ringlog_registry_open(u32 id)
{
	struct ringlog_stream *stream;

	rcu_read_lock();
	stream = xa_load(&ids, id);
	if (stream)
		stream = ringlog_stream_get_unless_freed(stream);
	rcu_read_unlock();
	return stream;
}

/**
 * ringlog_registry_next() - one stream after the other
 * @id: from which on; set to that of the stream that is returned
 *
 * Return: the next stream that is listed, with a reference for the caller; or
 * NULL.
 */
struct ringlog_stream *ringlog_registry_next(unsigned long *id)
{
	struct ringlog_stream *stream;

	rcu_read_lock();
	for (stream = xa_find(&ids, id, ULONG_MAX, XA_PRESENT); stream;
	     stream = xa_find_after(&ids, id, ULONG_MAX, XA_PRESENT))
		if (READ_ONCE(stream->listed) && ringlog_stream_get_unless_freed(stream))
			break;
	rcu_read_unlock();
	return stream;
}

/**
 * ringlog_registry_generation() - changes with every stream that comes, changes or goes
 *
 * Return: not zero.
 */
u32 ringlog_registry_generation(void)
{
	return READ_ONCE(generation);
}

/**
 * ringlog_registry_ready() - is the default stream there, so that the module stays
 *
 * Return: whether it is.
 */
bool ringlog_registry_ready(void)
{
	return READ_ONCE(ready);
}

/**
 * ringlog_registry_init() - before any stream
 * @makers: of nodes
 *
 * Return: 0 or %-ENOMEM.
 */
int ringlog_registry_init(const struct ringlog_nodes *makers)
{
	nodes = makers;
	return rhashtable_init(&names, &by_name);
}

/**
 * ringlog_registry_exit() - delete every stream
 *
 * No file is open, and nobody can ask for a change any more.
 */
void ringlog_registry_exit(void)
{
	struct ringlog_stream *stream;
	unsigned long id = 0;

	while ((stream = ringlog_registry_next(&id))) {
		ringlog_registry_remove(stream);
		ringlog_stream_put(stream);
	}
	rhashtable_destroy(&names);
	xa_destroy(&ids);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "registry_kunit.c"
#endif
