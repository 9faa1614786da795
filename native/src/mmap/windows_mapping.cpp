#include "mapped_file.h"
#include "windows_handles.h"

#include "counters.h"
#include "fault.h"
#include "report.h"
#include "windows_range.h"
#include "windows_system.h"

#include <algorithm>
#include <cstring>

namespace lsm {

namespace {

size_t page_size() {
    static const size_t size = [] {
        SYSTEM_INFO info;
        GetSystemInfo(&info);
        return (size_t) info.dwPageSize;
    }();
    return size;
}

size_t round_up_to_page(size_t size) {
    return (size + page_size() - 1) / page_size() * page_size();
}

// A section (Windows' word for what can be mapped) of the file's first bytes. A view keeps it alive.
class section {
public:
    section(HANDLE file, size_t size, DWORD protection)
        : handle(size == 0 ? nullptr : CreateFileMappingW(file, nullptr, protection, (DWORD) ((uint64_t) size >> 32), (DWORD) size, nullptr)) {}
    ~section() {
        if (handle) {
            CloseHandle(handle);
        }
    }

    section(const section &) = delete;
    section & operator=(const section &) = delete;

    HANDLE get() const { return handle; }

private:
    HANDLE handle;
};

} // namespace

bool windows_mapping::map_view(void * file, const std::string & path, size_t size, unsigned long protection, unsigned long view_access) {
    unmap();
    if (size == 0) {
        return true;
    }
    const int injected = fault_at("mmap");
    if (injected != 0) {
        return fail_errno(injected, "map", path);
    }
    const section whole(file, size, protection);
    view = whole.get() ? MapViewOfFile(whole.get(), view_access, 0, 0, size) : nullptr;
    if (view == nullptr) {
        return fail_os(last_failure(), "map", path);
    }
    base   = (uint8_t *) view;
    length = size;
    counted(size);
    return true;
}

bool windows_mapping::map_file(void * file, const std::string & path, size_t size, access wanted) {
    return wanted == access::read ? map_view(file, path, size, PAGE_READONLY, FILE_MAP_READ)
                                  : map_view(file, path, size, PAGE_READWRITE, FILE_MAP_READ | FILE_MAP_WRITE);
}

bool windows_mapping::map_private(void * file, const std::string & path, size_t size) {
    return map_view(file, path, size, PAGE_WRITECOPY, FILE_MAP_COPY);
}

bool windows_mapping::allocate(const std::string & path, size_t size) {
    unmap();
    const int injected = fault_at("mmap");
    return injected == 0 ? commit(path, size) : fail_errno(injected, "allocate memory for", path);
}

bool windows_mapping::commit(const std::string & path, size_t size) {
    size = std::max(size, (size_t) 1);
    region = VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (region == nullptr) {
        return fail_os(last_failure(), "allocate memory for", path);
    }
    base   = (uint8_t *) region;
    length = size;
    return true;
}

bool windows_mapping::map_private_with_room(void * file, const std::string & path, size_t file_size, size_t room) {
    unmap();
    const size_t n_all = round_up_to_page(room);
    if (round_up_to_page(file_size) == n_all) { // the rest of the file's last page is the room
        const bool mapped = map_private(file, path, file_size);
        length = mapped ? room : 0;
        return mapped;
    }
    for (const char * action : { "reserve address space for", "map" }) {
        const int injected = fault_at("mmap");
        if (injected != 0) {
            return fail_errno(injected, action, path);
        }
    }
    const size_t n_view = file_size / range_granularity() * range_granularity();
    const section whole(file, n_view, PAGE_WRITECOPY);
    range_parts parts;
    if (n_view == 0 || !whole.get() || !map_with_memory_behind(whole.get(), n_view, n_all - n_view, parts)) {
        return commit(path, room);
    }
    view   = parts.view;
    region = parts.memory;
    base   = (uint8_t *) view;
    length = room;
    counted(n_view);
    return true;
}

// There is no way to put fresh pages in the place of others that cannot fail half-way and leave nothing there. Pages that
// are zero are only looked at, which makes no private copy of them.
bool windows_mapping::wipe() {
    const int injected = fault_at("wipe");
    if (injected != 0) {
        return fail_errno(injected, "wipe", "a private map");
    }
    for (size_t i = 0; i < length; i += page_size()) {
        uint8_t * page = base + i;
        const size_t n = std::min(page_size(), length - i);
        if (page[0] != 0 || memcmp(page, page + 1, n - 1) != 0) {
            memset(page, 0, n);
        }
    }
    return true;
}

// Windows only hands the pages to the file system here; the file's own flush waits for the disk.
bool windows_mapping::flush(const std::string & path, size_t offset, size_t size) {
    const size_t start = offset / page_size() * page_size();
    const size_t end   = std::min(offset + size, length);
    if (start >= end) {
        return true;
    }
    const int injected = fault_at("msync");
    if (injected != 0) {
        return fail_errno(injected, "sync", path);
    }
    constexpr int n_attempts = 50;
    for (int i = 0; i < n_attempts; ++i) {
        if (FlushViewOfFile(base + start, end - start)) {
            return true;
        }
        if (GetLastError() != ERROR_LOCK_VIOLATION) {
            break;
        }
        Sleep(1); // the system's own writer is at the same pages
    }
    return fail_os(last_failure(), "sync", path);
}

void windows_mapping::unmap() {
    if (view != nullptr) {
        UnmapViewOfFile(view);
    }
    if (region != nullptr) {
        VirtualFree(region, 0, MEM_RELEASE);
    }
    count.bytes_mapped -= n_counted;
    base = nullptr;
    view = region = nullptr;
    length = n_counted = 0;
}

void windows_mapping::counted(size_t n_bytes) {
    n_counted += n_bytes;
    count.bytes_mapped += n_bytes;
}

// Windows reads mapped files ahead by itself. PrefetchVirtualMemory waits for a measurement on a real one.
void read_ahead(const uint8_t *, size_t) {}
void populate  (const uint8_t *, size_t) {}

void populate_for_writing(uint8_t *, size_t) {}
void prefer_large_pages  (uint8_t *, size_t) {}

} // namespace lsm
