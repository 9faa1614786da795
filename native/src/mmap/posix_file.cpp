#include "posix_handles.h"

#include "counters.h"
#include "fault.h"
#include "report.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lsm {

namespace {

// A pipe must not block the open, a link must not be followed, a child must not inherit the lock.
constexpr int open_flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

// A system call by its name in fault.h, made again when a signal interrupts it.
template <typename F>
auto retry(const char * step, F && call) {
    auto result = call_or_fault(step, decltype(call())(-1), call);
    while (result == -1 && errno == EINTR) {
        result = call_or_fault(step, decltype(call())(-1), call);
    }
    return result;
}

int stat_open(int fd, struct stat & out) {
    return retry("stat", [&] { return fstat(fd, &out); });
}

} // namespace

posix_file::~posix_file() {
    close();
}

void posix_file::close() {
    if (descriptor != -1) {
        ::close(descriptor); // also ends the lock
        descriptor = -1;
    }
}

bool posix_file::open(const std::string & path, bool writable, bool & created) {
    close();
    created = false;
    if (writable && !create_or_nothing(path, created) && errno != EEXIST) {
        return fail_errno(errno, "create", path);
    }
    if (descriptor == -1) {
        descriptor = retry("open", [&] { return ::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | open_flags); });
    }
#if defined(__APPLE__)
    if (descriptor == -1 && errno == EOPNOTSUPP) {
        return fail(LLAMA_STATE_MMAP_NOT_REGULAR, "'%s' is a socket", path.c_str());
    }
#endif
    if (descriptor == -1) {
        return fail_errno(errno, "open", path);
    }
    return check(path);
}

bool posix_file::create(const std::string & path, bool & created) {
    close();
    return create_or_nothing(path, created) ? check(path) : fail_errno(errno, "create", path);
}

// False with errno set, without a report.
bool posix_file::create_or_nothing(const std::string & path, bool & created) {
    const int flags = O_RDWR | O_CREAT | O_EXCL | open_flags;
    descriptor = retry("create", [&] { return ::open(path.c_str(), flags, S_IRUSR | S_IWUSR); });
    created = descriptor != -1;
    return created;
}

bool posix_file::check(const std::string & path) const {
    struct stat st;
    if (stat_open(descriptor, st) == -1) {
        return fail_errno(errno, "examine", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return fail(LLAMA_STATE_MMAP_NOT_REGULAR, "'%s' is not a regular file (mode %o)", path.c_str(), (unsigned) st.st_mode);
    }
    if (st.st_uid != geteuid()) {
        return fail(LLAMA_STATE_MMAP_WRONG_OWNER, "'%s' belongs to user %u, not to %u", path.c_str(), (unsigned) st.st_uid, (unsigned) geteuid());
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(LLAMA_STATE_MMAP_WRONG_MODE, "'%s' has permissions %03o, others may use it; make it 600",
                    path.c_str(), (unsigned) st.st_mode & 0777);
    }
    return true;
}

int posix_file::lock(bool exclusive) {
    return retry("lock", [&] { return flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB); }) == 0 ? 0 : errno;
}

bool posix_file::is_still_at(const std::string & path) const {
    struct stat here;
    struct stat there;
    return stat_open(descriptor, here) == 0 && retry("stat-path", [&] { return lstat(path.c_str(), &there); }) == 0
        && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

bool posix_file::length(const std::string & path, size_t & out) const {
    struct stat st;
    if (stat_open(descriptor, st) == -1) {
        return fail_errno(errno, "examine", path);
    }
    out = (size_t) st.st_size;
    return true;
}

bool posix_file::read_at(const std::string & path, size_t offset, void * out, size_t size) const {
    uint8_t * at = (uint8_t *) out;
    while (size > 0) {
        const ssize_t n = retry("read", [&] { return pread(descriptor, at, size, (off_t) offset); });
        if (n < 0) {
            return fail_errno(errno, "read", path);
        }
        if (n == 0) {
            return fail(LLAMA_STATE_MMAP_BAD_SIZE, "'%s' ends at byte %zu", path.c_str(), offset);
        }
        at     += n;
        offset += (size_t) n;
        size   -= (size_t) n;
    }
    return true;
}

bool posix_file::write_at(const std::string & path, size_t offset, const void * data, size_t size) {
    const uint8_t * at = (const uint8_t *) data;
    while (size > 0) {
        const ssize_t n = retry("write", [&] { return pwrite(descriptor, at, size, (off_t) offset); });
        if (n < 0) {
            return fail_errno(errno, "write", path);
        }
        at     += n;
        offset += (size_t) n;
        size   -= (size_t) n;
    }
    return true;
}

int posix_file::truncate(size_t size) {
    return retry("truncate", [&] { return ftruncate(descriptor, (off_t) size); }) == 0 ? 0 : errno;
}

bool posix_file::flush(const std::string & path) {
#if defined(__APPLE__)
    // fsync() on macOS stops at the drive's cache; not every file system knows the stronger call
    const bool done = retry("fsync", [&] { return fcntl(descriptor, F_FULLFSYNC) != -1 ? 0 : fsync(descriptor); }) == 0;
#else
    const bool done = retry("fsync", [&] { return fsync(descriptor); }) == 0;
#endif
    count.n_syncs += done ? 1 : 0;
    return done || fail_errno(errno, "sync", path);
}

} // namespace lsm
