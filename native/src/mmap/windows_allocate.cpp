// Disk space that exists: a full disk must be an error when a file is opened, never a fault when a page is written.

#include "windows_handles.h"

#include "fault.h"
#include "report.h"
#include "windows_system.h"

#include <algorithm>

#include <winioctl.h>

namespace lsm {

namespace {

// A compressed or sparse file has no blocks before they are written. Where the file system cannot undo that (or
// never had it) zeros are written below.
void make_plain(HANDLE handle) {
    DWORD n = 0;
    USHORT none = COMPRESSION_FORMAT_NONE;
    FILE_SET_SPARSE_BUFFER dense = { FALSE };
    FILE_BASIC_INFO info = {};
    GetFileInformationByHandleEx(handle, FileBasicInfo, &info, sizeof(info));
    if ((info.FileAttributes & FILE_ATTRIBUTE_COMPRESSED) != 0) {
        DeviceIoControl(handle, FSCTL_SET_COMPRESSION, &none, sizeof(none), nullptr, 0, &n, nullptr);
    }
    if ((info.FileAttributes & FILE_ATTRIBUTE_SPARSE_FILE) != 0) {
        DeviceIoControl(handle, FSCTL_SET_SPARSE, &dense, sizeof(dense), nullptr, 0, &n, nullptr);
    }
}

bool is_allocated(HANDLE handle, size_t size) {
    FILE_STANDARD_INFO info = {};
    return GetFileInformationByHandleEx(handle, FileStandardInfo, &info, sizeof(info)) && (uint64_t) info.AllocationSize.QuadPart >= size;
}

os_failure write_zeros(HANDLE handle, size_t from, size_t to) {
    static const char zeros[1 << 16] = {};
    while (from < to) {
        OVERLAPPED at = {};
        at.Offset     = (DWORD) from;
        at.OffsetHigh = (DWORD) ((uint64_t) from >> 32);
        DWORD n = 0;
        const int injected = fault_at("write");
        if (injected != 0) {
            return { 0, injected };
        }
        if (!WriteFile(handle, zeros, (DWORD) std::min(sizeof(zeros), to - from), &n, &at)) {
            return last_failure();
        }
        if (n == 0) {
            return { ERROR_DISK_FULL, 0 };
        }
        from += n;
    }
    return {};
}

// Where allocation means writing zeros, a full disk is better known before they are written.
bool is_free(const std::wstring & path, size_t n_bytes) {
    ULARGE_INTEGER available;
    const std::wstring folder = path.substr(0, path.find_last_of(L'\\') + 1);
    return !GetDiskFreeSpaceExW(folder.c_str(), &available, nullptr, nullptr) || available.QuadPart >= n_bytes;
}

// Moving the end allocates clusters on NTFS; where it does not, every block beyond the old end is written.
os_failure allocate_blocks(HANDLE handle, size_t old_size, size_t size) {
    make_plain(handle);
    FILE_END_OF_FILE_INFO end;
    end.EndOfFile.QuadPart = (LONGLONG) size;
    if (old_size < size && !SetFileInformationByHandle(handle, FileEndOfFileInfo, &end, sizeof(end))) {
        return last_failure();
    }
    return old_size >= size || is_allocated(handle, size) ? os_failure() : write_zeros(handle, old_size, size);
}

} // namespace

bool windows_file::allocate(const std::string & path, size_t size) {
    size_t old_size = 0;
    if (!length(path, old_size)) {
        return false;
    }
    os_failure failure = { 0, fault_at("allocate") };
    if (!failure && old_size < size && !is_free(wide, size - old_size)) {
        failure = { ERROR_DISK_FULL, 0 };
    }
    if (!failure) {
        failure = allocate_blocks(handle, old_size, size);
    }
    return !failure || fail_os(failure, ("allocate " + std::to_string(size) + " bytes for").c_str(), path);
}

} // namespace lsm
