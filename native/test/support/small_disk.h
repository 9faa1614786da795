// A disk that is full: a small file system in memory where this process may mount one, and a limit of file sizes for a
// process that may not. POSIX.

#pragma once

#include "files.h"
#include "harness.h"

#include <cstdlib>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__linux__)
#    include <sys/mount.h>
#    include <sys/statvfs.h>
#endif

constexpr size_t disk_size = 512 * 1024;

// A folder on a file system with room for disk_size bytes, if there can be one.
class small_disk {
public:
    small_disk() {
#if defined(__linux__)
        if (!getenv("WARMFORK_TEST_NO_MOUNT")) {
            const std::string options = "size=" + std::to_string(disk_size) + ",mode=700";
            is_mounted = mount("warmfork-test", root().c_str(), "tmpfs", 0, options.c_str()) == 0;
        }
#endif
    }

    ~small_disk() {
#if defined(__linux__)
        if (is_mounted) {
            umount2(root().c_str(), MNT_DETACH);
        }
#endif
    }

    small_disk(const small_disk &) = delete;
    small_disk & operator=(const small_disk &) = delete;

    std::string path(const std::string & name) const { return root() + name; }

    // Leaves so many bytes free.
    void fill(size_t n_left) {
#if defined(__linux__)
        struct statvfs disk = {};
        REQUIRE(statvfs(root().c_str(), &disk) == 0);
        const size_t n_free = disk.f_bavail * disk.f_bsize;
        const int fd = open(path("filler").c_str(), O_CREAT | O_WRONLY, 0600);
        CHECK(posix_fallocate(fd, 0, (off_t) (n_free - n_left)) == 0);
        close(fd);
#else
        (void) n_left;
#endif
    }

    void make_room() { unlink(path("filler").c_str()); }

    bool is_mounted = false;

private:
    std::string root() const { return dir.path(""); }

    temp_dir dir;
};

// The same for a process that may not mount: no file may be longer.
class size_limit {
public:
    explicit size_limit(size_t size) {
        signal(SIGXFSZ, SIG_DFL); // would end the process: the limit must be seen before
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit small = { size, before.rlim_max };
        REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    }
    ~size_limit() { setrlimit(RLIMIT_FSIZE, &before); }

    size_limit(const size_limit &) = delete;
    size_limit & operator=(const size_limit &) = delete;

private:
    rlimit before = {};
};
