// Disk space that exists: a full disk must be an error when a file is opened, never a fault when a page is written.

#include "posix_handles.h"

#include "fault.h"
#include "report.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace lsm {

namespace {

// For file systems that cannot allocate: every block beyond the end is written.
int write_zeros(int fd, size_t from, size_t to) {
    static const char zeros[1 << 16] = {};
    while (from < to) {
        const size_t n_wanted = std::min(sizeof(zeros), to - from);
        const ssize_t n = call_or_fault("write", (ssize_t) -1, [&] { return pwrite(fd, zeros, n_wanted, (off_t) from); });
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        from += n > 0 ? (size_t) n : 0;
    }
    return 0;
}

int allocate_blocks(int fd, size_t old_size, size_t size) {
#if defined(__APPLE__)
    if (const int injected = fault_at("allocate")) {
        return injected;
    }
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
        error = fault_at("allocate");
        error = error != 0 ? error : posix_fallocate(fd, 0, (off_t) size);
    } while (error == EINTR);
    return error == EOPNOTSUPP || error == EINVAL ? write_zeros(fd, old_size, size) : error;
#endif
}

} // namespace

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
    const int error = allocate_blocks(descriptor, old_size, size);
    return error == 0 || fail_errno(error, ("allocate " + std::to_string(size) + " bytes for").c_str(), path);
}

bool posix_file::extend(const std::string & path, size_t size) {
    if (!check_size_limit(path, size)) {
        return false;
    }
    const int error = truncate(size);
    return error == 0 || fail_errno(error, ("give " + std::to_string(size) + " bytes to").c_str(), path);
}

} // namespace lsm
