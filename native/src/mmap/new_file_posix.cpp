#include "new_file.h"

#include "fault.h"
#include "posix_handles.h"
#include "report.h"

#include <unistd.h>

namespace lsm {

struct new_file::impl {
    std::string path;
    posix_file  file;
    bool        is_unfinished = false;

    bool create(size_t size);

    ~impl();
};

std::unique_ptr<new_file> new_file::create(const char * path, size_t size) {
    auto pimpl = std::make_unique<impl>();
    pimpl->path = path;
    if (!pimpl->create(size)) {
        return nullptr;
    }
    return std::unique_ptr<new_file>(new new_file(std::move(pimpl)));
}

new_file::new_file(std::unique_ptr<impl> pimpl) : pimpl(std::move(pimpl)) {}

new_file::~new_file() = default;

bool new_file::impl::create(size_t size) {
    if (!file.create(path, is_unfinished)) {
        return false;
    }
    const int error = file.lock(true);
    return error == 0 ? file.extend(path, size) : fail_errno(error, "lock", path);
}

// While it is open, and locked where that worked: nobody else had a reason to put a file of his own there.
new_file::impl::~impl() {
    if (is_unfinished) {
        call_or_fault("unlink", -1, [&] { return unlink(path.c_str()); });
    }
}

bool new_file::write_at(size_t offset, const void * data, size_t size) {
    return pimpl->file.write_at(pimpl->path, offset, data, size);
}

bool new_file::finish() {
    const bool flushed = pimpl->file.flush(pimpl->path);
    pimpl->is_unfinished = !flushed;
    return flushed;
}

} // namespace lsm
