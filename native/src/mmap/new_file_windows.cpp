#include "new_file.h"

#include "report.h"
#include "windows_handles.h"

namespace lsm {

struct new_file::impl {
    std::string  path;
    windows_file file;
    bool         is_unfinished = false;

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
    os_failure failure;
    return file.lock(true, failure) == lock_result::taken ? file.extend(path, size) : fail_os(failure, "lock", path);
}

new_file::impl::~impl() {
    if (is_unfinished) {
        file.remove();
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
