#include "posix_handles.h"

#include "counters.h"
#include "fault.h"
#include "mapped_file.h"
#include "report.h"

#include <algorithm>
#include <cerrno>

#include <unistd.h>
#if defined(__linux__)
#    include <sys/prctl.h>
#endif

namespace lsm {

namespace {

size_t page_size() {
    static const size_t size = (size_t) sysconf(_SC_PAGESIZE);
    return size;
}

size_t round_up_to_page(size_t size) {
    return (size + page_size() - 1) / page_size() * page_size();
}

// Flags of a private map of nothing: zeros that cost memory only where they are written.
#ifdef MAP_NORESERVE
constexpr int zeros = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
#else
constexpr int zeros = MAP_PRIVATE | MAP_ANONYMOUS;
#endif

// MAP_FAILED with errno set, as mmap() itself.
void * map_or_fault(void * at, size_t size, int protection, int flags, int fd, size_t offset = 0) {
    return call_or_fault("mmap", MAP_FAILED, [&] { return mmap(at, size, protection, flags, fd, (off_t) offset); });
}

} // namespace

bool posix_mapping::map_file(int fd, const std::string & path, size_t size, int protection, int flags) {
    unmap();
    if (size == 0) {
        return true;
    }
    void * at = map_or_fault(nullptr, size, protection, flags, fd);
    if (at == MAP_FAILED) {
        return fail_errno(errno, "map", path);
    }
    base   = (uint8_t *) at;
    length = size;
    counted(size);
    return true;
}

bool posix_mapping::reserve(const std::string & path, size_t size) {
    unmap();
    void * at = map_or_fault(nullptr, std::max(size, (size_t) 1), PROT_READ | PROT_WRITE, zeros, -1);
    if (at == MAP_FAILED) {
        return fail_errno(errno, "reserve address space for", path);
    }
    base   = (uint8_t *) at;
    length = std::max(size, (size_t) 1);
    return true;
}

void posix_mapping::take_single_pages(const char * name) {
#if defined(MADV_NOHUGEPAGE)
    madvise(base, length, MADV_NOHUGEPAGE);
#endif
#if defined(PR_SET_VMA)
    prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, base, length, name);
#else
    (void) name;
#endif
}

// The rest of the file's last page reads as zeros; the pages behind it stay those of the reservation.
bool posix_mapping::place_file(int fd, const std::string & path, const file_range & part) {
    if (part.begin == part.end) {
        return true;
    }
    const size_t n = part.end - part.begin;
    void * at = map_or_fault(base + part.begin, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, part.begin);
    if (at == MAP_FAILED) {
        return fail_errno(errno, "map", path);
    }
    counted(n);
    return true;
}

// One call puts zeros in the place of whatever was there: no moment in between, nothing done per byte.
bool posix_mapping::wipe(const std::string & path) {
    if (base == nullptr) {
        return true;
    }
    if (map_or_fault(base, length, PROT_READ | PROT_WRITE, zeros | MAP_FIXED, -1) == MAP_FAILED) {
        return fail_errno(errno, "wipe the map of", path);
    }
    count.bytes_mapped -= n_counted;
    n_counted = 0;
    return true;
}

bool posix_mapping::flush(const std::string & path, size_t offset, size_t size) {
    const size_t start = offset / page_size() * page_size();
    const size_t end   = std::min(round_up_to_page(offset + size), round_up_to_page(length));
    if (start >= end) {
        return true;
    }
    const bool done = call_or_fault("msync", -1, [&] { return msync(base + start, end - start, MS_SYNC); }) == 0;
    count.n_syncs += done ? 1 : 0;
    return done || fail_errno(errno, "sync", path);
}

void posix_mapping::unmap() {
    if (base != nullptr) {
        munmap(base, length);
        count.bytes_mapped -= n_counted;
    }
    base = nullptr;
    length = n_counted = 0;
}

void posix_mapping::counted(size_t n_bytes) {
    n_counted += n_bytes;
    count.bytes_mapped += n_bytes;
}

namespace {

bool advise(const uint8_t * data, size_t size, int advice) {
    const size_t before = (uintptr_t) data % page_size();
    return madvise((void *) (data - before), size + before, advice) == 0;
}

} // namespace

void read_ahead(const uint8_t * data, size_t size) {
    advise(data, size, MADV_WILLNEED);
}

void populate(const uint8_t * data, size_t size) {
#ifdef MADV_POPULATE_READ
    if (advise(data, size, MADV_POPULATE_READ)) {
        return;
    }
#endif
    read_ahead(data, size); // the faults remain
}

void populate_for_writing(uint8_t * data, size_t size) {
#ifdef MADV_POPULATE_WRITE
    advise(data, size, MADV_POPULATE_WRITE);
#else
    (void) data;
    (void) size;
#endif
}

void prefer_large_pages(uint8_t * data, size_t size) {
#ifdef MADV_HUGEPAGE
    advise(data, size, MADV_HUGEPAGE);
#else
    (void) data;
    (void) size;
#endif
}

} // namespace lsm
