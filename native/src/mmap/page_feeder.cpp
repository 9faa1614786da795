#include "page_feeder.h"

#include "mapped_file.h"

#include <algorithm>
#include <system_error>

namespace lsm {

namespace {

constexpr size_t piece = (size_t) 2 << 20;
constexpr size_t small = (size_t) 8 << 20;

} // namespace

page_feeder::page_feeder(const uint8_t * data, size_t size) {
    if (size < small) {
        populate(data, size);
        return;
    }
    try {
        thread = std::thread([this, data, size] {
            for (size_t at = 0; at < size && !ended; at += piece) {
                populate(data + at, std::min(piece, size - at));
            }
        });
    } catch (const std::system_error &) {
        read_ahead(data, size); // no more threads: the faults remain
    }
}

page_feeder::~page_feeder() {
    ended = true;
    if (thread.joinable()) {
        thread.join();
    }
}

} // namespace lsm
