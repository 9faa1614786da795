// Files with holes, where the file system has such (NTFS and ReFS).

#include "windows_handles.h"

#include "fault.h"
#include "report.h"
#include "windows_system.h"

#include <algorithm>

#include <winioctl.h>

namespace lsm {

bool windows_file::extend(const std::string & path, size_t size) {
    FILE_SET_SPARSE_BUFFER sparse = { TRUE };
    DWORD n = 0;
    DeviceIoControl(handle, FSCTL_SET_SPARSE, &sparse, sizeof(sparse), nullptr, 0, &n, nullptr); // else it takes its whole length
    const os_failure failure = truncate(size);
    return !failure || fail_os(failure, ("give " + std::to_string(size) + " bytes to").c_str(), path);
}

bool windows_file::next_data(const std::string & path, size_t offset, size_t file_size, file_range & out) const {
    out = { std::min(offset, file_size), file_size };
    if (out.begin == out.end) {
        return true;
    }
    const int injected = fault_at("seek");
    if (injected != 0) {
        return fail_errno(injected, "find the data of", path);
    }
    FILE_ALLOCATED_RANGE_BUFFER wanted = {};
    FILE_ALLOCATED_RANGE_BUFFER first  = {};
    wanted.FileOffset.QuadPart = (LONGLONG) out.begin;
    wanted.Length.QuadPart     = (LONGLONG) (out.end - out.begin);
    DWORD n = 0;
    const bool all = DeviceIoControl(handle, FSCTL_QUERY_ALLOCATED_RANGES, &wanted, sizeof(wanted), &first, sizeof(first), &n, nullptr);
    if (!all && GetLastError() != ERROR_MORE_DATA) {
        return true; // nobody knows: read it all
    }
    if (n < sizeof(first)) {
        out.begin = out.end;
        return true;
    }
    out.begin = std::max(out.begin, (size_t) first.FileOffset.QuadPart);
    out.end   = std::min(file_size, (size_t) (first.FileOffset.QuadPart + first.Length.QuadPart));
    out.begin = std::min(out.begin, out.end);
    return true;
}

} // namespace lsm
