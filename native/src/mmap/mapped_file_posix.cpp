#include "mapped_file.h"

#include "counters.h"
#include "data_ranges.h"
#include "fault.h"
#include "posix_handles.h"
#include "report.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include <unistd.h>

namespace lsm {

namespace {

class posix_private_view : public private_view {
public:
    posix_private_view(std::string name, posix_mapping mapping, std::vector<file_range> in_file = {}) :
        name(std::move(name)), mapping(std::move(mapping)) {
        base   = this->mapping.data();
        ranges = std::move(in_file);
    }

    bool wipe() override { return mapping.wipe(name); }

private:
    std::string   name;
    posix_mapping mapping;
};

} // namespace

std::unique_ptr<private_view> private_zeros(const std::string & name, size_t size) {
    posix_mapping mapping;
    if (!mapping.reserve(name, size)) {
        return nullptr;
    }
    return std::make_unique<posix_private_view>(name, std::move(mapping));
}

struct mapped_file::impl {
    std::string   path;
    map_mode      mode;
    posix_file    file;
    posix_mapping mapping;
    size_t        file_size   = 0;
    bool          is_created  = false; // by us, and not yet of use to anybody
    bool          is_locked   = false;
    bool          is_snapshot = false;

    bool open();
    bool lock();
    bool check_file_size();
    bool map_shared(size_t length, int protection);
    bool map_copy_on_write(size_t room);
    bool map_snapshot(size_t room);
    bool map_read_write(size_t room);
    void undo_allocation();

    ~impl();
};

bool mapped_file_supported() {
    return true;
}

std::unique_ptr<mapped_file> mapped_file::open(const char * path, map_mode mode) {
    auto pimpl = std::make_unique<impl>();
    pimpl->path = path;
    pimpl->mode = mode;
    if (!pimpl->open()) {
        return nullptr;
    }
    return std::unique_ptr<mapped_file>(new mapped_file(std::move(pimpl)));
}

mapped_file::mapped_file(std::unique_ptr<impl> pimpl) : pimpl(std::move(pimpl)) {}

mapped_file::~mapped_file() = default;

// Between open and lock the path may have been renamed or removed: then the lock is on the wrong file.
bool mapped_file::impl::open() {
    constexpr int n_attempts = 8;
    for (int i = 0; i < n_attempts; ++i) {
        if (!file.open(path, mode == map_mode::read_write, is_created) || !lock()) {
            return false;
        }
        if (file.is_still_at(path)) {
            return check_file_size();
        }
    }
    return fail(LLAMA_STATE_MMAP_LOCKED, "'%s' is being replaced all the time; try again", path.c_str());
}

bool mapped_file::impl::lock() {
    const bool exclusive = mode == map_mode::read_write;
    const int error = file.lock(exclusive);
    is_locked = error == 0;
    if (is_locked || !exclusive) {
        return true; // a reader without a lock takes a snapshot
    }
    if (error == EWOULDBLOCK) {
        return fail(LLAMA_STATE_MMAP_LOCKED, "'%s' is in use by another session; open it copy-on-write", path.c_str());
    }
    return fail_errno(error, "lock", path);
}

bool mapped_file::impl::check_file_size() {
    return file.length(path, file_size);
}

bool mapped_file::read_at(size_t offset, void * out, size_t size) const {
    return pimpl->file.read_at(pimpl->path, offset, out, size);
}

bool mapped_file::data_ranges(size_t unit, std::vector<file_range> & out) const {
    return find_data_ranges(pimpl->file, pimpl->path, pimpl->file_size, unit, out);
}

void mapped_file::will_read(size_t offset, size_t size) const {
    pimpl->file.will_read(offset, size);
}

bool mapped_file::map(size_t room) {
    switch (pimpl->mode) {
        case map_mode::read_only:
            return pimpl->is_locked ? pimpl->map_shared(pimpl->file_size, PROT_READ) : pimpl->map_snapshot(pimpl->file_size);
        case map_mode::copy_on_write:
            room = std::max(room, pimpl->file_size);
            return pimpl->is_locked ? pimpl->map_copy_on_write(room) : pimpl->map_snapshot(room);
        case map_mode::read_write:
            return pimpl->map_read_write(std::max(room, pimpl->file_size));
    }
    return false;
}

bool mapped_file::impl::map_shared(size_t length, int protection) {
    return mapping.map_file(file.fd(), path, length, protection, MAP_SHARED);
}

// The range is reserved for the whole room, the file lies over its start.
bool mapped_file::impl::map_copy_on_write(size_t room) {
    return mapping.reserve(path, room) && mapping.place_file(file.fd(), path, { 0, file_size });
}

bool mapped_file::impl::map_snapshot(size_t room) {
    if (!mapping.reserve(path, room) || !file.read_at(path, 0, mapping.data(), file_size)) {
        return false;
    }
    is_snapshot = true;
    count.bytes_copied += file_size;
    const int injected = fault_at("snapshot");
    return injected == 0 || fail_errno(injected, "copy", path);
}

bool mapped_file::impl::map_read_write(size_t room) {
    if (!file.allocate(path, room) || !map_shared(room, PROT_READ | PROT_WRITE)) {
        undo_allocation();
        return false;
    }
    is_created = false;
    count.bytes_preallocated += room;
    return true;
}

void mapped_file::impl::undo_allocation() {
    mapping.unmap();
    file.truncate(file_size);
}

// A new file that could not be opened to the end is taken away again: under the lock, so that it is still ours.
mapped_file::impl::~impl() {
    if (is_created && is_locked) {
        call_or_fault("unlink", -1, [&] { return unlink(path.c_str()); });
    }
}

bool mapped_file::flush(size_t offset, size_t size) {
    if (!pimpl->mapping.flush(pimpl->path, offset, size)) {
        return false;
    }
#if defined(__APPLE__)
    return pimpl->file.flush(pimpl->path); // msync() stops at the drive's cache there
#else
    return true;
#endif
}

bool mapped_file::finish(size_t exact, bool is_flushed) {
    const bool is_exact = exact == size();
    const bool flushed  = is_flushed || flush(0, std::min(exact, size()));
    pimpl->mapping.unmap();
    if (is_flushed && is_exact) {
        return true;
    }
    const int error = pimpl->file.truncate(exact);
    if (error != 0) {
        return fail_errno(error, "trim", pimpl->path);
    }
    return pimpl->file.flush(pimpl->path) && flushed;
}

std::unique_ptr<private_view> mapped_file::view_private(size_t size) const {
    posix_mapping mapping;
    if (!mapping.map_file(pimpl->file.fd(), pimpl->path, size, PROT_READ | PROT_WRITE, MAP_PRIVATE)) {
        return nullptr;
    }
    return std::make_unique<posix_private_view>(pimpl->path, std::move(mapping));
}

// Ranges are cut as those of an image. Each becomes a map of its own, of which the system allows a process some 65,000.
std::unique_ptr<private_view> mapped_file::view_sparse() const {
    constexpr size_t unit   = 1 << 16;
    constexpr size_t n_most = 4096;
    posix_mapping mapping;
    std::vector<file_range> ranges;
    if (!data_ranges(unit, ranges) || !mapping.reserve(pimpl->path, pimpl->file_size)) {
        return nullptr;
    }
    mapping.take_single_pages("kv-image-holes");
    if (ranges.size() > n_most) {
        ranges[n_most - 1].end = pimpl->file_size;
        ranges.resize(n_most);
    }
    for (const file_range & range : ranges) {
        if (!mapping.place_file(pimpl->file.fd(), pimpl->path, range)) {
            return nullptr;
        }
    }
    return std::make_unique<posix_private_view>(pimpl->path, std::move(mapping), std::move(ranges));
}

uint8_t * mapped_file::data() const { return pimpl->mapping.data(); }

size_t mapped_file::size()        const { return pimpl->mapping.size(); }
size_t mapped_file::file_size()   const { return pimpl->file_size; }
bool   mapped_file::is_snapshot() const { return pimpl->is_snapshot; }
bool   mapped_file::is_locked()   const { return pimpl->is_locked; }
bool   mapped_file::is_private()  const { return pimpl->is_snapshot || pimpl->mode == map_mode::copy_on_write; }

} // namespace lsm
