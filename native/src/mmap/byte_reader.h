// Reads values out of bytes that nobody vouches for: every step is checked, nothing can overflow.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace lsm {

// Invariant: pos <= size.
class byte_reader {
public:
    byte_reader(const uint8_t * data, size_t size) : data(data), size(size) {}

    template <typename T>
    bool read(T & out) {
        static_assert(std::is_trivially_copyable_v<T>, "only plain values");
        if (left() < sizeof(T)) {
            return false;
        }
        memcpy(&out, data + pos, sizeof(T));
        pos += sizeof(T);
        return true;
    }

    bool skip(uint64_t n_bytes) {
        if (n_bytes > left()) {
            return false;
        }
        pos += (size_t) n_bytes;
        return true;
    }

    // Skips n_rows * row_size bytes without computing a product that may overflow.
    bool skip_rows(uint64_t n_rows, uint64_t row_size) {
        if (n_rows != 0 && row_size > left() / n_rows) {
            return false;
        }
        return skip(n_rows * row_size);
    }

    // The bytes from here on; valid as long as what the reader was made from.
    const uint8_t * here() const { return data + pos; }

    size_t left()   const { return size - pos; }
    size_t offset() const { return pos; }

private:
    const uint8_t * data;
    size_t size;
    size_t pos = 0;
};

} // namespace lsm
