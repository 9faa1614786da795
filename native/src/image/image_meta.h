// What belongs to an image besides the raw cells: `base-<id>.meta`. With both a context has everything that
// llama_state_load_file() would give it, without a K/V byte being copied.
//
//   bytes                   what
//   4                       magic "WFKV"
//   4                       version, image_meta_version
//   8                       size of everything after this and the next field
//   8                       XXH64 of that
//   4 + n                   identity: whatever the caller compares (fingerprint, base id, checksum of the session file)
//   4                       n_ctx
//   8, 8                    length and checksum of the image (see image_checksum())
//   4 + 4 n                 tokens
//   4 + n                   architecture
//   1, 4                    cells carry an extension; n_layer
//   n_layer * (4 + 8)       K type and row size
//   4, n * (4 + 8)          the same for V
//   8 + n                   head: the state of llama_state_get_data() up to the first K row; the rows are in the image
//
// All numbers little-endian, as llama.cpp's own files are on every system it ships for.

#pragma once

#include "registry.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lsm {

constexpr uint32_t image_meta_version = 1;

struct image_meta {
    std::string identity;
    uint32_t    n_ctx = 0;

    uint64_t image_size     = 0;
    uint64_t image_checksum = 0;

    std::vector<llama_token> tokens;

    state_layout         layout; // one section, one stream, V not transposed
    std::vector<uint8_t> head;
};

// Bytes of the K/V buffer of a context with this layout, as llama.cpp allocates it; 0 if images cannot have this layout
// (several caches, several streams, transposed V).
size_t image_size_of(const state_layout & layout, uint32_t n_ctx);

std::vector<uint8_t> encode(const image_meta & meta);

// Nothing with a report when anything in the bytes is not as it must be.
std::optional<image_meta> decode_image_meta(const std::vector<uint8_t> & bytes);

} // namespace lsm
