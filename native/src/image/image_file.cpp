#include "image_file.h"

#include "image_blocks.h"
#include "new_file.h"
#include "open_image.h"
#include "report.h"

#include <algorithm>
#include <vector>

namespace lsm {

namespace {

bool write_blocks(new_file & file, const uint8_t * data, size_t size, image_hash & hash) {
    for (size_t offset = 0; offset < size; offset += image_block) {
        const size_t n = std::min(image_block, size - offset);
        if (is_zero(data + offset, n)) {
            continue;
        }
        hash.block(offset / image_block, data + offset, n);
        if (!file.write_at(offset, data + offset, n)) {
            return false;
        }
    }
    return true;
}

constexpr size_t piece_size  = 16 * image_block;
constexpr size_t pieces_ahead = 16;

// What has data, in the order of the file: pieces that begin at a block.
bool find_pieces(const mapped_file & file, std::vector<file_range> & out) {
    std::vector<file_range> ranges;
    if (!file.data_ranges(image_block, ranges)) {
        return false;
    }
    for (const file_range & range : ranges) {
        for (size_t offset = range.begin; offset < range.end; offset += piece_size) {
            out.push_back({ offset, std::min(offset + piece_size, range.end) });
        }
    }
    return true;
}

bool hash_piece(const mapped_file & file, const file_range & piece, std::vector<uint8_t> & buffer, image_hash & hash) {
    const size_t size = piece.end - piece.begin;
    if (!file.read_at(piece.begin, buffer.data(), size)) {
        return false;
    }
    for (size_t i = 0; i < size; i += image_block) {
        const size_t n = std::min(image_block, size - i);
        if (!is_zero(buffer.data() + i, n)) {
            hash.block((piece.begin + i) / image_block, buffer.data() + i, n);
        }
    }
    return true;
}

// The disk works on the next pieces while one is hashed, across the holes too.
bool hash_data(const mapped_file & file, image_hash & hash) {
    std::vector<uint8_t> buffer(piece_size);
    std::vector<file_range> pieces;
    if (!find_pieces(file, pieces)) {
        return false;
    }
    size_t n_asked = 0;
    for (size_t i = 0; i < pieces.size(); ++i) {
        for (; n_asked < std::min(pieces.size(), i + pieces_ahead); ++n_asked) {
            file.will_read(pieces[n_asked].begin, pieces[n_asked].end - pieces[n_asked].begin);
        }
        if (!hash_piece(file, pieces[i], buffer, hash)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::unique_ptr<mapped_file> open_image(const char * path) {
    auto file = mapped_file::open(path, map_mode::read_only);
    if (file && !file->is_locked()) {
        fail(LLAMA_STATE_MMAP_LOCKED, "the image '%s' is being written, or its file system has no locks", path);
        return nullptr;
    }
    return file;
}

bool image_write(const char * path, const uint8_t * data, size_t size, uint64_t & checksum) {
    const auto file = new_file::create(path, size);
    image_hash hash(size);
    if (!file || !write_blocks(*file, data, size, hash) || !file->finish()) {
        return false;
    }
    checksum = hash.digest();
    return true;
}

bool image_checksum(const char * path, size_t & size, uint64_t & checksum) {
    const auto file = open_image(path);
    if (!file) {
        return false;
    }
    size = file->file_size();
    image_hash hash(size);
    if (!hash_data(*file, hash)) {
        return false;
    }
    checksum = hash.digest();
    return true;
}

} // namespace lsm
