#include "posix_handles.h"

#include "counters.h"
#include "fault.h"
#include "report.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lsm {

namespace {

template <typename F>
int retry(F && call) {
    int result;
    do {
        result = call();
    } while (result == -1 && errno == EINTR);
    return result;
}

// For file systems that cannot allocate: every block beyond the end is written.
int write_zeros(int fd, size_t from, size_t to) {
    static const char zeros[1 << 16] = {};
    while (from < to) {
        const ssize_t n = pwrite(fd, zeros, std::min(sizeof(zeros), to - from), (off_t) from);
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        from += n > 0 ? (size_t) n : 0;
    }
    return 0;
}

int allocate_blocks(int fd, size_t old_size, size_t size) {
#if defined(__APPLE__)
    fstore_t store = { F_ALLOCATECONTIG | F_ALLOCATEALL, F_PEOFPOSMODE, 0, (off_t) (size - std::min(old_size, size)), 0 };
    if (store.fst_length > 0 && fcntl(fd, F_PREALLOCATE, &store) == -1) {
        store.fst_flags = F_ALLOCATEALL; // need not be in one piece
        if (fcntl(fd, F_PREALLOCATE, &store) == -1) {
            return errno == ENOTSUP ? write_zeros(fd, old_size, size) : errno;
        }
    }
    return old_size >= size || ftruncate(fd, (off_t) size) == 0 ? 0 : errno;
#else
    int error;
    do {
        error = posix_fallocate(fd, 0, (off_t) size);
    } while (error == EINTR);
    return error == EOPNOTSUPP || error == EINVAL ? write_zeros(fd, old_size, size) : error;
#endif
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
    // a pipe must not block the open, a link must not be followed, a child must not inherit the lock
    const int flags = (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    created = false;
    if (writable) {
        descriptor = retry([&] { return ::open(path.c_str(), flags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR); });
        created = descriptor != -1;
        if (!created && errno != EEXIST) {
            return fail_errno(errno, "create", path);
        }
    }
    if (descriptor == -1) {
        descriptor = retry([&] { return ::open(path.c_str(), flags); });
    }
    if (descriptor == -1) {
        return fail_errno(errno, "open", path);
    }
    return check(path);
}

bool posix_file::check(const std::string & path) const {
    struct stat st;
    if (fstat(descriptor, &st) == -1) {
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
    const int injected = fault_at("lock");
    if (injected != 0) {
        return injected;
    }
    return retry([&] { return flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB); }) == 0 ? 0 : errno;
}

bool posix_file::is_still_at(const std::string & path) const {
    struct stat here;
    struct stat there;
    return fstat(descriptor, &here) == 0 && lstat(path.c_str(), &there) == 0
        && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

bool posix_file::length(const std::string & path, size_t & out) const {
    struct stat st;
    if (fstat(descriptor, &st) == -1) {
        return fail_errno(errno, "examine", path);
    }
    out = (size_t) st.st_size;
    return true;
}

bool posix_file::read_at(const std::string & path, size_t offset, void * out, size_t size) const {
    uint8_t * at = (uint8_t *) out;
    while (size > 0) {
        const ssize_t n = pread(descriptor, at, size, (off_t) offset);
        if (n < 0 && errno != EINTR) {
            return fail_errno(errno, "read", path);
        }
        if (n == 0) {
            return fail(LLAMA_STATE_MMAP_BAD_SIZE, "'%s' ends at byte %zu", path.c_str(), offset);
        }
        if (n > 0) {
            at     += n;
            offset += (size_t) n;
            size   -= (size_t) n;
        }
    }
    return true;
}

// Beyond the process's own limit the system would not return an error but kill the process.
bool posix_file::check_size_limit(const std::string & path, size_t size) const {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur) {
        return fail(LLAMA_STATE_MMAP_NO_SPACE, "'%s' needs %zu bytes, the file size limit of this process is %llu",
                    path.c_str(), size, (unsigned long long) limit.rlim_cur);
    }
    return true;
}

bool posix_file::allocate(const std::string & path, size_t size) {
    size_t old_size = 0;
    if (!length(path, old_size) || !check_size_limit(path, size)) {
        return false;
    }
    int error = fault_at("allocate");
    if (error == 0) {
        error = allocate_blocks(descriptor, old_size, size);
    }
    return error == 0 || fail_errno(error, ("allocate " + std::to_string(size) + " bytes for").c_str(), path);
}

int posix_file::truncate(size_t size) {
    const int injected = fault_at("truncate");
    if (injected != 0) {
        return injected;
    }
    return retry([&] { return ftruncate(descriptor, (off_t) size); }) == 0 ? 0 : errno;
}

bool posix_file::flush(const std::string & path) {
    const int injected = fault_at("fsync");
    errno = injected;
#if defined(__APPLE__)
    // fsync() on macOS stops at the drive's cache; not every file system knows the stronger call
    const bool done = injected == 0 && (fcntl(descriptor, F_FULLFSYNC) != -1 || fsync(descriptor) == 0);
#else
    const bool done = injected == 0 && retry([&] { return fsync(descriptor); }) == 0;
#endif
    count.n_syncs += done ? 1 : 0;
    return done || fail_errno(errno, "sync", path);
}

} // namespace lsm
