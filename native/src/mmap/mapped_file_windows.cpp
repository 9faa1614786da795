// Windows. What a user of the library notices is in llama_state_mmap.h, SYSTEMS. Why it is safe:
//
// - A file cannot be truncated while anybody has it mapped: nobody has, as readers hold a lock until they unmap, and
//   those beside a writer have a snapshot.
// - Memory can only be put behind a map at a multiple of 64 KiB: a copy-on-write map with room has what is beyond the
//   last of them in memory.
// - Maps are coherent with ReadFile() on local disks, so that a snapshot beside a writer sees what it wrote.

#include "mapped_file.h"

#include "counters.h"
#include "data_ranges.h"
#include "fault.h"
#include "report.h"
#include "windows_handles.h"

#include <algorithm>
#include <string>

namespace lsm {

namespace {

using access = windows_mapping::access;

class windows_private_view : public private_view {
public:
    explicit windows_private_view(windows_mapping mapping) : mapping(std::move(mapping)) { base = this->mapping.data(); }

    bool wipe() override { return mapping.wipe(); }

private:
    windows_mapping mapping;
};

} // namespace

std::unique_ptr<private_view> private_zeros(const std::string & name, size_t size) {
    windows_mapping mapping;
    if (!mapping.allocate(name, size)) {
        return nullptr;
    }
    return std::make_unique<windows_private_view>(std::move(mapping));
}

// The file is declared first: maps end before the lock does.
struct mapped_file::impl {
    std::string     path;
    map_mode        mode;
    windows_file    file;
    windows_mapping mapping;
    size_t          file_size   = 0;
    bool            is_created  = false; // by us, and not yet of use to anybody
    bool            is_locked   = false;
    bool            is_snapshot = false;

    bool open();
    bool lock();
    bool map_copy_on_write(size_t room);
    bool map_snapshot(size_t room);
    bool read_what_is_not_mapped();
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
        if (file.is_still_at()) {
            return file.length(path, file_size);
        }
    }
    return fail(LLAMA_STATE_MMAP_LOCKED, "'%s' is being replaced all the time; try again", path.c_str());
}

bool mapped_file::impl::lock() {
    const bool exclusive = mode == map_mode::read_write;
    os_failure failure;
    const lock_result result = file.lock(exclusive, failure);
    is_locked = result == lock_result::taken;
    if (is_locked || !exclusive) {
        return true; // a reader without a lock takes a snapshot
    }
    if (result == lock_result::busy) {
        return fail(LLAMA_STATE_MMAP_LOCKED, "'%s' is in use by another session; open it copy-on-write", path.c_str());
    }
    return fail_os(failure, "lock", path);
}

bool mapped_file::read_at(size_t offset, void * out, size_t size) const {
    return pimpl->file.read_at(pimpl->path, offset, out, size);
}

bool mapped_file::data_ranges(size_t unit, std::vector<file_range> & out) const {
    return find_data_ranges(pimpl->file, pimpl->path, pimpl->file_size, unit, out);
}

void mapped_file::will_read(size_t, size_t) const {} // the system notices sequential reading by itself

bool mapped_file::map(size_t room) {
    impl & self = *pimpl;
    switch (self.mode) {
        case map_mode::read_only:
            return self.is_locked ? self.mapping.map_file(self.file.get(), self.path, self.file_size, access::read)
                                  : self.map_snapshot(self.file_size);
        case map_mode::copy_on_write:
            room = std::max(room, self.file_size);
            return self.is_locked ? self.map_copy_on_write(room) : self.map_snapshot(room);
        case map_mode::read_write:
            return self.map_read_write(std::max(room, self.file_size));
    }
    return false;
}

bool mapped_file::impl::map_copy_on_write(size_t room) {
    return mapping.map_private_with_room(file.get(), path, file_size, room) && read_what_is_not_mapped();
}

bool mapped_file::impl::map_snapshot(size_t room) {
    if (!mapping.allocate(path, room) || !read_what_is_not_mapped()) {
        return false;
    }
    is_snapshot = true;
    const int injected = fault_at("snapshot");
    return injected == 0 || fail_errno(injected, "copy", path);
}

bool mapped_file::impl::read_what_is_not_mapped() {
    const size_t start = std::min(mapping.n_shown(), file_size);
    count.bytes_copied += file_size - start;
    return file.read_at(path, start, mapping.data() + start, file_size - start);
}

bool mapped_file::impl::map_read_write(size_t room) {
    if (!file.allocate(path, room) || !mapping.map_file(file.get(), path, room, access::write)) {
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
        mapping.unmap();
        file.remove();
    }
}

// FlushViewOfFile() does not wait for the disk, FlushFileBuffers() does: together they are msync().
bool mapped_file::flush(size_t offset, size_t size) {
    return pimpl->mapping.flush(pimpl->path, offset, size) && pimpl->file.flush(pimpl->path);
}

bool mapped_file::finish(size_t exact, bool is_flushed) {
    const bool is_exact = exact == size();
    const bool flushed  = is_flushed || flush(0, std::min(exact, size()));
    pimpl->mapping.unmap();
    if (is_flushed && is_exact) {
        return true;
    }
    const os_failure failure = pimpl->file.truncate(exact);
    if (failure) {
        return fail_os(failure, "trim", pimpl->path);
    }
    return pimpl->file.flush(pimpl->path) && flushed;
}

std::unique_ptr<private_view> mapped_file::view_private(size_t size) const {
    windows_mapping mapping;
    if (!mapping.map_private(pimpl->file.get(), pimpl->path, size)) {
        return nullptr;
    }
    return std::make_unique<windows_private_view>(std::move(mapping));
}

// A view of a sparse file takes nothing from the file system where it is written either.
std::unique_ptr<private_view> mapped_file::view_sparse() const {
    return view_private(pimpl->file_size);
}

uint8_t * mapped_file::data() const { return pimpl->mapping.data(); }

size_t mapped_file::size()        const { return pimpl->mapping.size(); }
size_t mapped_file::file_size()   const { return pimpl->file_size; }
bool   mapped_file::is_snapshot() const { return pimpl->is_snapshot; }
bool   mapped_file::is_locked()   const { return pimpl->is_locked; }
bool   mapped_file::is_private()  const { return pimpl->is_snapshot || pimpl->mode == map_mode::copy_on_write; }

} // namespace lsm
