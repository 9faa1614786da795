// Where a file has data and where holes.

#include "posix_handles.h"

#include "fault.h"
#include "report.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <fcntl.h>
#include <unistd.h>

namespace lsm {

#if defined(SEEK_DATA) && defined(SEEK_HOLE)

namespace {

// -1 with errno set, as lseek() itself. ENXIO: there is none up to the end of the file.
off_t seek_or_fault(int fd, size_t offset, int whence) {
    return call_or_fault("seek", (off_t) -1, [&] { return lseek(fd, (off_t) offset, whence); });
}

bool is_unsupported(int error) {
    return error == EINVAL || error == ENOTSUP || error == EOPNOTSUPP || error == ENOSYS || error == ENOTTY;
}

} // namespace

bool posix_file::next_data(const std::string & path, size_t offset, size_t file_size, file_range & out) const {
    out = { std::min(offset, file_size), file_size };
    if (out.begin == out.end) {
        return true;
    }
    const off_t data = seek_or_fault(descriptor, out.begin, SEEK_DATA);
    if (data == -1 && errno == ENXIO) {
        out.begin = out.end;
        return true;
    }
    const off_t hole = data == -1 ? -1 : seek_or_fault(descriptor, (size_t) data, SEEK_HOLE);
    if (hole == -1) {
        return is_unsupported(errno) || fail_errno(errno, "find the data of", path);
    }
    out = { std::min((size_t) data, file_size), std::min((size_t) hole, file_size) };
    return true;
}

#else

bool posix_file::next_data(const std::string &, size_t offset, size_t file_size, file_range & out) const {
    out = { std::min(offset, file_size), file_size };
    return true;
}

#endif

void posix_file::will_read(size_t offset, size_t size) const {
#if defined(__APPLE__)
    radvisory range = { (off_t) offset, (int) std::min(size, (size_t) INT_MAX) };
    fcntl(descriptor, F_RDADVISE, &range);
#else
    posix_fadvise(descriptor, (off_t) offset, (off_t) size, POSIX_FADV_SEQUENTIAL);
    posix_fadvise(descriptor, (off_t) offset, (off_t) size, POSIX_FADV_WILLNEED);
#endif
}

} // namespace lsm
