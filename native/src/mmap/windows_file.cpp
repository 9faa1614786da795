#include "windows_handles.h"

#include "counters.h"
#include "fault.h"
#include "report.h"
#include "windows_path.h"
#include "windows_security.h"
#include "windows_system.h"

#include <algorithm>

namespace lsm {

namespace {

// Readers, one writer, and whoever deletes or renames live side by side; who may write is decided by our lock.
constexpr DWORD share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// A link is opened itself, so that it can be refused, and so is a folder; a pipe's server learns nothing about us.
constexpr DWORD open_flags = FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS
                           | SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS;

// The last byte a file can ever have.
constexpr DWORD lock_offset_low  = 0xFFFFFFFE;
constexpr DWORD lock_offset_high = 0x7FFFFFFF;

OVERLAPPED at_offset(uint64_t offset) {
    OVERLAPPED out = {};
    out.Offset     = (DWORD) offset;
    out.OffsetHigh = (DWORD) (offset >> 32);
    return out;
}

OVERLAPPED lock_range() {
    return at_offset(((uint64_t) lock_offset_high << 32) | lock_offset_low);
}

HANDLE open_handle(const std::wstring & wide, DWORD access, DWORD disposition, SECURITY_ATTRIBUTES * attributes = nullptr) {
    const HANDLE handle = CreateFileW(wide.c_str(), access, share_all, attributes, disposition, open_flags, nullptr);
    return handle == INVALID_HANDLE_VALUE ? nullptr : handle;
}

// Virus scanners and indexers open new files for a moment and share them with nobody.
template <typename F>
HANDLE retry_while_not_shared(F && open) {
    constexpr int   n_attempts = 5;
    constexpr DWORD pause_ms   = 10;
    HANDLE handle = open();
    for (int i = 1; i < n_attempts && !handle && GetLastError() == ERROR_SHARING_VIOLATION; ++i) {
        Sleep(pause_ms);
        handle = open();
    }
    return handle;
}

struct file_identity {
    uint64_t volume = 0;
    uint8_t  id[16] = {};

    bool operator==(const file_identity & other) const {
        return volume == other.volume && std::equal(id, id + sizeof(id), other.id);
    }
};

bool identity_of(HANDLE handle, file_identity & out) {
    FILE_ID_INFO info;
    if (GetFileInformationByHandleEx(handle, FileIdInfo, &info, sizeof(info))) {
        out.volume = info.VolumeSerialNumber;
        std::copy_n((const uint8_t *) &info.FileId, sizeof(out.id), out.id);
        return true;
    }
    BY_HANDLE_FILE_INFORMATION old = {}; // FAT, and some servers, have only the short one
    if (!GetFileInformationByHandle(handle, &old)) {
        return false;
    }
    out.volume = old.dwVolumeSerialNumber;
    const uint64_t index = ((uint64_t) old.nFileIndexHigh << 32) | old.nFileIndexLow;
    std::copy_n((const uint8_t *) &index, sizeof(index), out.id);
    return true;
}

} // namespace

void windows_file::close() {
    if (handle == nullptr) {
        return;
    }
    if (is_locked) {
        OVERLAPPED range = lock_range(); // closing would end it too, but not at once
        UnlockFileEx(handle, 0, 1, 0, &range);
        is_locked = false;
    }
    CloseHandle(handle);
    handle = nullptr;
}

bool windows_file::open(const std::string & path, bool writable, bool & created) {
    close();
    created = false;
    if (!wide_path(path, wide)) {
        return false;
    }
    if (writable) {
        created = create_or_nothing(path);
        if (!created && report_code() != LLAMA_STATE_MMAP_OK) {
            return false;
        }
    }
    return (created || open_existing(path, writable)) && check(path);
}

bool windows_file::create(const std::string & path, bool & created) {
    close();
    created = wide_path(path, wide) && create_or_nothing(path);
    if (!created) {
        return report_code() != LLAMA_STATE_MMAP_OK ? false : fail_os({ ERROR_FILE_EXISTS, 0 }, "create", path);
    }
    return check(path);
}

// False without a report if something of that name is there.
bool windows_file::create_or_nothing(const std::string & path) {
    const int injected = fault_at("create");
    if (injected != 0) {
        return fail_errno(injected, "create", path);
    }
    private_attributes attributes;
    handle = open_handle(wide, GENERIC_READ | GENERIC_WRITE, CREATE_NEW, attributes.get());
    if (handle != nullptr) {
        return true;
    }
    const DWORD error = GetLastError();
    if (error != ERROR_FILE_EXISTS && error != ERROR_ALREADY_EXISTS) {
        return fail_os({ error, 0 }, "create", path);
    }
    report_clear();
    return false;
}

bool windows_file::open_existing(const std::string & path, bool writable) {
    const int injected = fault_at("open");
    if (injected != 0) {
        return fail_errno(injected, "open", path);
    }
    const DWORD access = writable ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ;
    handle = retry_while_not_shared([&] { return open_handle(wide, access, OPEN_EXISTING); });
    return handle != nullptr || fail_os(last_failure(), "open", path);
}

bool windows_file::check(const std::string & path) const {
    const int injected = fault_at("stat");
    if (injected != 0) {
        return fail_errno(injected, "examine", path);
    }
    const DWORD type = GetFileType(handle);
    FILE_BASIC_INFO info = {};
    if (type == FILE_TYPE_DISK && !GetFileInformationByHandleEx(handle, FileBasicInfo, &info, sizeof(info))) {
        return fail_os(last_failure(), "examine", path);
    }
    constexpr DWORD not_regular = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE;
    if (type != FILE_TYPE_DISK || (info.FileAttributes & not_regular) != 0) {
        return fail(LLAMA_STATE_MMAP_NOT_REGULAR, "'%s' is not a regular file (type %u, attributes %x)",
                    path.c_str(), (unsigned) type, (unsigned) info.FileAttributes);
    }
    return check_private(handle, path);
}

lock_result windows_file::lock(bool exclusive, os_failure & failure) {
    failure = { 0, fault_at("lock") };
    if (failure) {
        return lock_result::failed;
    }
    OVERLAPPED range = lock_range();
    is_locked = LockFileEx(handle, LOCKFILE_FAIL_IMMEDIATELY | (exclusive ? LOCKFILE_EXCLUSIVE_LOCK : 0), 0, 1, 0, &range);
    if (is_locked) {
        return lock_result::taken;
    }
    failure = last_failure();
    return failure.windows == ERROR_LOCK_VIOLATION || failure.windows == ERROR_IO_PENDING ? lock_result::busy : lock_result::failed;
}

bool windows_file::is_still_at() const {
    const HANDLE there = fault_at("stat-path") == 0 ? open_handle(wide, FILE_READ_ATTRIBUTES, OPEN_EXISTING) : nullptr;
    if (there == nullptr) {
        return false;
    }
    file_identity mine;
    file_identity theirs;
    const bool same = identity_of(handle, mine) && identity_of(there, theirs) && mine == theirs;
    CloseHandle(there);
    return same;
}

bool windows_file::length(const std::string & path, size_t & out) const {
    LARGE_INTEGER size;
    const int injected = fault_at("stat");
    if (injected != 0) {
        return fail_errno(injected, "examine", path);
    }
    if (!GetFileSizeEx(handle, &size)) {
        return fail_os(last_failure(), "examine", path);
    }
    out = (size_t) size.QuadPart;
    return true;
}

bool windows_file::read_at(const std::string & path, size_t offset, void * out, size_t size) const {
    constexpr size_t most = 1u << 30;
    uint8_t * at = (uint8_t *) out;
    while (size > 0) {
        OVERLAPPED from = at_offset(offset);
        DWORD n = 0;
        const int injected = fault_at("read");
        if (injected != 0) {
            return fail_errno(injected, "read", path);
        }
        if (!ReadFile(handle, at, (DWORD) std::min(size, most), &n, &from) && GetLastError() != ERROR_HANDLE_EOF) {
            return fail_os(last_failure(), "read", path);
        }
        if (n == 0) {
            return fail(LLAMA_STATE_MMAP_BAD_SIZE, "'%s' ends at byte %zu", path.c_str(), offset);
        }
        at     += n;
        offset += n;
        size   -= n;
    }
    return true;
}

bool windows_file::write_at(const std::string & path, size_t offset, const void * data, size_t size) {
    constexpr size_t most = 1u << 30;
    const uint8_t * at = (const uint8_t *) data;
    while (size > 0) {
        OVERLAPPED to = at_offset(offset);
        DWORD n = 0;
        const int injected = fault_at("write");
        if (injected != 0) {
            return fail_errno(injected, "write", path);
        }
        if (!WriteFile(handle, at, (DWORD) std::min(size, most), &n, &to)) {
            return fail_os(last_failure(), "write", path);
        }
        if (n == 0) {
            return fail_os({ ERROR_DISK_FULL, 0 }, "write", path);
        }
        at     += n;
        offset += n;
        size   -= n;
    }
    return true;
}

os_failure windows_file::truncate(size_t size) {
    const int injected = fault_at("truncate");
    if (injected != 0) {
        return { 0, injected };
    }
    FILE_END_OF_FILE_INFO end;
    end.EndOfFile.QuadPart = (LONGLONG) size;
    return SetFileInformationByHandle(handle, FileEndOfFileInfo, &end, sizeof(end)) ? os_failure() : last_failure();
}

bool windows_file::flush(const std::string & path) {
    os_failure failure = { 0, fault_at("fsync") };
    if (!failure && !FlushFileBuffers(handle)) {
        failure = last_failure();
    }
    count.n_syncs += failure ? 0 : 1;
    return !failure || fail_os(failure, "sync", path);
}

void windows_file::remove() {
    if (fault_at("unlink") == 0) {
        DeleteFileW(wide.c_str());
    }
}

} // namespace lsm
