// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may see which streams: whoever could open the node for reading, by the
 * owner and mode it was made with.
 *
 * What counts is who opened the socket, as for a file: a privileged program that
 * is made to write to somebody else's socket lends it nothing.
 */
#include <linux/capability.h>
#include <linux/net.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "netlink.h"

/**
 * ringlog_viewer_init() - who sent a request
 * @viewer: out
 * @request: being received, so by the process that sends it
 */
void ringlog_viewer_init(struct ringlog_viewer *viewer, struct sk_buff *request)
{
	const struct file *file = NETLINK_CB(request).sk->sk_socket->file;

	viewer->cred = get_cred(file->f_cred);
	viewer->all = netlink_capable(request, CAP_NET_ADMIN) ||
		      file_ns_capable(file, &init_user_ns, CAP_DAC_READ_SEARCH) ||
		      file_ns_capable(file, &init_user_ns, CAP_DAC_OVERRIDE);
}

/**
 * ringlog_viewer_exit() - undo ringlog_viewer_init()
 * @viewer: initialised
 */
void ringlog_viewer_exit(struct ringlog_viewer *viewer)
{
	put_cred(viewer->cred);
}

/* As groups_search(), which modules cannot call: a credential's groups are sorted. */
static bool has_group(const struct group_info *groups, kgid_t gid)
{
	unsigned int low = 0, high = groups->ngroups;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (gid_eq(groups->gid[middle], gid))
			return true;
		if (gid_lt(groups->gid[middle], gid))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static bool in_group(const struct cred *cred, kgid_t gid)
{
	return gid_eq(cred->fsgid, gid) || has_group(cred->group_info, gid);
}

/**
 * ringlog_viewer_sees() - may a stream be shown
 * @viewer: to whom
 * @stream: which
 *
 * Return: whether it may.
 */
bool ringlog_viewer_sees(const struct ringlog_viewer *viewer, const struct ringlog_stream *stream)
{
	if (viewer->all)
		return true;
	if (uid_eq(viewer->cred->fsuid, stream->uid))
		return stream->mode & 0400;
	if (in_group(viewer->cred, stream->gid))
		return stream->mode & 0040;
	return stream->mode & 0004;
}
