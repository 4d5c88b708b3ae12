/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#ifdef __linux__
#include <sys/vfs.h>
#else
#include <sys/mount.h>
#include <sys/param.h>
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/spool.h"

#define PARENT_MODE 01777

#ifdef __linux__
/* Those that several machines see; see statfs(2) and linux/magic.h. */
static bool
is_network(const struct statfs *fs)
{
	static const uint32_t magic[] = {
		0x00006969, /* NFS */
		0x0000517b, /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x5346414f, /* AFS, OpenAFS */
		0x6b414653, /* AFS, the kernel's */
		0x73757245, /* Coda */
		0x00c36400, /* Ceph */
		0x01021997, /* 9P */
		0x0bd00bd0, /* Lustre */
		0x47504653, /* GPFS */
		0x19830326, /* BeeGFS */
		0x01161970, /* GFS2 */
		0x7461636f, /* OCFS2 */
	};
	size_t i;

	for (i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if ((uint32_t)fs->f_type == magic[i])
			return true;
	return false;
}
#else
static bool
is_network(const struct statfs *fs)
{
	return (fs->f_flags & MNT_LOCAL) == 0;
}
#endif

/* Whether the queue lies, or would lie, where other machines look in too. */
static bool
is_shared(const char *queue, const char *home)
{
	struct statfs fs;

	if (statfs(queue, &fs) == -1 && statfs(home, &fs) == -1)
		return false;
	return is_network(&fs);
}

static bool
has_parent(void)
{
	struct stat st;

	return lstat(SPOOL_PARENT, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == 0 && (st.st_mode & 07777) == PARENT_MODE;
}

static int
add(struct spool *spool, const char *folder, const char *name, struct fault *f)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);

	if (path == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot name a queue");
	snprintf(path, size, "%s/%s", folder, name);
	spool->path[spool->count++] = path;
	return EX_OK;
}

static int
add_common(struct spool *spool, uid_t uid, struct fault *f)
{
	char name[32], path[sizeof(SPOOL_PARENT) + sizeof(name)];
	struct stat st;

	if (!has_parent())
		return EX_OK;
	snprintf(name, sizeof(name), "%ju", (uintmax_t)uid);
	snprintf(path, sizeof(path), SPOOL_PARENT "/%s", name);
	spool->is_squatted = lstat(path, &st) == 0 && st.st_uid != uid;
	return spool->is_squatted ? EX_OK : add(spool, SPOOL_PARENT, name, f);
}

static void
put_common_first(struct spool *spool)
{
	char *home = spool->path[0];

	if (spool->count < SPOOL_PLACES || spool->is_common_first)
		return;
	spool->path[0] = spool->path[1];
	spool->path[1] = home;
	spool->is_common_first = true;
}

int
spool_find(struct spool *spool, const struct caller *caller, struct fault *f)
{
	int rc = EX_OK;

	*spool = (struct spool){ 0 };
	if (caller->home != NULL)
		rc = add(spool, caller->home, ".queue", f);
	if (rc == EX_OK)
		rc = add_common(spool, caller->uid, f);
	if (rc == EX_OK && spool->count == SPOOL_PLACES &&
	    caller->home != NULL && is_shared(spool->path[0], caller->home))
		put_common_first(spool);
	return rc;
}

void
spool_for_root(struct spool *spool, const struct caller *caller)
{
	if (caller->is_unlisted)
		put_common_first(spool);
}

void
spool_free(struct spool *spool)
{
	size_t i;

	for (i = 0; i < spool->count; i++)
		free(spool->path[i]);
	*spool = (struct spool){ 0 };
}

void
spool_mark(const struct caller *caller)
{
	char path[sizeof(SPOOL_PARENT) + 32];
	mode_t old;

	if (!has_parent())
		return;
	snprintf(
	    path, sizeof(path), SPOOL_PARENT "/%ju", (uintmax_t)caller->uid);
	old = umask(077);
	mkdir(path, 0700);
	umask(old);
}
