// How every reader opens an image.

#pragma once

#include "mapped_file.h"

#include <memory>

namespace lsm {

// The image, not mapped yet, with its shared lock; null with a report.
std::unique_ptr<mapped_file> open_image(const char * path);

} // namespace lsm
