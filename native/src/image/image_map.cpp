#include "image_file.h"

#include "open_image.h"
#include "report.h"

#include <utility>

namespace lsm {

image_map::image_map(std::unique_ptr<mapped_file> file, std::unique_ptr<private_view> view, size_t size)
    : file(std::move(file)), view(std::move(view)), length(size) {}

image_map::~image_map() = default;

std::unique_ptr<image_map> image_map::zeros(size_t size) {
    auto view = private_zeros("a K/V buffer", size);
    return view ? std::unique_ptr<image_map>(new image_map(nullptr, std::move(view), size)) : nullptr;
}

std::unique_ptr<image_map> image_map::open(const char * path, size_t size) {
    auto file = open_image(path);
    if (!file) {
        return nullptr;
    }
    if (file->file_size() != size) {
        fail(LLAMA_STATE_MMAP_BAD_SIZE, "the image '%s' has %zu bytes, this context's K/V buffer %zu", path, file->file_size(), size);
        return nullptr;
    }
    auto view = file->view_sparse();
    return view ? std::unique_ptr<image_map>(new image_map(std::move(file), std::move(view), size)) : nullptr;
}

uint8_t * image_map::data() const {
    return view->data();
}

bool image_map::wipe() {
    return view->wipe();
}

} // namespace lsm
